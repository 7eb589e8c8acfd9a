//! Keeps issuers' keys fresh: now and then, and soon after a token named an unknown key.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{sleep, timeout};

use super::Authenticator;
use crate::keys::{IssuerKeys, KeyError, KeySet, VerifyKey, project_keys};

/// How often keys are loaded again when nobody asks.
const REFRESH_EVERY: Duration = Duration::from_secs(10 * 60);
/// The least time between two loads, however many tokens name unknown keys.
const REFRESH_PAUSE: Duration = Duration::from_secs(30);

impl Authenticator {
    /// Loads all issuers' keys anew. An issuer that cannot be loaded keeps the keys it had.
    ///
    /// # Errors
    /// Returns what failed; the other issuers' keys are in force all the same.
    pub async fn refresh(&self) -> Result<(), Vec<KeyError>> {
        let mut keys = match project_keys(&self.settings.jwt_secrets) {
            Ok(keys) => keys,
            Err(error) => return Err(vec![error]),
        };
        let mut errors = Vec::new();
        let old = self.keys.load_full();
        for (index, issuer) in self.settings.issuers.iter().enumerate() {
            match self.fetcher.load(issuer).await {
                Ok(loaded) => keys.extend(tagged(loaded, index)),
                Err(error) => {
                    keys.extend(
                        old.keys
                            .iter()
                            .filter(|it| it.source == Some(index))
                            .cloned(),
                    );
                    errors.push(error);
                }
            }
        }
        // An unchanged set keeps its generation, and with it the tokens that were verified.
        let changed = keys.len() != old.keys.len()
            || keys
                .iter()
                .zip(&old.keys)
                .any(|(new, old)| !new.is_same(old));
        if changed {
            self.keys.store(Arc::new(KeySet {
                keys,
                generation: old.generation + 1,
            }));
        }
        if errors.is_empty() {
            Ok(())
        } else {
            Err(errors)
        }
    }

    /// Refreshes keys for ever; run it as a task of its own. Returns at once when no issuer's
    /// keys can change.
    pub async fn watch_keys(self: Arc<Self>) {
        let changing = |it: &crate::Issuer| !matches!(it.keys, IssuerKeys::Inline(_));
        if !self.settings.issuers.iter().any(changing) {
            return;
        }
        loop {
            if let Err(errors) = self.refresh().await {
                for error in errors {
                    tracing::warn!(%error, "an issuer's keys could not be loaded");
                }
            }
            sleep(REFRESH_PAUSE).await;
            // Either end of the wait means the same: load again.
            let _ = timeout(REFRESH_EVERY, self.stale.notified()).await;
        }
    }
}

/// Marks keys with the issuer that they came from.
pub(super) fn tagged(keys: Vec<VerifyKey>, issuer: usize) -> impl Iterator<Item = VerifyKey> {
    keys.into_iter().map(move |mut key| {
        key.source = Some(issuer);
        key
    })
}
