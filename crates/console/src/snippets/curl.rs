//! Plain requests, by curl in a POSIX shell.

use serde_json::{Map, Value};
use url::form_urlencoded;

use super::literal::json;
use super::{Field, ROWS, Site, Step, Subject, name};
use crate::form::segment;

/// The lines of a step.
pub(super) fn write(step: Step, subject: &Subject, site: &Site) -> String {
    let address = address(step, subject, site);
    let method = match step {
        Step::List | Step::One | Step::Embed => None,
        Step::Insert => Some("POST"),
        Step::Update => Some("PATCH"),
        Step::Delete => Some("DELETE"),
    };
    let begin = method.map(|it| format!("-X {it} ")).unwrap_or_default();
    let mut parts = vec![format!("curl {begin}{}", quoted(&address))];
    let mut header = |text: &str| parts.push(format!("-H {}", quoted(text)));
    header(&format!("apikey: {}", site.key));
    if let Some(schema) = &subject.schema {
        let kind = if method.is_some() {
            "Content"
        } else {
            "Accept"
        };
        header(&format!("{kind}-Profile: {schema}"));
    }
    if method.is_some() && !subject.columns.is_empty() {
        header("Prefer: return=representation");
    }
    let body = match step {
        Step::Insert => Some(object(subject.insert.as_deref().unwrap_or_default())),
        Step::Update => Some(object(&subject.update.iter().cloned().collect::<Vec<_>>())),
        _ => None,
    };
    if let Some(body) = body {
        header("Content-Type: application/json");
        parts.push(format!("-d {}", quoted(&body)));
    }
    format!("{}\n", parts.join(" \\\n  "))
}

fn address(step: Step, subject: &Subject, site: &Site) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    if !subject.columns.is_empty() {
        query.append_pair("select", &subject.reading(step, ","));
    }
    match step {
        Step::List | Step::Embed => {
            if let Some(order) = &subject.order {
                query.append_pair("order", &format!("{}.asc", name::column(order)));
            }
            query.append_pair("limit", &ROWS.to_string());
        }
        Step::One | Step::Update | Step::Delete => {
            for field in &subject.key {
                let value = format!("eq.{}", plain(&field.value));
                query.append_pair(&name::column(&field.name), &value);
            }
        }
        Step::Insert => {}
    }
    // The grammar's own marks are allowed in a query, and easier to read than their numbers.
    let query = query
        .finish()
        .replace("%2C", ",")
        .replace("%28", "(")
        .replace("%29", ")");
    let begin = format!("{}/rest/v1/{}", site.address, segment(&subject.table));
    match query.is_empty() {
        true => begin,
        false => format!("{begin}?{query}"),
    }
}

/// A value as filters take it.
fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn object(row: &[Field]) -> String {
    let fields = row.iter().map(|it| (it.name.clone(), it.value.clone()));
    json(&Value::Object(fields.collect::<Map<_, _>>()))
}

/// A text in the single quotes of a shell, in which only a single quote is special.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}
