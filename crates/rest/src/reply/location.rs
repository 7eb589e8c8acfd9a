//! `Location` of a new row, and `Content-Location` of a read.

use std::borrow::Cow;
use std::fmt::Write as _;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use serde_json::{Map, Value};

/// What stays as it is in a query string.
const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~');

/// The address of a new row, by its primary key: `/t?id=eq.1`; none when several rows were made.
pub(super) fn created(relation: &str, key_json: &str) -> Option<String> {
    let key: Map<String, Value> = serde_json::from_str(key_json).ok()?;
    let mut location = format!("/{}", encoded(relation));
    for (index, (column, value)) in key.iter().enumerate() {
        location.push(if index == 0 { '?' } else { '&' });
        let _ = write!(location, "{}=", encoded(column));
        match value {
            Value::Null => location.push_str("is.null"),
            Value::String(text) => {
                let _ = write!(location, "eq.{}", encoded(text));
            }
            other => {
                let _ = write!(location, "eq.{}", encoded(&other.to_string()));
            }
        }
    }
    (!key.is_empty()).then_some(location)
}

/// The address of what was read: the parameters sorted by name.
pub(super) fn canonical(name: &str, query: &str) -> Option<String> {
    let mut parameters: Vec<(Cow<'_, str>, Cow<'_, str>)> = query
        .split('&')
        .filter(|it| !it.is_empty())
        .map(|it| {
            let (name, value) = it.split_once('=').unwrap_or((it, ""));
            (decoded(name), decoded(value))
        })
        .collect();
    parameters.sort_by(|one, two| one.0.cmp(&two.0));
    let mut location = String::with_capacity(name.len() + query.len() + 8);
    let _ = write!(location, "/{}", encoded(name));
    for (index, (name, value)) in parameters.iter().enumerate() {
        location.push(if index == 0 { '?' } else { '&' });
        let _ = write!(location, "{}={}", encoded(name), encoded(value));
    }
    Some(location)
}

fn encoded(text: &str) -> percent_encoding::PercentEncode<'_> {
    utf8_percent_encode(text, UNRESERVED)
}

fn decoded(text: &str) -> Cow<'_, str> {
    if text.contains('+') {
        let spaced = text.replace('+', " ");
        Cow::Owned(percent_decode_str(&spaced).decode_utf8_lossy().into_owned())
    } else {
        percent_decode_str(text).decode_utf8_lossy()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_row_is_found_by_its_key() {
        assert_eq!(created("t", r#"{"id":11}"#).as_deref(), Some("/t?id=eq.11"));
        assert_eq!(
            created("t", r#"{"k1":"a & b","k2":null}"#).as_deref(),
            Some("/t?k1=eq.a%20%26%20b&k2=is.null")
        );
        assert_eq!(created("t", "[]"), None);
        assert_eq!(created("t", "{}"), None);
    }

    #[test]
    fn parameters_are_sorted_by_name() {
        assert_eq!(
            canonical("projects", "select=*&id=eq.1&b=a+c").as_deref(),
            Some("/projects?b=a%20c&id=eq.1&select=%2A")
        );
        assert_eq!(canonical("projects", "").as_deref(), Some("/projects"));
    }
}
