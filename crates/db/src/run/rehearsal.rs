//! Rehearsals: two statements run side by side for the sake of comparing their answers.
//!
//! SECURITY: both run in one READ ONLY transaction, which is never committed, with the settings and
//! the role that the caller's request has. INVARIANT: nothing in this module sends COMMIT, and a
//! rehearsal that is given up takes its connection with it.

use std::time::Duration;

use postern_query::{Mode, Rewritten};

use super::limits::GRACE;
use super::session::settings::{Settings, bound};
use super::session::{Left, clean, set_request};
use super::{Answer, Caller, Statement, answer, audience, param};
use crate::pool::Lease;
use crate::{Db, Error, error};

/// One moment for both, and nothing written.
const OPENING: &str = "begin isolation level repeatable read read only";

/// Runs both statements and rolls back.
pub(crate) async fn rehearse(
    db: &Db,
    pair: [&Rewritten; 2],
    caller: &Caller<'_>,
    allowed: Duration,
) -> Result<[Result<Answer, Error>; 2], Error> {
    if pair.iter().any(|it| it.mode() == Mode::ReadWrite) {
        let reason = "a statement that may write cannot be rehearsed";
        return Err(Error::Shape { reason });
    }
    let sessions = db.rehearsals().ok_or(Error::Busy)?;
    let lease = sessions.acquire().await?;
    let work = async {
        send(&lease, OPENING).await?;
        let [one, other] = pair;
        let answers = [
            attempt(db, &lease, one, caller, allowed).await?,
            attempt(db, &lease, other, caller, allowed).await?,
        ];
        clean(&lease, Left::Open).await.map_err(error::internal)?;
        Ok(answers)
    };
    let patience = allowed * 2 + GRACE;
    let answers = tokio::time::timeout(patience, work).await;
    let answers = answers.unwrap_or(Err(Error::Busy))?;
    lease.give_back();
    Ok(answers)
}

/// Runs one statement and takes back what its settings did, so that the next starts afresh. The
/// outer error is a lost connection.
async fn attempt(
    db: &Db,
    lease: &Lease,
    rewritten: &Rewritten,
    caller: &Caller<'_>,
    allowed: Duration,
) -> Result<Result<Answer, Error>, Error> {
    send(lease, "savepoint postern_rehearsal").await?;
    let statement = Statement::of(rewritten);
    let ran = run(db, lease, statement, caller, allowed).await;
    send(lease, "rollback to savepoint postern_rehearsal").await?;
    Ok(match ran {
        Ok(answer) => answer,
        Err(failure) => Err(error::request(
            failure,
            audience(db, caller, statement.params),
        )),
    })
}

async fn run(
    db: &Db,
    lease: &Lease,
    statement: Statement<'_>,
    caller: &Caller<'_>,
    allowed: Duration,
) -> Result<Result<Answer, Error>, tokio_postgres::Error> {
    let passed_through = statement.native_role.filter(|_| lease.resting.is_some());
    let settings = Settings::new(db.config(), passed_through, statement, allowed, caller);
    let values = settings.values(Some(&lease.start));
    let set = set_request(lease).await?;
    lease.client.query_one(&set, &bound(&values)).await?;
    // Prepared anew under the role that it runs as; a rehearsal has no hurry.
    let prepared = lease.client.prepare(statement.sql).await?;
    let row = param::first_row(&lease.client, &prepared, statement.params).await?;
    Ok(answer(row))
}

async fn send(lease: &Lease, sql: &str) -> Result<(), Error> {
    let sent = lease.client.batch_execute(sql).await;
    sent.map_err(error::internal)
}
