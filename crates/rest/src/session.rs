//! The request as functions in the database see it, for statements on the session path.
//!
//! COMPAT(postgrest 14): `request.headers` is a JSON object with lower-case keys and without the
//! cookies, which are `request.cookies`; the path is the one below the API's root.

use std::fmt::Write as _;

use actix_web::HttpRequest;
use actix_web::http::header::COOKIE;
use postern_db::RequestSettings;
use serde_json::Value;

use crate::address::Address;

/// Collects the settings of a request.
pub(crate) fn settings(request: &HttpRequest, base: &str) -> RequestSettings {
    RequestSettings {
        method: request.method().as_str().to_owned(),
        path: Address::below(request.uri().path(), base).to_owned(),
        headers_json: headers(request),
        cookies_json: cookies(request),
    }
}

fn headers(request: &HttpRequest) -> String {
    let all = request.headers().iter().filter(|(name, _)| *name != COOKIE);
    object(all.filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?))))
}

fn cookies(request: &HttpRequest) -> String {
    let values = request.headers().get_all(COOKIE);
    let pairs = values
        .filter_map(|it| it.to_str().ok())
        .flat_map(|it| it.split(';'));
    object(pairs.filter_map(|pair| pair.trim().split_once('=')))
}

/// A JSON object of texts; of a repeated key the last value counts, as JSON readers have it.
fn object<'a>(pairs: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    let mut json = String::from("{");
    for (name, value) in pairs {
        if json.len() > 1 {
            json.push(',');
        }
        let _ = write!(json, "{}:{}", Value::from(name), Value::from(value));
    }
    json.push('}');
    json
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn headers_and_cookies_are_told_apart() {
        let request = TestRequest::get()
            .uri("/rest/v1/rpc/f?x=1")
            .insert_header(("X-Custom", "a \"b\""))
            .insert_header(("cookie", "one=1; two=2"))
            .to_http_request();

        let settings = settings(&request, "/rest/v1");

        assert_eq!(settings.headers_json, r#"{"x-custom":"a \"b\""}"#);
        assert_eq!(settings.cookies_json, r#"{"one":"1","two":"2"}"#);
        assert_eq!(settings.path, "/rpc/f");
        assert_eq!(settings.method, "GET");
    }
}
