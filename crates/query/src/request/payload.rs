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
use serde::de::IgnoredAny;

use self::keys::Rows;
use super::{
    JsonPayload, Method, Payload, RawBody, RawRequest, Target, Whole, WholeMedia, budget,
    parameters,
};
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
    let is_call = matches!(raw.target, Target::Function(_));
    let (media, text) = match raw.body.clone() {
        None => (WholeMedia::Json, Arc::default()),
        Some(RawBody::Json(text)) => (WholeMedia::Json, text),
        Some(_) if !is_call => return Err(Error::new(&codes::BODY, "Content-Type not acceptable")),
        Some(RawBody::Form(text)) => return parameters::form(&text).map(Payload::Form),
        Some(RawBody::Text(text)) => (WholeMedia::Text, text),
        Some(RawBody::Xml(text)) => (WholeMedia::Xml, text),
        Some(RawBody::Bytes(text)) => (WholeMedia::Bytes, text),
    };
    if media != WholeMedia::Json {
        return Ok(Payload::Whole(Whole { media, text }));
    }
    json(text, is_call, has_columns, limits)
}

fn json(
    text: Arc<str>,
    is_call: bool,
    has_columns: bool,
    limits: &Limits,
) -> Result<Payload, Error> {
    if is_call && text.is_empty() {
        return Ok(Payload::Json(no_arguments()));
    }
    budget::json_depth(limits, depth(&text))?;
    let rows = serde_json::from_str::<Rows>(&text);
    let is_rows = |it: &Rows| it.are_objects() && it.is_uniform();
    let are_rows = rows.as_ref().is_ok_and(is_rows);
    if is_call && !are_rows && serde_json::from_str::<IgnoredAny>(&text).is_ok() {
        let media = WholeMedia::Json;
        return Ok(Payload::Whole(Whole { media, text }));
    }
    let Ok(rows) = rows else {
        return Err(Error::new(&codes::BODY, "Empty or invalid json"));
    };
    if !rows.are_objects() || (!rows.is_uniform() && !has_columns) {
        return Err(Error::new(&codes::BODY, "All object keys must match"));
    }
    Ok(Payload::Json(JsonPayload {
        array: if rows.is_single() {
            format!("[{text}]").into()
        } else {
            Arc::clone(&text)
        },
        whole: text,
        rows: rows.count(),
        single: rows.is_single(),
        keys: rows.into_keys(),
    }))
}

/// COMPAT(postgrest 14): a function called with an empty body has no arguments.
fn no_arguments() -> JsonPayload {
    JsonPayload {
        array: Arc::from("[{}]"),
        whole: Arc::from("{}"),
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
