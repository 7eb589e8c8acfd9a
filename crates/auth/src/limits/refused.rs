//! What was refused a moment ago is refused again without asking the database.
//!
//! A flood is mostly refusals; this keeps it from becoming a flood of statements. The memory is
//! short, because another gateway may put back what was taken.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use time::{Duration, OffsetDateTime};

use super::bucket::BucketKey;

/// Most buckets remembered; then all are forgotten, and the database answers.
const BUCKETS_MAX: usize = 10_000;
/// Longest time that one is remembered.
const MEMORY: Duration = Duration::seconds(5);

/// Buckets that were full a moment ago.
#[derive(Debug, Default)]
pub(crate) struct Refused(Mutex<HashMap<BucketKey, Entry>>);

#[derive(Clone, Copy, Debug)]
struct Entry {
    noted: OffsetDateTime,
    free: OffsetDateTime,
}

impl Refused {
    /// In how many seconds a bucket will have one, if it had none a moment ago.
    pub(super) fn pause(&self, bucket: &BucketKey, now: OffsetDateTime) -> Option<u64> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let entry = known.get(bucket).filter(|it| it.holds(now))?;
        let pause = (entry.free - now).as_seconds_f64().ceil();
        Some((pause as u64).max(1))
    }

    /// Notes that a bucket is empty for so many seconds.
    pub(super) fn note(&self, bucket: BucketKey, now: OffsetDateTime, pause_secs: u64) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= BUCKETS_MAX {
            // Picking out the old ones each time would cost a flood less than it costs us.
            known.clear();
        }
        let secs = i64::try_from(pause_secs).unwrap_or(i64::MAX);
        let free = now.saturating_add(Duration::seconds(secs));
        known.insert(bucket, Entry { noted: now, free });
    }

    /// Forgets a bucket that something was put back into.
    pub(super) fn forget(&self, bucket: &BucketKey) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.remove(bucket);
    }
}

impl Entry {
    /// A clock that went back makes an entry void as well.
    fn holds(&self, now: OffsetDateTime) -> bool {
        now < self.free && now >= self.noted && now - self.noted < MEMORY
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(secs: i64) -> OffsetDateTime {
        OffsetDateTime::UNIX_EPOCH + Duration::seconds(secs)
    }

    #[test]
    fn a_refusal_is_remembered_for_a_moment() {
        let refused = Refused::default();
        refused.note([1; 16], at(100), 60);

        assert_eq!(refused.pause(&[1; 16], at(101)), Some(59));
        assert_eq!(refused.pause(&[1; 16], at(105)), None);
        assert_eq!(refused.pause(&[1; 16], at(99)), None);
        assert_eq!(refused.pause(&[2; 16], at(101)), None);
        refused.forget(&[1; 16]);
        assert_eq!(refused.pause(&[1; 16], at(101)), None);
    }

    #[test]
    fn the_memory_is_bounded() {
        let refused = Refused::default();
        for number in 0..2 * BUCKETS_MAX as u128 {
            refused.note(number.to_be_bytes(), at(100), 60);
        }

        assert!(refused.0.lock().expect("no panic").len() <= BUCKETS_MAX);
    }
}
