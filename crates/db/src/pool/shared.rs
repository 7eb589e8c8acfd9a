//! A group of lanes with the same settings: grown when busy, renewed when closed.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use tokio_postgres::Config;

use super::{Lane, Ticket};
use crate::Error;
use crate::connect::Target;

/// Most requests on one lane; more would only wait.
const IN_FLIGHT_MAX: usize = 256;
/// How many times the wished number of lanes may be open while slow statements hold lanes up.
const GROWTH_MAX: usize = 3;
/// The first and the longest pause after a failure to connect.
const BACKOFF: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(5));

/// A group of lanes.
pub(crate) struct Shared {
    target: Target,
    /// `-c` settings of each connection of the group.
    options: String,
    wished: usize,
    acquire_timeout: Duration,
    lanes: RwLock<Vec<Arc<Lane>>>,
    opening: tokio::sync::Mutex<Option<Failure>>,
}

/// The last failure to connect, until a connection succeeds.
struct Failure {
    reason: String,
    pause: Duration,
    until: Instant,
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
    pub(crate) fn new(
        target: Target,
        options: String,
        wished: usize,
        acquire_timeout: Duration,
    ) -> Arc<Self> {
        Arc::new(Self {
            target,
            options,
            wished: wished.max(1),
            acquire_timeout,
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
            Choice::Open => tokio::time::timeout(self.acquire_timeout, self.open())
                .await
                .unwrap_or(Err(Error::Busy)),
        }
    }

    fn choose(&self) -> Choice {
        let lanes = self.lanes.read().unwrap_or_else(PoisonError::into_inner);
        let open = lanes.iter().filter(|lane| lane.is_open());
        let Some(best) = open.min_by_key(|lane| (lane.is_stalled(), lane.in_flight())) else {
            return Choice::Open;
        };
        if best.in_flight() == 0 {
            return Choice::Take(best.board());
        }
        if best.is_stalled() && lanes.len() < self.wished * GROWTH_MAX {
            return Choice::Open;
        }
        if best.in_flight() >= IN_FLIGHT_MAX {
            return Choice::Full;
        }
        if lanes.len() < self.wished {
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
            if let Ok(ticket) = group.open().await {
                ticket.answered();
            }
        });
    }

    /// Opens a lane; one at a time, so that a crowd does not open a connection each.
    async fn open(&self) -> Result<Ticket, Error> {
        let mut failure = self.opening.lock().await;
        if let Choice::Take(ticket) = self.choose() {
            return Ok(ticket);
        }
        if let Some(known) = failure.as_ref().filter(|it| Instant::now() < it.until) {
            return Err(Error::Unreachable {
                reason: known.reason.clone(),
            });
        }
        match self.target.open(|config| self.tune(config)).await {
            Ok(client) => {
                *failure = None;
                let lane = Arc::new(Lane::new(client));
                let ticket = lane.board();
                let mut lanes = self.lanes.write().unwrap_or_else(PoisonError::into_inner);
                lanes.retain(|lane| lane.is_open());
                lanes.push(lane);
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
                Err(error)
            }
        }
    }

    fn tune(&self, config: &mut Config) {
        let options = match config.get_options() {
            Some(given) => format!("{given} {}", self.options),
            None => self.options.clone(),
        };
        config.options(options).application_name("postern");
    }
}
