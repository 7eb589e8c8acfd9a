//! Which schema a request means: `Accept-Profile` for reads, `Content-Profile` for writes.

use actix_web::http::Method;
use actix_web::http::header::HeaderMap;
use postern_base::codes;
use postern_http::ApiError;

use crate::Failure;

/// Picks the schema; the first one served when the request names none.
pub(crate) fn schema<'a>(
    method: &Method,
    headers: &HeaderMap,
    served: &'a [String],
) -> Result<&'a str, Failure> {
    let header = match *method {
        Method::POST | Method::PATCH | Method::PUT | Method::DELETE => "content-profile",
        _ => "accept-profile",
    };
    let Some(value) = headers.get(header) else {
        return served
            .first()
            .map(String::as_str)
            .ok_or_else(|| unknown("", served));
    };
    let asked = value.as_bytes();
    served
        .iter()
        .find(|it| it.as_bytes() == asked)
        .map(String::as_str)
        .ok_or_else(|| unknown(&String::from_utf8_lossy(asked), served))
}

/// SECURITY: a schema that exists but is not served gets the answer of one that does not exist.
fn unknown(asked: &str, served: &[String]) -> Failure {
    let error = ApiError::new(&codes::SCHEMA, format!("Invalid schema: {asked}"));
    let hint = format!(
        "Only the following schemas are exposed: {}",
        served.join(", ")
    );
    error.with_hint(hint).into()
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::{HeaderName, HeaderValue};

    use super::*;

    fn ask(method: &Method, header: &'static str, value: &'static str) -> Result<String, String> {
        let mut headers = HeaderMap::new();
        headers.insert(
            HeaderName::from_static(header),
            HeaderValue::from_static(value),
        );
        let served = ["v1".to_owned(), "v2".to_owned()];
        match schema(method, &headers, &served) {
            Ok(schema) => Ok(schema.to_owned()),
            Err(Failure::Api(error)) => Err(error.body()),
            Err(other) => Err(other.to_string()),
        }
    }

    #[test]
    fn reads_and_writes_have_headers_of_their_own() {
        assert_eq!(ask(&Method::GET, "accept-profile", "v2"), Ok("v2".into()));
        assert_eq!(ask(&Method::GET, "content-profile", "v2"), Ok("v1".into()));
        assert_eq!(
            ask(&Method::DELETE, "content-profile", "v2"),
            Ok("v2".into())
        );
    }

    #[test]
    fn a_schema_that_is_not_served_is_refused_with_those_that_are() {
        assert_eq!(
            ask(&Method::GET, "accept-profile", "pg_catalog"),
            Err(concat!(
                r#"{"code":"PGRST106","details":null,"#,
                r#""hint":"Only the following schemas are exposed: v1, v2","#,
                r#""message":"Invalid schema: pg_catalog"}"#
            )
            .into())
        );
    }
}
