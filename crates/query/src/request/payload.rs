//! The JSON body: one object or an array of objects, kept as text.
//!
//! ```text
//! body = object | "[" [ object *( "," object ) ] "]"
//! ```
//! The text goes to Postgres as one parameter, so no tree is built here: one pass checks the
//! nesting, a second one the syntax while it collects the keys of the objects.

mod keys;

use std::sync::Arc;

use postern_base::{codes, limits::Limits};

use self::keys::Rows;
use super::{JsonPayload, Method, Payload, RawRequest, Target, budget};
use crate::Error;

/// Parses the body where the request has one that counts.
pub(super) fn parse(
    raw: &RawRequest<'_>,
    has_columns: bool,
    limits: &Limits,
) -> Result<Payload, Error> {
    if !matches!(raw.method, Method::Post | Method::Patch | Method::Put) {
        return Ok(Payload::None);
    }
    let text = raw.body.clone().unwrap_or_default();
    let is_call = matches!(raw.target, Target::Function(_));
    if is_call && text.is_empty() {
        return Ok(Payload::Json(no_arguments()));
    }
    budget::json_depth(limits, depth(&text))?;
    let Ok(rows) = serde_json::from_str::<Rows>(&text) else {
        return Err(Error::new(&codes::BODY, "Empty or invalid json"));
    };
    if !rows.are_objects() || (!rows.is_uniform() && !has_columns) {
        return Err(Error::new(&codes::BODY, "All object keys must match"));
    }
    Ok(Payload::Json(JsonPayload {
        array: if rows.is_single() {
            format!("[{text}]").into()
        } else {
            text
        },
        rows: rows.count(),
        single: rows.is_single(),
        keys: rows.into_keys(),
    }))
}

/// COMPAT(postgrest 14): a function called with an empty body has no arguments.
fn no_arguments() -> JsonPayload {
    JsonPayload {
        array: Arc::from("[{}]"),
        keys: Vec::new(),
        rows: 1,
        single: true,
    }
}

/// How deeply arrays and objects nest; never less than the syntax check will find.
fn depth(text: &str) -> usize {
    let mut depth = 0_usize;
    let mut deepest = 0;
    let mut in_string = false;
    let mut escaped = false;
    for byte in text.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            _ if in_string => {}
            b'[' | b'{' => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}
