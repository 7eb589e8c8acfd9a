//! Chains of supabase-js: `supabase.from('notes').select('id').eq('id', 4)`.

use postern_query::request::Method;
use serde_json::Value;

use super::literal::Cursor;
use super::{Pasted, wrong};
use crate::Error;

/// Operators that the client has a method for, beside those with rules of their own.
const PLAIN: [&str; 13] = [
    "eq", "neq", "gt", "gte", "lt", "lte", "like", "ilike", "is", "match_", "fts", "plfts", "wfts",
];
/// Methods that change how the answer is wrapped, not what is asked.
const WRAPPING: [&str; 7] = [
    "single",
    "maybeSingle",
    "csv",
    "throwOnError",
    "returns",
    "abortSignal",
    "overrideTypes",
];

/// Reads a chain.
pub(super) fn parse(text: &str) -> Result<Pasted, Error> {
    let (_, rest) = text.split_once(".from").unwrap_or(("", text));
    let mut cursor = Cursor::new(rest);
    let arguments = cursor.arguments()?;
    let Some(Value::String(relation)) = arguments.first() else {
        return Err(wrong("`from` names the table as a text"));
    };
    let mut chain = Chain {
        relation: relation.clone(),
        method: None,
        parameters: Vec::new(),
        body: None,
    };
    while cursor.take('.') {
        let name = cursor.name();
        let arguments = cursor.arguments()?;
        chain.step(name, &arguments)?;
    }
    chain.finish()
}

struct Chain {
    relation: String,
    method: Option<Method>,
    parameters: Vec<(String, String)>,
    body: Option<Value>,
}

impl Chain {
    fn step(&mut self, name: &str, arguments: &[Value]) -> Result<(), Error> {
        match name {
            "select" => {
                let columns = arguments.first().and_then(Value::as_str).unwrap_or("*");
                let columns: String = columns.chars().filter(|it| !it.is_whitespace()).collect();
                self.add("select", columns);
                self.method.get_or_insert(Method::Get);
            }
            "insert" | "upsert" => self.write(Method::Post, arguments)?,
            "update" => self.write(Method::Patch, arguments)?,
            "delete" => self.method = Some(Method::Delete),
            "order" => self.order(arguments)?,
            "limit" => self.add("limit", plain(arguments.first())),
            "range" => self.range(arguments)?,
            "in" => {
                let (column, values) = two(name, arguments)?;
                let values = values.as_array().map(Vec::as_slice).unwrap_or_default();
                let values: Vec<_> = values.iter().map(|it| quoted(&plain(Some(it)))).collect();
                self.add(column, format!("in.({})", values.join(",")));
            }
            "not" | "filter" => self.named(name, arguments)?,
            "or" => self.add("or", format!("({})", plain(arguments.first()))),
            "match" => {
                let fields = arguments.first().and_then(Value::as_object);
                for (column, value) in fields.into_iter().flatten() {
                    self.add(column, format!("eq.{}", plain(Some(value))));
                }
            }
            "contains" => self.operator("cs", name, arguments)?,
            "containedBy" => self.operator("cd", name, arguments)?,
            "overlaps" => self.operator("ov", name, arguments)?,
            name if PLAIN.contains(&name) => self.operator(name, name, arguments)?,
            name if WRAPPING.contains(&name) => {}
            name => return Err(wrong(&format!("`.{name}()` is not known here"))),
        }
        Ok(())
    }

    fn add(&mut self, name: &str, value: String) {
        self.parameters.push((name.to_owned(), value));
    }

    fn write(&mut self, method: Method, arguments: &[Value]) -> Result<(), Error> {
        let body = arguments.first().cloned();
        self.body = Some(body.ok_or_else(|| wrong("a write without values"))?);
        self.method = Some(method);
        Ok(())
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
        let falls = arguments.get(1).is_some_and(|it| it["ascending"] == false);
        let way = if falls { ".desc" } else { ".asc" };
        let term = format!("{column}{way}");
        match self.parameters.iter_mut().find(|(name, _)| name == "order") {
            Some((_, terms)) => *terms = format!("{terms},{term}"),
            None => self.add("order", term),
        }
        Ok(())
    }

    fn range(&mut self, arguments: &[Value]) -> Result<(), Error> {
        let numbers: Vec<_> = arguments.iter().filter_map(Value::as_u64).collect();
        let [from, to] = numbers.as_slice() else {
            return Err(wrong("`range` takes two numbers"));
        };
        self.add("offset", from.to_string());
        let count = (to + 1).saturating_sub(*from);
        self.add("limit", count.to_string());
        Ok(())
    }

    fn finish(self) -> Result<Pasted, Error> {
        let method = self.method;
        Ok(Pasted {
            method: method.ok_or_else(|| {
                wrong("the chain ends before `select`, `insert`, `update` or `delete`")
            })?,
            relation: self.relation,
            parameters: self.parameters,
            body: self.body,
        })
    }
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
