//! Chains of supabase-js: `supabase.from('notes').select('id').eq('id', 4)`.

use postern_query::request::Method;
use serde_json::Value;

use super::literal::Cursor;
use super::{Pasted, wrong};
use crate::Error;

/// Methods with a column and a value, and the operator that each stands for.
const OPERATORS: [(&str, &str); 24] = [
    ("eq", "eq"),
    ("neq", "neq"),
    ("gt", "gt"),
    ("gte", "gte"),
    ("lt", "lt"),
    ("lte", "lte"),
    ("like", "like"),
    ("ilike", "ilike"),
    ("likeAllOf", "like(all)"),
    ("likeAnyOf", "like(any)"),
    ("ilikeAllOf", "ilike(all)"),
    ("ilikeAnyOf", "ilike(any)"),
    ("regexMatch", "match"),
    ("regexIMatch", "imatch"),
    ("is", "is"),
    ("isDistinct", "isdistinct"),
    ("contains", "cs"),
    ("containedBy", "cd"),
    ("overlaps", "ov"),
    ("rangeGt", "sr"),
    ("rangeGte", "nxl"),
    ("rangeLt", "sl"),
    ("rangeLte", "nxr"),
    ("rangeAdjacent", "adj"),
];
/// Methods that change how the answer is wrapped, not what is asked.
const WRAPPING: [&str; 10] = [
    "single",
    "maybeSingle",
    "csv",
    "geojson",
    "explain",
    "throwOnError",
    "returns",
    "abortSignal",
    "overrideTypes",
    "setHeader",
];

/// Reads a chain.
pub(super) fn parse(text: &str) -> Result<Pasted, Error> {
    let (before, rest) = text.split_once(".from").unwrap_or(("", text));
    let mut cursor = Cursor::new(rest);
    let arguments = cursor.arguments()?;
    let Some(Value::String(relation)) = arguments.first() else {
        return Err(wrong("`from` names the table as a text"));
    };
    let mut chain = Chain {
        pasted: Pasted {
            schema: schema(before)?,
            ..Pasted::new(Method::Get, relation)
        },
        method: None,
    };
    while cursor.take('.') {
        let name = cursor.name();
        let arguments = cursor.arguments()?;
        chain.step(name, &arguments)?;
    }
    chain.finish()
}

/// The schema of `.schema('app')` before the table.
fn schema(before: &str) -> Result<Option<String>, Error> {
    let Some((_, rest)) = before.split_once(".schema") else {
        return Ok(None);
    };
    let arguments = Cursor::new(rest).arguments()?;
    Ok(arguments.first().and_then(Value::as_str).map(Into::into))
}

struct Chain {
    pasted: Pasted,
    method: Option<Method>,
}

impl Chain {
    fn step(&mut self, name: &str, arguments: &[Value]) -> Result<(), Error> {
        let of = referenced(arguments.get(1));
        match name {
            "select" => self.select(arguments),
            "insert" => self.write(Method::Post, arguments)?,
            "upsert" => self.upsert(arguments)?,
            "update" => self.write(Method::Patch, arguments)?,
            "delete" => self.method = Some(Method::Delete),
            "order" => self.order(arguments)?,
            "limit" => self.add(&format!("{of}limit"), plain(arguments.first())),
            "range" => self.range(arguments)?,
            "in" => self.list("in", name, arguments)?,
            "notIn" => self.list("not.in", name, arguments)?,
            "not" | "filter" => self.named(name, arguments)?,
            "or" => self.add(
                &format!("{of}or"),
                format!("({})", plain(arguments.first())),
            ),
            "match" => self.equal(arguments),
            "textSearch" => self.text_search(arguments)?,
            "maxAffected" => {
                let most = format!("max-affected={}", plain(arguments.first()));
                self.pasted.prefer.extend(["handling=strict".into(), most]);
            }
            "rollback" => self.pasted.prefer.push("tx=rollback".into()),
            name if WRAPPING.contains(&name) => {}
            name => {
                let known = OPERATORS.iter().find(|(method, _)| *method == name);
                let (_, operator) =
                    known.ok_or_else(|| wrong(&format!("`.{name}()` is not known here")))?;
                self.operator(operator, name, arguments)?;
            }
        }
        Ok(())
    }

    fn select(&mut self, arguments: &[Value]) {
        let columns = arguments.first().and_then(Value::as_str).unwrap_or("*");
        self.add("select", without_space(columns));
        match self.method {
            None => {
                let heads = arguments.get(1).is_some_and(|it| it["head"] == true);
                self.method = Some(if heads { Method::Head } else { Method::Get });
            }
            Some(_) => self.pasted.prefer.push("return=representation".into()),
        }
    }

    fn upsert(&mut self, arguments: &[Value]) -> Result<(), Error> {
        self.write(Method::Post, arguments)?;
        let options = arguments.get(1).unwrap_or(&Value::Null);
        let ignores = options["ignoreDuplicates"] == true;
        let way = if ignores { "ignore" } else { "merge" };
        self.pasted
            .prefer
            .push(format!("resolution={way}-duplicates"));
        if let Some(columns) = options["onConflict"].as_str() {
            self.add("on_conflict", without_space(columns));
        }
        Ok(())
    }

    fn equal(&mut self, arguments: &[Value]) {
        let fields = arguments.first().and_then(Value::as_object);
        for (column, value) in fields.into_iter().flatten() {
            self.add(column, format!("eq.{}", plain(Some(value))));
        }
    }

    fn list(&mut self, operator: &str, name: &str, arguments: &[Value]) -> Result<(), Error> {
        let (column, values) = two(name, arguments)?;
        let values = values.as_array().map(Vec::as_slice).unwrap_or_default();
        let values: Vec<_> = values.iter().map(|it| quoted(&plain(Some(it)))).collect();
        self.add(column, format!("{operator}.({})", values.join(",")));
        Ok(())
    }

    /// `textSearch('body', 'fat & cat', { type: 'websearch', config: 'english' })`
    fn text_search(&mut self, arguments: &[Value]) -> Result<(), Error> {
        let (column, value) = match arguments {
            [column, value, ..] => (column.as_str(), plain(Some(value))),
            _ => (None, String::new()),
        };
        let column = column.ok_or_else(|| wrong("`textSearch` takes a column and a query"))?;
        let options = arguments.get(2).unwrap_or(&Value::Null);
        let kind = match options["type"].as_str() {
            Some("plain") => "pl",
            Some("phrase") => "ph",
            Some("websearch") => "w",
            _ => "",
        };
        let config = options["config"].as_str();
        let config = config.map(|it| format!("({it})")).unwrap_or_default();
        self.add(column, format!("{kind}fts{config}.{value}"));
        Ok(())
    }

    fn add(&mut self, name: &str, value: String) {
        self.pasted.parameters.push((name.to_owned(), value));
    }

    fn write(&mut self, method: Method, arguments: &[Value]) -> Result<(), Error> {
        let body = arguments.first().cloned();
        self.pasted.body = Some(body.ok_or_else(|| wrong("a write without values"))?);
        self.method = Some(method);
        if arguments
            .get(1)
            .is_some_and(|it| it["defaultToNull"] == false)
        {
            self.pasted.prefer.push("missing=default".into());
        }
        self.name_columns();
        Ok(())
    }

    /// As the client does for several rows, whose keys may differ.
    fn name_columns(&mut self) {
        let Some(Value::Array(rows)) = &self.pasted.body else {
            return;
        };
        let mut names: Vec<&String> = Vec::new();
        for name in rows
            .iter()
            .filter_map(Value::as_object)
            .flat_map(|it| it.keys())
        {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        let names: Vec<_> = names.iter().map(|it| format!("\"{it}\"")).collect();
        if self.method == Some(Method::Post) && !names.is_empty() {
            let names = names.join(",");
            self.add("columns", names);
        }
    }

    fn operator(&mut self, operator: &str, name: &str, arguments: &[Value]) -> Result<(), Error> {
        let (column, value) = two(name, arguments)?;
        let value = match value {
            Value::Array(items) => {
                let items: Vec<_> = items.iter().map(|it| quoted(&plain(Some(it)))).collect();
                format!("{{{}}}", items.join(","))
            }
            value => plain(Some(value)),
        };
        self.add(column, format!("{operator}.{value}"));
        Ok(())
    }

    /// `not('done', 'is', null)` and `filter('id', 'eq', 4)`.
    fn named(&mut self, name: &str, arguments: &[Value]) -> Result<(), Error> {
        let [Value::String(column), Value::String(operator), value] = arguments else {
            return Err(wrong(&format!(
                "`{name}` takes a column, an operator and a value"
            )));
        };
        let not = if name == "not" { "not." } else { "" };
        self.add(column, format!("{not}{operator}.{}", plain(Some(value))));
        Ok(())
    }

    fn order(&mut self, arguments: &[Value]) -> Result<(), Error> {
        let column = arguments.first().and_then(Value::as_str);
        let column = column.ok_or_else(|| wrong("`order` names a column"))?;
        let options = arguments.get(1).unwrap_or(&Value::Null);
        let way = if options["ascending"] == false {
            ".desc"
        } else {
            ".asc"
        };
        let nulls = match options["nullsFirst"].as_bool() {
            Some(true) => ".nullsfirst",
            Some(false) => ".nullslast",
            None => "",
        };
        let term = format!("{column}{way}{nulls}");
        let key = format!("{}order", referenced(Some(options)));
        let known = self.pasted.parameters.iter_mut();
        match known.into_iter().find(|(name, _)| *name == key) {
            Some((_, terms)) => *terms = format!("{terms},{term}"),
            None => self.add(&key, term),
        }
        Ok(())
    }

    fn range(&mut self, arguments: &[Value]) -> Result<(), Error> {
        let numbers: Vec<_> = arguments.iter().filter_map(Value::as_u64).collect();
        let [from, to] = numbers.as_slice() else {
            return Err(wrong("`range` takes two numbers"));
        };
        let of = referenced(arguments.get(2));
        self.add(&format!("{of}offset"), from.to_string());
        let count = to.saturating_add(1).saturating_sub(*from);
        self.add(&format!("{of}limit"), count.to_string());
        Ok(())
    }

    fn finish(self) -> Result<Pasted, Error> {
        let method = self.method;
        Ok(Pasted {
            method: method.ok_or_else(|| {
                wrong("the chain ends before `select`, `insert`, `update` or `delete`")
            })?,
            ..self.pasted
        })
    }
}

/// The embedded table that an option is about, with a dot behind it.
fn referenced(options: Option<&Value>) -> String {
    let options = options.unwrap_or(&Value::Null);
    let table = ["referencedTable", "foreignTable"]
        .iter()
        .find_map(|it| options[*it].as_str());
    table.map(|it| format!("{it}.")).unwrap_or_default()
}

fn without_space(text: &str) -> String {
    text.chars().filter(|it| !it.is_whitespace()).collect()
}

fn two<'a>(name: &str, arguments: &'a [Value]) -> Result<(&'a str, &'a Value), Error> {
    match arguments {
        [Value::String(column), value] => Ok((column, value)),
        _ => Err(wrong(&format!("`{name}` takes a column and a value"))),
    }
}

/// A value as the address spells it.
fn plain(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => "null".into(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    }
}

/// A value of a list: in quotes where it holds what would end it.
fn quoted(text: &str) -> String {
    match text.contains([',', '(', ')', '"', ' ']) {
        true => format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"")),
        false => text.to_owned(),
    }
}
