//! Requests that wait for a place on a lane: the first to come is the first to board.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::oneshot;

use super::{Lane, Ticket};

/// Most requests that wait on one runtime; a request beyond them is told that all is busy.
const WAITING_MAX: usize = 1024;

/// The requests of one runtime that wait for a place on one of its lanes.
#[derive(Default)]
pub(crate) struct Queue(Mutex<VecDeque<oneshot::Sender<Ticket>>>);

impl Queue {
    /// Takes the last place; none when too many wait already.
    pub(crate) fn join(&self) -> Option<oneshot::Receiver<Ticket>> {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if waiting.len() >= WAITING_MAX {
            waiting.retain(|it| !it.is_closed());
        }
        if waiting.len() >= WAITING_MAX {
            return None;
        }
        let (sender, receiver) = oneshot::channel();
        waiting.push_back(sender);
        Some(receiver)
    }

    /// Whether nobody waits.
    pub(crate) fn is_empty(&self) -> bool {
        let waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.is_empty()
    }

    /// Lets requests board for as long as there is room on the lane.
    pub(crate) fn board(&self, lane: &Arc<Lane>) {
        while lane.has_room() {
            let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            let next = waiting.pop_front();
            drop(waiting);
            match next {
                None => return,
                // It was given up while it waited.
                Some(gone) if gone.is_closed() => {}
                Some(next) => {
                    if let Err(unused) = next.send(lane.board()) {
                        // Nothing was sent with it.
                        unused.answered();
                    }
                }
            }
        }
    }
}
