//! From a token's text to verified claims.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::Algorithm;
use postern_base::limits::TOKEN_BYTES_MAX;
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::{Map, Value};

use crate::auth::{AuthError, ClaimsFault, DecodeFault};
use crate::keys::{KeySet, VerifyKey};

/// Longest key id in bytes.
pub(crate) const KID_BYTES_MAX: usize = 256;
/// Most keys that one token is tried against, whatever the key sets hold.
const ATTEMPTS_MAX: usize = 64;

/// The part of a token's header that we read.
#[derive(Deserialize)]
struct Header {
    alg: String,
    #[serde(default)]
    kid: Option<String>,
    #[serde(default)]
    typ: Option<String>,
    #[serde(default)]
    crit: Option<IgnoredAny>,
}

/// Verifies a token's signature and reads its claims; times and audience are not checked yet.
pub(crate) fn verify<'a>(
    token: &str,
    keys: &'a KeySet,
) -> Result<(Map<String, Value>, &'a VerifyKey), AuthError> {
    if keys.keys.is_empty() {
        return Err(AuthError::NoSecret);
    }
    let [head, payload, signature] = split(token)?;
    let header = read_header(head)?;
    let algorithm = allowed(&header.alg)?;
    let message = &token.as_bytes()[..head.len() + 1 + payload.len()];
    let mut candidates = keys
        .candidates(algorithm, header.kid.as_deref())
        .take(ATTEMPTS_MAX)
        .peekable();
    if header.kid.is_some() && candidates.peek().is_none() {
        return Err(DecodeFault::UnknownKeyId.into());
    }
    let verifies = |it: &&VerifyKey| {
        jsonwebtoken::crypto::verify(signature, message, &it.key, algorithm).unwrap_or(false)
    };
    let key = candidates.find(verifies).ok_or(DecodeFault::NoKey)?;
    Ok((read_payload(payload)?, key))
}

/// Splits a token into its three parts, its size checked before anything else is done.
fn split(token: &str) -> Result<[&str; 3], DecodeFault> {
    if token.is_empty() {
        return Err(DecodeFault::Empty);
    }
    if token.len() > TOKEN_BYTES_MAX {
        return Err(DecodeFault::TooLong);
    }
    let mut parts = token.splitn(4, '.');
    match (parts.next(), parts.next(), parts.next(), parts.next()) {
        (Some(head), Some(payload), Some(signature), None) => Ok([head, payload, signature]),
        _ => Err(DecodeFault::Parts(token.split('.').count())),
    }
}

fn read_header(head: &str) -> Result<Header, DecodeFault> {
    let bytes = URL_SAFE_NO_PAD
        .decode(head)
        .map_err(|_| DecodeFault::Malformed)?;
    let header: Header = serde_json::from_slice(&bytes).map_err(|_| DecodeFault::Malformed)?;
    let kid_is_fine = header
        .kid
        .as_ref()
        .is_none_or(|kid| kid.len() <= KID_BYTES_MAX);
    // `crit` names extensions that must be understood; we understand none.
    if header.crit.is_some() || !kid_is_fine {
        return Err(DecodeFault::Malformed);
    }
    // SECURITY: a refresh, code or hook token of the same key must not pass for an access token.
    match header.typ.as_deref() {
        None => Ok(header),
        Some(typ) if typ.eq_ignore_ascii_case("jwt") || typ.eq_ignore_ascii_case("at+jwt") => {
            Ok(header)
        }
        Some(_) => Err(DecodeFault::TokenType),
    }
}

/// The algorithms that we verify; each key is bound to one of them.
fn allowed(name: &str) -> Result<Algorithm, DecodeFault> {
    match name {
        "HS256" => Ok(Algorithm::HS256),
        "RS256" => Ok(Algorithm::RS256),
        "ES256" => Ok(Algorithm::ES256),
        "EdDSA" => Ok(Algorithm::EdDSA),
        _ => Err(DecodeFault::Algorithm),
    }
}

fn read_payload(payload: &str) -> Result<Map<String, Value>, AuthError> {
    let bytes = URL_SAFE_NO_PAD
        .decode(payload)
        .map_err(|_| DecodeFault::Malformed)?;
    serde_json::from_slice(&bytes).map_err(|_| ClaimsFault::Unreadable.into())
}
