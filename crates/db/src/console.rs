//! SQL that somebody typed into the console: the one way in for statements that no policy has seen
//! and that nobody has read before, and what fences it in.
//!
//! 1. Text comes in as [`TypedSql`], whose constructor clippy forbids everywhere but in the
//!    console's own module; nothing that serves the data API can name it.
//! 2. It runs on a connection of its own, which is closed after the run: no setting, lock or open
//!    transaction outlives it.
//! 3. The login must not reach what the console may not show (password hashes, codes, sealed
//!    keys), not even by taking on another role; one that does runs nothing ([`SqlError::TooFar`]).
//! 4. One transaction holds the run: READ ONLY and rolled back, or committed whole. It is a READ
//!    ONLY one that cannot be talked out of it: its snapshot is taken before the first statement.
//!    Statements that end transactions are refused by their first word, and after each statement
//!    we look whether it is still our transaction, so that nothing runs outside of it.
//! 5. Time, locks, rows and bytes are bounded, and a run can be stopped.
//!
//! ADR 0031 says why.

mod explain;
mod failure;
mod fetch;
mod run;
mod split;
mod stop;

use std::sync::Arc;
use std::time::Duration;

use postern_base::Secret;
use tokio::sync::Semaphore;

use crate::connect::Target;
use crate::internal::Internal;
use crate::{Db, Error, error};

pub use failure::SqlFailure;
pub use stop::SqlStop;

/// How long one statement may run.
const STATEMENT: Duration = Duration::from_secs(30);
/// How long a run may take, whatever its statements set.
const RUN: Duration = Duration::from_secs(60);
/// How long a statement waits for a lock: an admin must not hold up the app.
const LOCK: Duration = Duration::from_secs(3);
/// Runs at the same time; they have connections of their own.
const RUNS_AT_ONCE: usize = 4;

/// SQL as an admin has typed it.
#[derive(Clone, Debug)]
pub struct TypedSql(String);

impl TypedSql {
    /// Takes what a signed-in admin typed into the console.
    ///
    /// SECURITY: clippy.toml forbids this call; the console's own module alone allows it.
    pub fn by_an_admin(text: String) -> Self {
        Self(text)
    }

    /// The text.
    pub fn text(&self) -> &str {
        &self.0
    }
}

/// Whether a run may change something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SqlMode {
    /// It reads, and is rolled back.
    ReadOnly,
    /// It is committed when every statement went well.
    Write,
}

/// Whether statements run or are planned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SqlAnswer {
    /// Their rows.
    Rows,
    /// Their plans.
    Plan,
    /// Their plans with what really happened; reads alone run for this.
    MeasuredPlan,
}

/// A run.
#[derive(Clone, Debug)]
pub struct SqlWish {
    /// What was typed.
    pub sql: TypedSql,
    /// Whether it may change something.
    pub mode: SqlMode,
    /// What is wanted.
    pub answer: SqlAnswer,
    /// Most rows of one statement.
    pub rows_max: usize,
}

/// What came of a run.
#[derive(Clone, Debug, Default)]
pub struct SqlReport {
    /// The statements that ran, in order.
    pub ran: Vec<SqlRan>,
    /// What ended the run early. Nothing was kept then.
    pub failure: Option<SqlFailure>,
}

/// A statement that ran.
#[derive(Clone, Debug)]
pub struct SqlRan {
    /// Its text.
    pub text: String,
    /// Its first line, from 1.
    pub line: usize,
    /// Its columns; none where it gives no rows.
    pub columns: Vec<SqlColumn>,
    /// Its rows as far as they were read, each value as Postgres writes it.
    pub rows: Vec<Vec<Option<String>>>,
    /// What lies beyond the rows that were read.
    pub rest: SqlRest,
    /// How many rows it touched, where it gives none.
    pub touched: u64,
    /// How long it took, as seen from here.
    pub took: Duration,
    /// Whether the one value is a plan.
    pub is_plan: bool,
}

/// A column of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SqlColumn {
    /// Its name.
    pub name: String,
    /// Its type.
    pub ty: String,
}

/// What lies beyond the rows that were read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SqlRest {
    /// Nothing: these are all.
    Nothing,
    /// More rows; how many was not counted.
    More,
    /// More rows, of this many altogether.
    MoreOf(u64),
    /// More rows, because those that were read are large already.
    TooLarge,
}

/// Why a run did not begin.
#[derive(Debug, thiserror::Error)]
pub enum SqlError {
    /// The login reaches what the console must not show.
    #[error("the login `{login}` reaches {what}, which the console must not show")]
    TooFar {
        /// The login.
        login: String,
        /// The first thing that it reaches.
        what: String,
    },
    /// The database.
    #[error(transparent)]
    Database(#[from] Error),
}

/// Where typed SQL runs; cheap to clone.
#[derive(Clone)]
pub struct SqlDesk {
    target: Target,
    options: String,
    gate: Arc<Semaphore>,
}

impl std::fmt::Debug for SqlDesk {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("SqlDesk")
    }
}

impl SqlDesk {
    /// A desk on the gateway's database, with a login of its own or the gateway's.
    ///
    /// # Errors
    /// When the address makes no sense.
    pub fn new(db: &Db, url: Option<&Secret<String>>) -> Result<Self, Error> {
        let config = db.config();
        let target = Target::parse(url.unwrap_or(&config.url))?;
        let path = crate::run::search_path(None, &config.search_path);
        let path = path.replace('\\', "\\\\").replace(' ', "\\ ");
        let options = format!(
            "-c statement_timeout={} -c lock_timeout={} -c jit=off -c search_path={path} \
             -c idle_in_transaction_session_timeout=15000",
            STATEMENT.as_millis(),
            LOCK.as_millis(),
        );
        Ok(Self {
            target,
            options,
            gate: Arc::new(Semaphore::new(RUNS_AT_ONCE)),
        })
    }

    /// Runs what was typed.
    ///
    /// # Errors
    /// When it did not begin. What Postgres refuses stands in the report.
    pub async fn run(&self, wish: &SqlWish, stop: &SqlStop) -> Result<SqlReport, SqlError> {
        let place = tokio::time::timeout(LOCK, self.gate.acquire()).await;
        let _place = place
            .ok()
            .and_then(Result::ok)
            .ok_or(SqlError::Database(Error::Busy))?;
        let client = self
            .target
            .open(|config| {
                config
                    .application_name("postern console")
                    .options(&self.options);
            })
            .await?;
        self.check_reach(&client).await?;
        stop.arm(self.target.clone(), client.cancel_token());
        let report = tokio::time::timeout(RUN, run::run(&client, wish)).await;
        let Ok(report) = report else {
            // Dropping the connection alone would let the statement go on.
            stop.stop().await;
            return Ok(SqlReport {
                ran: Vec::new(),
                failure: Some(SqlFailure::too_long(RUN)),
            });
        };
        stop.disarm();
        Ok(report?)
    }

    async fn check_reach(&self, client: &tokio_postgres::Client) -> Result<(), SqlError> {
        let found = client.query(Internal::ConsoleReach.sql(), &[]).await;
        let found = found.map_err(error::internal)?;
        match found.first() {
            None => Ok(()),
            Some(row) => Err(SqlError::TooFar {
                login: row.get(0),
                what: row.get(1),
            }),
        }
    }
}
