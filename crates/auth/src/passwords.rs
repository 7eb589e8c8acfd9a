//! Hashing in a bounded pool: each hash holds megabytes and a core for a while.
//!
//! SECURITY: as many hashes run at once as there are cores to spare, a bounded number waits, and
//! the rest is told to come back (503 with `Retry-After`), so that a storm of sign-ins costs the
//! data API little (attack 71).

mod workers;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use postern_base::{Random, Secret};
use postern_password::{Hasher, Params, StoredHash, Verdict, WorkError};
use tokio::sync::{Semaphore, oneshot};

use workers::Workers;

use crate::{Error, Result};

/// How many hashes may wait for each one that runs.
const WAITING_PER_SLOT: usize = 32;
/// When to come back to a full pool, in seconds.
const RETRY_AFTER_SECS: u64 = 2;

/// The pool; shared by all workers.
pub(crate) struct Passwords {
    hasher: Arc<Hasher>,
    workers: Workers,
    slots: Arc<Semaphore>,
    waiting: AtomicUsize,
    waiting_max: usize,
}

impl Passwords {
    /// Makes a pool that runs this many hashes at once.
    pub(crate) fn new(params: Params, random: Arc<dyn Random>, slots: usize) -> Self {
        let slots = slots.max(1);
        Self {
            hasher: Arc::new(Hasher::new(params, random)),
            workers: Workers::start(slots),
            slots: Arc::new(Semaphore::new(slots)),
            waiting: AtomicUsize::new(0),
            waiting_max: slots * WAITING_PER_SLOT,
        }
    }

    /// Hashes a new password.
    ///
    /// # Errors
    /// When too many others wait.
    pub(crate) async fn hash(&self, password: &Secret<String>) -> Result<String> {
        let (hasher, password) = (Arc::clone(&self.hasher), password.clone());
        let hash = self.run(move || hasher.hash(&password)).await?;
        Ok(hash.expose().clone())
    }

    /// Compares a password with a stored hash, or with a decoy where there is none, which costs
    /// the same and never matches.
    ///
    /// # Errors
    /// When too many others wait.
    pub(crate) async fn verify(
        &self,
        password: &Secret<String>,
        stored: Option<&str>,
    ) -> Result<Verdict> {
        let parsed = stored.and_then(|it| StoredHash::parse(it).ok());
        let is_real = parsed.is_some();
        let (hasher, password) = (Arc::clone(&self.hasher), password.clone());
        let verdict = self
            .run(move || {
                let stored = parsed.as_ref().unwrap_or_else(|| hasher.decoy());
                hasher.verify(stored, &password)
            })
            .await?;
        Ok(if is_real { verdict } else { Verdict::Mismatch })
    }

    /// Does other heavy work of the kind: judging a password costs about as much as hashing it.
    ///
    /// # Errors
    /// When too many others wait.
    pub(crate) async fn judge<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T> {
        self.run(move || Ok(work())).await
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, WorkError> + Send + 'static,
    ) -> Result<T> {
        let _place = Place::take(&self.waiting, self.waiting_max)?;
        let slot = Arc::clone(&self.slots).acquire_owned().await;
        let slot = slot.map_err(|error| Error::internal("The hashing pool is closed", error))?;
        // The slot travels with the work: a caller who goes away does not free it early.
        let (tell, told) = oneshot::channel();
        self.workers.run(Box::new(move || {
            let result = work();
            drop(slot);
            // An error means that the caller went away.
            let _ = tell.send(result);
        }));
        match told.await {
            Ok(Ok(result)) => Ok(result),
            Ok(Err(WorkError::PasswordTooLong)) => Err(Error::invalid("The password is too long")),
            Ok(Err(error)) => Err(Error::internal("Hashing failed", error)),
            Err(error) => Err(Error::internal("Hashing did not finish", error)),
        }
    }
}

/// A place among those who wait; given back when dropped, also by a caller who goes away.
struct Place<'a>(&'a AtomicUsize);

impl<'a> Place<'a> {
    fn take(waiting: &'a AtomicUsize, max: usize) -> Result<Self> {
        if waiting.fetch_add(1, Ordering::AcqRel) >= max {
            waiting.fetch_sub(1, Ordering::AcqRel);
            return Err(Error::busy(RETRY_AFTER_SECS));
        }
        Ok(Self(waiting))
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}
