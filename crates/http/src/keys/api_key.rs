//! Opaque API keys: `sb_publishable_…` and `sb_secret_…`.
//!
//! Keys are kept and compared as SHA-256 digests, all of them each time: neither the time nor a
//! memory dump of this table tells a caller how near a guess is.

use postern_base::Secret;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::KeyError;

pub(crate) const PUBLISHABLE_PREFIX: &str = "sb_publishable_";
pub(crate) const SECRET_PREFIX: &str = "sb_secret_";
/// Shortest API key in bytes, its prefix included.
const API_KEY_BYTES_MIN: usize = 32;

/// What an API key stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum KeyRole {
    Anonymous,
    Service,
}

/// The project's opaque keys.
#[derive(Default)]
pub(crate) struct ApiKeys {
    keys: Vec<([u8; 32], KeyRole)>,
}

impl ApiKeys {
    pub(crate) fn new(
        publishable: &[Secret<String>],
        secret: &[Secret<String>],
    ) -> Result<Self, KeyError> {
        let mut keys = Vec::with_capacity(publishable.len() + secret.len());
        for key in publishable {
            keys.push((digest_of(key, PUBLISHABLE_PREFIX)?, KeyRole::Anonymous));
        }
        for key in secret {
            keys.push((digest_of(key, SECRET_PREFIX)?, KeyRole::Service));
        }
        Ok(Self { keys })
    }

    /// Finds the role of a key that a client sent.
    pub(crate) fn role_of(&self, candidate: &[u8]) -> Option<KeyRole> {
        let digest: [u8; 32] = Sha256::digest(candidate).into();
        let mut found = None;
        for (known, role) in &self.keys {
            if bool::from(known.ct_eq(&digest)) {
                found = Some(*role);
            }
        }
        found
    }
}

fn digest_of(key: &Secret<String>, prefix: &'static str) -> Result<[u8; 32], KeyError> {
    let text = key.expose();
    if !text.starts_with(prefix) || text.len() < API_KEY_BYTES_MIN {
        return Err(KeyError::ApiKey(prefix));
    }
    Ok(Sha256::digest(text.as_bytes()).into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::{generate_publishable_key, generate_secret_key};

    #[test]
    fn a_key_is_known_whole_or_not_at_all() {
        let publishable = generate_publishable_key();
        let secret = generate_secret_key();
        let keys = ApiKeys::new(
            &[Secret::new(publishable.clone())],
            std::slice::from_ref(&secret),
        )
        .expect("usable keys");

        assert_eq!(
            keys.role_of(publishable.as_bytes()),
            Some(KeyRole::Anonymous)
        );
        assert_eq!(
            keys.role_of(secret.expose().as_bytes()),
            Some(KeyRole::Service)
        );
        assert_eq!(keys.role_of(b""), None);
        assert_eq!(
            keys.role_of(&publishable.as_bytes()[..publishable.len() - 1]),
            None
        );
    }

    #[test]
    fn refuses_keys_that_could_be_guessed() {
        assert!(ApiKeys::new(&[], &[Secret::new("sb_secret_short".into())]).is_err());
        assert!(ApiKeys::new(&[], &[Secret::new("x".repeat(40))]).is_err());
    }
}
