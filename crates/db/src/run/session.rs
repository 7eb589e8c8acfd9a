//! The session path: BEGIN, settings, statement, COMMIT, sent together on a connection of its own.
//!
//! SECURITY: everything is set for the transaction only, a session goes back only after the server
//! has confirmed the end of the transaction and of whatever a function may have set beyond it, and
//! a request that is given up takes its connection with it. Where statements run as the caller's
//! own role, the connection rests in the anonymous role in between, so that all of it can travel
//! in one round trip: whatever fails on the way, the gateway's own rights are never in force.

pub(super) mod settings;

use std::time::Duration;

use futures_util::future::{join, join3, join5};
use postern_catalog::Isolation;
use postern_query::request::Tx;
use postern_query::{Mode, Param};
use tokio_postgres::error::SqlState;
use tokio_postgres::{Client, Error as DriverError, Row};

use self::settings::Settings;
use super::{Answer, Caller, Ran, Statement, answer, audience, explain, fast, param};
use crate::admin::quote_identifier;
use crate::internal::Internal;
use crate::pool::Lease;
use crate::roles::RoleSettings;
use crate::{Db, Error, error};

/// Undoes what a function may have left on the session: roles, settings, locks, tables.
const CLEAN: &str = "set session authorization default; reset all; unlisten *; \
                     select pg_catalog.pg_advisory_unlock_all(); discard temp";

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
    if result.as_ref().is_err_and(Failure::is_stale) {
        lease.statements.forget(&key(statement));
        if let Some(question) = statement.questioned() {
            lease.statements.forget(&key(question));
        }
        result = work.run(&settings).await;
    }
    let is_clean = match &result {
        Ok(outcome) => outcome.cleaned,
        Err(_) => lease.client.batch_execute(&clean(&lease)).await.is_ok(),
    };
    if is_clean {
        lease.give_back();
    }
    let outcome = result.map_err(|failure| match failure {
        Failure::Driver(error) => error::request(error, audience(db, caller, statement.params)),
        Failure::Role => error::no_role(
            statement.native_role.unwrap_or_default(),
            audience(db, caller, statement.params),
        ),
    })?;
    let text = |index: usize| outcome.response.try_get(index).unwrap_or(None);
    let (response_headers, response_status) = (text(0), text(1));
    let plan = outcome.plan.as_deref().map(explain::answer).transpose()?;
    let answer = Answer {
        response_headers,
        response_status,
        ..outcome.answer(statement)?
    };
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
    response: Row,
    /// Whether the server has confirmed that nothing is left on the session.
    cleaned: bool,
}

impl Outcome {
    fn answer(self, statement: Statement<'_>) -> Result<Answer, Error> {
        if statement.explains {
            explain::answer(&self.rows)
        } else {
            answer(self.rows.into_iter().next())
        }
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

/// The statements of a transaction, prepared.
struct Ready<'a> {
    set: tokio_postgres::Statement,
    set_role: Option<tokio_postgres::Statement>,
    response: tokio_postgres::Statement,
    statement: tokio_postgres::Statement,
    /// With its parameters.
    question: Option<(tokio_postgres::Statement, &'a [Param])>,
}

impl<'a> Work<'a> {
    /// Makes the transaction. The futures are polled in order, and each sends at its first poll,
    /// so all of it travels in one round trip.
    async fn run(self, settings: &Settings) -> Result<Outcome, Failure> {
        let (lease, statement) = (self.lease, self.statement);
        let client = &lease.client;
        let ready = self.make_ready(settings).await?;
        let values: [&str; 12] = settings.values();
        let values: Vec<&(dyn tokio_postgres::types::ToSql + Sync)> =
            values.iter().map(|it| it as _).collect();
        let (opening, clean) = (self.opening(), clean(lease));
        let begin = join3(
            join(
                client.batch_execute(&opening),
                self.set_role(ready.set_role.as_ref()),
            ),
            client.query_one(&ready.set, &values),
            self.call_before(),
        );
        let finish = join5(
            param::rows(client, &ready.statement, statement.params),
            ask(client, ready.question.as_ref()),
            client.query_one(&ready.response, &[]),
            self.end(),
            client.batch_execute(&clean),
        );
        let (begun, finished) = if self.must_wait() {
            let ((begun, role_set), was_set, called) = begin.await;
            let begun = begun.and(role_set);
            if begun.is_err() || was_set.is_err() || called.is_err() {
                client.batch_execute("rollback").await?;
            }
            begun?;
            was_set.map_err(|refusal| role_failure(lease, refusal))?;
            called?;
            ((Ok(()), Ok(()), Ok(())), finish.await)
        } else {
            let (((begun, role_set), was_set, called), finished) = join(begin, finish).await;
            let begun = begun.and(role_set);
            ((begun, was_set.map(|_| ()), called), finished)
        };
        let ((begun, was_set, called), (rows, plan, response, ended, cleaned)) = (begun, finished);
        begun?;
        was_set.map_err(|refusal| role_failure(lease, refusal))?;
        called?;
        let rows = rows?;
        let plan = plan?;
        let response = response?;
        ended?;
        Ok(Outcome {
            rows,
            plan,
            response,
            cleaned: cleaned.is_ok(),
        })
    }

    /// Prepares what the transaction is made of, or finds it prepared.
    async fn make_ready(self, settings: &Settings) -> Result<Ready<'a>, Failure> {
        let (lease, statement) = (self.lease, self.statement);
        let response = Internal::ResponseSettings.sql();
        Ok(Ready {
            set: set_request(lease).await?,
            set_role: self.role_setter().await?,
            response: lease.statements.get(&lease.client, response).await?,
            statement: prepare(lease, statement, settings).await?,
            question: match statement.questioned() {
                Some(it) => Some((prepare(lease, it, settings).await?, it.params)),
                None => None,
            },
        })
    }

    /// SECURITY: without the transaction the statement would run with the gateway's own rights,
    /// and without what is called before it, so nothing is sent before the switch of roles and the
    /// call are confirmed. A session that rests in the anonymous role needs no wait for the first.
    fn must_wait(self) -> bool {
        let switches = self.statement.native_role.is_some() && self.lease.resting.is_none();
        switches || self.before.is_some()
    }

    /// Sets what the role sets for itself; what the request is told comes after it, and wins.
    async fn set_role(self, set: Option<&tokio_postgres::Statement>) -> Result<(), DriverError> {
        let (Some(role), Some(set)) = (self.of_role, set) else {
            return Ok(());
        };
        let client = &self.lease.client;
        client.query(set, &[&role.names, &role.values]).await?;
        Ok(())
    }

    /// The statement that sets what the role sets for itself, if that is anything.
    async fn role_setter(self) -> Result<Option<tokio_postgres::Statement>, DriverError> {
        if self.of_role.is_none_or(|it| it.names.is_empty()) {
            return Ok(None);
        }
        let (client, set) = (&self.lease.client, Internal::SetRole.sql());
        self.lease.statements.get(client, set).await.map(Some)
    }

    /// The statement that begins the transaction.
    fn opening(self) -> String {
        let of_role = self.of_role.and_then(|it| it.isolation);
        let isolation = match self.statement.transaction.isolation.or(of_role) {
            None => "",
            Some(Isolation::ReadCommitted) => " isolation level read committed",
            Some(Isolation::RepeatableRead) => " isolation level repeatable read",
            Some(Isolation::Serializable) => " isolation level serializable",
        };
        let mode = match self.statement.mode {
            Mode::ReadOnly => " read only",
            Mode::ReadWrite if self.of_role.is_some_and(|it| it.read_only) => " read only",
            Mode::ReadWrite => "",
        };
        format!("begin{isolation}{mode}")
    }

    async fn call_before(self) -> Result<(), tokio_postgres::Error> {
        match self.before {
            // Not prepared: it is parsed with the rights of the role that was switched to.
            Some(call) => self.lease.client.batch_execute(call).await,
            None => Ok(()),
        }
    }

    async fn end(self) -> Result<(), tokio_postgres::Error> {
        let client = &self.lease.client;
        match self.statement.transaction.end {
            Tx::Commit => client.batch_execute("commit").await,
            // What a commit would have refused is refused here as well.
            Tx::Rollback => {
                let (checked, undone) = join(
                    client.batch_execute("set constraints all immediate"),
                    client.batch_execute("rollback"),
                )
                .await;
                checked.and(undone)
            }
        }
    }
}

/// Asks for the plan, if one is asked for.
async fn ask(
    client: &Client,
    question: Option<&(tokio_postgres::Statement, &[Param])>,
) -> Result<Option<Vec<Row>>, tokio_postgres::Error> {
    match question {
        Some((prepared, params)) => param::rows(client, prepared, params).await.map(Some),
        None => Ok(None),
    }
}

/// The call of a function that is configured.
pub(super) fn call_before((schema, name): &(String, String)) -> String {
    let (schema, name) = (quote_identifier(schema), quote_identifier(name));
    format!("select {schema}.{name}()")
}

/// The statement that sets everything, by how the session rests.
pub(super) async fn set_request(
    lease: &Lease,
) -> Result<tokio_postgres::Statement, tokio_postgres::Error> {
    let set = match lease.resting {
        Some(_) => Internal::SetNativeRequest,
        None => Internal::SetRequest,
    };
    lease.statements.get(&lease.client, set.sql()).await
}

/// What undoes everything, down to the role that the session rests in.
pub(super) fn clean(lease: &Lease) -> String {
    match &lease.resting {
        Some(role) => format!("{CLEAN}; set role {}", quote_identifier(role)),
        None => CLEAN.to_owned(),
    }
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

/// The prepared statement; under a native role it is parsed with that role's rights, so that a
/// schema which the role may not use stays closed.
async fn prepare(
    lease: &Lease,
    statement: Statement<'_>,
    settings: &Settings,
) -> Result<tokio_postgres::Statement, Failure> {
    let client = &lease.client;
    if statement.native_role.is_none() {
        return Ok(lease.statements.get(client, statement.sql).await?);
    }
    let key = key(statement);
    if let Some(prepared) = lease.statements.find(&key) {
        return Ok(prepared);
    }
    let set = set_request(lease).await?;
    let values: [&str; 12] = settings.values();
    let values: Vec<&(dyn tokio_postgres::types::ToSql + Sync)> =
        values.iter().map(|it| it as _).collect();
    client.batch_execute("begin read only").await?;
    let was_set = client.query_one(&set, &values).await;
    let prepared = match &was_set {
        Ok(_) => Some(client.prepare(statement.sql).await),
        Err(_) => None,
    };
    client.batch_execute("rollback").await?;
    was_set.map_err(|refusal| role_failure(lease, refusal))?;
    let prepared = prepared.expect("INVARIANT: it was prepared, for the role had been set")?;
    lease.statements.keep(key, prepared.clone());
    Ok(prepared)
}

fn key(statement: Statement<'_>) -> String {
    match statement.native_role {
        None => statement.sql.to_owned(),
        Some(role) => format!("{role}\0{}", statement.sql),
    }
}
