//! A transaction over own statements, prepared once per connection.
//!
//! A transaction owns its connection and gives it back when it ends, so that nobody holds one
//! connection while waiting for another.

use deadpool_postgres::Object;
use tokio_postgres::Row;

use super::{Own, Value};
use crate::{Error, error};

/// A transaction; rolled back unless committed.
pub struct OwnTx(Option<Object>);

impl std::fmt::Debug for OwnTx {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("OwnTx")
    }
}

impl OwnTx {
    /// Begins a transaction on this connection.
    pub(super) async fn begin(connection: Object) -> Result<Self, Error> {
        // Owned before it begins: a caller who goes away in between leaves no open transaction.
        let transaction = Self(Some(connection));
        let begun = transaction.connection()?.batch_execute("begin").await;
        begun.map_err(error::internal)?;
        Ok(transaction)
    }

    /// Runs a statement.
    ///
    /// # Errors
    /// When the database refuses it or cannot be reached.
    pub async fn query(&self, statement: Own, params: &[Value<'_>]) -> Result<Vec<Row>, Error> {
        query(self.connection()?, statement, params).await
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
        execute(self.connection()?, statement, params).await
    }

    /// Makes everything that was done last, and gives the connection back.
    ///
    /// # Errors
    /// When the database refuses it or cannot be reached; nothing was done then.
    pub async fn commit(mut self) -> Result<(), Error> {
        let committed = self.connection()?.batch_execute("commit").await;
        committed.map_err(error::internal)?;
        self.0 = None;
        Ok(())
    }

    pub(super) fn connection(&self) -> Result<&Object, Error> {
        self.0.as_ref().ok_or(Error::Shape {
            reason: "the transaction has ended",
        })
    }
}

impl Drop for OwnTx {
    fn drop(&mut self) {
        let Some(connection) = self.0.take() else {
            return;
        };
        let Ok(runtime) = tokio::runtime::Handle::try_current() else {
            // The server ends; so does the connection, and with it the transaction.
            drop(Object::take(connection));
            return;
        };
        runtime.spawn(async move {
            if connection.batch_execute("rollback").await.is_err() {
                // Nobody must find an open transaction in the pool.
                drop(Object::take(connection));
            }
        });
    }
}

/// Runs a statement on a connection, and tells how many rows it touched.
pub(super) async fn execute(
    connection: &Object,
    statement: Own,
    params: &[Value<'_>],
) -> Result<u64, Error> {
    let ready = connection.prepare_cached(statement.sql()).await;
    let ready = ready.map_err(error::internal)?;
    let touched = connection.execute(&ready, params).await;
    touched.map_err(error::internal)
}

/// Runs a statement on a connection.
pub(super) async fn query(
    connection: &Object,
    statement: Own,
    params: &[Value<'_>],
) -> Result<Vec<Row>, Error> {
    let ready = connection.prepare_cached(statement.sql()).await;
    let ready = ready.map_err(error::internal)?;
    let rows = connection.query(&ready, params).await;
    rows.map_err(error::internal)
}
