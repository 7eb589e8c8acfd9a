//! The session path: BEGIN, settings, statement, the end, sent together on a connection of its own.
//!
//! SECURITY: everything is set for the transaction only, a session goes back only after the server
//! has confirmed the end of the transaction and of whatever a function may have set beyond it, and
//! a request that is given up takes its connection with it. Where statements run as the caller's
//! own role, the connection rests in the anonymous role in between, so that all of it can travel
//! in one round trip: whatever fails on the way, the gateway's own rights are never in force.

pub(crate) mod ending;
mod escort;
mod prepared;
mod send;
pub(super) mod settings;

use std::time::Duration;

use tokio_postgres::error::SqlState;
use tokio_postgres::{Error as DriverError, Row};

pub(super) use self::ending::Left;
use self::ending::{Ended, Ending, Response};
pub(super) use self::prepared::set_request;
use self::send::{Begun, Finished, Way};
use self::settings::Settings;
use super::{Answer, Caller, Ran, Statement, answer, audience, explain, fast};
use crate::admin::quote_identifier;
use crate::connect::Pipeline;
use crate::pool::Lease;
use crate::roles::RoleSettings;
use crate::{Db, Error, error};

/// Why a transaction came to nothing.
#[derive(Debug)]
enum Failure {
    /// The caller's role is none that may be taken.
    Role,
    /// The server refused something, or was lost.
    Driver(tokio_postgres::Error),
}

impl From<tokio_postgres::Error> for Failure {
    fn from(error: tokio_postgres::Error) -> Self {
        Self::Driver(error)
    }
}

impl Failure {
    fn is_stale(&self) -> bool {
        matches!(self, Self::Driver(error) if fast::is_stale(error))
    }
}

/// Runs a statement in a transaction with the caller's settings.
pub(super) async fn run(
    db: &Db,
    statement: Statement<'_>,
    (allowed, of_role): (Duration, Option<&RoleSettings>),
    caller: &Caller<'_>,
) -> Result<Ran, Error> {
    let passed_through = statement.native_role.filter(|_| db.natives().is_some());
    let settings = Settings::new(db.config(), passed_through, statement, allowed, caller);
    let sessions = db.natives().unwrap_or(db.sessions());
    let lease = sessions.acquire().await?;
    let before = db.config().pre_request.as_ref().map(call_before);
    let work = Work {
        lease: &lease,
        statement,
        of_role,
        before: before.as_deref(),
    };
    let mut result = work.run(&settings).await;
    if let Err((failure, left)) = &result
        && failure.is_stale()
    {
        work.forget();
        if clean(&lease, *left).await.is_ok() {
            result = work.run(&settings).await;
        }
    }
    let is_clean = match &result {
        Ok(outcome) => !outcome.ended.is_unclean,
        Err((_, left)) => clean(&lease, *left).await.is_ok(),
    };
    if is_clean && lease.pipeline.as_ref().is_none_or(Pipeline::is_idle) {
        lease.give_back();
    }
    let outcome = result.map_err(|(failure, _)| match failure {
        Failure::Driver(error) => error::request(error, audience(db, caller, statement.params)),
        Failure::Role => error::no_role(
            statement.native_role.unwrap_or_default(),
            audience(db, caller, statement.params),
        ),
    })?;
    let plan = outcome.plan.as_deref().map(explain::answer).transpose()?;
    let answer = outcome.answer(statement)?;
    Ok(Ran { answer, plan })
}

impl<'a> Statement<'a> {
    /// The question that goes along, as a statement.
    fn questioned(self) -> Option<Self> {
        let (sql, params) = self.question?;
        Some(Self {
            sql,
            params,
            explains: true,
            question: None,
            ..self
        })
    }
}

/// What a committed transaction yielded.
struct Outcome {
    rows: Vec<Row>,
    /// The lines of the plan that was asked for besides.
    plan: Option<Vec<Row>>,
    ended: Ended,
}

impl Outcome {
    fn answer(self, statement: Statement<'_>) -> Result<Answer, Error> {
        let response = self.ended.response;
        let answer = match statement.explains {
            true => explain::answer(&self.rows)?,
            false => answer(self.rows.into_iter().next())?,
        };
        Ok(Answer {
            response_headers: response.headers,
            response_status: response.status,
            ..answer
        })
    }
}

/// One transaction to be made.
#[derive(Clone, Copy)]
struct Work<'a> {
    lease: &'a Lease,
    statement: Statement<'a>,
    /// What the caller's role sets for itself.
    of_role: Option<&'a RoleSettings>,
    /// What is called before the statement.
    before: Option<&'a str>,
}

impl<'a> Work<'a> {
    /// Makes the transaction.
    async fn run(self, settings: &Settings) -> Result<Outcome, (Failure, Left)> {
        let ready = self.make_ready(settings).await;
        let ready = ready.map_err(|failure| (failure, Left::Over))?;
        let way = self.way(&ready);
        let (begun, finished) = self.send(way, &ready, settings).await;
        let left = match &finished {
            Some((Err(_), ..)) if way.ending == Ending::WithCommit => Left::Open,
            Some((_, _, Ok(_))) => Left::Over,
            _ => Left::Open,
        };
        let outcome = self.outcome(way, begun, finished);
        outcome.map_err(|failure| (failure, left))
    }

    fn outcome(
        self,
        way: Way<'_>,
        begun: Begun,
        finished: Option<Finished>,
    ) -> Result<Outcome, Failure> {
        begun?;
        let (rows, plan, ended) =
            finished.expect("INVARIANT: it was sent, for what must come before it had succeeded");
        let rows = rows.map_err(|refusal| match way.pipeline {
            Some(pipeline) if pipeline.has_failed_before() => role_failure(self.lease, refusal),
            _ => Failure::Driver(refusal),
        })?;
        let (plan, mut ended) = (plan?, ended?);
        match (way.ending, way.pipeline) {
            (Ending::AfterRead | Ending::WithRead, _) => {
                ended.response = Response::of_wrapped(rows.first());
            }
            (Ending::WithCommit, Some(pipeline)) => {
                ended.response = Response::of_companion(&pipeline.row());
                ended.is_unclean = pipeline.has_failed_behind();
            }
            _ => {}
        }
        Ok(Outcome { rows, plan, ended })
    }

    /// Whether the row of the statement brings along what the answer is to look like, and gives
    /// locks back: then it must be the last thing that runs, and a read of relations by itself.
    fn brings_all(self, statement: Statement<'_>) -> bool {
        let is_last = statement.question.is_none() && self.before.is_none();
        is_last && statement.reads_relations && !statement.explains
    }

    /// SECURITY: without the transaction the statement would run with the gateway's own rights,
    /// and without what is called before it, so nothing is sent before the switch of roles and the
    /// call are confirmed. A session that rests in the anonymous role needs no wait for the first.
    fn must_wait(self) -> bool {
        let switches = self.statement.native_role.is_some() && self.lease.resting.is_none();
        switches || self.before.is_some()
    }
}

/// The call of a function that is configured.
pub(super) fn call_before((schema, name): &(String, String)) -> String {
    let (schema, name) = (quote_identifier(schema), quote_identifier(name));
    format!("select {schema}.{name}()")
}

/// Undoes everything, down to the role that the session rests in.
pub(super) async fn clean(lease: &Lease, left: Left) -> Result<(), DriverError> {
    lease.endings.clean(&lease.client, left).await
}

/// Whether a refusal of the settings means that no caller may have the role: the native statement,
/// that of sessions which rest in a role, divides by zero then.
pub(super) fn is_no_role(rests: bool, refusal: &tokio_postgres::Error) -> bool {
    rests && refusal.code() == Some(&SqlState::DIVISION_BY_ZERO)
}

fn role_failure(lease: &Lease, refusal: tokio_postgres::Error) -> Failure {
    if is_no_role(lease.resting.is_some(), &refusal) {
        Failure::Role
    } else {
        Failure::Driver(refusal)
    }
}
