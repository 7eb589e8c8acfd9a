//! Makes HS256 tokens: the legacy keys and the user tokens of `postern token`.

use jsonwebtoken::{Algorithm, EncodingKey, Header};
use postern_base::{RoleName, Secret};
use serde_json::{Map, Value, json};

use crate::keys::JWT_SECRET_BYTES_MIN;

/// How long a legacy key is valid: ten years.
const LEGACY_KEY_SECS: i64 = 10 * 365 * 24 * 60 * 60;

/// Why a token cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum MintError {
    /// The secret is too short to be safe.
    #[error("the JWT secret has {0} bytes; HS256 needs at least {JWT_SECRET_BYTES_MIN}")]
    ShortSecret(usize),
    /// The library refused.
    #[error("the token cannot be signed: {0}")]
    Sign(#[from] jsonwebtoken::errors::Error),
    /// The key pair refused.
    #[error("the token cannot be signed")]
    Refused,
}

/// Signs claims with the project's secret.
///
/// # Errors
/// Refuses a secret that is too short.
pub fn mint(secret: &Secret<String>, claims: &Map<String, Value>) -> Result<String, MintError> {
    let secret = secret.expose().as_bytes();
    if secret.len() < JWT_SECRET_BYTES_MIN {
        return Err(MintError::ShortSecret(secret.len()));
    }
    let key = EncodingKey::from_secret(secret);
    Ok(jsonwebtoken::encode(
        &Header::new(Algorithm::HS256),
        claims,
        &key,
    )?)
}

/// Makes the legacy JWT key of a role (`anon` or `service_role`), valid for ten years.
///
/// # Errors
/// Refuses a secret that is too short.
pub fn legacy_key(
    secret: &Secret<String>,
    role: &RoleName,
    issued_at: i64,
) -> Result<String, MintError> {
    let mut claims = Map::new();
    claims.insert("iss".into(), json!("postern"));
    claims.insert("role".into(), json!(role.as_str()));
    claims.insert("iat".into(), json!(issued_at));
    claims.insert("exp".into(), json!(issued_at + LEGACY_KEY_SECS));
    mint(secret, &claims)
}

/// The claims of a signed-in user, to be added to and then minted.
pub fn user_claims(subject: &str, issued_at: i64, lifetime_secs: i64) -> Map<String, Value> {
    let mut claims = Map::new();
    claims.insert("iss".into(), json!("postern"));
    claims.insert("sub".into(), json!(subject));
    claims.insert("aud".into(), json!(RoleName::AUTHENTICATED));
    claims.insert("role".into(), json!(RoleName::AUTHENTICATED));
    claims.insert("iat".into(), json!(issued_at));
    claims.insert("exp".into(), json!(issued_at + lifetime_secs));
    claims
}
