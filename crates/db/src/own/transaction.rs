//! A transaction over own statements, prepared once per connection.

use deadpool_postgres::{ClientWrapper, Transaction};
use tokio_postgres::{Row, Statement};

use super::{Own, Value};
use crate::{Error, error};

/// A transaction; rolled back unless committed.
pub struct OwnTx<'a>(Transaction<'a>);

impl std::fmt::Debug for OwnTx<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("OwnTx")
    }
}

impl<'a> OwnTx<'a> {
    pub(super) fn new(transaction: Transaction<'a>) -> Self {
        Self(transaction)
    }

    /// Runs a statement.
    ///
    /// # Errors
    /// When the database refuses it or cannot be reached.
    pub async fn query(&self, statement: Own, params: &[Value<'_>]) -> Result<Vec<Row>, Error> {
        let ready = self.0.prepare_cached(statement.sql()).await;
        let ready = ready.map_err(refusal)?;
        self.0.query(&ready, params).await.map_err(refusal)
    }

    /// Runs a statement that finds a row at most.
    ///
    /// # Errors
    /// When the database refuses it or cannot be reached.
    pub async fn query_opt(
        &self,
        statement: Own,
        params: &[Value<'_>],
    ) -> Result<Option<Row>, Error> {
        Ok(self.query(statement, params).await?.into_iter().next())
    }

    /// Runs a statement and tells how many rows it touched.
    ///
    /// # Errors
    /// When the database refuses it or cannot be reached.
    pub async fn execute(&self, statement: Own, params: &[Value<'_>]) -> Result<u64, Error> {
        let ready = self.0.prepare_cached(statement.sql()).await;
        let ready = ready.map_err(refusal)?;
        self.0.execute(&ready, params).await.map_err(refusal)
    }

    /// Makes everything that was done last.
    ///
    /// # Errors
    /// When the database refuses it or cannot be reached; nothing was done then.
    pub async fn commit(self) -> Result<(), Error> {
        self.0.commit().await.map_err(refusal)
    }
}

pub(super) async fn prepared(client: &ClientWrapper, statement: Own) -> Result<Statement, Error> {
    let ready = client.prepare_cached(statement.sql()).await;
    ready.map_err(refusal)
}

/// Our own statements' refusals are internal, but a constraint is often the answer that was
/// asked for: [`Error::constraint`] tells which one.
pub(super) fn refusal(refused: tokio_postgres::Error) -> Error {
    error::internal(refused)
}
