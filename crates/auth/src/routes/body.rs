//! Bodies: one JSON object, its fields of the types that the dialect has (attack 18).

use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::{Error, Result};
use postern_base::codes::auth as codes;

/// Reads a JSON object; an empty body is an empty object.
pub(super) fn json<T: DeserializeOwned>(bytes: &[u8]) -> Result<T> {
    let bytes = if bytes.iter().all(u8::is_ascii_whitespace) {
        b"{}"
    } else {
        bytes
    };
    let value: Value = serde_json::from_slice(bytes).map_err(|error| {
        let message = format!("Could not parse request body as JSON: {error}");
        Error::new(&codes::BAD_JSON, message)
    })?;
    if !value.is_object() {
        return Err(Error::new(
            &codes::BAD_JSON,
            "Could not parse request body as JSON: expected an object",
        ));
    }
    // Postgres keeps no such text, and no address, name or code has one.
    if has_nul(&value) {
        return Err(Error::new(
            &codes::BAD_JSON,
            "Could not parse request body as JSON: a text holds the character U+0000",
        ));
    }
    serde_json::from_value(value).map_err(|error| {
        let message = format!("Could not parse request body as JSON: {error}");
        Error::new(&codes::BAD_JSON, message)
    })
}

fn has_nul(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains('\0'),
        Value::Array(items) => items.iter().any(has_nul),
        Value::Object(fields) => fields
            .iter()
            .any(|(name, value)| name.contains('\0') || has_nul(value)),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_nul_is_refused_wherever_it_is() {
        for body in [
            r#"{"a":"\u0000"}"#,
            r#"{"a":{"b":["x","y\u0000"]}}"#,
            r#"{"a":{"\u0000":1}}"#,
        ] {
            let read = json::<Value>(body.as_bytes());
            assert!(read.is_err_and(|it| it.is(&codes::BAD_JSON)), "{body}");
        }
        assert!(json::<Value>(br#"{"a":"\\u0000"}"#).is_ok());
    }
}
