//! Cross-origin rules of the APIs: any origin, never with credentials.
//!
//! Callers are told apart by tokens that a page must hold, not by cookies that a browser adds, so
//! every origin may ask. COMPAT(postgrest 14): the exact header texts.

use std::fmt::Write as _;

use actix_web::HttpResponse;
use actix_web::http::Method;
use actix_web::http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_HEADERS,
    ACCESS_CONTROL_REQUEST_METHOD, HeaderMap, HeaderValue, ORIGIN,
};

const METHODS: &str = "GET, POST, PATCH, PUT, DELETE, OPTIONS, HEAD";
const MAX_AGE: &str = "86400";
const EXPOSED: &str = "Content-Encoding, Content-Location, Content-Range, Content-Type, Date, \
                       Location, Server, Transfer-Encoding, Range-Unit";
/// What the clients read beyond PostgREST's list; a header line of its own keeps that one exact.
const EXPOSED_MORE: &str = "Preference-Applied, Content-Profile, Proxy-Status, X-Request-Id, \
     X-Total-Count, Link, X-Supabase-Api-Version, X-Sb-Error-Code, WWW-Authenticate, Retry-After";
/// Most header names that a preflight answer repeats.
const REQUESTED_HEADERS_MAX: usize = 64;
/// Longest header name that is repeated.
const HEADER_NAME_BYTES_MAX: usize = 64;

/// Whether the request is a browser asking whether it may ask.
pub(crate) fn is_preflight(method: &Method, headers: &HeaderMap) -> bool {
    method == Method::OPTIONS
        && headers.contains_key(ORIGIN)
        && headers.contains_key(ACCESS_CONTROL_REQUEST_METHOD)
}

/// The answer to a preflight request.
pub(crate) fn preflight(headers: &HeaderMap) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*")))
        .insert_header((
            ACCESS_CONTROL_ALLOW_METHODS,
            HeaderValue::from_static(METHODS),
        ))
        .insert_header((ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static(MAX_AGE)))
        .insert_header((ACCESS_CONTROL_ALLOW_HEADERS, allowed_headers(headers)))
        .finish()
}

/// Adds what a page of another origin needs in order to read an answer.
pub(crate) fn decorate(headers: &mut HeaderMap) {
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    headers.insert(
        ACCESS_CONTROL_EXPOSE_HEADERS,
        HeaderValue::from_static(EXPOSED),
    );
    headers.append(
        ACCESS_CONTROL_EXPOSE_HEADERS,
        HeaderValue::from_static(EXPOSED_MORE),
    );
}

/// `Authorization`, the names that were asked for, and those that are always allowed.
fn allowed_headers(headers: &HeaderMap) -> String {
    let mut allowed = String::from("Authorization");
    let requested = headers
        .get(ACCESS_CONTROL_REQUEST_HEADERS)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let names = requested.split(',').map(str::trim).filter(|it| is_name(it));
    for name in names.take(REQUESTED_HEADERS_MAX) {
        let _ = write!(allowed, ", {name}");
    }
    allowed.push_str(", Accept, Accept-Language, Content-Language");
    allowed
}

/// SECURITY: only header names are repeated, so that nothing else can be reflected.
fn is_name(text: &str) -> bool {
    let fine = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    !text.is_empty() && text.len() <= HEADER_NAME_BYTES_MAX && text.bytes().all(fine)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requested_headers_are_repeated_unless_they_are_no_names() {
        let mut headers = HeaderMap::new();
        headers.insert(
            ACCESS_CONTROL_REQUEST_HEADERS,
            HeaderValue::from_static("Foo,Bar, <script>, x-client-info"),
        );

        assert_eq!(
            allowed_headers(&headers),
            "Authorization, Foo, Bar, x-client-info, Accept, Accept-Language, Content-Language"
        );
    }
}
