//! One connection that many requests share: their statements are pipelined in order.
//!
//! A lane answers in the order in which it was asked, so one slow statement holds up what was
//! sent after it. Few requests are on a lane therefore, just so many that the server need not wait
//! for the next one; the others wait in a queue for whichever lane has room first. Each lane knows
//! how much it carries and when it last got on, and a request that was given up keeps its place in
//! the count until the server has answered it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use tokio::runtime::{self, Handle};
use tokio::sync::OwnedSemaphorePermit;
use tokio_postgres::Client;

use super::{Queue, Statements};

/// A lane that has been silent this long with work in flight is not given more. On a machine that
/// has more to do than it can, a server process may wait this long for its turn; what takes it for
/// stuck sends its work twice and opens connections, when there is no time for either.
pub(crate) const STALLED_AFTER: Duration = Duration::from_millis(100);
/// Most requests on one lane.
const DEPTH: usize = 4;

/// A shared connection.
pub(crate) struct Lane {
    pub(crate) client: Client,
    pub(crate) statements: Statements,
    /// Which runtime moves its messages.
    runtime: runtime::Id,
    in_flight: AtomicUsize,
    /// How many places were ever taken and given back: answers come in order.
    boarded: AtomicU64,
    left: AtomicU64,
    born: Instant,
    /// Milliseconds after `born` of the last sign of life.
    progress_ms: AtomicU64,
    retired: AtomicBool,
    /// Who waits for a place, on this lane or another of the same runtime.
    queue: Arc<Queue>,
    /// Its place among the connections that are allowed, given back with it.
    _place: Option<OwnedSemaphorePermit>,
}

impl Lane {
    pub(crate) fn new(
        client: Client,
        queue: Arc<Queue>,
        place: Option<OwnedSemaphorePermit>,
    ) -> Self {
        Self {
            client,
            statements: Statements::default(),
            runtime: Handle::current().id(),
            in_flight: AtomicUsize::new(0),
            boarded: AtomicU64::new(0),
            left: AtomicU64::new(0),
            born: Instant::now(),
            progress_ms: AtomicU64::new(0),
            retired: AtomicBool::new(false),
            queue,
            _place: place,
        }
    }

    /// Whether new requests may board.
    pub(crate) fn is_open(&self) -> bool {
        !self.client.is_closed() && !self.retired.load(Ordering::Acquire)
    }

    /// Whether this runtime moves its messages.
    pub(crate) fn is_driven_by(&self, runtime: runtime::Id) -> bool {
        self.runtime == runtime
    }

    /// Keeps new requests off a lane that has failed, before its end is noticed.
    pub(crate) fn retire(&self) {
        self.retired.store(true, Ordering::Release);
    }

    pub(crate) fn in_flight(&self) -> usize {
        self.in_flight.load(Ordering::Acquire)
    }

    /// Whether another request may board.
    pub(crate) fn has_room(&self) -> bool {
        self.in_flight() < DEPTH && self.is_open() && !self.is_stalled()
    }

    /// Whether another request may board before all who wait.
    pub(crate) fn may_board(&self) -> bool {
        self.has_room() && self.queue.is_empty()
    }

    /// Whether it has had nothing to do for this long.
    pub(crate) fn is_idle_for(&self, time: Duration) -> bool {
        self.in_flight() == 0 && u128::from(self.silent_ms()) >= time.as_millis()
    }

    /// Whether a slow statement seems to hold it up.
    pub(crate) fn is_stalled(&self) -> bool {
        self.in_flight() > 0 && u128::from(self.silent_ms()) >= STALLED_AFTER.as_millis()
    }

    /// Takes a place on the lane.
    pub(crate) fn board(self: &Arc<Self>) -> Ticket {
        if self.in_flight.fetch_add(1, Ordering::AcqRel) == 0 {
            self.mark_progress();
        }
        Ticket {
            lane: Arc::clone(self),
            number: self.boarded.fetch_add(1, Ordering::AcqRel),
            answered: false,
        }
    }

    fn leave(self: &Arc<Self>) {
        self.mark_progress();
        self.left.fetch_add(1, Ordering::AcqRel);
        self.in_flight.fetch_sub(1, Ordering::AcqRel);
        self.queue.board(self);
    }

    fn silent_ms(&self) -> u64 {
        let last = self.progress_ms.load(Ordering::Relaxed);
        self.now_ms().saturating_sub(last)
    }

    fn mark_progress(&self) {
        self.progress_ms.store(self.now_ms(), Ordering::Relaxed);
    }

    fn now_ms(&self) -> u64 {
        u64::try_from(self.born.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}

/// A place on a lane, given back when dropped.
pub(crate) struct Ticket {
    lane: Arc<Lane>,
    number: u64,
    answered: bool,
}

impl Ticket {
    /// Whether somebody else's slow statement stands between this one and its answer.
    pub(crate) fn is_held_up(&self) -> bool {
        self.lane.left.load(Ordering::Acquire) < self.number && self.lane.is_stalled()
    }

    /// Says that the server has answered everything that was sent with this ticket.
    pub(crate) fn answered(mut self) {
        self.answered = true;
    }
}

impl std::ops::Deref for Ticket {
    type Target = Lane;

    fn deref(&self) -> &Lane {
        &self.lane
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        let runtime = Handle::try_current();
        match runtime {
            Ok(runtime) if !self.answered && !self.lane.client.is_closed() => {
                // The request was given up, but its statement still runs: an empty statement
                // behind it tells when the place is really free.
                let lane = Arc::clone(&self.lane);
                runtime.spawn(async move {
                    let _ = lane.client.batch_execute("").await;
                    lane.leave();
                });
            }
            _ => self.lane.leave(),
        }
    }
}
