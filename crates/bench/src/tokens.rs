//! Tokens of the people who send requests.

use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::Result;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};

/// The secret that both servers verify tokens with; it protects a database that is thrown away.
pub(crate) const SECRET: &str = "bench-only-secret-of-at-least-thirty-two-bytes";
/// How long the tokens are good for: longer than any run.
const LIFETIME_SECS: u64 = 24 * 3600;

/// One token per person.
pub(crate) struct Tokens(Vec<String>);

impl Tokens {
    /// Signs tokens for the first `count` people.
    pub(crate) fn sign(count: usize) -> Result<Self> {
        let key = EncodingKey::from_secret(SECRET.as_bytes());
        let header = Header::new(Algorithm::HS256);
        let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
        let mut tokens = Vec::with_capacity(count);
        for person in 0..count {
            let mut claims = claims(&subject(person));
            claims["iat"] = json!(now);
            claims["exp"] = json!(now + LIFETIME_SECS);
            tokens.push(jsonwebtoken::encode(&header, &claims, &key)?);
        }
        Ok(Self(tokens))
    }

    /// The token of a person.
    pub(crate) fn of(&self, person: usize) -> &str {
        &self.0[person % self.0.len()]
    }
}

/// The claims of a user, as an auth service would write them.
pub(crate) fn claims(subject: &str) -> Value {
    json!({ "sub": subject, "role": "authenticated", "aud": "authenticated" })
}

/// The id of a person; the seed makes the same ones.
pub(crate) fn subject(person: usize) -> String {
    format!("00000000-0000-4000-8000-{person:012}")
}
