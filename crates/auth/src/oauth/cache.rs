//! What a provider publishes, kept for a while: one fetch at a time, and a pause after a failure.

use std::sync::Arc;

use time::{Duration, OffsetDateTime};
use tokio::sync::Mutex;

use crate::{Error, Result};

/// How long after a failure nobody asks again, so that a slow provider holds few requests.
const PAUSE: Duration = Duration::seconds(10);

/// A value with the time at which it was fetched.
pub(crate) struct Cache<T> {
    kept: Mutex<Kept<T>>,
}

struct Kept<T> {
    value: Option<(Arc<T>, OffsetDateTime)>,
    failed_at: Option<OffsetDateTime>,
}

impl<T> Default for Cache<T> {
    fn default() -> Self {
        let kept = Kept {
            value: None,
            failed_at: None,
        };
        Self {
            kept: Mutex::new(kept),
        }
    }
}

impl<T> Cache<T> {
    /// The value if it is younger than `age_max`, else a fetched one.
    pub(crate) async fn get<F>(
        &self,
        (now, age_max): (OffsetDateTime, Duration),
        fetch: impl FnOnce() -> F,
    ) -> Result<Arc<T>>
    where
        F: Future<Output = Result<T>>,
    {
        let mut kept = self.kept.lock().await;
        if let Some((value, at)) = &kept.value
            && (now - *at).abs() < age_max
        {
            return Ok(Arc::clone(value));
        }
        if kept.failed_at.is_some_and(|it| (now - it).abs() < PAUSE) {
            return Err(Error::internal(
                "The provider cannot be reached",
                "it failed a moment ago",
            ));
        }
        match fetch().await {
            Ok(value) => {
                let value = Arc::new(value);
                kept.value = Some((Arc::clone(&value), now));
                kept.failed_at = None;
                Ok(value)
            }
            Err(error) => {
                kept.failed_at = Some(now);
                Err(error)
            }
        }
    }
}
