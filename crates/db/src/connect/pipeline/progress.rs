//! How far a statement with companions is: which messages go in, and which answers come out.
//!
//! The tags are those of PostgreSQL's documentation, "Message Formats".

use std::io;

use bytes::BytesMut;

use super::Companions;

/// A message's tag, and its length without the tag.
pub(super) const HEADER: usize = 5;

/// A statement with its companions, on its way.
#[derive(Debug, Default)]
pub(super) struct Progress {
    stage: Stage,
    before: Companions,
    behind: Companions,
    pub(super) failed_before: bool,
    /// A companion failed that comes after the commit.
    pub(super) failed_behind: bool,
    /// The row that a companion behind the statement answered with, as the server sent it.
    pub(super) row: BytesMut,
}

/// How far the statement is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Stage {
    /// Nothing is under way that has companions.
    #[default]
    Idle,
    /// The companions wait for their statement.
    Waiting,
    /// Sent; so many answers of those that go before it are still to come.
    Before(usize),
    /// The answer of the statement itself comes next.
    Statement,
    /// So many answers of those that go behind it are still to come.
    Behind(usize),
    /// All is answered, or something has failed; the Sync is still to be answered.
    Ending,
}

/// What becomes of a message of the server.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Fate {
    /// The driver gets it.
    #[default]
    Passed,
    /// It answers a companion.
    Dropped,
    /// It is the row of a companion.
    Kept,
}

impl Progress {
    /// The companions of the next statement.
    pub(super) fn waiting(before: Companions, behind: Companions) -> Self {
        Self {
            stage: Stage::Waiting,
            before,
            behind,
            ..Self::default()
        }
    }

    /// Whether the companions wait for their statement.
    pub(super) fn is_waiting(&self) -> bool {
        self.stage == Stage::Waiting
    }

    /// Whether all that had companions is answered.
    pub(super) fn is_idle(&self) -> bool {
        self.stage == Stage::Idle
    }

    /// Copies what the driver sends; before the first Bind go the companions that precede it, and
    /// before the Sync behind that Bind those that follow.
    pub(super) fn weave(&mut self, mut from: &[u8], out: &mut BytesMut) -> io::Result<()> {
        let mut is_bound = false;
        while let Some(header) = from.first_chunk::<HEADER>() {
            let Some((message, rest)) = from.split_at_checked(length(header)?) else {
                return Err(cut());
            };
            match header[0] {
                b'B' if self.stage == Stage::Waiting => {
                    out.extend_from_slice(&self.before.messages);
                    self.stage = match self.before.count {
                        0 => Stage::Statement,
                        count => Stage::Before(count),
                    };
                    is_bound = true;
                }
                b'S' if is_bound => {
                    out.extend_from_slice(&self.behind.messages);
                    is_bound = false;
                }
                _ => {}
            }
            out.extend_from_slice(message);
            from = rest;
        }
        match from.is_empty() && !is_bound {
            true => Ok(()),
            false => Err(cut()),
        }
    }

    /// What becomes of a message of the server; counts what is answered.
    pub(super) fn fate(&mut self, tag: u8) -> Fate {
        // Of the messages that companions are made of: what was parsed, bound, or run.
        let completes = matches!(tag, b'1' | b'2' | b'C' | b'I');
        let (stage, fate) = match (self.stage, tag) {
            (Stage::Before(_), b'E') => {
                self.failed_before = true;
                (Stage::Ending, Fate::Passed)
            }
            (Stage::Before(1), _) if completes => (Stage::Statement, Fate::Dropped),
            (Stage::Before(left), _) if completes => (Stage::Before(left - 1), Fate::Dropped),
            (Stage::Before(_), b'D') => (self.stage, Fate::Dropped),
            (Stage::Statement, b'C' | b'I') => match self.behind.count {
                0 => (Stage::Ending, Fate::Passed),
                count => (Stage::Behind(count), Fate::Passed),
            },
            (Stage::Behind(left), b'E') if self.is_committed(left) => {
                self.failed_behind = true;
                (Stage::Ending, Fate::Dropped)
            }
            (Stage::Statement | Stage::Behind(_), b'E') => (Stage::Ending, Fate::Passed),
            (Stage::Behind(1), _) if completes => (Stage::Ending, Fate::Dropped),
            (Stage::Behind(left), _) if completes => (Stage::Behind(left - 1), Fate::Dropped),
            (Stage::Behind(_), b'D') if self.row.is_empty() => (self.stage, Fate::Kept),
            (Stage::Behind(_), b'D') => (self.stage, Fate::Dropped),
            (Stage::Ending, b'Z') => (Stage::Idle, Fate::Passed),
            // Statements that the driver has no more use for are closed at any time, and the
            // server may say something whenever it likes.
            (stage, _) => (stage, Fate::Passed),
        };
        self.stage = stage;
        fate
    }

    /// Whether the statement's transaction is over when so many answers are still to come.
    fn is_committed(&self, left: usize) -> bool {
        let answered = self.behind.count - left;
        self.behind.decisive.is_some_and(|it| answered >= it)
    }
}

/// The length of a whole message, from its header.
pub(super) fn length(header: &[u8; HEADER]) -> io::Result<usize> {
    let [_, length @ ..] = *header;
    match usize::try_from(i32::from_be_bytes(length)) {
        Ok(length) if length >= HEADER - 1 => Ok(length + 1),
        _ => Err(io::Error::new(
            io::ErrorKind::InvalidData,
            "a message of the database has no length",
        )),
    }
}

fn cut() -> io::Error {
    io::Error::new(
        io::ErrorKind::InvalidData,
        "the driver sent a part of a message",
    )
}
