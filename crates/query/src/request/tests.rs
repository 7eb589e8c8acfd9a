//! Corpora of what clients send, printed back in one line each.
#![expect(
    clippy::needless_pass_by_value,
    clippy::too_many_lines,
    reason = "corpora are long, and `expect!` reads best as a plain argument"
)]

mod filter;
mod limit;
mod logic;
mod order;
mod parameters;
mod payload;
mod prefer;
mod print;
mod robust;
mod select;
mod window;

use super::*;

/// A GET on a relation with this query string.
fn get(query: &str) -> RawRequest<'_> {
    RawRequest {
        method: Method::Get,
        target: Target::Relation("notes".into()),
        schema: "public",
        query,
        prefer: Vec::new(),
        range: None,
        representation: Representation::default(),
        body: None,
    }
}

/// A request with a body.
fn with_body<'a>(method: Method, query: &'a str, body: &str) -> RawRequest<'a> {
    RawRequest {
        method,
        body: Some(body.into()),
        ..get(query)
    }
}

fn call(method: Method, query: &str) -> RawRequest<'_> {
    RawRequest {
        method,
        target: Target::Function("search".into()),
        ..get(query)
    }
}

fn parsed(raw: &RawRequest<'_>) -> Result<ApiRequest, Error> {
    parse(raw, &Limits::default())
}

/// The text as it stands in a query string.
fn encoded(text: &str) -> String {
    percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
}

/// `CODE message | details` of a refusal.
fn refusal(error: &Error) -> String {
    let code = error.code.code;
    match error.details.as_ref().and_then(|it| it.as_str()) {
        Some(details) => format!("{code} {} | {details}", error.message),
        None => format!("{code} {}", error.message),
    }
}

/// Prints one part of a request, or its refusal.
fn shown<T>(raw: &RawRequest<'_>, part: impl FnOnce(ApiRequest) -> T) -> String
where
    T: Into<String>,
{
    match parsed(raw) {
        Ok(request) => part(request).into(),
        Err(error) => refusal(&error),
    }
}
