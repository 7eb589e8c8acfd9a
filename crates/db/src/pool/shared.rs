//! A group of lanes with the same settings: grown when busy, renewed when closed, thinned out
//! when idle.
//!
//! A lane is driven by the runtime that opened it, and the web server has a runtime for each of
//! its workers. Requests therefore keep to their own runtime's lanes: no other thread has to be
//! woken, and a worker that ends before the others takes none of their connections with it. When
//! all of its lanes are full, a request waits in the queue of its runtime.

use std::sync::{Arc, PoisonError, RwLock, Weak};
use std::time::{Duration, Instant};

use tokio::runtime::{self, Handle};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};
use tokio_postgres::{Client, Config};

use super::lane::STALLED_AFTER;
use super::{Lane, Queue, Ticket};
use crate::Error;
use crate::connect::Target;

/// Most requests on a lane that another runtime drives; more would only wait.
const FOREIGN_MAX: usize = 256;
/// How many times the wished number of lanes may be open while slow statements hold lanes up.
const GROWTH_MAX: usize = 3;
/// How long a lane may idle before it is closed; one of each group stays.
const IDLE_MAX: Duration = Duration::from_secs(60);
/// The first and the longest pause after a failure to connect.
const BACKOFF: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(5));

/// A group of lanes.
pub(crate) struct Shared {
    target: Target,
    /// `-c` settings of each connection of the group.
    options: String,
    /// Lanes to open on each runtime when there is that much to do.
    wished: usize,
    acquire_timeout: Duration,
    /// Places for lanes beyond each group's first, shared by all groups.
    budget: Arc<Semaphore>,
    lanes: RwLock<Vec<Arc<Lane>>>,
    /// Who waits, by runtime.
    queues: RwLock<Vec<(runtime::Id, Arc<Queue>)>>,
    opening: tokio::sync::Mutex<Option<Failure>>,
}

/// What a group is made of.
pub(crate) struct SharedConfig {
    pub(crate) target: Target,
    /// `-c` settings of each connection of the group.
    pub(crate) options: String,
    /// Lanes to open on each runtime when there is that much to do.
    pub(crate) wished: usize,
    pub(crate) acquire_timeout: Duration,
    /// Places for lanes beyond each group's first.
    pub(crate) budget: Arc<Semaphore>,
}

/// The last failure to connect, until a connection succeeds.
struct Failure {
    reason: String,
    pause: Duration,
    until: Instant,
}

/// Why a lane is to be opened.
#[derive(Clone, Copy)]
enum Why {
    /// There is none, or all are held up.
    NoneWillDo,
    /// There is more to do than lanes are wished for.
    ToGrow,
}

/// Whether another lane may be opened.
enum Place {
    /// The group has none yet.
    First,
    /// There is room in the budget.
    Extra(OwnedSemaphorePermit),
    /// There is no room.
    None,
}

/// What the state of the lanes asks for.
enum Choice {
    /// This lane will do.
    Take(Ticket),
    /// This lane will do, and another one should be opened meanwhile.
    TakeAndGrow(Ticket),
    /// A lane must be opened first.
    Open,
    /// All lanes are full; one of them will have room.
    Wait,
    /// All lanes are full, and another one should be opened meanwhile.
    WaitAndGrow,
}

impl Shared {
    pub(crate) fn new(config: SharedConfig) -> Arc<Self> {
        Arc::new(Self {
            target: config.target,
            options: config.options,
            wished: config.wished.max(1),
            acquire_timeout: config.acquire_timeout,
            budget: config.budget,
            lanes: RwLock::default(),
            queues: RwLock::default(),
            opening: tokio::sync::Mutex::default(),
        })
    }

    /// Takes a place on the lane with the least to do, or waits for one.
    pub(crate) async fn acquire(self: &Arc<Self>) -> Result<Ticket, Error> {
        match self.choose() {
            Choice::Take(ticket) => Ok(ticket),
            Choice::TakeAndGrow(ticket) => {
                self.grow();
                Ok(ticket)
            }
            Choice::Open | Choice::Wait | Choice::WaitAndGrow => {
                tokio::time::timeout(self.acquire_timeout, self.wait())
                    .await
                    .unwrap_or(Err(Error::Busy))
            }
        }
    }

    /// Waits in the queue, and looks now and then whether a lane must be opened: when nothing has
    /// moved for a while, a slow statement is on every lane, or all of them are lost.
    async fn wait(self: &Arc<Self>) -> Result<Ticket, Error> {
        let mut place: Option<oneshot::Receiver<Ticket>> = None;
        loop {
            let must_open = match self.choose() {
                Choice::Take(ticket) | Choice::TakeAndGrow(ticket) => return Ok(ticket),
                Choice::Open => true,
                Choice::Wait => false,
                Choice::WaitAndGrow => {
                    self.grow();
                    false
                }
            };
            let mut waiting = match place.take() {
                Some(place) => place,
                None => self.queue().join().ok_or(Error::Busy)?,
            };
            let opening = async {
                match must_open {
                    true => self.open(Why::NoneWillDo).await,
                    false => Ok(None),
                }
            };
            tokio::select! {
                biased;
                boarded = &mut waiting => return boarded.map_err(|_| Error::Busy),
                opened = opening => if let Some(ticket) = opened? {
                    return Ok(ticket);
                },
            }
            match tokio::time::timeout(STALLED_AFTER, &mut waiting).await {
                Ok(boarded) => return boarded.map_err(|_| Error::Busy),
                Err(_) => place = Some(waiting),
            }
        }
    }

    /// The queue of this runtime.
    fn queue(&self) -> Arc<Queue> {
        let here = Handle::current().id();
        let find = |queues: &[(runtime::Id, Arc<Queue>)]| {
            let found = queues.iter().find(|(id, _)| *id == here);
            found.map(|(_, queue)| Arc::clone(queue))
        };
        let queues = self.queues.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(queue) = find(&queues) {
            return queue;
        }
        drop(queues);
        let mut queues = self.queues.write().unwrap_or_else(PoisonError::into_inner);
        find(&queues).unwrap_or_else(|| {
            let queue = Arc::new(Queue::default());
            queues.push((here, Arc::clone(&queue)));
            queue
        })
    }

    fn choose(&self) -> Choice {
        let lanes = self.lanes.read().unwrap_or_else(PoisonError::into_inner);
        let here = Handle::current().id();
        let own = || {
            lanes
                .iter()
                .filter(|lane| lane.is_open() && lane.is_driven_by(here))
        };
        let Some(best) = own().min_by_key(|lane| (lane.is_stalled(), lane.in_flight())) else {
            return Choice::Open;
        };
        if best.in_flight() == 0 {
            return Choice::Take(best.board());
        }
        let count = own().count();
        if best.is_stalled() && count < self.wished * GROWTH_MAX {
            return Choice::Open;
        }
        match (best.may_board(), count < self.wished) {
            (true, true) => Choice::TakeAndGrow(best.board()),
            (true, false) => Choice::Take(best.board()),
            (false, true) => Choice::WaitAndGrow,
            (false, false) => Choice::Wait,
        }
    }

    /// Opens another lane in the background unless one is being opened.
    fn grow(self: &Arc<Self>) {
        if self.opening.try_lock().is_err() {
            return;
        }
        let group = Arc::clone(self);
        tokio::spawn(async move {
            // A failure is told to those who cannot do without another lane.
            if let Ok(Some(ticket)) = group.open(Why::ToGrow).await {
                ticket.answered();
            }
        });
    }

    /// Opens a lane; one at a time, so that a crowd does not open a connection each. Returns
    /// nothing when there is no need any more, or no room for another one.
    async fn open(self: &Arc<Self>, why: Why) -> Result<Option<Ticket>, Error> {
        let mut failure = self.opening.lock().await;
        // Whoever waited here finds what the one before has opened.
        match (self.choose(), why) {
            (Choice::Take(ticket), _) | (Choice::TakeAndGrow(ticket), Why::NoneWillDo) => {
                return Ok(Some(ticket));
            }
            (Choice::TakeAndGrow(ticket), Why::ToGrow) => ticket.answered(),
            (Choice::Wait, _) => return Ok(None),
            (Choice::Open | Choice::WaitAndGrow, _) => {}
        }
        let place = match self.place() {
            Place::First => None,
            Place::Extra(permit) => Some(permit),
            Place::None => return self.board_any(),
        };
        if let Some(known) = failure.as_ref().filter(|it| Instant::now() < it.until) {
            return Err(Error::Unreachable {
                reason: known.reason.clone(),
            });
        }
        match self.target.open(|config| self.tune(config)).await {
            Ok(client) => {
                *failure = None;
                Ok(Some(self.add(client, place)))
            }
            Err(error) => {
                let pause = failure
                    .as_ref()
                    .map_or(BACKOFF.0, |it| (it.pause * 2).min(BACKOFF.1));
                *failure = Some(Failure {
                    reason: error.to_string(),
                    pause,
                    until: Instant::now() + pause,
                });
                self.board_any().map_err(|_| error)
            }
        }
    }

    /// Adds a lane and boards it, and lets others board who wait.
    fn add(self: &Arc<Self>, client: Client, place: Option<OwnedSemaphorePermit>) -> Ticket {
        let queue = self.queue();
        let lane = Arc::new(Lane::new(client, Arc::clone(&queue), place));
        let ticket = lane.board();
        let mut lanes = self.lanes.write().unwrap_or_else(PoisonError::into_inner);
        lanes.retain(|lane| lane.is_open());
        lanes.push(Arc::clone(&lane));
        if lanes.len() == 2 {
            tokio::spawn(thin_out(Arc::downgrade(self)));
        }
        drop(lanes);
        queue.board(&lane);
        ticket
    }

    /// Looks for a place for another lane.
    fn place(&self) -> Place {
        let lanes = self.lanes.read().unwrap_or_else(PoisonError::into_inner);
        if !lanes.iter().any(|lane| lane.is_open()) {
            return Place::First;
        }
        match Arc::clone(&self.budget).try_acquire_owned() {
            Ok(permit) => Place::Extra(permit),
            Err(_) => Place::None,
        }
    }

    /// Where no lane may be opened: waits for those of this runtime, or takes the best one of
    /// another if it has none.
    fn board_any(&self) -> Result<Option<Ticket>, Error> {
        let lanes = self.lanes.read().unwrap_or_else(PoisonError::into_inner);
        let here = Handle::current().id();
        let open = || lanes.iter().filter(|lane| lane.is_open());
        if open().any(|lane| lane.is_driven_by(here)) {
            return Ok(None);
        }
        open()
            .min_by_key(|lane| (lane.is_stalled(), lane.in_flight()))
            .filter(|lane| lane.in_flight() < FOREIGN_MAX)
            .map(|lane| Some(lane.board()))
            .ok_or(Error::Busy)
    }

    fn tune(&self, config: &mut Config) {
        let options = match config.get_options() {
            Some(given) => format!("{given} {}", self.options),
            None => self.options.clone(),
        };
        config.options(options).application_name("postern");
    }
}

/// Closes lanes that have nothing to do, until one is left.
async fn thin_out(group: Weak<Shared>) {
    loop {
        tokio::time::sleep(IDLE_MAX).await;
        let Some(group) = group.upgrade() else {
            return;
        };
        let mut lanes = group.lanes.write().unwrap_or_else(PoisonError::into_inner);
        lanes.retain(|lane| lane.is_open());
        let idle = lanes.iter().position(|lane| lane.is_idle_for(IDLE_MAX));
        if let (Some(index), true) = (idle, lanes.len() > 1) {
            lanes.remove(index);
        }
        if lanes.len() <= 1 {
            return;
        }
    }
}
