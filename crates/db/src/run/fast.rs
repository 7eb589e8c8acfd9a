//! The fast path: one prepared statement on a shared connection, one round trip.

use tokio_postgres::Row;
use tokio_postgres::error::Severity;

use super::{Answer, Caller, Statement, answer, audience, explain, param};
use crate::config::Class;
use crate::pool::{STALLED_AFTER, Ticket};
use crate::{Db, Error, error};

/// Most attempts at one statement.
const ATTEMPTS_MAX: usize = 3;

/// What came of one attempt.
enum Attempt {
    Done(Option<Row>),
    Failed(tokio_postgres::Error),
    /// Somebody else's slow statement was in the way.
    HeldUp,
}

/// Runs a statement; again when its plan had become stale, or, for reads, which do no harm twice,
/// when its connection was lost or held up by somebody else's statement.
pub(super) async fn run(
    db: &Db,
    statement: Statement<'_>,
    class: Class,
    caller: &Caller<'_>,
) -> Result<Answer, Error> {
    let lanes = db.lanes(statement.mode, class);
    let is_read = statement.mode == postern_query::Mode::ReadOnly;
    let mut attempts = 0;
    loop {
        attempts += 1;
        let is_last = attempts == ATTEMPTS_MAX;
        let ticket = lanes.acquire().await?;
        match attempt(ticket, statement, is_read && !is_last).await {
            Attempt::Done(row) if statement.explains => return explain::answer(row.as_slice()),
            Attempt::Done(row) => return answer(row),
            Attempt::HeldUp => tracing::debug!("leaving a slow connection"),
            Attempt::Failed(failure) => {
                let again = is_stale(&failure) || (is_read && is_loss(&failure));
                if is_last || !again {
                    return Err(error::request(
                        failure,
                        audience(db, caller, statement.params),
                    ));
                }
                tracing::debug!(error = %failure, "running a statement again");
            }
        }
    }
}

async fn attempt(ticket: Ticket, statement: Statement<'_>, may_leave: bool) -> Attempt {
    let Some(result) = send(&ticket, statement, may_leave).await else {
        return Attempt::HeldUp;
    };
    if result.as_ref().is_err_and(is_stale) {
        ticket.statements.forget(statement.sql);
    }
    if result.as_ref().is_err_and(is_loss) {
        ticket.retire();
    }
    ticket.answered();
    match result {
        Ok(row) => Attempt::Done(row),
        Err(failure) => Attempt::Failed(failure),
    }
}

/// Sends the statement and waits for its answer; nothing when it left a lane that was held up.
async fn send(
    ticket: &Ticket,
    statement: Statement<'_>,
    may_leave: bool,
) -> Option<Result<Option<Row>, tokio_postgres::Error>> {
    let work = async {
        let prepared = ticket.statements.get(&ticket.client, statement.sql).await?;
        param::first_row(&ticket.client, &prepared, statement.params).await
    };
    let mut work = std::pin::pin!(work);
    if !may_leave {
        return Some(work.await);
    }
    loop {
        match tokio::time::timeout(STALLED_AFTER, &mut work).await {
            Ok(result) => return Some(result),
            Err(_) if ticket.is_held_up() => return None,
            Err(_) => {}
        }
    }
}

/// Whether the connection is gone, with or without a last word of the server.
fn is_loss(failure: &tokio_postgres::Error) -> bool {
    match failure.as_db_error() {
        Some(refusal) => refusal.parsed_severity() == Some(Severity::Fatal),
        None => true,
    }
}

/// Whether the failure came before execution: the plan no longer fits the schema, or the server
/// has forgotten the statement.
pub(super) fn is_stale(failure: &tokio_postgres::Error) -> bool {
    let Some(refusal) = failure.as_db_error() else {
        return false;
    };
    match refusal.code().code() {
        "0A000" => refusal.routine() == Some("RevalidateCachedQuery"),
        "26000" => true,
        _ => false,
    }
}
