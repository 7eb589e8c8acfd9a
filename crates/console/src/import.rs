//! Rows of a CSV file into a table: all of them in one statement, or none.
//!
//! A file waits in a temporary place until its admin says which field goes where. Then every value
//! is looked at, and the rows go through the data API as one array under the service identity, so
//! that the statement on a user's table is one that the rewriter made. What the database refuses
//! is found line by line in transactions that are taken back ([`search`]).

mod check;
pub(crate) mod csv;
mod job;
mod mapping;
mod search;
mod send;

use std::collections::HashMap;
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use postern_base::RelationName;
use postern_vault::SystemRandom;
use uuid::Uuid;

use self::csv::Reader;
use crate::upload::Upload;

pub(crate) use job::{Work, work};
pub(crate) use mapping::{Mapping, fits, is_writable};

/// Largest file in bytes.
pub(crate) const FILE_BYTES_MAX: u64 = 32 * 1024 * 1024;
/// Most rows of a file: they are one statement.
pub(crate) const ROWS_MAX: usize = 200_000;
/// Most bad lines that are told of.
pub(crate) const BAD_MAX: usize = 200;
/// How long a file waits for its admin.
const KEPT: Duration = Duration::from_secs(60 * 60);
/// Most files that wait at one time.
const FILES_MAX: usize = 20;
/// Random bytes in a file's address.
const ID_BYTES: usize = 16;

/// A line that cannot be imported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Bad {
    pub(crate) line: u64,
    /// The column, where it is known.
    pub(crate) column: String,
    pub(crate) reason: String,
}

/// What an import is at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// The admin says which field goes where.
    Asking,
    /// Rows are looked at: so many of about so many.
    Checking { done: u64, total: u64 },
    /// The rows are with the database; where some lines are bad already, only to be tried.
    Writing { rows: u64, is_trial: bool },
    /// Bad lines are searched for; so many were found.
    Searching { found: usize },
    /// It is done.
    Written { rows: u64 },
    /// Nothing was written: these lines are bad, and the rest is good.
    Bad {
        lines: Arc<Vec<Bad>>,
        good: u64,
        /// Whether there may be more bad lines.
        has_more: bool,
    },
    /// Nothing was written, and it is not a line that is at fault.
    Failed { reason: String },
}

/// A file on its way into a table.
pub(crate) struct Import {
    pub(crate) id: String,
    pub(crate) admin: Uuid,
    pub(crate) table: RelationName,
    pub(crate) upload: Upload,
    /// The fields' names: the first row.
    pub(crate) header: Vec<String>,
    since: Instant,
    state: Mutex<State>,
    mapping: Mutex<Mapping>,
    /// Whether the admin wants the work to end.
    is_stopped: AtomicBool,
}

/// The files that wait or are being imported.
#[derive(Default)]
pub(crate) struct Imports(Mutex<HashMap<String, Arc<Import>>>);

/// Why a file cannot be imported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unfit {
    /// It has no first row with names.
    NoHeader,
    /// Its first row cannot be read as UTF-8 and CSV.
    NoCsv,
    /// Too many files are waiting.
    Crowded,
}

impl Imports {
    /// Takes a file in.
    pub(crate) fn add(
        &self,
        upload: Upload,
        table: &RelationName,
        admin: Uuid,
    ) -> Result<Arc<Import>, Unfit> {
        let header = header(&upload)?;
        let import = Arc::new(Import {
            id: postern_vault::token::<ID_BYTES>(&SystemRandom),
            admin,
            table: table.clone(),
            upload,
            mapping: Mutex::new(Mapping::default()),
            header,
            since: Instant::now(),
            state: Mutex::new(State::Asking),
            is_stopped: AtomicBool::new(false),
        });
        let mut all = lock(&self.0);
        all.retain(|_, it| it.since.elapsed() < KEPT || it.is_at_work());
        if all.len() >= FILES_MAX {
            return Err(Unfit::Crowded);
        }
        all.insert(import.id.clone(), Arc::clone(&import));
        Ok(import)
    }

    /// The file of an admin for a table; nobody else's.
    pub(crate) fn find(&self, id: &str, table: &RelationName, admin: Uuid) -> Option<Arc<Import>> {
        let found = lock(&self.0).get(id).cloned();
        found.filter(|it| it.table == *table && it.admin == admin)
    }
}

impl Import {
    /// What it is at.
    pub(crate) fn state(&self) -> State {
        lock(&self.state).clone()
    }

    /// Goes on to another state.
    pub(crate) fn enter(&self, state: State) {
        *lock(&self.state) = state;
    }

    /// Begins to work, unless it works already.
    pub(crate) fn begin(&self, mapping: Mapping) -> bool {
        let mut state = lock(&self.state);
        if is_work(&state) || matches!(*state, State::Written { .. }) {
            return false;
        }
        self.is_stopped.store(false, Ordering::Relaxed);
        *state = State::Checking { done: 0, total: 0 };
        *lock(&self.mapping) = mapping;
        true
    }

    /// Which field goes where, as it was said last.
    pub(crate) fn mapping(&self) -> Mapping {
        lock(&self.mapping).clone()
    }

    /// Has the work end before its next step; rows that are being written are written.
    pub(crate) fn stop(&self) {
        self.is_stopped.store(true, Ordering::Relaxed);
    }

    /// Whether the work shall end.
    pub(crate) fn is_stopped(&self) -> bool {
        self.is_stopped.load(Ordering::Relaxed)
    }

    /// Whether somebody is at it.
    pub(crate) fn is_at_work(&self) -> bool {
        is_work(&lock(&self.state))
    }

    /// Reads the rows behind the header.
    pub(crate) fn rows(
        &self,
    ) -> io::Result<impl Iterator<Item = <Reader<std::fs::File> as Iterator>::Item>> {
        Ok(Reader::new(self.upload.open()?).skip(1))
    }
}

fn is_work(state: &State) -> bool {
    matches!(
        state,
        State::Checking { .. } | State::Writing { .. } | State::Searching { .. }
    )
}

fn header(upload: &Upload) -> Result<Vec<String>, Unfit> {
    let file = upload.open().map_err(|_| Unfit::NoCsv)?;
    let first = Reader::new(file).next().ok_or(Unfit::NoHeader)?;
    let first = first.map_err(|_| Unfit::NoCsv)?;
    let names = first.fields.into_iter().map(|it| it.text.trim().to_owned());
    let names: Vec<String> = names.collect();
    match names.iter().all(String::is_empty) {
        true => Err(Unfit::NoHeader),
        false => Ok(names),
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // What is inside is one value that is replaced as a whole: a panic leaves none half made.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
