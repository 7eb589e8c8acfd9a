//! Verification keys of the project's own key pairs.
//!
//! Stricter than for an issuer's JWKS: a key that cannot be used is an error and not left out,
//! because the project published it itself and tokens are about to be signed with its other half.

use std::collections::HashSet;

use jsonwebtoken::jwk::Jwk;
use postern_base::{RoleName, Trust};
use serde_json::Value;

use super::public::{BoundKey, bind};
use super::{JWKS_KEYS_MAX, KeyError, KeySource, VerifyKey};
use crate::signing::{KeyState, ProjectKey};

/// Members of a JWK that only the key's owner may know.
const PRIVATE_MEMBERS: [&str; 7] = ["d", "p", "q", "dp", "dq", "qi", "k"];

/// Makes verification keys of all that are not revoked.
pub(crate) fn own_keys(
    keys: &[ProjectKey],
    issuer: Option<&str>,
) -> Result<Vec<VerifyKey>, KeyError> {
    if keys.len() > JWKS_KEYS_MAX {
        return Err(unusable("", "there are too many keys"));
    }
    let mut kids = HashSet::new();
    let mut own = Vec::with_capacity(keys.len());
    for key in keys.iter().filter(|it| it.state != KeyState::Revoked) {
        let (kid, (algorithm, decoding)) = read(&key.jwk)?;
        if !kids.insert(kid.clone()) {
            return Err(unusable(&kid, "another key has the same `kid`"));
        }
        own.push(VerifyKey {
            kid: Some(kid),
            algorithm,
            key: decoding,
            trust: Trust::Project,
            issuer: issuer.map(str::to_owned),
            audience: Some(RoleName::AUTHENTICATED.into()),
            source: KeySource::KeyPair,
        });
    }
    Ok(own)
}

fn read(value: &Value) -> Result<(String, BoundKey), KeyError> {
    let kid = match value.get("kid").and_then(Value::as_str) {
        Some(kid) if !kid.is_empty() => kid,
        _ => return Err(unusable("", "it has no `kid`")),
    };
    // SECURITY: whoever hands us the private half is about to publish it.
    if PRIVATE_MEMBERS.iter().any(|it| value.get(it).is_some()) {
        return Err(unusable(
            kid,
            "it holds the private half; give the public one",
        ));
    }
    let jwk: Jwk =
        serde_json::from_value(value.clone()).map_err(|_| unusable(kid, "it is no JWK"))?;
    let bound = bind(&jwk)
        .ok_or_else(|| unusable(kid, "it is no RSA, P-256 or Ed25519 key for signatures"))?;
    Ok((kid.to_owned(), bound))
}

fn unusable(kid: &str, reason: &'static str) -> KeyError {
    KeyError::Own {
        kid: kid.into(),
        reason,
    }
}
