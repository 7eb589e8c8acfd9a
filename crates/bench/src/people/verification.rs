//! What the gateway pays for a token: the first time that it sees it, and afterwards.

use std::sync::Arc;
use std::time::Instant;

use actix_web::http::header::{AUTHORIZATION, HeaderMap, HeaderValue};
use anyhow::{Result, anyhow};
use postern_base::{Clock, SystemClock};
use postern_http::signing::{Algorithm, KeyRing, SigningKey};
use postern_http::{AuthSettings, Authenticator};
use serde_json::{Map, Value, json};

use super::outcome;
use crate::load::Outcome;

/// Different tokens; fewer than the gateway keeps.
const TOKENS: usize = 4_000;

/// Times the authentication of fresh and of known ES256 tokens, in nanoseconds: they are entered
/// as microseconds, so that a thousandth of what is printed is meant.
pub(super) fn measure() -> Result<[Outcome; 2]> {
    let key = SigningKey::generate(Algorithm::Es256, "bench")?;
    let ring = KeyRing::new(key, Vec::new());
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let authenticator = Authenticator::new(AuthSettings::default(), Arc::clone(&clock))?;
    authenticator.set_project_keys(&ring.project_keys())?;
    let requests = (0..TOKENS)
        .map(|number| request(&ring, number, clock.now_unix_secs()))
        .collect::<Result<Vec<_>>>()?;
    Ok([
        authenticate(&authenticator, &requests)?,
        authenticate(&authenticator, &requests)?,
    ])
}

fn authenticate(authenticator: &Authenticator, requests: &[HeaderMap]) -> Result<Outcome> {
    let mut nanos = Vec::with_capacity(requests.len());
    let started = Instant::now();
    for headers in requests {
        let begun = Instant::now();
        authenticator
            .authenticate(headers)
            .map_err(|error| anyhow!("{error}"))?;
        nanos.push(u32::try_from(begun.elapsed().as_nanos()).unwrap_or(u32::MAX));
    }
    Ok(outcome(nanos, started.elapsed()))
}

fn request(ring: &KeyRing, number: usize, now: i64) -> Result<HeaderMap> {
    let claims = json!({
        "sub": crate::tokens::subject(number), "role": "authenticated", "aud": "authenticated",
        "iat": now, "exp": now + 3600, "session_id": crate::tokens::subject(number),
        "email": format!("person{number}@example.com"), "aal": "aal1",
        "app_metadata": { "provider": "email", "providers": ["email"] }, "user_metadata": {},
        "amr": [{ "method": "password", "timestamp": now }], "is_anonymous": false,
    });
    let claims: Map<String, Value> = claims.as_object().cloned().unwrap_or_default();
    let token = ring.sign(&claims)?;
    let mut headers = HeaderMap::new();
    let bearer = HeaderValue::from_str(&format!("Bearer {token}"))?;
    headers.insert(AUTHORIZATION, bearer);
    Ok(headers)
}
