//! Reads the rows of a portal, some at a time.

use std::pin::pin;
use std::time::{Duration, Instant};

use futures_util::TryStreamExt;
use postern_query::Param;
use tokio_postgres::{Portal, Row, Transaction};

use super::super::param::TextParam;
use super::Failure;
use super::chunks::{CHUNK_BYTES, Sink};
use crate::Error;

/// Rows of the first batch.
const BATCH_ROWS: u64 = 500;
/// Most rows of a batch, however short they are.
const BATCH_ROWS_MAX: u64 = 10_000;

/// Reads the rows of a portal. Each batch is a statement of its own to the server's timeout, so
/// that a slow client does not use it up; what the batches take together is held here.
pub(super) struct Reader<'t> {
    transaction: &'t Transaction<'t>,
    portal: Portal,
    batch: u64,
    rows: u64,
    /// What is left of the time that the database may work.
    left: Duration,
}

impl<'t> Reader<'t> {
    pub(super) fn new(transaction: &'t Transaction<'t>, portal: Portal, allowed: Duration) -> Self {
        Self {
            transaction,
            portal,
            batch: BATCH_ROWS,
            rows: 0,
            left: allowed,
        }
    }

    /// How many rows there were so far.
    pub(super) fn rows(&self) -> u64 {
        self.rows
    }

    /// Reads some rows into the sink; says whether there may be more.
    pub(super) async fn batch(&mut self, between: &str, sink: &mut Sink) -> Result<bool, Failure> {
        let most = i32::try_from(self.batch).unwrap_or(i32::MAX);
        let (before, sent) = (self.rows, sink.written());
        let mut started = Instant::now();
        let rows = self.transaction.query_portal_raw(&self.portal, most);
        let mut rows = pin!(rows.await?);
        while let Some(row) = rows.try_next().await? {
            if self.rows > 0 {
                sink.add(between);
            }
            sink.add(row.try_get(0)?);
            self.rows += 1;
            if sink.is_overfull() {
                self.spend(started)?;
                sink.flush().await?;
                started = Instant::now();
            }
        }
        self.spend(started)?;
        sink.flush_if_full().await?;
        let read = self.rows - before;
        self.batch = next_batch(self.batch, read, sink.written() - sent);
        Ok(read == u64::try_from(most).unwrap_or(0))
    }

    fn spend(&mut self, started: Instant) -> Result<(), Failure> {
        match self.left.checked_sub(started.elapsed()) {
            Some(left) => {
                self.left = left;
                Ok(())
            }
            None => Err(Failure::Ours(Error::Busy)),
        }
    }
}

/// As many rows as make a chunk, going by those that were read last; never a sudden leap.
fn next_batch(batch: u64, read: u64, bytes: u64) -> u64 {
    if read == 0 {
        return batch;
    }
    let wide = (bytes / read).max(1);
    (CHUNK_BYTES / wide).clamp(1, (batch * 2).min(BATCH_ROWS_MAX))
}

/// Runs a statement of the request and returns its rows.
pub(super) async fn plain_rows(
    transaction: &Transaction<'_>,
    sql: &str,
    params: &[Param],
) -> Result<Vec<Row>, tokio_postgres::Error> {
    let prepared = transaction.prepare(sql).await?;
    let rows = transaction
        .query_raw(&prepared, params.iter().map(TextParam))
        .await?;
    rows.try_collect().await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn batches_follow_the_width_of_the_rows() {
        assert_eq!(next_batch(500, 500, 500 * 1024), 256);
        assert_eq!(next_batch(500, 500, 500), 1_000);
        assert_eq!(next_batch(10_000, 10_000, 10_000), 10_000);
        assert_eq!(next_batch(500, 2, 100 * CHUNK_BYTES), 1);
        assert_eq!(next_batch(500, 0, 0), 500);
    }
}
