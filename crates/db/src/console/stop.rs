//! Stopping a run from another request.

use std::sync::{Mutex, PoisonError};

use tokio_postgres::CancelToken;

use crate::connect::Target;

/// Stops a run, at any time and from anywhere.
#[derive(Default)]
pub struct SqlStop(Mutex<Option<(Target, CancelToken)>>);

impl std::fmt::Debug for SqlStop {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("SqlStop")
    }
}

impl SqlStop {
    pub(super) fn arm(&self, target: Target, token: CancelToken) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some((target, token));
    }

    pub(super) fn disarm(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// Asks the database to stop; the run then ends with a failure that says so. Nothing happens
    /// where nothing runs.
    pub async fn stop(&self) {
        let armed = self.armed();
        if let Some((target, token)) = armed {
            target.cancel(token, None).await;
        }
    }

    fn armed(&self) -> Option<(Target, CancelToken)> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}
