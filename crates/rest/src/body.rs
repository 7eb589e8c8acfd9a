//! Reads a request's body: within its limit, of a type that is understood, as JSON text.

mod csv;
mod form;

use std::sync::Arc;

use actix_web::http::header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderMap};
use actix_web::web::{Bytes, Payload};
use postern_base::codes;

use crate::Failure;

/// The types of bodies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Json,
    Form,
    Csv,
}

/// Reads the body as JSON text.
pub(crate) async fn read(
    headers: &HeaderMap,
    payload: Payload,
    bytes_max: usize,
) -> Result<Arc<str>, Failure> {
    let kind = kind(headers)?;
    let bytes = collect(headers, payload, bytes_max).await?;
    let text = std::str::from_utf8(&bytes).map_err(|_| invalid("the body is not UTF-8"))?;
    match kind {
        Kind::Json => Ok(Arc::from(text)),
        Kind::Form => Ok(form::to_json(text).into()),
        Kind::Csv => csv::to_json(text).map(Arc::from).map_err(invalid),
    }
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

fn kind(headers: &HeaderMap) -> Result<Kind, Failure> {
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
    } else {
        let message = format!("Content-Type not acceptable: {base}");
        Err(Failure::new(&codes::BODY, message))
    }
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

    fn kind_of(value: &'static str) -> Result<Kind, String> {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(value));
        kind(&headers).map_err(|it| it.to_string())
    }

    #[test]
    fn bodies_are_json_unless_they_say_otherwise() {
        assert_eq!(kind(&HeaderMap::new()).expect("JSON"), Kind::Json);
        assert_eq!(kind_of("application/json; charset=utf-8"), Ok(Kind::Json));
        assert_eq!(kind_of("text/csv"), Ok(Kind::Csv));
        assert_eq!(
            kind_of("image/png"),
            Err("PGRST102: Content-Type not acceptable: image/png".into())
        );
    }
}
