//! A clock that tests move on by hand.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use postern_base::{Clock, SystemClock};

/// The machine's time plus what a test added; shared by its clones.
#[derive(Clone, Debug, Default)]
pub struct TestClock(Arc<AtomicI64>);

impl TestClock {
    /// Moves the time on.
    pub fn advance(&self, secs: i64) {
        self.0.fetch_add(secs, Ordering::SeqCst);
    }
}

impl Clock for TestClock {
    fn now_unix_secs(&self) -> i64 {
        SystemClock.now_unix_secs() + self.0.load(Ordering::SeqCst)
    }
}
