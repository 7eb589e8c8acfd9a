//! Keeps issuers' keys fresh: now and then, and soon after a token named an unknown key.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{sleep, timeout};

use super::Authenticator;
use crate::keys::{IssuerKeys, KeyError, KeySource};

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
        let mut fresh = Vec::new();
        let mut failed = Vec::new();
        let mut errors = Vec::new();
        for (index, issuer) in self.settings.issuers.iter().enumerate() {
            match self.fetcher.load(issuer, index).await {
                Ok(loaded) => fresh.extend(loaded),
                Err(error) => {
                    failed.push(KeySource::Issuer(index));
                    errors.push(error);
                }
            }
        }
        let keep = |source| !matches!(source, KeySource::Issuer(_)) || failed.contains(&source);
        self.replace_keys(keep, fresh);
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
