//! Reads a request's body: within its limit, of a type that its taker understands.

mod csv;
mod form;

use std::sync::Arc;

use actix_web::http::header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderMap};
use actix_web::web::{Bytes, Payload};
use postern_base::codes;
use postern_query::request::RawBody;

use crate::Failure;

/// The types of bodies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Json,
    Form,
    Csv,
    Text,
    Xml,
    Bytes,
}

/// What the body is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Taker {
    /// Rows of a relation.
    Relation,
    /// A function's arguments.
    Function,
}

/// Reads the body.
pub(crate) async fn read(
    headers: &HeaderMap,
    payload: Payload,
    taker: Taker,
    bytes_max: usize,
) -> Result<RawBody, Failure> {
    let kind = kind(headers, taker)?;
    let bytes = collect(headers, payload, bytes_max).await?;
    if kind == Kind::Bytes {
        return Ok(RawBody::Bytes(hexadecimal(&bytes).into()));
    }
    let text = std::str::from_utf8(&bytes).map_err(|_| invalid("the body is not UTF-8"))?;
    Ok(match (kind, taker) {
        (Kind::Form, Taker::Relation) => RawBody::Json(form::to_json(text).into()),
        (Kind::Form, Taker::Function) => RawBody::Form(text.into()),
        (Kind::Csv, _) => RawBody::Json(csv_rows(text)?.into()),
        (Kind::Text, _) => RawBody::Text(without_nul(text)?.into()),
        (Kind::Xml, _) => RawBody::Xml(without_nul(text)?.into()),
        (Kind::Json | Kind::Bytes, _) => RawBody::Json(text.into()),
    })
}

/// Reads a body that can be nothing but JSON.
pub(crate) async fn read_json(
    headers: &HeaderMap,
    payload: Payload,
    bytes_max: usize,
) -> Result<Arc<str>, Failure> {
    match read(headers, payload, Taker::Relation, bytes_max).await? {
        RawBody::Json(text) => Ok(text),
        _ => Err(invalid("the body is not JSON")),
    }
}

fn csv_rows(text: &str) -> Result<String, Failure> {
    csv::to_json(text).map_err(|reason| Failure::new(&codes::BODY, reason))
}

/// Postgres has no NUL in its texts.
fn without_nul(text: &str) -> Result<&str, Failure> {
    if text.contains('\0') {
        return Err(invalid("the body holds NUL"));
    }
    Ok(text)
}

/// Bytes in Postgres's notation.
fn hexadecimal(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(2 + 2 * bytes.len());
    text.push_str("\\x");
    for byte in bytes {
        for digit in [byte >> 4, byte & 15] {
            text.push(char::from_digit(digit.into(), 16).unwrap_or('0'));
        }
    }
    text
}

async fn collect(
    headers: &HeaderMap,
    payload: Payload,
    bytes_max: usize,
) -> Result<Bytes, Failure> {
    let announced = headers
        .get(CONTENT_LENGTH)
        .and_then(|it| it.to_str().ok())
        .and_then(|it| it.parse::<u64>().ok());
    let limit = u64::try_from(bytes_max).unwrap_or(u64::MAX);
    if announced.is_some_and(|length| length > limit) {
        return Err(too_long(bytes_max));
    }
    match payload.to_bytes_limited(bytes_max).await {
        Ok(Ok(bytes)) => Ok(bytes),
        Ok(Err(_)) => Err(invalid("the body ended early")),
        Err(_) => Err(too_long(bytes_max)),
    }
}

fn kind(headers: &HeaderMap, taker: Taker) -> Result<Kind, Failure> {
    let Some(value) = headers.get(CONTENT_TYPE) else {
        return Ok(Kind::Json);
    };
    let text = value.to_str().unwrap_or_default();
    let base = text.split(';').next().unwrap_or_default().trim();
    let is = |name: &str| base.eq_ignore_ascii_case(name);
    if is("application/json")
        || is("application/vnd.pgrst.array+json")
        || is("application/vnd.pgrst.object+json")
    {
        Ok(Kind::Json)
    } else if is("application/x-www-form-urlencoded") {
        Ok(Kind::Form)
    } else if is("text/csv") {
        Ok(Kind::Csv)
    } else if let Some(kind) = value_kind(base).filter(|_| taker == Taker::Function) {
        Ok(kind)
    } else {
        let message = format!("Content-Type not acceptable: {base}");
        Err(Failure::new(&codes::BODY, message))
    }
}

/// The types of a body that is one value.
fn value_kind(base: &str) -> Option<Kind> {
    [
        ("text/plain", Kind::Text),
        ("text/xml", Kind::Xml),
        ("application/octet-stream", Kind::Bytes),
    ]
    .into_iter()
    .find(|(name, _)| base.eq_ignore_ascii_case(name))
    .map(|(_, kind)| kind)
}

fn invalid(reason: &str) -> Failure {
    postern_http::ApiError::new(&codes::BODY, "Empty or invalid json")
        .with_details(reason)
        .into()
}

fn too_long(bytes_max: usize) -> Failure {
    let message = format!("The body is longer than the limit of {bytes_max} bytes");
    Failure::new(&codes::BODY_LIMIT, message)
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::HeaderValue;

    use super::*;

    fn kind_of(value: &'static str, taker: Taker) -> Result<Kind, String> {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(value));
        kind(&headers, taker).map_err(|it| it.to_string())
    }

    #[test]
    fn bodies_are_json_unless_they_say_otherwise() {
        let relation = Taker::Relation;
        assert_eq!(kind(&HeaderMap::new(), relation).expect("JSON"), Kind::Json);
        assert_eq!(
            kind_of("application/json; charset=utf-8", relation),
            Ok(Kind::Json)
        );
        assert_eq!(kind_of("text/csv", relation), Ok(Kind::Csv));
        assert_eq!(
            kind_of("image/png", relation),
            Err("PGRST102: Content-Type not acceptable: image/png".into())
        );
    }

    #[test]
    fn functions_take_values_and_relations_do_not() {
        assert_eq!(kind_of("text/plain", Taker::Function), Ok(Kind::Text));
        assert_eq!(kind_of("TEXT/XML", Taker::Function), Ok(Kind::Xml));
        assert_eq!(
            kind_of("text/plain", Taker::Relation),
            Err("PGRST102: Content-Type not acceptable: text/plain".into())
        );
        assert_eq!(hexadecimal(&[0, 10, 255]), "\\x000aff");
    }
}
