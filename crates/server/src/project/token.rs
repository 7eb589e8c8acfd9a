//! User tokens signed with the project's own secret, for development.

use postern_base::{Clock, Secret, SystemClock};
use serde_json::{Map, Value, json};

use super::ProjectError;

/// Longest lifetime: a hundred years.
const LIFETIME_SECS_MAX: i64 = 100 * 365 * 86_400;

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
    pub fn claims(&self) -> Result<Map<String, Value>, ProjectError> {
        let now = SystemClock.now_unix_secs();
        let lifetime_secs = parse_duration(&self.expires).ok_or_else(|| {
            refuse(format!(
                "`{}` is no duration; write 90s, 15m, 1h or 7d",
                self.expires
            ))
        })?;
        let mut claims = postern_http::user_claims(&self.sub, now, lifetime_secs);
        claims.insert("role".into(), json!(self.role));
        if let Some(audience) = &self.audience {
            claims.insert("aud".into(), json!(audience));
        }
        if let Some(email) = &self.email {
            claims.insert("email".into(), json!(email));
        }
        for claim in &self.claims {
            let (key, value) = parse_claim(claim)?;
            claims.insert(key, value);
        }
        Ok(claims)
    }
}

/// Signs claims with the project's secret.
///
/// # Errors
/// Returns an error when the secret is too short.
pub fn sign(claims: &Map<String, Value>, secret: &Secret<String>) -> Result<String, ProjectError> {
    postern_http::mint(secret, claims).map_err(|error| refuse(error.to_string()))
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
    number
        .checked_mul(unit_secs)
        .filter(|secs| (1..=LIFETIME_SECS_MAX).contains(secs))
}
