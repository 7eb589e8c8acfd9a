//! What was asked for in the last hour, minute by minute, for people who look at it.
//!
//! Prometheus keeps the long history; this is what one server can say about itself without one.
//! A minute that begins is emptied by whoever counts in it first; a count that falls into that
//! moment may be lost, and no request waits for another.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};

/// How many minutes are kept.
const MINUTES: usize = 60;
/// Upper bounds of how long answers took, in microseconds.
const BOUNDS_MICROS: [u64; 14] = [
    500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000,
    2_500_000, 5_000_000, 10_000_000,
];
/// The share that is faster than the number which people look at, in percent.
const SHARE: u64 = 95;

/// The last hour.
#[derive(Clone, Debug)]
pub struct Traffic {
    /// Its minutes, the oldest first; the last one is still going on.
    pub minutes: Vec<Minute>,
    /// Nineteen of twenty answers took no longer than this; none where nothing was asked for.
    pub p95_at_most: Option<Duration>,
}

/// One minute.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Minute {
    /// All answers.
    pub answered: u64,
    /// Those that told the client off (4xx).
    pub refused: u64,
    /// Those that were our fault (5xx).
    pub failed: u64,
    /// Nineteen of twenty answers took no longer than this; none where nothing was asked for.
    pub p95_at_most: Option<Duration>,
}

/// The counters behind it.
#[derive(Debug)]
pub(crate) struct Recent {
    start: Instant,
    slots: [Slot; MINUTES],
}

#[derive(Debug, Default)]
struct Slot {
    /// Which minute it counts, from one; 0 is none yet.
    minute: AtomicU64,
    answered: AtomicU64,
    refused: AtomicU64,
    failed: AtomicU64,
    took: [AtomicU64; BOUNDS_MICROS.len() + 1],
}

impl Recent {
    pub(crate) fn new() -> Self {
        Self {
            start: Instant::now(),
            slots: std::array::from_fn(|_| Slot::default()),
        }
    }

    /// Counts an answer.
    pub(crate) fn note(&self, status: u16, took: Duration) {
        self.note_at(self.minute(), status, took);
    }

    /// The last hour until now.
    pub(crate) fn read(&self) -> Traffic {
        self.read_at(self.minute())
    }

    fn minute(&self) -> u64 {
        self.start.elapsed().as_secs() / 60 + 1
    }

    fn note_at(&self, minute: u64, status: u16, took: Duration) {
        let slot = &self.slots[index(minute)];
        let held = slot.minute.load(Relaxed);
        let is_new = held != minute;
        if is_new
            && slot
                .minute
                .compare_exchange(held, minute, Relaxed, Relaxed)
                .is_ok()
        {
            slot.clear();
        }
        slot.answered.fetch_add(1, Relaxed);
        match status {
            400..500 => drop(slot.refused.fetch_add(1, Relaxed)),
            500.. => drop(slot.failed.fetch_add(1, Relaxed)),
            _ => {}
        }
        let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        let bucket = BOUNDS_MICROS.partition_point(|bound| *bound < micros);
        slot.took[bucket].fetch_add(1, Relaxed);
    }

    fn read_at(&self, now: u64) -> Traffic {
        let mut took = [0; BOUNDS_MICROS.len() + 1];
        let mut minutes = Vec::with_capacity(MINUTES);
        for ago in (0..MINUTES as u64).rev() {
            let minute = now.saturating_sub(ago);
            let slot = &self.slots[index(minute)];
            if minute == 0 || slot.minute.load(Relaxed) != minute {
                minutes.push(Minute::default());
                continue;
            }
            let own = slot.took.each_ref().map(|count| count.load(Relaxed));
            minutes.push(slot.read(&own));
            for (sum, count) in took.iter_mut().zip(own) {
                *sum += count;
            }
        }
        Traffic {
            minutes,
            p95_at_most: bound_of(&took),
        }
    }
}

impl Slot {
    fn clear(&self) {
        let counters = [&self.answered, &self.refused, &self.failed];
        for counter in counters.into_iter().chain(&self.took) {
            counter.store(0, Relaxed);
        }
    }

    fn read(&self, took: &[u64]) -> Minute {
        Minute {
            p95_at_most: bound_of(took),
            answered: self.answered.load(Relaxed),
            refused: self.refused.load(Relaxed),
            failed: self.failed.load(Relaxed),
        }
    }
}

fn index(minute: u64) -> usize {
    (minute % MINUTES as u64) as usize
}

/// The bound below which the share lies.
fn bound_of(took: &[u64]) -> Option<Duration> {
    let all: u64 = took.iter().sum();
    let wanted = (all * SHARE).div_ceil(100);
    let mut sum = 0;
    let found = took.iter().position(|count| {
        sum += count;
        sum >= wanted
    });
    let last = BOUNDS_MICROS.len() - 1;
    let bound = BOUNDS_MICROS[found.unwrap_or(last).min(last)];
    (all > 0).then(|| Duration::from_micros(bound))
}

#[cfg(test)]
mod tests {
    use super::*;

    const QUICK: Duration = Duration::from_micros(700);

    #[test]
    fn an_hour_has_sixty_minutes_and_forgets_the_one_before() {
        let recent = Recent::new();
        recent.note_at(1, 200, QUICK);
        recent.note_at(1, 404, QUICK);
        recent.note_at(60, 500, QUICK);

        let hour = recent.read_at(60).minutes;
        assert_eq!(hour.len(), 60);
        let first = Minute {
            answered: 2,
            refused: 1,
            failed: 0,
            p95_at_most: Some(Duration::from_millis(1)),
        };
        assert_eq!(hour[0], first);
        assert_eq!(hour[1], Minute::default());
        assert_eq!(hour[59].failed, 1);

        recent.note_at(61, 200, QUICK);
        let next = recent.read_at(61).minutes;
        assert_eq!(next[59].answered, 1);
        assert_eq!(next.iter().map(|it| it.answered).sum::<u64>(), 2);
    }

    #[test]
    fn nineteen_of_twenty_decide() {
        let recent = Recent::new();
        assert_eq!(recent.read_at(1).p95_at_most, None);
        for _ in 0..19 {
            recent.note_at(1, 200, QUICK);
        }
        recent.note_at(1, 200, Duration::from_secs(3));

        let p95 = recent.read_at(1).p95_at_most;
        assert_eq!(p95, Some(Duration::from_millis(1)));
    }
}
