//! The runs of late, in memory: as many as fit.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use postern_db::console::{SqlAnswer, SqlError, SqlMode, SqlReport, SqlStop};
use postern_vault::SystemRandom;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::place::{Place, SqlPlace};

/// Most runs that are remembered.
const RUNS_MAX: usize = 60;
/// Most bytes of rows that are remembered.
const BYTES_MAX: usize = 64 * 1024 * 1024;
/// Random bytes of a run's name.
const NAME_BYTES: usize = 12;

/// What an admin asked for.
#[derive(Clone, Debug)]
pub(crate) struct Wish {
    /// The kept text that was on the desk, and its number.
    pub(crate) of: Option<(Uuid, i32)>,
    /// What the text was called.
    pub(crate) name: String,
    /// What was on the desk.
    pub(crate) sql: String,
    pub(crate) mode: SqlMode,
    pub(crate) answer: SqlAnswer,
    pub(crate) rows_max: usize,
    /// In whose name it runs; nobody's is the console's own login.
    pub(crate) caller: Option<String>,
    /// The address of the admin.
    pub(crate) by: String,
    pub(crate) began: OffsetDateTime,
}

/// A run.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) id: String,
    pub(crate) wish: Wish,
    pub(crate) stop: SqlStop,
    outcome: OnceLock<Outcome>,
}

/// What came of a run.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// It ran, perhaps not to its end.
    Ran(SqlReport),
    /// It ran in somebody's name; the statement that the policies made of it.
    Asked { report: SqlReport, sql: String },
    /// It did not begin.
    Refused(SqlError),
}

impl Run {
    pub(crate) fn place(&self) -> Place {
        Place::Sql(SqlPlace::Run(self.snippet(), self.id.clone()))
    }

    pub(crate) fn snippet(&self) -> Option<Uuid> {
        self.wish.of.map(|(id, _)| id)
    }

    /// What came of it; nothing while it runs.
    pub(crate) fn outcome(&self) -> Option<&Outcome> {
        self.outcome.get()
    }

    /// What its statements did; nothing while it runs, or where it did not begin.
    pub(crate) fn report(&self) -> Option<&SqlReport> {
        match self.outcome()? {
            Outcome::Ran(report) | Outcome::Asked { report, .. } => Some(report),
            Outcome::Refused(_) => None,
        }
    }

    /// Ends it; the first end counts.
    pub(crate) fn end(&self, outcome: Outcome) {
        let _ = self.outcome.set(outcome);
    }

    fn bytes(&self) -> usize {
        let ran = self.report().map_or(&[][..], |it| &it.ran);
        let rows = ran.iter().flat_map(|it| &it.rows);
        rows.flatten().flatten().map(String::len).sum()
    }
}

/// The runs of late, the oldest first.
#[derive(Debug, Default)]
pub(crate) struct Runs(Mutex<VecDeque<Arc<Run>>>);

impl Runs {
    /// Remembers a run that begins, and forgets as many of the oldest as must go.
    pub(crate) fn enter(&self, wish: Wish) -> Arc<Run> {
        let run = Arc::new(Run {
            id: postern_vault::token::<NAME_BYTES>(&SystemRandom),
            wish,
            stop: SqlStop::default(),
            outcome: OnceLock::new(),
        });
        let mut runs = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut bytes: usize = runs.iter().map(|it| it.bytes()).sum();
        while runs.len() >= RUNS_MAX || bytes > BYTES_MAX {
            let Some(gone) = runs.pop_front() else {
                break;
            };
            bytes -= gone.bytes();
        }
        runs.push_back(Arc::clone(&run));
        run
    }

    /// A run by its name.
    pub(crate) fn find(&self, id: &str) -> Option<Arc<Run>> {
        let runs = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        runs.iter().find(|it| it.id == id).cloned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wish() -> Wish {
        Wish {
            of: None,
            name: String::new(),
            sql: "select 1".into(),
            mode: SqlMode::ReadOnly,
            answer: SqlAnswer::Rows,
            rows_max: 100,
            caller: None,
            by: "olga@shop.example".into(),
            began: OffsetDateTime::UNIX_EPOCH,
        }
    }

    #[test]
    fn the_oldest_runs_are_forgotten() {
        let runs = Runs::default();
        let first = runs.enter(wish()).id.clone();
        let second = runs.enter(wish()).id.clone();
        for _ in 0..RUNS_MAX - 1 {
            runs.enter(wish());
        }

        assert!(runs.find(&first).is_none());
        assert!(runs.find(&second).is_some());
        assert!(runs.find("").is_none());
    }
}
