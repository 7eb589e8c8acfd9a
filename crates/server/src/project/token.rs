//! Tokens signed with the project's own secret, for development and for the legacy keys.

use jsonwebtoken::{Algorithm, EncodingKey, Header};
use postern_base::{Clock, RoleName, Secret, SystemClock};
use serde_json::{Map, Value, json};

use super::ProjectError;

/// The user token that `postern token` prints.
#[derive(Clone, Debug)]
pub struct TokenRequest {
    /// `sub`: who the user is.
    pub sub: String,
    /// `role`.
    pub role: String,
    /// `email`.
    pub email: Option<String>,
    /// Further claims, as `key=json`; they may replace the ones above.
    pub claims: Vec<String>,
    /// How long it is good for, such as `90s`, `15m`, `1h`, `7d`.
    pub expires: String,
    /// `aud`.
    pub audience: Option<String>,
}

impl TokenRequest {
    /// The claims of the token, from now on.
    ///
    /// # Errors
    /// Returns an error that names the part that cannot be understood.
    pub fn claims(&self) -> Result<Value, ProjectError> {
        let now = SystemClock.now_unix_secs();
        let lifetime_secs = parse_duration(&self.expires).ok_or_else(|| {
            refuse(format!(
                "`{}` is no duration; write 90s, 15m, 1h or 7d",
                self.expires
            ))
        })?;
        let audience = self.audience.as_deref().unwrap_or(RoleName::AUTHENTICATED);
        let mut claims = Map::new();
        claims.insert("iss".into(), json!("postern"));
        claims.insert("aud".into(), json!(audience));
        claims.insert("sub".into(), json!(self.sub));
        claims.insert("role".into(), json!(self.role));
        if let Some(email) = &self.email {
            claims.insert("email".into(), json!(email));
        }
        claims.insert("iat".into(), json!(now));
        claims.insert("exp".into(), json!(now.saturating_add(lifetime_secs)));
        for claim in &self.claims {
            let (key, value) = parse_claim(claim)?;
            claims.insert(key, value);
        }
        Ok(Value::Object(claims))
    }
}

/// Signs claims with HS256.
///
/// # Errors
/// Returns an error when the library refuses.
pub fn sign(claims: &Value, secret: &Secret<String>) -> Result<String, ProjectError> {
    let key = EncodingKey::from_secret(secret.expose().as_bytes());
    jsonwebtoken::encode(&Header::new(Algorithm::HS256), claims, &key)
        .map_err(|error| refuse(error.to_string()))
}

fn refuse(reason: String) -> ProjectError {
    ProjectError::Token(reason)
}

/// Reads `key=json`; what is no JSON is taken as text, so that quotes may be left out.
fn parse_claim(text: &str) -> Result<(String, Value), ProjectError> {
    let (key, value) = text
        .split_once('=')
        .filter(|(key, _)| !key.is_empty())
        .ok_or_else(|| refuse(format!("`{text}` is no claim; write key=value")))?;
    let value = serde_json::from_str(value).unwrap_or_else(|_| Value::String(value.into()));
    Ok((key.into(), value))
}

fn parse_duration(text: &str) -> Option<i64> {
    let digits = text.trim_end_matches(|it: char| it.is_ascii_alphabetic());
    let unit_secs = match &text[digits.len()..] {
        "" | "s" => 1,
        "m" => 60,
        "h" => 3600,
        "d" => 86_400,
        _ => return None,
    };
    let number: i64 = digits.parse().ok()?;
    number.checked_mul(unit_secs).filter(|secs| *secs > 0)
}
