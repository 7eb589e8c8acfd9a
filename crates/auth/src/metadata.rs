//! `app_metadata` and `user_metadata`: how changes are merged, and how large they may be.
//!
//! Both travel in every access token, and tokens in a header of bounded length: an account whose
//! metadata grew without bound could sign in no more.

use serde_json::{Map, Value};

use crate::{Error, Result};

/// Largest `user_metadata` of an account in bytes, as JSON.
pub(crate) const USER_METADATA_BYTES_MAX: usize = 6 * 1024;
/// Largest `app_metadata` of an account in bytes, as JSON.
pub(crate) const APP_METADATA_BYTES_MAX: usize = 4 * 1024;
/// Deepest nesting of either.
const DEPTH_MAX: usize = 16;

/// Merges changes the way the clients expect it: a key is replaced as a whole, `null` removes it.
pub(crate) fn merge(into: &mut Map<String, Value>, changes: Map<String, Value>) {
    for (key, value) in changes {
        if value.is_null() {
            into.shift_remove(&key);
        } else {
            into.insert(key, value);
        }
    }
}

/// Refuses `user_metadata` that no token could carry.
///
/// # Errors
/// When it is too large or too deep.
pub(crate) fn check_user(metadata: &Map<String, Value>) -> Result<()> {
    check("user_metadata", metadata, USER_METADATA_BYTES_MAX)
}

/// Refuses `app_metadata` that no token could carry.
///
/// # Errors
/// When it is too large or too deep.
pub(crate) fn check_app(metadata: &Map<String, Value>) -> Result<()> {
    check("app_metadata", metadata, APP_METADATA_BYTES_MAX)
}

fn check(name: &str, metadata: &Map<String, Value>, bytes_max: usize) -> Result<()> {
    let bytes = serde_json::to_string(metadata).map_or(usize::MAX, |text| text.len());
    if bytes > bytes_max {
        let message = format!("{name} is larger than {bytes_max} bytes");
        return Err(Error::invalid(message));
    }
    if metadata.values().any(|it| !is_shallow(it, DEPTH_MAX)) {
        let message = format!("{name} is nested deeper than {DEPTH_MAX} levels");
        return Err(Error::invalid(message));
    }
    Ok(())
}

fn is_shallow(value: &Value, levels: usize) -> bool {
    match value {
        _ if levels == 0 => false,
        Value::Array(items) => items.iter().all(|it| is_shallow(it, levels - 1)),
        Value::Object(fields) => fields.values().all(|it| is_shallow(it, levels - 1)),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn object(value: Value) -> Map<String, Value> {
        match value {
            Value::Object(object) => object,
            _ => Map::new(),
        }
    }

    #[test]
    fn a_key_is_replaced_and_null_removes_it() {
        let mut metadata = object(json!({ "plan": "gold", "old": 1, "deep": { "a": 1 } }));

        merge(
            &mut metadata,
            object(json!({ "old": null, "deep": { "b": 2 }, "new": [] })),
        );

        let expected = json!({ "plan": "gold", "deep": { "b": 2 }, "new": [] });
        assert_eq!(Value::Object(metadata), expected);
    }

    #[test]
    fn what_no_token_could_carry_is_refused() {
        let large = object(json!({ "a": "x".repeat(USER_METADATA_BYTES_MAX) }));
        let deep = (0..20).fold(json!(1), |inner, _| json!([inner]));

        assert!(check_user(&large).is_err());
        assert!(check_app(&object(json!({ "a": deep }))).is_err());
        assert!(check_app(&object(json!({ "a": [[[1]]] }))).is_ok());
    }
}
