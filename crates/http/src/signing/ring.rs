//! The keys of a project in force: the one that signs and all that are published.

use std::sync::Arc;

use arc_swap::ArcSwap;
use serde_json::{Map, Value, json};

use super::{KeyState, ProjectKey, SigningKey};
use crate::token::MintError;

/// The `typ` of an access token.
const ACCESS_TOKEN: &str = "JWT";

/// Signs with the key in use and knows what to publish; swapped whole when keys rotate.
pub struct KeyRing(ArcSwap<Keys>);

struct Keys {
    signer: Arc<SigningKey>,
    published: Vec<ProjectKey>,
}

impl KeyRing {
    /// Makes a ring of the key that signs and the project's other public keys.
    pub fn new(signer: SigningKey, others: Vec<ProjectKey>) -> Self {
        Self(ArcSwap::from_pointee(Keys::new(signer, others)))
    }

    /// Puts other keys in force. Hand [`Self::project_keys`] to the authenticator afterwards;
    /// until then it does not know a key that was not on standby before.
    pub fn replace(&self, signer: SigningKey, others: Vec<ProjectKey>) {
        self.0.store(Arc::new(Keys::new(signer, others)));
    }

    /// The key in use.
    pub fn signer(&self) -> Arc<SigningKey> {
        Arc::clone(&self.0.load().signer)
    }

    /// Signs the claims of an access token.
    ///
    /// # Errors
    /// Fails when the library cannot sign.
    pub fn sign(&self, claims: &Map<String, Value>) -> Result<String, MintError> {
        self.0.load().signer.sign(claims, ACCESS_TOKEN)
    }

    /// All public keys, for [`crate::Authenticator::set_project_keys`].
    pub fn project_keys(&self) -> Vec<ProjectKey> {
        self.0.load().published.clone()
    }

    /// The document at `/.well-known/jwks.json`: every key but the revoked.
    pub fn jwks(&self) -> Value {
        let keys = self.0.load();
        let good = |it: &&ProjectKey| it.state != KeyState::Revoked;
        let keys: Vec<_> = keys
            .published
            .iter()
            .filter(good)
            .map(|it| &it.jwk)
            .collect();
        json!({ "keys": keys })
    }
}

impl Keys {
    fn new(signer: SigningKey, others: Vec<ProjectKey>) -> Self {
        let mut published = vec![ProjectKey {
            jwk: signer.public_jwk(),
            state: KeyState::InUse,
        }];
        // The signer may be listed among the others as well, as it is in a table of all keys.
        let is_signer =
            |it: &ProjectKey| it.jwk.get("kid").and_then(Value::as_str) == Some(signer.kid());
        published.extend(others.into_iter().filter(|it| !is_signer(it)));
        Self {
            signer: Arc::new(signer),
            published,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signing::Algorithm;

    fn key(kid: &str) -> SigningKey {
        SigningKey::generate(Algorithm::Es256, kid).expect("a key")
    }

    fn public(key: &SigningKey, state: KeyState) -> ProjectKey {
        ProjectKey {
            jwk: key.public_jwk(),
            state,
        }
    }

    #[test]
    fn publishes_the_signer_once_and_no_revoked_key() {
        let signer = key("now");
        let others = vec![
            public(&signer, KeyState::InUse),
            public(&key("next"), KeyState::Standby),
            public(&key("stolen"), KeyState::Revoked),
        ];

        let ring = KeyRing::new(signer, others);

        let jwks = ring.jwks();
        let kids: Vec<_> = jwks["keys"]
            .as_array()
            .expect("a list")
            .iter()
            .map(|it| it["kid"].as_str().expect("text"))
            .collect();
        assert_eq!(kids, ["now", "next"]);
        assert_eq!(ring.project_keys().len(), 3);
    }
}
