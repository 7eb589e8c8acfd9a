//! The project's own key pairs and users: what the auth service asks of the authenticator.

use std::sync::{Arc, PoisonError};

use postern_base::{Claims, Identity, Trust};

use super::{AuthError, Authenticator, ClaimsFault};
use crate::keys::{KeyError, KeySource, VerifyKey, own_keys};
use crate::signing::ProjectKey;

impl Authenticator {
    /// Puts the project's own public keys in force, in place of those that were.
    ///
    /// Tokens that were verified with a key which is no longer among them, or is revoked, fail
    /// from the next call on. Secrets and issuers' keys stay as they are.
    ///
    /// # Errors
    /// Names the key that cannot be used; nothing has changed then.
    pub fn set_project_keys(&self, keys: &[ProjectKey]) -> Result<(), KeyError> {
        let fresh = own_keys(keys, self.settings.project_issuer.as_deref())?;
        self.replace_keys(|source| source != KeySource::KeyPair, fresh);
        Ok(())
    }

    /// Verifies the token of one of the project's users, for calls that only they may make.
    ///
    /// # Errors
    /// Says whether the token is unreadable, badly signed, expired, revoked or not a user's.
    pub fn verify_user(&self, token: &str) -> Result<Claims, AuthError> {
        let verified = self.verified(token)?;
        match &verified.identity {
            Identity::User(claims)
                if verified.trust == Trust::Project && claims.uid().is_some() =>
            {
                Ok(claims.clone())
            }
            _ => Err(ClaimsFault::NotAUser.into()),
        }
    }

    /// Replaces the keys of those sources that are not kept.
    pub(super) fn replace_keys(&self, keep: impl Fn(KeySource) -> bool, fresh: Vec<VerifyKey>) {
        // The lock guards no data of its own, so a panic elsewhere leaves nothing half done.
        let _one_at_a_time = self
            .replacing
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(changed) = self.keys.load().with(keep, fresh) {
            self.keys.store(Arc::new(changed));
        }
    }
}
