//! The addresses of SQL: texts, runs, and what came of them.

use std::fmt;

use uuid::Uuid;

/// What stands for a snippet in the address of a run of a text that is not kept.
pub(crate) const UNKEPT: &str = "new";

/// An address below `/console/sql`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum SqlPlace {
    /// An empty desk, and where a new text is kept.
    Desk,
    /// Where a run that reads begins.
    Read,
    /// Where a run that may change something begins.
    Write,
    /// A kept text.
    Snippet(Uuid),
    /// A kept text as it was under a number.
    Version(Uuid, i32),
    /// Where a kept text is forgotten.
    Drop(Uuid),
    /// A run, of a kept text or of another.
    Run(Option<Uuid>, String),
    /// Where a run is stopped.
    Stop(Option<Uuid>, String),
    /// The rows of a run's statement, as a file with this ending.
    File(Option<Uuid>, String, usize, &'static str),
}

impl fmt::Display for SqlPlace {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("/console/sql")?;
        match self {
            Self::Desk => Ok(()),
            Self::Read => out.write_str("/run"),
            Self::Write => out.write_str("/write"),
            Self::Snippet(id) => write!(out, "/{id}"),
            Self::Version(id, version) => write!(out, "/{id}?version={version}"),
            Self::Drop(id) => write!(out, "/{id}/delete"),
            Self::Run(id, run) => write!(out, "/{}/runs/{run}", name(*id)),
            Self::Stop(id, run) => write!(out, "/{}/runs/{run}/stop", name(*id)),
            Self::File(id, run, number, ending) => {
                write!(out, "/{}/runs/{run}/{number}.{ending}", name(*id))
            }
        }
    }
}

fn name(id: Option<Uuid>) -> String {
    id.map_or_else(|| UNKEPT.to_owned(), |it| it.to_string())
}
