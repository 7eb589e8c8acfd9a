//! One statement's rows as text, as far as they are wanted.
//!
//! Values come in the simple protocol, in which Postgres writes every type itself.

use futures_util::{StreamExt as _, pin_mut};
use tokio_postgres::{Client, SimpleQueryMessage, SimpleQueryRow};

use super::SqlRest;

/// Largest answer of a run, in bytes.
const BYTES_MAX: usize = 4 * 1024 * 1024;
/// The cursor of a run; a run reads one at a time.
const CURSOR: &str = "\"postern console\"";

/// How much of a run's answers is kept.
#[derive(Debug)]
pub(super) struct Bounds {
    /// Most rows of one statement.
    rows_max: usize,
    /// What is left of the run's bytes.
    bytes_left: usize,
}

impl Bounds {
    /// The bounds of a run with this many rows for each statement.
    pub(super) fn new(rows_max: usize) -> Self {
        Self {
            rows_max,
            bytes_left: BYTES_MAX,
        }
    }
}

/// Rows that were read.
#[derive(Debug)]
pub(super) struct Fetched {
    pub(super) rows: Vec<Vec<Option<String>>>,
    pub(super) rest: SqlRest,
    /// What the command said of the number of its rows.
    pub(super) touched: u64,
}

/// The text that makes a cursor of a query.
pub(super) const DECLARE: &str = "declare \"postern console\" no scroll cursor for ";

/// Reads the first rows of the cursor and closes it.
pub(super) async fn cursor(
    client: &Client,
    bounds: &mut Bounds,
) -> Result<Fetched, tokio_postgres::Error> {
    // One more than is shown says whether there are more.
    let fetch = format!("fetch forward {} from {CURSOR}", bounds.rows_max + 1);
    let mut fetched = plain(client, &fetch, bounds).await?;
    if matches!(fetched.rest, SqlRest::MoreOf(_)) {
        fetched.rest = SqlRest::More;
    }
    client.batch_execute(&format!("close {CURSOR}")).await?;
    Ok(fetched)
}

/// Sends a statement and keeps its first rows; those beyond are counted and let go.
pub(super) async fn plain(
    client: &Client,
    sql: &str,
    bounds: &mut Bounds,
) -> Result<Fetched, tokio_postgres::Error> {
    let stream = client.simple_query_raw(sql).await?;
    pin_mut!(stream);
    let mut fetched = Fetched {
        rows: Vec::new(),
        rest: SqlRest::Nothing,
        touched: 0,
    };
    let mut total = 0_u64;
    while let Some(message) = stream.next().await {
        match message? {
            SimpleQueryMessage::Row(row) => {
                total += 1;
                if fetched.rest == SqlRest::TooLarge || fetched.rows.len() >= bounds.rows_max {
                    continue;
                }
                let values = values(&row);
                let bytes = values.iter().flatten().map(String::len).sum::<usize>();
                if bytes > bounds.bytes_left {
                    fetched.rest = SqlRest::TooLarge;
                    continue;
                }
                bounds.bytes_left -= bytes;
                fetched.rows.push(values);
            }
            SimpleQueryMessage::CommandComplete(touched) => fetched.touched = touched,
            _ => {}
        }
    }
    let shown = u64::try_from(fetched.rows.len()).unwrap_or(u64::MAX);
    if total > shown && fetched.rest == SqlRest::Nothing {
        fetched.rest = SqlRest::MoreOf(total);
    }
    Ok(fetched)
}

fn values(row: &SimpleQueryRow) -> Vec<Option<String>> {
    (0..row.len())
        .map(|index| row.get(index).map(str::to_owned))
        .collect()
}
