//! What the server did lately: the last requests, kept in memory and bounded twice.
//!
//! A request that is kept costs the record itself and one short lock; where nothing is kept it
//! costs a comparison. Readers take the lock for a few hundred records at a time, so that a search
//! through all of them holds up no request. Nothing survives a restart.
//!
//! SECURITY: bodies and headers never come here. Addresses come through [`clean_address`], texts of
//! errors through [`crate::redact`], statements without their values.

mod address;
mod denials;
mod record;
mod search;
mod timeline;

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

pub use address::clean_address;
pub use denials::DenialCount;
pub(crate) use denials::Denials;
pub use record::{Caller, Denial, Reason, Record, STAGES, Service, Statement, Told};
pub use search::{Found, Search, Seen, Show};
pub use timeline::{Slot, Timeline};

/// Most bytes that all records take together, however many there may be.
pub const KEPT_BYTES_MAX: usize = 32 * 1024 * 1024;
/// Records that a reader takes at once.
const CHUNK: usize = 256;

/// The last requests.
#[derive(Debug, Default)]
pub struct RequestLog {
    kept_max: usize,
    ring: Mutex<Ring>,
    is_closed: AtomicBool,
}

#[derive(Debug, Default)]
struct Ring {
    /// The oldest first; their numbers follow each other without a gap.
    records: VecDeque<Arc<Record>>,
    bytes: usize,
    /// The number of the last record.
    last: u64,
}

impl RequestLog {
    /// A log of so many requests; none at all where it is 0.
    pub fn new(kept_max: usize) -> Self {
        Self {
            kept_max,
            ..Self::default()
        }
    }

    /// Whether requests are kept.
    pub fn is_on(&self) -> bool {
        self.kept_max > 0
    }

    /// How many are kept at most.
    pub fn kept_max(&self) -> usize {
        self.kept_max
    }

    /// Keeps a request, and forgets the oldest where there is no more room.
    pub fn keep(&self, mut record: Record) {
        if !self.is_on() {
            return;
        }
        let weight = record.weight();
        // Dropped after the lock: giving memory back takes longer than taking its place.
        let mut _forgotten = None;
        let mut ring = self.lock();
        ring.last += 1;
        record.number = ring.last;
        ring.bytes += weight;
        ring.records.push_back(Arc::new(record));
        while ring.records.len() > self.kept_max || ring.bytes > KEPT_BYTES_MAX {
            let Some(oldest) = ring.records.pop_front() else {
                break;
            };
            ring.bytes -= oldest.weight();
            _forgotten = Some(oldest);
        }
        drop(ring);
    }

    /// The number of the last request; later ones have higher numbers.
    pub fn last(&self) -> u64 {
        self.lock().last
    }

    /// The requests of an id, the newest first: clients may send the same one twice.
    pub fn find(&self, id: &str) -> Vec<Arc<Record>> {
        let search = Search {
            id: id.to_owned(),
            ..Search::default()
        };
        self.page(&search, None, CHUNK).records
    }

    /// Requests that a search finds, the newest first, older than a number where one is given.
    pub fn page(&self, search: &Search, before: Option<u64>, limit: usize) -> Found {
        let mut found = Found::default();
        let mut cursor = before.unwrap_or(u64::MAX);
        loop {
            let chunk = self.older_than(cursor);
            let Some(last) = chunk.last() else {
                return found;
            };
            cursor = last.number;
            for record in chunk {
                if !search.matches(&record) {
                    continue;
                }
                if found.records.len() == limit {
                    found.has_more = true;
                    return found;
                }
                found.records.push(record);
            }
        }
    }

    /// Requests that a search finds and that are newer than a number, the oldest first; at most as
    /// many as are looked at in one go. The number is how far it looked.
    pub fn newer(&self, search: &Search, after: u64) -> (Vec<Arc<Record>>, u64) {
        let chunk: Vec<_> = {
            let ring = self.lock();
            let first = ring.records.front().map_or(0, |it| it.number);
            let skipped = usize::try_from((after + 1).saturating_sub(first)).unwrap_or(usize::MAX);
            ring.records
                .iter()
                .skip(skipped)
                .take(CHUNK)
                .cloned()
                .collect()
        };
        let seen = chunk.last().map_or(after, |it| it.number);
        let matching = chunk.into_iter().filter(|it| search.matches(it));
        (matching.collect(), seen)
    }

    /// The tables that requests were about, for choosing one.
    pub fn seen(&self) -> Seen {
        let mut seen = Seen::default();
        let mut cursor = u64::MAX;
        loop {
            let chunk = self.older_than(cursor);
            let Some(last) = chunk.last() else {
                return seen;
            };
            cursor = last.number;
            chunk.iter().for_each(|it| seen.note(it));
        }
    }

    /// How many requests a search finds over time, until now, in seconds since the epoch.
    pub fn timeline(&self, search: &Search, now: i64) -> Timeline {
        let mut found = Vec::new();
        let mut cursor = u64::MAX;
        loop {
            let chunk = self.older_than(cursor);
            let Some(last) = chunk.last() else {
                return Timeline::of(&found, search.since, now);
            };
            cursor = last.number;
            let matching = chunk.iter().filter(|it| search.matches(it));
            found.extend(matching.map(|it| (it.at, it.status)));
        }
    }

    /// Ends whoever follows the log, because the server stops.
    pub fn close(&self) {
        self.is_closed.store(true, Ordering::Relaxed);
    }

    /// Whether the server stops.
    pub fn is_closed(&self) -> bool {
        self.is_closed.load(Ordering::Relaxed)
    }

    /// The records before a number, the newest first.
    fn older_than(&self, number: u64) -> Vec<Arc<Record>> {
        let ring = self.lock();
        let Some(first) = ring.records.front().map(|it| it.number) else {
            return Vec::new();
        };
        let older = usize::try_from(number.saturating_sub(first)).unwrap_or(usize::MAX);
        let newer = ring.records.len().saturating_sub(older);
        let records = ring.records.iter().rev().skip(newer).take(CHUNK);
        records.cloned().collect()
    }

    /// A thread that panicked left at worst a wrong count of bytes.
    fn lock(&self) -> MutexGuard<'_, Ring> {
        self.ring.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
