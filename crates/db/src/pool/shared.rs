//! A group of lanes with the same settings: grown when busy, renewed when closed, thinned out
//! when idle.
//!
//! A lane is driven by the runtime that opened it, and the web server has a runtime for each of
//! its workers. Requests therefore keep to their own runtime's lanes: no other thread has to be
//! woken, and a worker that ends before the others takes none of their connections with it.

use std::sync::{Arc, PoisonError, RwLock, Weak};
use std::time::{Duration, Instant};

use tokio::runtime::Handle;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_postgres::Config;

use super::{Lane, Ticket};
use crate::Error;
use crate::connect::Target;

/// Most requests on one lane; more would only wait.
const IN_FLIGHT_MAX: usize = 256;
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
    /// All lanes are full.
    Full,
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
            opening: tokio::sync::Mutex::default(),
        })
    }

    /// Takes a place on the lane with the least to do.
    pub(crate) async fn acquire(self: &Arc<Self>) -> Result<Ticket, Error> {
        match self.choose() {
            Choice::Take(ticket) => Ok(ticket),
            Choice::TakeAndGrow(ticket) => {
                self.grow();
                Ok(ticket)
            }
            Choice::Full => Err(Error::Busy),
            Choice::Open => tokio::time::timeout(self.acquire_timeout, self.open(Why::NoneWillDo))
                .await
                .unwrap_or(Err(Error::Busy)),
        }
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
        if best.in_flight() >= IN_FLIGHT_MAX {
            return Choice::Full;
        }
        if count < self.wished {
            return Choice::TakeAndGrow(best.board());
        }
        Choice::Take(best.board())
    }

    /// Opens another lane in the background unless one is being opened.
    fn grow(self: &Arc<Self>) {
        if self.opening.try_lock().is_err() {
            return;
        }
        let group = Arc::clone(self);
        tokio::spawn(async move {
            if let Ok(ticket) = group.open(Why::ToGrow).await {
                ticket.answered();
            }
        });
    }

    /// Opens a lane; one at a time, so that a crowd does not open a connection each.
    async fn open(self: &Arc<Self>, why: Why) -> Result<Ticket, Error> {
        let mut failure = self.opening.lock().await;
        match (self.choose(), why) {
            // Whoever waited here finds what the one before has opened.
            (Choice::Take(ticket), _) | (Choice::TakeAndGrow(ticket), Why::NoneWillDo) => {
                return Ok(ticket);
            }
            _ => {}
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
                let lane = Arc::new(Lane::new(client, place));
                let ticket = lane.board();
                let mut lanes = self.lanes.write().unwrap_or_else(PoisonError::into_inner);
                lanes.retain(|lane| lane.is_open());
                lanes.push(lane);
                if lanes.len() == 2 {
                    tokio::spawn(thin_out(Arc::downgrade(self)));
                }
                Ok(ticket)
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

    /// Takes the best lane there is, slow or not, because no other may be opened.
    fn board_any(&self) -> Result<Ticket, Error> {
        let lanes = self.lanes.read().unwrap_or_else(PoisonError::into_inner);
        let open = lanes.iter().filter(|lane| lane.is_open());
        open.min_by_key(|lane| (lane.is_stalled(), lane.in_flight()))
            .filter(|lane| lane.in_flight() < IN_FLIGHT_MAX)
            .map(Lane::board)
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
