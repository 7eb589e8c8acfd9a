//! The JSON operators of Postgres on parsed claims.

use serde_json::Value as Json;

/// `json -> 'name'`: a text never indexes an array.
pub(super) fn field<'j>(json: &'j Json, name: &str) -> Option<&'j Json> {
    json.as_object()?.get(name)
}

/// `json #> path`: texts that are integers index arrays, negative ones from the end.
pub(super) fn follow<'j>(json: &'j Json, path: &[String]) -> Option<&'j Json> {
    path.iter().try_fold(json, |json, step| match json {
        Json::Object(fields) => fields.get(step),
        Json::Array(items) => {
            let index: i64 = step.parse().ok()?;
            let from_start = match usize::try_from(index) {
                Ok(index) => index,
                Err(_) => {
                    let back = usize::try_from(index.unsigned_abs()).ok()?;
                    items.len().checked_sub(back)?
                }
            };
            items.get(from_start)
        }
        _ => None,
    })
}

/// Reads `{a,b}`; quoted and empty elements are not understood.
pub(super) fn path(literal: &str) -> Option<Vec<String>> {
    let inner = literal.trim().strip_prefix('{')?.strip_suffix('}')?;
    let steps = inner.split(',').map(|step| {
        let step = step.trim();
        let plain = !step.is_empty()
            && !step.eq_ignore_ascii_case("null")
            && !step.contains(['{', '}', '"', '\\']);
        plain.then(|| step.to_owned())
    });
    steps.collect()
}

/// `json ? 'name'`: a key of an object, or a string of an array, or the string itself.
pub(super) fn has_key(json: &Json, name: &str) -> bool {
    match json {
        Json::Object(fields) => fields.contains_key(name),
        Json::Array(items) => items.iter().any(|it| it.as_str() == Some(name)),
        Json::String(text) => text == name,
        Json::Null | Json::Bool(_) | Json::Number(_) => false,
    }
}

/// `whole @> part`.
pub(super) fn contains(whole: &Json, part: &Json) -> bool {
    match (whole, part) {
        // An array may contain a primitive, at the top level only.
        (Json::Array(items), Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_)) => {
            items.iter().any(|it| equal(it, part))
        }
        _ => contains_at_depth(whole, part),
    }
}

fn contains_at_depth(whole: &Json, part: &Json) -> bool {
    match (whole, part) {
        (Json::Object(whole), Json::Object(part)) => part.iter().all(|(key, part)| {
            whole
                .get(key)
                .is_some_and(|whole| contains_at_depth(whole, part))
        }),
        (Json::Array(whole), Json::Array(part)) => part
            .iter()
            .all(|part| whole.iter().any(|whole| contains_at_depth(whole, part))),
        _ => equal(whole, part),
    }
}

/// Equality of primitives: numbers by value.
fn equal(left: &Json, right: &Json) -> bool {
    match (left, right) {
        (Json::Number(left), Json::Number(right)) => {
            left == right || (left.is_f64() || right.is_f64()) && left.as_f64() == right.as_f64()
        }
        _ => left == right,
    }
}
