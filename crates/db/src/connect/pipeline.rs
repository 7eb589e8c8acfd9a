//! Statements that travel with another one, before it and behind it, and share its Sync.
//!
//! The driver ends each statement with a Sync of its own. Then every statement is an exchange of
//! its own inside of the server and inside of the driver, and what belongs to one transaction must
//! be held together by BEGIN and COMMIT. The protocol needs neither: up to the Sync everything is
//! one transaction, and whatever fails makes the server skip the rest (PostgreSQL's documentation,
//! "Pipelining" in the chapter on the message flow). So companions are put into the stream beneath
//! the driver, and their answers are taken out of it again.
//!
//! SECURITY: companions are the settings that a statement runs under. They go with the very next
//! statement of their session, and a session that still has some, or whose answers are not all
//! there, is not used again.

mod companions;
mod connector;
mod progress;
mod stream;
#[cfg(test)]
mod tests;

use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use fallible_iterator::FallibleIterator;
use postgres_protocol::message::backend::Message;

pub(crate) use self::companions::Companions;
pub(super) use self::connector::{Pipelined, Plain};
use self::progress::Progress;

/// What is known on both sides of the driver about the statement under way.
#[derive(Clone, Debug, Default)]
pub(crate) struct Pipeline(Arc<Mutex<Progress>>);

impl Pipeline {
    /// Sends these with the next statement.
    pub(crate) fn attach(&self, before: Companions, behind: Companions) {
        *self.progress() = Progress::waiting(before, behind);
    }

    /// Whether the last failure was one of the companions that go before their statement.
    pub(crate) fn has_failed_before(&self) -> bool {
        self.progress().failed_before
    }

    /// Whether a companion failed after the commit, so that something may be left on the session.
    pub(crate) fn has_failed_behind(&self) -> bool {
        self.progress().failed_behind
    }

    /// The row that a companion behind the statement answered with: a text or nothing per column.
    pub(crate) fn row(&self) -> Vec<Option<String>> {
        let mut row = std::mem::take(&mut self.progress().row);
        let Ok(Some(Message::DataRow(row))) = Message::parse(&mut row) else {
            return Vec::new();
        };
        let text = |range: Option<Range<usize>>| {
            let bytes = row.buffer().get(range?)?;
            Some(String::from_utf8_lossy(bytes).into_owned())
        };
        row.ranges()
            .map(|range| Ok(text(range)))
            .collect()
            .unwrap_or_default()
    }

    /// Whether everything that was sent with companions has been answered.
    pub(crate) fn is_idle(&self) -> bool {
        self.progress().is_idle()
    }

    fn progress(&self) -> MutexGuard<'_, Progress> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
