//! `application/x-www-form-urlencoded` bodies: one object of texts.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};

/// Turns a form into a JSON object; of a repeated field the last value counts.
pub(super) fn to_json(text: &str) -> String {
    let mut object = Map::new();
    for field in text.split('&').filter(|it| !it.is_empty()) {
        let (name, value) = field.split_once('=').unwrap_or((field, ""));
        object.insert(decode(name), Value::String(decode(value)));
    }
    Value::Object(object).to_string()
}

fn decode(text: &str) -> String {
    let spaced = if text.contains('+') {
        Cow::Owned(text.replace('+', " "))
    } else {
        Cow::Borrowed(text)
    };
    percent_decode_str(&spaced).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::to_json;

    #[test]
    fn a_form_is_an_object_of_texts() {
        assert_eq!(
            to_json("name=a+b%21&n=1&n=2&empty="),
            r#"{"name":"a b!","n":"2","empty":""}"#
        );
        assert_eq!(to_json(""), "{}");
    }
}
