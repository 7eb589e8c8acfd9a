//! Verified tokens, kept for a while so that a signature is checked once.
//!
//! SECURITY: the slot is the SHA-256 of the key set's generation and the whole token, so neither
//! two tokens nor a token before and after a change of keys can be confused. The table is bounded;
//! only verified tokens enter it, so strangers cannot push others out.

use std::sync::Arc;
use std::time::Duration;

use moka::sync::Cache;
use postern_base::limits::{TOKEN_BYTES_MAX, TOKEN_CACHE_ENTRIES_MAX};
use postern_base::{Identity, Trust};
use sha2::{Digest, Sha256};

use super::{AuthError, DecodeFault};
use crate::revocation::Holder;

/// How long a token is kept at most; it is verified again afterwards.
const KEPT_FOR: Duration = Duration::from_secs(15 * 60);
/// Claims longer than this count as several entries, so that the table is bounded in bytes too.
const ENTRY_BYTES: usize = 4096;

/// A token that was verified.
pub(super) struct Verified {
    pub(super) identity: Identity,
    pub(super) trust: Trust,
    /// What the revocation list is asked about, for the project's own tokens.
    pub(super) holder: Option<Holder>,
    /// The last second in which it is valid, skew included.
    pub(super) expires: Option<i64>,
}

impl Verified {
    fn weight(&self) -> u32 {
        let bytes = self.identity.claims().as_json().len();
        u32::try_from(1 + bytes / ENTRY_BYTES).unwrap_or(u32::MAX)
    }
}

/// The bounded table of verified tokens.
pub(super) struct TokenCache(Cache<[u8; 32], Arc<Verified>>);

impl TokenCache {
    pub(super) fn new() -> Self {
        Self(
            Cache::builder()
                .max_capacity(TOKEN_CACHE_ENTRIES_MAX)
                .weigher(|_, verified: &Arc<Verified>| verified.weight())
                .time_to_live(KEPT_FOR)
                .build(),
        )
    }

    /// Where a token is kept; refuses one that is too long before any work is done on it.
    pub(super) fn slot(token: &str, generation: u64) -> Result<[u8; 32], AuthError> {
        if token.len() > TOKEN_BYTES_MAX {
            return Err(DecodeFault::TooLong.into());
        }
        let mut hash = Sha256::new();
        hash.update(generation.to_be_bytes());
        hash.update(token.as_bytes());
        Ok(hash.finalize().into())
    }

    pub(super) fn get(&self, slot: &[u8; 32]) -> Option<Arc<Verified>> {
        self.0.get(slot)
    }

    pub(super) fn insert(&self, slot: [u8; 32], verified: Arc<Verified>) {
        self.0.insert(slot, verified);
    }

    pub(super) fn len(&self) -> u64 {
        self.0.run_pending_tasks();
        self.0.entry_count()
    }
}
