//! A run: one transaction, its statements one after another, and an eye on whose transaction it is.

use std::time::Instant;

use tokio_postgres::{Client, Statement};

use super::fetch::{self, Bounds, Fetched};
use super::split::{Piece, split};
use super::{SqlAnswer, SqlColumn, SqlFailure, SqlMode, SqlRan, SqlReport, SqlWish, explain};
use crate::internal::Internal;
use crate::{Error, error};

/// Most statements of one run.
const STATEMENTS_MAX: usize = 100;
/// Statements that begin and end transactions: that is ours to do.
const OF_TRANSACTIONS: [&str; 8] = [
    "begin",
    "start",
    "commit",
    "end",
    "rollback",
    "abort",
    "savepoint",
    "release",
];
/// Statements whose rows a cursor can give bit by bit.
const OF_CURSORS: [&str; 4] = ["select", "values", "table", "with"];

/// Runs what was typed.
///
/// # Errors
/// When the connection is lost. What Postgres refuses stands in the report.
pub(super) async fn run(client: &Client, wish: &SqlWish) -> Result<SqlReport, Error> {
    let pieces = split(wish.sql.text());
    let mut report = SqlReport::default();
    if let Some(piece) = pieces.get(STATEMENTS_MAX) {
        let message = format!("one run holds {STATEMENTS_MAX} statements at most");
        report.failure = Some(SqlFailure::refused(piece, message, "Run it in parts."));
        return Ok(report);
    }
    let begin = match wish.mode {
        SqlMode::ReadOnly => "begin read only",
        SqlMode::Write => "begin",
    };
    send(client, begin).await?;
    // The first statement takes the snapshot, after which READ ONLY is for good.
    let ours = transaction_began(client).await?;
    let mut bounds = Bounds::new(wish.rows_max);
    for piece in &pieces {
        match statement(client, wish, piece, &mut bounds).await? {
            Ok(ran) => report.ran.push(ran),
            Err(failure) => {
                report.failure = Some(failure);
                break;
            }
        }
        if transaction_began(client).await? != ours {
            // SECURITY: the fence against a way of ending a transaction that has no word for it.
            let message = "the statement ended the transaction of the run".to_owned();
            let hint = "What it changed may have been kept; nothing ran after it.";
            report.failure = Some(SqlFailure::refused(piece, message, hint));
            break;
        }
    }
    end(client, wish.mode, &pieces, &mut report).await?;
    Ok(report)
}

/// Commits what went well and may be kept; deferred constraints have their say here.
async fn end(
    client: &Client,
    mode: SqlMode,
    pieces: &[Piece<'_>],
    report: &mut SqlReport,
) -> Result<(), Error> {
    if mode == SqlMode::ReadOnly || report.failure.is_some() {
        return send(client, "rollback").await;
    }
    let Err(refusal) = client.batch_execute("commit").await else {
        return Ok(());
    };
    let Some(last) = pieces.last() else {
        return Err(error::internal(refusal));
    };
    report.failure = Some(SqlFailure::of(refusal, last, "")?);
    Ok(())
}

/// Runs one statement. The inner error is Postgres's, or a refusal of ours.
async fn statement(
    client: &Client,
    wish: &SqlWish,
    piece: &Piece<'_>,
    bounds: &mut Bounds,
) -> Result<Result<SqlRan, SqlFailure>, Error> {
    let [first, second] = piece.words();
    if let Some(failure) = refusal(piece, &first, &second) {
        return Ok(Err(failure));
    }
    let prefix = explain::prefix(wish.answer, wish.mode, &first);
    if wish.answer != SqlAnswer::Rows && prefix.is_none() {
        let message = "this statement has no plan".to_owned();
        let hint = "SELECT, INSERT, UPDATE, DELETE and MERGE have.";
        return Ok(Err(SqlFailure::refused(piece, message, hint)));
    }
    let sql = format!("{}{}", prefix.unwrap_or_default(), piece.text);
    let started = Instant::now();
    // SECURITY: Postgres refuses to prepare more than one statement, so that what is sent as text
    // afterwards is one as well, however it was cut.
    let prepared = match client.prepare(&sql).await {
        Ok(prepared) => prepared,
        Err(refusal) => return SqlFailure::of(refusal, piece, prefix.unwrap_or_default()).map(Err),
    };
    let has_cursor = prefix.is_none() && OF_CURSORS.contains(&first.as_str());
    let (sent, before) = match has_cursor && declared(client, piece.text).await? {
        true => (fetch::cursor(client, bounds).await, fetch::DECLARE),
        false => {
            let sent = fetch::plain(client, &sql, bounds).await;
            (sent, prefix.unwrap_or_default())
        }
    };
    match sent {
        Ok(fetched) => Ok(Ok(SqlRan {
            took: started.elapsed(),
            is_plan: prefix.is_some(),
            ..ran(piece, &prepared, fetched)
        })),
        Err(refusal) => SqlFailure::of(refusal, piece, before).map(Err),
    }
}

fn refusal(piece: &Piece<'_>, first: &str, second: &str) -> Option<SqlFailure> {
    let is_two_phase = first == "prepare" && second == "transaction";
    if OF_TRANSACTIONS.contains(&first) || is_two_phase {
        let message = "a run is one transaction, which begins and ends by itself".to_owned();
        let hint = "Leave the statement out; a run that fails keeps nothing.";
        return Some(SqlFailure::refused(piece, message, hint));
    }
    if first == "copy" {
        let message = "COPY has nobody to talk to here".to_owned();
        let hint = "Export the result, or import a file into the table.";
        return Some(SqlFailure::refused(piece, message, hint));
    }
    None
}

/// Whether the statement is a cursor now; one that cannot be (it writes in a WITH) is run as it is.
async fn declared(client: &Client, text: &str) -> Result<bool, Error> {
    send(client, "savepoint \"postern console\"").await?;
    let declare = format!("{}{text}", fetch::DECLARE);
    let made = client.batch_execute(&declare).await.is_ok();
    if !made {
        send(client, "rollback to savepoint \"postern console\"").await?;
    }
    // A cursor that was made outlives the savepoint.
    send(client, "release savepoint \"postern console\"").await?;
    Ok(made)
}

fn ran(piece: &Piece<'_>, prepared: &Statement, fetched: Fetched) -> SqlRan {
    let columns = prepared.columns().iter().map(|it| SqlColumn {
        name: it.name().to_owned(),
        ty: type_name(it.type_().name()),
    });
    SqlRan {
        text: piece.text.to_owned(),
        line: piece.line(),
        columns: columns.collect(),
        rows: fetched.rows,
        rest: fetched.rest,
        touched: fetched.touched,
        took: std::time::Duration::ZERO,
        is_plan: false,
    }
}

/// The catalogue calls an array by its element with an underscore.
fn type_name(name: &str) -> String {
    match name.strip_prefix('_') {
        Some(element) => format!("{element}[]"),
        None => name.to_owned(),
    }
}

/// When this transaction began, which tells it from any other.
async fn transaction_began(client: &Client) -> Result<String, Error> {
    let row = client
        .query_one(Internal::TransactionBegan.sql(), &[])
        .await;
    let row = row.map_err(error::internal)?;
    row.try_get(0).map_err(Error::Internal)
}

async fn send(client: &Client, sql: &str) -> Result<(), Error> {
    client.batch_execute(sql).await.map_err(error::internal)
}
