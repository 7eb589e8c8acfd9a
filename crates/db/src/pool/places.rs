//! Who may hold a session, and which one: few places, shared fairly among the web server's workers.
//!
//! A session is driven by the runtime that opened it, and each of the web server's workers is one.
//! Used from another, every message wakes a thread and travels by itself; from its own, those of a
//! request go out together. So whoever waits gets a session of their own runtime where that is
//! possible, and the runtime that holds the fewest places is served first.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::runtime;
use tokio::sync::oneshot;

use super::Session;

/// The places of a pool, and its sessions that nobody holds.
pub(super) struct Places {
    most: usize,
    /// How many sessions a worker keeps for itself.
    share: usize,
    state: Mutex<State>,
}

struct State {
    free: usize,
    shelves: Vec<Shelf>,
    /// Numbers those who wait.
    arrivals: u64,
}

/// What belongs to one runtime.
struct Shelf {
    runtime: runtime::Id,
    idle: Vec<Session>,
    /// How many sessions it drives, those in use among them.
    open: Arc<AtomicUsize>,
    held: usize,
    waiting: VecDeque<(u64, oneshot::Sender<Place>)>,
}

/// The right to hold a session; given back when dropped.
pub(super) struct Place {
    places: Arc<Places>,
    runtime: runtime::Id,
}

/// Counts a session for as long as it is there.
pub(super) struct Counted(Arc<AtomicUsize>);

/// Which session the holder of a place gets.
pub(super) enum Choice {
    Take(Session),
    /// A new one; in place of this one, if there is one, of another runtime.
    Open(Counted, Option<Session>),
}

impl Places {
    /// So many places, shared by so many workers.
    pub(super) fn new(most: usize, workers: usize) -> Arc<Self> {
        Arc::new(Self {
            most,
            share: most / workers.max(1),
            state: Mutex::new(State {
                free: most,
                shelves: Vec::new(),
                arrivals: 0,
            }),
        })
    }

    /// Takes a place, or waits for one.
    pub(super) async fn take(self: &Arc<Self>, runtime: runtime::Id) -> Option<Place> {
        let waiting = {
            let mut state = self.lock();
            if state.free > 0 {
                state.free -= 1;
                state.shelf(runtime).held += 1;
                return Some(self.place(runtime));
            }
            let (sender, waiting) = oneshot::channel();
            state.arrivals += 1;
            let arrival = state.arrivals;
            state.shelf(runtime).waiting.push_back((arrival, sender));
            waiting
        };
        waiting.await.ok()
    }

    /// Chooses a session for the holder of a place.
    pub(super) fn choose(&self, place: &Place) -> Choice {
        let mut closed = Vec::new();
        let mut state = self.lock();
        for shelf in &mut state.shelves {
            closed.extend(shelf.idle.extract_if(.., |it| it.client.is_closed()));
        }
        let choice = state.choose(place.runtime, (self.most, self.share));
        drop(state);
        // Outside of the lock: what is dropped is counted.
        drop(closed);
        choice
    }

    /// Puts a session back for others to use.
    pub(super) fn put_back(&self, session: Session) {
        let runtime = session.runtime;
        self.lock().shelf(runtime).idle.push(session);
    }

    /// Hands a place on to who waits, in the runtime that holds the fewest.
    fn give_back(self: &Arc<Self>, runtime: runtime::Id) {
        let mut state = self.lock();
        let shelf = state.shelf(runtime);
        shelf.held = shelf.held.saturating_sub(1);
        while let Some(next) = state.next() {
            let waiting = next.waiting.pop_front();
            let Some((_, sender)) = waiting.filter(|(_, it)| !it.is_closed()) else {
                continue;
            };
            next.held += 1;
            let place = self.place(next.runtime);
            drop(state);
            // One that was given up in this moment is dropped, and comes back by that.
            drop(sender.send(place));
            return;
        }
        state.free += 1;
    }

    fn place(self: &Arc<Self>, runtime: runtime::Id) -> Place {
        Place {
            places: Arc::clone(self),
            runtime,
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn shelf(&mut self, runtime: runtime::Id) -> &mut Shelf {
        let known = self.shelves.iter().position(|it| it.runtime == runtime);
        let index = known.unwrap_or(self.shelves.len());
        if known.is_none() {
            self.shelves.push(Shelf {
                runtime,
                idle: Vec::new(),
                open: Arc::default(),
                held: 0,
                waiting: VecDeque::new(),
            });
        }
        &mut self.shelves[index]
    }

    /// The runtime that is served next.
    fn next(&mut self) -> Option<&mut Shelf> {
        let waiting = self.shelves.iter_mut().filter(|it| !it.waiting.is_empty());
        waiting.min_by_key(|it| (it.held, it.waiting.front().map(|(arrival, _)| *arrival)))
    }

    fn choose(&mut self, runtime: runtime::Id, (most, share): (usize, usize)) -> Choice {
        let open: usize = self.shelves.iter().map(Shelf::open).sum();
        let own = self.shelf(runtime);
        if let Some(session) = own.idle.pop() {
            return Choice::Take(session);
        }
        let may_have_more = own.open() < share;
        if open >= most {
            let foreign = self.shelves.iter_mut().filter(|it| !it.idle.is_empty());
            // Rather of a runtime that has more than its share, or that has nothing to do.
            let spare = |it: &&mut Shelf| it.open() > share || it.is_quiet();
            let mut foreign: Vec<&mut Shelf> = foreign.collect();
            let spared = foreign.iter().position(spare);
            let session = match foreign.get_mut(spared.unwrap_or(0)) {
                Some(shelf) => shelf.idle.pop(),
                None => None,
            };
            match (session, spared.is_some() && may_have_more) {
                (Some(session), false) => return Choice::Take(session),
                (session, _) => return Choice::Open(self.shelf(runtime).count(), session),
            }
        }
        Choice::Open(self.shelf(runtime).count(), None)
    }
}

impl Shelf {
    fn open(&self) -> usize {
        self.open.load(Ordering::Acquire)
    }

    fn is_quiet(&self) -> bool {
        self.held == 0 && self.waiting.is_empty()
    }

    fn count(&self) -> Counted {
        self.open.fetch_add(1, Ordering::AcqRel);
        Counted(Arc::clone(&self.open))
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let places = Arc::clone(&self.places);
        places.give_back(self.runtime);
    }
}
