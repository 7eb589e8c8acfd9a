//! Kotlin, by supabase-kt.

use serde_json::Value;

use super::literal::{Escape, Texts, Words};
use super::{Field, ROWS, Site, Step, Subject, name};

const TEXTS: Texts = Texts {
    quote: '"',
    special: "$",
    escape: Escape::Four,
};
const WORDS: Words = Words {
    texts: TEXTS,
    constants: ["JsonNull", "true", "false"],
    braces: ['{', '}'],
};

/// The lines that come first.
pub(super) fn connect(site: &Site) -> String {
    let (address, key) = (TEXTS.of(&site.address), TEXTS.of(&site.key));
    format!(
        "import io.github.jan.supabase.createSupabaseClient\n\
         import io.github.jan.supabase.postgrest.Postgrest\n\
         import io.github.jan.supabase.postgrest.from\n\
         import io.github.jan.supabase.postgrest.query.Columns\n\
         import io.github.jan.supabase.postgrest.query.Order\n\
         import kotlinx.serialization.json.*\n\n\
         val supabase = createSupabaseClient(\n    supabaseUrl = {address},\n    \
         supabaseKey = {key},\n) {{\n    install(Postgrest)\n}}\n"
    )
}

/// The lines of a step; none for a new row whose columns the library would have to quote.
pub(super) fn write(step: Step, subject: &Subject) -> Option<String> {
    let columns = |step| format!("Columns.raw({})", TEXTS.of(&subject.reading(step, ",")));
    let mut inside = Vec::new();
    let call = match step {
        Step::List | Step::Embed => {
            let order = subject.order.iter().map(|it| TEXTS.of(&name::column(it)));
            inside.extend(order.map(|it| format!("order({it}, Order.ASCENDING)")));
            inside.push(format!("range(0L..{}L)", ROWS - 1));
            format!("select({})", columns(step))
        }
        Step::One => format!("select({})", columns(step)),
        Step::Insert => {
            let row = subject.insert.as_deref().unwrap_or_default();
            if row.iter().any(|it| name::column(&it.name) != it.name) {
                return None;
            }
            format!("insert({})", object(row))
        }
        Step::Update => {
            let row: Vec<_> = subject.update.iter().cloned().collect();
            format!("update({})", object(&row))
        }
        Step::Delete => "delete".to_owned(),
    };
    let is_write = matches!(step, Step::Insert | Step::Update | Step::Delete);
    if is_write && !subject.columns.is_empty() {
        inside.push(format!("select({})", columns(step)));
    }
    if matches!(step, Step::One | Step::Update | Step::Delete) {
        inside.push("filter {".to_owned());
        inside.extend(subject.key.iter().map(equals));
        inside.push("}".to_owned());
    }
    let block = match inside.is_empty() {
        true => String::new(),
        false => format!(" {{\n{}    }}", lines(&inside)),
    };
    let table = TEXTS.of(&name::in_address(&subject.table));
    let from = match &subject.schema {
        Some(schema) => format!("{}, {table}", TEXTS.of(schema)),
        None => table,
    };
    Some(format!(
        "val answer = supabase\n    .from({from})\n    .{call}{block}\n\nprintln(answer.data)\n"
    ))
}

fn lines(inside: &[String]) -> String {
    inside.iter().map(|it| format!("        {it}\n")).collect()
}

fn equals(field: &Field) -> String {
    let column = TEXTS.of(&name::column(&field.name));
    format!("    eq({column}, {})", WORDS.of(&field.value))
}

fn object(row: &[Field]) -> String {
    let field = |it: &Field| format!("        put({}, {})\n", TEXTS.of(&it.name), json(&it.value));
    match row {
        [] => "buildJsonObject {}".to_owned(),
        row => format!(
            "buildJsonObject {{\n{}    }}",
            row.iter().map(field).collect::<String>()
        ),
    }
}

/// A value inside of a JSON builder.
fn json(value: &Value) -> String {
    match value {
        Value::Array(items) => {
            let items: Vec<_> = items
                .iter()
                .map(|it| format!("add({})", json(it)))
                .collect();
            format!("buildJsonArray {{ {} }}", items.join("; "))
        }
        Value::Object(fields) => {
            let field = |(name, value): (&String, &Value)| {
                format!("put({}, {})", TEXTS.of(name), json(value))
            };
            let fields: Vec<_> = fields.iter().map(field).collect();
            format!("buildJsonObject {{ {} }}", fields.join("; "))
        }
        other => WORDS.of(other),
    }
}
