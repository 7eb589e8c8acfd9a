//! What functions wrote: `response.headers` and `response.status`.
//!
//! COMPAT(postgrest 14): the headers are a JSON array of objects with one key each, so that a name
//! may come several times; they win over ours. Anything else is an error of the function.

use actix_web::HttpResponseBuilder;
use actix_web::http::StatusCode;
use actix_web::http::header::{HeaderName, HeaderValue};
use postern_base::codes;
use postern_db::Answer;
use serde_json::{Map, Value};

use crate::Failure;

/// Applies what functions wrote to the answer.
pub(crate) fn apply(response: &mut HttpResponseBuilder, answer: &Answer) -> Result<(), Failure> {
    if let Some(text) = answer
        .response_headers
        .as_deref()
        .filter(|it| !it.is_empty())
    {
        let mut seen: Vec<HeaderName> = Vec::new();
        for (name, value) in headers(text)? {
            if seen.contains(&name) {
                response.append_header((name, value));
            } else {
                seen.push(name.clone());
                response.insert_header((name, value));
            }
        }
    }
    if let Some(text) = answer
        .response_status
        .as_deref()
        .filter(|it| !it.is_empty())
    {
        response.status(status(text)?);
    }
    Ok(())
}

fn headers(text: &str) -> Result<Vec<(HeaderName, HeaderValue)>, Failure> {
    let objects: Vec<Map<String, Value>> = serde_json::from_str(text).map_err(|_| bad_headers())?;
    objects
        .iter()
        .map(|object| {
            let mut entries = object.iter();
            let (Some((name, Value::String(value))), None) = (entries.next(), entries.next())
            else {
                return Err(bad_headers());
            };
            // SECURITY: both conversions refuse line breaks, so no header can smuggle another.
            let name = HeaderName::try_from(name.as_str()).map_err(|_| bad_headers())?;
            let value = HeaderValue::from_str(value).map_err(|_| bad_headers())?;
            Ok((name, value))
        })
        .collect()
}

fn status(text: &str) -> Result<StatusCode, Failure> {
    text.parse::<u16>()
        .ok()
        .filter(|it| (200..=599).contains(it))
        .and_then(|it| StatusCode::from_u16(it).ok())
        .ok_or_else(|| {
            let message = "response.status guc must be a valid status code";
            Failure::new(&codes::RESPONSE_STATUS, message)
        })
}

fn bad_headers() -> Failure {
    let message = "response.headers guc must be a JSON array composed of objects with a single \
                   key and a string value";
    Failure::new(&codes::RESPONSE_HEADERS, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_come_as_a_list_of_pairs() {
        let list = headers(r#"[{"Set-Cookie":"a=1"},{"Set-Cookie":"b=2"}]"#).expect("a list");

        assert_eq!(list.len(), 2);
        assert_eq!(list[0].0, "set-cookie");
    }

    #[test]
    fn anything_else_is_refused() {
        for text in [
            "{}",
            "[1]",
            r#"[{"a":1}]"#,
            r#"[{"a":"1","b":"2"}]"#,
            r#"[{"a":"x\r\ny"}]"#,
        ] {
            assert!(headers(text).is_err(), "{text}");
        }
        assert!(status("teapot").is_err());
        assert!(status("101").is_err());
        assert_eq!(status("418").expect("a status"), 418);
    }
}
