//! Connections: shared pipelined lanes for the fast path, sessions of one user for the other.

mod lane;
mod places;
mod queue;
mod sessions;
mod shared;
mod statements;

pub(crate) use lane::{Lane, STALLED_AFTER, Ticket};
pub(crate) use queue::Queue;
pub(crate) use sessions::{Lease, Session, Sessions, SessionsConfig, Start};
pub(crate) use shared::{Shared, SharedConfig};
pub(crate) use statements::Statements;
