//! The id under which a request is found in the logs.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use actix_web::http::header::{HeaderMap, HeaderName};
use actix_web::{HttpMessage, HttpRequest};

/// The header that carries the id in both directions.
pub(crate) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// Longest id that is taken over from a client or proxy.
const ID_BYTES_MAX: usize = 64;

/// A request's id: the client's when it is sane, else one of our own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestId(String);

impl RequestId {
    /// Takes the client's id over or makes one.
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        headers
            .get(REQUEST_ID)
            .and_then(|value| value.to_str().ok())
            .filter(|text| is_sane(text))
            .map_or_else(Self::next, |text| Self(text.to_owned()))
    }

    /// Makes an id: a number drawn at start, and one that counts.
    fn next() -> Self {
        static START: OnceLock<u64> = OnceLock::new();
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let start = START.get_or_init(|| {
            let mut bytes = [0; 8];
            // Without random numbers ids repeat after a restart, which harms nobody.
            let _ = getrandom::fill(&mut bytes);
            u64::from_be_bytes(bytes)
        });
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        Self(format!("{start:016x}{count:08x}"))
    }

    /// The id of a request that went through [`crate::Edge`]; `-` of one that did not.
    pub fn from_request(request: &HttpRequest) -> Self {
        request
            .extensions()
            .get::<Self>()
            .cloned()
            .unwrap_or_else(|| Self("-".into()))
    }

    /// The id's text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// SECURITY: the id is written to logs and headers, so it holds nothing that either interprets.
fn is_sane(text: &str) -> bool {
    let fine = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    !text.is_empty() && text.len() <= ID_BYTES_MAX && text.bytes().all(fine)
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::{HeaderMap, HeaderValue};

    use super::*;

    fn headers(value: &'static str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(REQUEST_ID, HeaderValue::from_static(value));
        headers
    }

    #[test]
    fn a_sane_id_is_taken_over() {
        assert_eq!(RequestId::of(&headers("a1-b_2.c")).as_str(), "a1-b_2.c");
    }

    #[test]
    fn others_are_replaced_by_distinct_ones() {
        let (one, two) = (
            RequestId::of(&headers("a b")),
            RequestId::of(&headers("${jndi:x}")),
        );

        assert_ne!(one, two);
        assert_eq!(one.as_str().len(), 24);
    }
}
