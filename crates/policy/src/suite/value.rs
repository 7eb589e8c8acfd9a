//! TOML values as JSON, with personas in place of their names.

use serde_json::{Map, Number, Value};

use super::persona::Personas;
use crate::file::{Content, Node};

/// The word for what TOML cannot write.
const NULL: &str = "$null";

/// A value as JSON.
pub(super) fn json(node: &Node, personas: &Personas) -> Value {
    match &node.content {
        Content::Text(text) if text == NULL => Value::Null,
        Content::Text(text) => Value::String(personas.substituted(text)),
        Content::Bool(truth) => Value::Bool(*truth),
        Content::Integer(number) => Value::from(*number),
        Content::Float(number) => Number::from_f64(*number).map_or(Value::Null, Value::Number),
        Content::Date(text) => Value::String(text.clone()),
        Content::Array(items) => Value::Array(items.iter().map(|it| json(it, personas)).collect()),
        Content::Table(entries) => {
            let fields = entries.iter();
            let fields = fields.map(|it| (it.key.clone(), json(&it.node, personas)));
            Value::Object(fields.collect::<Map<_, _>>())
        }
        Content::Other(_) => Value::Null,
    }
}
