//! GCRA in Postgres: a bucket is the time at which it would be empty again.

use std::fmt;

use postern_db::own;
use time::{Duration, OffsetDateTime};

use crate::{AuthService, Result};

/// Bytes of a bucket's key.
const KEY_BYTES: usize = 16;

/// The key of a bucket: a MAC of what it counts.
pub(crate) type BucketKey = [u8; KEY_BYTES];

/// What a bucket counts. The table keeps it in clear: it names nobody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Class {
    /// The kind of limit.
    pub(crate) kind: &'static str,
    /// Which one of the kind.
    pub(crate) name: &'static str,
}

impl fmt::Display for Class {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}", self.kind, self.name)
    }
}

/// A bucket: what is counted, and of whom.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bucket {
    pub(crate) key: BucketKey,
    pub(crate) class: Class,
}

/// So many in so long, all at once if they like.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Rate {
    burst: u32,
    window: Duration,
}

impl Rate {
    /// So many in so long; none is one.
    pub(crate) fn new(burst: u32, window: Duration) -> Self {
        let burst = burst.max(1);
        Self { burst, window }
    }

    /// For how long a bucket is taken that has room for none more.
    pub(crate) fn full(self) -> Duration {
        self.window - self.step()
    }

    /// How long one of them takes to be forgotten.
    pub(crate) fn step(self) -> Duration {
        self.window / self.burst
    }
}

/// "30 in 5 minutes".
impl fmt::Display for Rate {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (burst, secs) = (self.burst, self.window.whole_seconds());
        match secs {
            3600 => write!(formatter, "{burst} in an hour"),
            60.. if secs % 60 == 0 => write!(formatter, "{burst} in {} minutes", secs / 60),
            _ => write!(formatter, "{burst} in {secs} seconds"),
        }
    }
}

/// Where a caller stands after a request that passed, for the `RateLimit` headers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The limit's name.
    pub name: &'static str,
    /// How many are allowed in a window.
    pub burst: u32,
    /// The window in seconds.
    pub window_secs: i64,
    /// How many more may follow at once.
    pub remaining: u32,
    /// In how many seconds all of them may again.
    pub reset_secs: i64,
}

impl Standing {
    /// Tells what is left of a rate.
    pub(crate) fn new(name: &'static str, rate: Rate, left: Left) -> Self {
        Self {
            name,
            burst: rate.burst,
            window_secs: rate.window.whole_seconds(),
            remaining: left.remaining,
            reset_secs: left.reset_secs,
        }
    }
}

/// What is left in a bucket.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Left {
    pub(super) remaining: u32,
    reset_secs: i64,
}

impl AuthService {
    /// A bucket; the parts of its key cannot run into each other.
    pub(crate) fn bucket(&self, class: Class, subject: &str) -> Bucket {
        let Class { kind, name } = class;
        let message = format!("{kind}\n{name}\n{subject}");
        let mac = self.vault.mac("limit", message.as_bytes());
        let mut key = [0; KEY_BYTES];
        key.copy_from_slice(&mac[..KEY_BYTES]);
        Bucket { key, class }
    }

    /// Takes one out of a bucket, or says in how many seconds there will be one.
    ///
    /// # Errors
    /// When the database does not answer: nobody passes uncounted.
    pub(crate) async fn take(
        &self,
        bucket: &Bucket,
        rate: Rate,
        now: OffsetDateTime,
    ) -> Result<Result<Left, u64>> {
        if let Some(pause) = self.refused.pause(&bucket.key, now) {
            return Ok(Err(pause));
        }
        let upsert = own!(
            "insert into postern.rate_limits as known (bucket, arrival, class) \
             values ($1, $2::timestamptz + make_interval(secs => $3), $5) \
             on conflict (bucket) do update \
             set class = excluded.class, arrival = greatest(known.arrival, $2) + make_interval(secs => $3) \
             where greatest(known.arrival, $2) + make_interval(secs => $3) \
             <= $2 + make_interval(secs => $4) \
             returning arrival"
        );
        let (key, class) = (bucket.key.as_slice(), bucket.class.to_string());
        let (step, window) = (rate.step().as_seconds_f64(), rate.window.as_seconds_f64());
        let row = self
            .db
            .query_opt(upsert, &[&key, &now, &step, &window, &class])
            .await?;
        if let Some(row) = row {
            return Ok(Ok(left(rate, row.get::<_, OffsetDateTime>(0) - now)));
        }
        // What a clock wrote that went ahead of this one is cut to a full bucket.
        let arrival = own!(
            "update postern.rate_limits \
             set arrival = least(arrival, $2::timestamptz + make_interval(secs => $3)) \
             where bucket = $1 returning arrival"
        );
        let row = self.db.query_opt(arrival, &[&key, &now, &window]).await?;
        let full_for = row.map_or(Duration::ZERO, |row| row.get::<_, OffsetDateTime>(0) - now);
        let pause = full_for + rate.step() - rate.window;
        let pause = u64::try_from(pause.whole_seconds()).unwrap_or(0) + 1;
        self.refused.note(bucket.key, now, pause);
        Ok(Err(pause))
    }

    /// Puts back what was taken.
    ///
    /// # Errors
    /// When the database does not answer.
    pub(crate) async fn put_back(&self, bucket: &Bucket, rate: Rate) -> Result<()> {
        let update = own!(
            "update postern.rate_limits set arrival = arrival - make_interval(secs => $2) \
             where bucket = $1"
        );
        let step = rate.step().as_seconds_f64();
        self.db
            .execute(update, &[&bucket.key.as_slice(), &step])
            .await?;
        self.refused.forget(&bucket.key);
        Ok(())
    }
}

pub(super) fn left(rate: Rate, full_for: Duration) -> Left {
    let free = rate.window - full_for;
    let remaining = free.as_seconds_f64() / rate.step().as_seconds_f64();
    Left {
        // Rounded with a little to spare: Postgres keeps microseconds.
        remaining: (remaining + 0.001).max(0.0) as u32,
        reset_secs: full_for.as_seconds_f64().ceil().max(0.0) as i64,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_reads_like_a_sentence() {
        let text = |burst, secs| Rate::new(burst, Duration::seconds(secs)).to_string();

        assert_eq!(text(30, 300), "30 in 5 minutes");
        assert_eq!(text(0, 3600), "1 in an hour");
        assert_eq!(text(2, 45), "2 in 45 seconds");
    }

    #[test]
    fn what_is_left_is_counted_in_whole_requests() {
        let rate = Rate::new(30, Duration::minutes(5));

        let first = left(rate, Duration::seconds(10));
        assert_eq!((first.remaining, first.reset_secs), (29, 10));
        let last = left(rate, Duration::minutes(5));
        assert_eq!((last.remaining, last.reset_secs), (0, 300));
    }
}
