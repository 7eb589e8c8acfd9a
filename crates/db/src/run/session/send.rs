//! How a transaction is sent: in one exchange where it can, else message by message.

use futures_util::future::{join, join3, join4};
use postern_catalog::Isolation;
use postern_query::request::Tx;
use postern_query::{Mode, Param};
use tokio_postgres::{Client, Error as DriverError, Row};

use super::ending::{Ended, Ending};
use super::prepared::Ready;
use super::settings::{self, Settings};
use super::{Failure, Work, escort, role_failure};
use crate::connect::{Companions, Pipeline};
use crate::run::param;

/// What came of everything before the statement.
pub(super) type Begun = Result<(), Failure>;
/// What came of the statement, of its question, and of the end.
pub(super) type Finished = (
    Result<Vec<Row>, DriverError>,
    Result<Option<Vec<Row>>, DriverError>,
    Result<Ended, DriverError>,
);

/// How a transaction is made.
#[derive(Clone, Copy)]
pub(super) struct Way<'a> {
    /// What puts its beginning to its statement; without it each part is a message of its own.
    pub(super) pipeline: Option<&'a Pipeline>,
    pub(super) ending: Ending,
}

impl<'a> Work<'a> {
    /// How the transaction is made.
    pub(super) fn way(self, ready: &Ready<'_>) -> Way<'a> {
        // What a role sets for itself comes between the two parts of the beginning.
        let may_be = !self.must_wait() && ready.set_role.is_none();
        let pipeline = self.lease.pipeline.as_ref().filter(|_| may_be);
        let is_pipelined = pipeline.is_some();
        let brings_all = self.brings_all(self.statement);
        let ending = match self.statement.transaction.end {
            Tx::Rollback => Ending::Rollback,
            Tx::Commit if brings_all && is_pipelined && self.isolation().is_none() => {
                Ending::WithRead
            }
            Tx::Commit if brings_all => Ending::AfterRead,
            Tx::Commit if is_pipelined && self.statement.question.is_none() => Ending::WithCommit,
            Tx::Commit => Ending::Commit,
        };
        Way { pipeline, ending }
    }

    /// Sends it; nothing after what must be waited for, if that fails. The futures are polled in
    /// order, and each sends at its first poll, so all of it travels in one round trip.
    pub(super) async fn send(
        self,
        way: Way<'_>,
        ready: &Ready<'_>,
        settings: &Settings,
    ) -> (Begun, Option<Finished>) {
        let lease = self.lease;
        let client = &lease.client;
        let finish = join3(
            param::rows(client, &ready.statement, self.statement.params),
            ask(client, ready.question.as_ref()),
            lease.endings.send(client, way.ending),
        );
        if let Some(pipeline) = way.pipeline {
            self.attach(pipeline, way.ending, settings);
            return (Ok(()), Some(finish.await));
        }
        let begin = self.begin(ready, settings);
        if !self.must_wait() {
            let (begun, finished) = join(begin, finish).await;
            return (begun, Some(finished));
        }
        match begin.await {
            Ok(()) => (Ok(()), Some(finish.await)),
            refused => (refused, None),
        }
    }

    /// Sends everything that goes before the statement, in messages of its own.
    async fn begin(self, ready: &Ready<'_>, settings: &Settings) -> Begun {
        let client = &self.lease.client;
        let opening = self.opening();
        let values = settings.values(Some(&self.lease.start));
        let values = settings::bound(&values);
        let (opened, role_set, was_set, called) = join4(
            client.batch_execute(&opening),
            self.set_role(ready.set_role.as_ref()),
            client.query_one(&ready.set, &values),
            self.call_before(),
        )
        .await;
        opened.and(role_set)?;
        was_set.map_err(|refusal| role_failure(self.lease, refusal))?;
        Ok(called?)
    }

    /// Sends everything that goes before the statement with it, and what ends it, where it can.
    fn attach(self, pipeline: &Pipeline, ending: Ending, settings: &Settings) {
        let (start, its) = (&self.lease.start, &self.lease.endings.escort);
        let begin = || escort::setting(Some(&self.opening()), &settings.values(Some(start)));
        match ending {
            Ending::WithRead => {
                let before = escort::setting(None, &settings.read_only(start));
                pipeline.attach(before, its.undoing.clone());
            }
            Ending::WithCommit => pipeline.attach(begin(), its.committing.clone()),
            _ => pipeline.attach(begin(), Companions::default()),
        }
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

    /// The statement that begins the transaction.
    fn opening(self) -> String {
        let isolation = match self.isolation() {
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

    fn isolation(self) -> Option<Isolation> {
        let of_role = self.of_role.and_then(|it| it.isolation);
        self.statement.transaction.isolation.or(of_role)
    }

    async fn call_before(self) -> Result<(), tokio_postgres::Error> {
        match self.before {
            // Not prepared: it is parsed with the rights of the role that was switched to.
            Some(call) => self.lease.client.batch_execute(call).await,
            None => Ok(()),
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
