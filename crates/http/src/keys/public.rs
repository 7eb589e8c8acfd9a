//! Reads an issuer's public keys: one PEM key, or a JWKS.
//!
//! Accepted are RSA (RS256), P-256 (ES256) and Ed25519 (`EdDSA`). Symmetric keys in a JWKS are
//! refused: whoever serves or reads the document would be able to sign. Keys for encryption and
//! of unknown kinds are left out, as other readers of the same document may want them.

use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk, KeyAlgorithm, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey};
use postern_base::Trust;
use serde::Deserialize;
use serde_json::Value;

use super::{Issuer, JWKS_BYTES_MAX, JWKS_KEYS_MAX, KeyError, KeySource, VerifyKey};

#[derive(Deserialize)]
struct Document {
    keys: Vec<Value>,
}

/// Reads the text of an issuer's keys.
pub(super) fn read_keys(
    text: &str,
    issuer: &Issuer,
    index: usize,
) -> Result<Vec<VerifyKey>, KeyError> {
    let text = text.trim();
    if text.len() > JWKS_BYTES_MAX {
        return Err(unusable("the document is too long"));
    }
    let keys = if text.starts_with("-----BEGIN") {
        vec![(None, read_pem(text)?)]
    } else {
        read_jwks(text)?
    };
    if keys.is_empty() {
        return Err(unusable("there is no RSA, P-256 or Ed25519 key in it"));
    }
    Ok(keys
        .into_iter()
        .map(|(kid, (algorithm, key))| VerifyKey {
            kid,
            algorithm,
            key,
            trust: Trust::Foreign,
            issuer: issuer.issuer.clone(),
            audience: issuer.audience.clone(),
            source: KeySource::Issuer(index),
        })
        .collect())
}

pub(super) type BoundKey = (Algorithm, DecodingKey);

fn read_pem(text: &str) -> Result<BoundKey, KeyError> {
    if text.contains("PRIVATE KEY") {
        return Err(unusable("a private key was given; give the public one"));
    }
    let bytes = text.as_bytes();
    if let Ok(key) = DecodingKey::from_ec_pem(bytes) {
        let is_p256 = key.try_get_as_bytes().is_ok_and(|point| point.len() == 65);
        return if is_p256 {
            Ok((Algorithm::ES256, key))
        } else {
            Err(unusable("the curve is not P-256"))
        };
    }
    if let Ok(key) = DecodingKey::from_ed_pem(bytes) {
        return Ok((Algorithm::EdDSA, key));
    }
    match DecodingKey::from_rsa_pem(bytes) {
        Ok(key) => Ok((Algorithm::RS256, key)),
        Err(_) => Err(unusable("the PEM text is no RSA, P-256 or Ed25519 key")),
    }
}

fn read_jwks(text: &str) -> Result<Vec<(Option<String>, BoundKey)>, KeyError> {
    let document: Document =
        serde_json::from_str(text).map_err(|error| unusable(&error.to_string()))?;
    if document.keys.len() > JWKS_KEYS_MAX {
        return Err(unusable("the document has too many keys"));
    }
    let mut keys = Vec::new();
    for value in document.keys {
        if value.get("kty").and_then(Value::as_str) == Some("oct") {
            return Err(unusable("a symmetric key has no place in a JWKS"));
        }
        let Ok(jwk) = serde_json::from_value::<Jwk>(value) else {
            continue;
        };
        if let Some(key) = bind(&jwk) {
            keys.push((jwk.common.key_id, key));
        }
    }
    Ok(keys)
}

/// Binds a key to the one algorithm that it is for.
pub(super) fn bind(jwk: &Jwk) -> Option<BoundKey> {
    if matches!(
        jwk.common.public_key_use,
        Some(PublicKeyUse::Encryption | PublicKeyUse::Other(_))
    ) {
        return None;
    }
    let algorithm = match &jwk.algorithm {
        AlgorithmParameters::RSA(_) => Algorithm::RS256,
        AlgorithmParameters::EllipticCurve(it) if it.curve == EllipticCurve::P256 => {
            Algorithm::ES256
        }
        AlgorithmParameters::OctetKeyPair(it) if it.curve == EllipticCurve::Ed25519 => {
            Algorithm::EdDSA
        }
        _ => return None,
    };
    match jwk.common.key_algorithm {
        Some(named) if named != KeyAlgorithm::from(algorithm) => None,
        _ => DecodingKey::from_jwk(jwk).ok().map(|key| (algorithm, key)),
    }
}

fn unusable(reason: &str) -> KeyError {
    KeyError::PublicKey(reason.into())
}
