//! Reads the two headers that carry credentials.

use actix_web::http::header::{AUTHORIZATION, HeaderMap};
use postern_base::limits::TOKEN_BYTES_MAX;

use super::{AuthError, DecodeFault};

/// The header of API keys.
const API_KEY: &str = "apikey";
/// What opaque keys start with; a bearer of this form is a key and no token.
const OPAQUE_PREFIX: &str = "sb_";

/// What a request showed.
pub(super) struct Credentials<'a> {
    bearer: Option<&'a str>,
    api_key: Option<&'a str>,
}

impl<'a> Credentials<'a> {
    /// Reads the headers; sizes are checked before anything is done with a value.
    pub(super) fn read(headers: &'a HeaderMap) -> Result<Self, AuthError> {
        let authorization = single(headers, AUTHORIZATION.as_str())?;
        let bearer = authorization.and_then(bearer_of);
        if bearer == Some("") {
            return Err(DecodeFault::Empty.into());
        }
        let api_key = single(headers, API_KEY)?.filter(|it| !it.is_empty());
        Ok(Self { bearer, api_key })
    }

    /// The user's token.
    pub(super) fn token(&self) -> Option<&'a str> {
        self.bearer.filter(|it| !it.starts_with(OPAQUE_PREFIX))
    }

    /// The API key: the header's, else a bearer that is one.
    pub(super) fn key(&self) -> Option<&'a str> {
        self.api_key
            .or_else(|| self.bearer.filter(|it| it.starts_with(OPAQUE_PREFIX)))
    }
}

/// The header's only value: two of them could mean two callers, so they mean nobody.
fn single<'a>(headers: &'a HeaderMap, name: &str) -> Result<Option<&'a str>, AuthError> {
    let mut values = headers.get_all(name);
    let Some(value) = values.next() else {
        return Ok(None);
    };
    if values.next().is_some() {
        return Err(DecodeFault::Malformed.into());
    }
    if value.len() > TOKEN_BYTES_MAX {
        return Err(DecodeFault::TooLong.into());
    }
    value
        .to_str()
        .map(|text| Some(text.trim()))
        .map_err(|_| DecodeFault::Malformed.into())
}

/// The bearer of an `Authorization` value; other schemes are none of ours and are passed over.
fn bearer_of(value: &str) -> Option<&str> {
    let (scheme, rest) = value.split_once(' ').unwrap_or((value, ""));
    scheme.eq_ignore_ascii_case("bearer").then(|| rest.trim())
}
