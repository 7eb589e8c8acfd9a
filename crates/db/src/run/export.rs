//! Answers too long for one value: their rows are read through a portal, some at a time, and go
//! out as they come.
//!
//! A task owns the session, so that it watches the clock while the client takes its time: what the
//! client does not take in time is not read, and a client that left ends the statement.

mod chunks;
mod reader;

use std::sync::Arc;
use std::time::Duration;

use postern_base::limits::{EXPORT_SECS_MAX, EXPORT_STALL_SECS_MAX};
use postern_catalog::Isolation;
use postern_query::{Export, Rewritten};
use tokio::sync::{OwnedSemaphorePermit, oneshot};
use tokio_postgres::IsolationLevel;

pub use self::chunks::Chunks;
use self::chunks::Sink;
use self::reader::{Reader, plain_rows};
use super::param::TextParam;
use super::session::settings::{Settings, bound};
use super::{Answer, Caller, Statement, answer, audience, estimate, explain, limits, session};
use crate::config::Class;
use crate::error::Audience;
use crate::internal::Internal;
use crate::pool::{Lease, Session};
use crate::roles::RoleSettings;
use crate::{Db, Error, error};

/// An answer whose rows go out as they are read.
#[derive(Debug)]
pub struct Exported {
    /// What is known before the last row: all of it when the rows were few; else there is no body,
    /// and the rows are counted only if the request asked for that.
    pub answer: Answer,
    /// The body, where it is not in the answer.
    pub chunks: Option<Chunks>,
}

/// Why an export came to nothing.
enum Failure {
    /// The server refused something, or was lost; the session can be cleaned.
    Driver(tokio_postgres::Error),
    /// The role is none that may be taken.
    Role,
    /// We gave up.
    Ours(Error),
}

impl From<tokio_postgres::Error> for Failure {
    fn from(error: tokio_postgres::Error) -> Self {
        Self::Driver(error)
    }
}

/// Starts to read the rows; returns when the first of them are there, or the statement has failed.
pub(crate) async fn run(
    db: &Db,
    rewritten: &Arc<Rewritten>,
    caller: &Caller<'_>,
) -> Result<Exported, Error> {
    let statement = Statement::of(rewritten);
    let of_role = db.role_settings(statement.native_role);
    let allowed = limits::allowed(
        db,
        statement,
        of_role.as_deref(),
        Class::of(caller.identity),
    );
    limits::require_role(db, statement)?;
    let patience = limits::patience(db, allowed);
    let native_role = statement.native_role.filter(|_| db.natives().is_some());
    let audience = audience(db, caller, &[]);
    let job = Job {
        db: db.clone(),
        rewritten: Arc::clone(rewritten),
        settings: Settings::new(db.config(), native_role, statement, allowed, caller),
        of_role,
        allowed,
        service: audience.service,
        anonymous: audience.anonymous,
    };
    let work = async {
        let place = Arc::clone(db.exports()).acquire_owned().await;
        let place = place.map_err(|_| Error::Busy)?;
        let sessions = db.natives().unwrap_or(db.sessions());
        let lease = sessions.acquire().await?;
        let (opened, opening) = oneshot::channel();
        let (sink, chunks) = chunks::channel(opened);
        tokio::spawn(job.run(lease, sink, place));
        let answer = opening.await.unwrap_or(Err(Error::Busy))?;
        let chunks = answer.body.is_none().then_some(chunks);
        Ok(Exported { answer, chunks })
    };
    tokio::time::timeout(patience, work)
        .await
        .unwrap_or(Err(Error::Busy))
}

/// What the task needs of the request.
struct Job {
    db: Db,
    rewritten: Arc<Rewritten>,
    settings: Settings,
    /// What the caller's role sets for itself.
    of_role: Option<Arc<RoleSettings>>,
    /// How long the database may work on it.
    allowed: Duration,
    service: bool,
    anonymous: bool,
}

impl Job {
    async fn run(self, mut lease: Lease, mut sink: Sink, _place: OwnedSemaphorePermit) {
        let left = sink.left();
        let whole = Duration::from_secs(EXPORT_SECS_MAX);
        let work = tokio::time::timeout(whole, self.send(&mut lease, &mut sink));
        let result = tokio::select! {
            // The lease closes its connection and cancels what runs on it.
            () = left => return,
            result = work => result.unwrap_or(Err(Failure::Ours(Error::Busy))),
        };
        let reusable = match &result {
            Ok(_) | Err(Failure::Driver(_) | Failure::Role) => true,
            Err(Failure::Ours(_)) => false,
        };
        // The transaction was committed, or its rollback was sent when it was dropped.
        if reusable && session::clean(&lease, session::Left::Over).await.is_ok() {
            lease.give_back();
        }
        match result {
            Ok(rows) => sink.end(rows).await,
            Err(failure) => sink.fail(self.error(failure)).await,
        }
    }

    /// Makes the transaction, and sends what comes of it; returns how many rows there were.
    async fn send(&self, lease: &mut Lease, sink: &mut Sink) -> Result<u64, Failure> {
        let Some(export) = self.rewritten.export() else {
            let reason = "an answer that is one value was to be sent row by row";
            return Err(Failure::Ours(Error::Shape { reason }));
        };
        let (rests, start) = (lease.resting.is_some(), lease.start.clone());
        let values = self.settings.values(Some(&start));
        let set = session::set_request(lease).await?;
        let Session { client, .. } = &mut **lease;
        let transaction = client.build_transaction().read_only(true);
        let transaction = transaction.isolation_level(self.isolation(export));
        let transaction = transaction.start().await?;
        // What the request is told comes after what the role sets for itself, and wins.
        if let Some(role) = self.of_role.as_ref().filter(|it| !it.names.is_empty()) {
            let set = Internal::SetRole.sql();
            transaction.query(set, &[&role.names, &role.values]).await?;
        }
        // SECURITY: each step is confirmed before the next is sent.
        let was_set = transaction.query_one(&set, &bound(&values)).await;
        was_set.map_err(|refusal| self.role_failure(rests, refusal))?;
        if let Some(function) = &self.db.config().pre_request {
            transaction
                .batch_execute(&session::call_before(function))
                .await?;
        }
        transaction.batch_execute(&waits()).await?;
        let mut known = self.counts(&transaction, export).await?;
        let response = Internal::ResponseSettings.sql();
        let response = transaction.query_one(response, &[]).await?;
        let text = |index: usize| response.try_get(index).unwrap_or(None);
        (known.response_headers, known.response_status) = (text(0), text(1));
        sink.know(known);
        let rows = self.rows(&transaction, export, sink).await?;
        transaction.commit().await?;
        Ok(rows)
    }

    /// The rows that are counted are those that are sent; else the role has its say.
    fn isolation(&self, export: &Export) -> IsolationLevel {
        let of_role = self.of_role.as_ref().and_then(|it| it.isolation);
        match (of_role, export.counts()) {
            (Some(Isolation::Serializable), _) => IsolationLevel::Serializable,
            (Some(Isolation::RepeatableRead), _) | (_, Some(_)) => IsolationLevel::RepeatableRead,
            (Some(Isolation::ReadCommitted) | None, None) => IsolationLevel::ReadCommitted,
        }
    }

    /// Sends the rows, but for the last of them.
    async fn rows(
        &self,
        transaction: &tokio_postgres::Transaction<'_>,
        export: &Export,
        sink: &mut Sink,
    ) -> Result<u64, Failure> {
        // Parsed with the rights of the role that was switched to.
        let prepared = transaction.prepare(export.sql()).await?;
        let params: Vec<_> = export.params().iter().map(TextParam).collect();
        let portal = transaction.bind_raw(&prepared, params).await?;
        let mut reader = Reader::new(transaction, portal, self.allowed);
        let framing = export.framing();
        sink.add(&framing.open);
        while reader.batch(framing.between, sink).await? {}
        sink.add(framing.close);
        Ok(reader.rows())
    }

    /// The counts that the request asked for.
    async fn counts(
        &self,
        transaction: &tokio_postgres::Transaction<'_>,
        export: &Export,
    ) -> Result<Answer, Failure> {
        let Some(counts) = export.counts() else {
            return Ok(Answer::default());
        };
        let rows = plain_rows(transaction, counts.sql(), counts.params()).await?;
        let mut known = answer(rows.into_iter().next()).map_err(Failure::Ours)?;
        if let Some(question) = self.rewritten.estimate() {
            let mut refused = None;
            let completed = estimate::complete(&mut known, question, async || {
                match plain_rows(transaction, question.sql(), question.params()).await {
                    Ok(rows) => explain::answer(&rows),
                    Err(refusal) => {
                        refused = Some(refusal);
                        Err(Error::Busy)
                    }
                }
            })
            .await;
            if let Some(refusal) = refused {
                return Err(Failure::Driver(refusal));
            }
            completed.map_err(Failure::Ours)?;
        }
        Ok(known)
    }

    fn role_failure(&self, rests: bool, refusal: tokio_postgres::Error) -> Failure {
        if session::is_no_role(rests, &refusal) {
            Failure::Role
        } else {
            Failure::Driver(refusal)
        }
    }

    fn error(&self, failure: Failure) -> Error {
        let params = self.rewritten.export().map_or(&[][..], Export::params);
        let audience = Audience {
            service: self.service,
            anonymous: self.anonymous,
            params,
        };
        match failure {
            Failure::Driver(error) => error::request(error, audience),
            Failure::Role => {
                let role = self.rewritten.native_role().map(|it| it.as_str());
                error::no_role(role.unwrap_or_default(), audience)
            }
            Failure::Ours(error) => error,
        }
    }
}

/// Between two batches the transaction is idle while the client takes what it was sent; the
/// gateway gives up first, and this is for the day when it is gone.
fn waits() -> String {
    let milliseconds = 2 * EXPORT_STALL_SECS_MAX * 1000;
    format!("set local idle_in_transaction_session_timeout = {milliseconds}")
}
