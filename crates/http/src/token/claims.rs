//! The rules for a verified token's registered claims (`exp`, `nbf`, `iat`, `aud`, `iss`).
//!
//! COMPAT(postgrest 14): messages, the 30 seconds of skew, and an audience that is null or an
//! empty array counting as none. Stricter than it: a time must be a finite number within the
//! integers that JSON numbers hold exactly, and null is no number.

use postern_base::Trust;
use postern_base::limits::CLOCK_SKEW_SECS;
use serde_json::{Map, Value};

use crate::auth::ClaimsFault;
use crate::keys::VerifyKey;

/// What the settings ask of every token.
#[derive(Clone, Debug, Default)]
pub(crate) struct ClaimRules {
    /// The audience, where the key's issuer has none of its own.
    pub(crate) audience: Option<String>,
    /// Whether the project's own tokens must expire.
    pub(crate) require_expiry: bool,
}

/// Checks the claims; answers the second after which the token is not valid any more.
pub(crate) fn lifetime(
    claims: &Map<String, Value>,
    key: &VerifyKey,
    rules: &ClaimRules,
    now: i64,
) -> Result<Option<i64>, ClaimsFault> {
    let expires = time(claims, "exp")?;
    let not_before = time(claims, "nbf")?;
    let issued = time(claims, "iat")?;
    let must_expire = rules.require_expiry || key.trust == Trust::Foreign;
    if expires.is_none() && must_expire {
        return Err(ClaimsFault::NoExpiry);
    }
    if expires.is_some_and(|exp| exp + CLOCK_SKEW_SECS < now) {
        return Err(ClaimsFault::Expired);
    }
    if not_before.is_some_and(|nbf| nbf > now + CLOCK_SKEW_SECS) {
        return Err(ClaimsFault::NotYetValid);
    }
    if issued.is_some_and(|iat| iat > now + CLOCK_SKEW_SECS) {
        return Err(ClaimsFault::IssuedInFuture);
    }
    check_audience(claims, key, rules)?;
    check_issuer(claims, key)?;
    Ok(expires.map(|exp| exp + CLOCK_SKEW_SECS))
}

fn time(claims: &Map<String, Value>, name: &'static str) -> Result<Option<i64>, ClaimsFault> {
    /// The largest integer that every JSON reader agrees on.
    const EXACT_MAX: u64 = 1 << 53;
    let Some(value) = claims.get(name) else {
        return Ok(None);
    };
    let fault = ClaimsFault::NotANumber(name);
    let seconds = match (value.as_i64(), value.as_f64()) {
        (Some(whole), _) => whole,
        // Fractions of a second are legal; the comparison keeps the bound before the cast.
        (None, Some(number)) if number.abs() <= 9.0e15 => number.floor() as i64,
        _ => return Err(fault),
    };
    if seconds.unsigned_abs() <= EXACT_MAX {
        Ok(Some(seconds))
    } else {
        Err(fault)
    }
}

fn check_audience(
    claims: &Map<String, Value>,
    key: &VerifyKey,
    rules: &ClaimRules,
) -> Result<(), ClaimsFault> {
    let named = audiences(claims.get("aud"))?;
    let must_name = key.audience.is_some() || key.trust == Trust::Foreign;
    let own = key.audience.as_ref().or(rules.audience.as_ref());
    match own {
        None => Ok(()),
        // SECURITY: a foreign issuer signs for many projects; one that says for whom must say us.
        // A key pair of ours signs other tokens too (for clients of the OAuth server, say), which
        // are no access tokens and name somebody else or nobody.
        Some(_) if named.is_empty() && must_name => Err(ClaimsFault::Audience),
        Some(_) if named.is_empty() => Ok(()),
        Some(own) if named.contains(&own.as_str()) => Ok(()),
        Some(_) => Err(ClaimsFault::Audience),
    }
}

fn audiences(value: Option<&Value>) -> Result<Vec<&str>, ClaimsFault> {
    match value {
        None | Some(Value::Null) => Ok(Vec::new()),
        Some(Value::String(one)) => Ok(vec![one]),
        Some(Value::Array(many)) => many
            .iter()
            .map(|it| it.as_str().ok_or(ClaimsFault::AudienceType))
            .collect(),
        Some(_) => Err(ClaimsFault::AudienceType),
    }
}

fn check_issuer(claims: &Map<String, Value>, key: &VerifyKey) -> Result<(), ClaimsFault> {
    match &key.issuer {
        Some(own) if claims.get("iss").and_then(Value::as_str) != Some(own) => {
            Err(ClaimsFault::Issuer)
        }
        _ => Ok(()),
    }
}
