//! Bodies: one JSON object, its fields of the types that the dialect has (attack 18).

use serde::de::DeserializeOwned;

use crate::{Error, Result};
use postern_base::codes::auth as codes;

/// Reads a JSON object; an empty body is an empty object.
pub(super) fn json<T: DeserializeOwned>(bytes: &[u8]) -> Result<T> {
    let bytes = if bytes.iter().all(u8::is_ascii_whitespace) {
        b"{}"
    } else {
        bytes
    };
    let value: serde_json::Value = serde_json::from_slice(bytes).map_err(|error| {
        let message = format!("Could not parse request body as JSON: {error}");
        Error::new(&codes::BAD_JSON, message)
    })?;
    if !value.is_object() {
        return Err(Error::new(
            &codes::BAD_JSON,
            "Could not parse request body as JSON: expected an object",
        ));
    }
    serde_json::from_value(value).map_err(|error| {
        let message = format!("Could not parse request body as JSON: {error}");
        Error::new(&codes::BAD_JSON, message)
    })
}
