//! The statements of a session's transaction, prepared.

use postern_query::Param;

use super::ending::wrapped;
use super::settings::Settings;
use super::{Failure, Statement, Work, role_failure};
use crate::internal::Internal;
use crate::pool::Lease;

/// The statements of a transaction, prepared.
pub(super) struct Ready<'a> {
    pub(super) set: tokio_postgres::Statement,
    pub(super) set_role: Option<tokio_postgres::Statement>,
    pub(super) statement: tokio_postgres::Statement,
    /// With its parameters.
    pub(super) question: Option<(tokio_postgres::Statement, &'a [Param])>,
}

impl<'a> Work<'a> {
    /// Prepares what the transaction is made of, or finds it prepared.
    pub(super) async fn make_ready(self, settings: &Settings) -> Result<Ready<'a>, Failure> {
        let (lease, statement) = (self.lease, self.statement);
        Ok(Ready {
            set: set_request(lease).await?,
            set_role: self.role_setter().await?,
            statement: self.prepare(statement, settings).await?,
            question: match statement.questioned() {
                Some(it) => Some((self.prepare(it, settings).await?, it.params)),
                None => None,
            },
        })
    }

    /// Forgets what a failure has shown to be stale.
    pub(super) fn forget(self) {
        let statements = &self.lease.statements;
        statements.forget(&self.key(self.statement));
        if let Some(question) = self.statement.questioned() {
            statements.forget(&self.key(question));
        }
    }

    /// The statement that sets what the role sets for itself, if that is anything.
    async fn role_setter(self) -> Result<Option<tokio_postgres::Statement>, tokio_postgres::Error> {
        if self.of_role.is_none_or(|it| it.names.is_empty()) {
            return Ok(None);
        }
        let (client, set) = (&self.lease.client, Internal::SetRole.sql());
        self.lease.statements.get(client, set).await.map(Some)
    }

    /// The prepared statement; under a native role it is parsed with that role's rights, so that
    /// a schema which the role may not use stays closed.
    async fn prepare(
        self,
        statement: Statement<'_>,
        settings: &Settings,
    ) -> Result<tokio_postgres::Statement, Failure> {
        let (lease, key) = (self.lease, self.key(statement));
        if let Some(prepared) = lease.statements.find(&key) {
            return Ok(prepared);
        }
        let sql = self.text(statement);
        let prepared = match statement.native_role {
            None => lease.client.prepare(&sql).await?,
            Some(_) => prepare_as_caller(lease, &sql, settings).await?,
        };
        lease.statements.keep(key, prepared.clone());
        Ok(prepared)
    }

    /// What is sent of a statement.
    fn text(self, statement: Statement<'_>) -> String {
        match self.brings_all(statement) {
            true => wrapped(statement.sql),
            false => statement.sql.to_owned(),
        }
    }

    /// Which prepared statement this is: of which role, and whether it is wrapped.
    fn key(self, statement: Statement<'_>) -> String {
        let role = statement.native_role.unwrap_or_default();
        let wrap = if self.brings_all(statement) { "+" } else { "" };
        [role, "\0", wrap, statement.sql].concat()
    }
}

/// The statement that sets everything, by how the session rests.
pub(in crate::run) async fn set_request(
    lease: &Lease,
) -> Result<tokio_postgres::Statement, tokio_postgres::Error> {
    let set = match lease.resting {
        Some(_) => Internal::SetNativeRequest,
        None => Internal::SetRequest,
    };
    lease.statements.get(&lease.client, set.sql()).await
}

async fn prepare_as_caller(
    lease: &Lease,
    sql: &str,
    settings: &Settings,
) -> Result<tokio_postgres::Statement, Failure> {
    let client = &lease.client;
    let set = set_request(lease).await?;
    let values = settings.values(Some(&lease.start));
    client.batch_execute("begin read only").await?;
    let was_set = client
        .query_one(&set, &super::settings::bound(&values))
        .await;
    let prepared = match &was_set {
        Ok(_) => Some(client.prepare(sql).await),
        Err(_) => None,
    };
    client.batch_execute("rollback").await?;
    was_set.map_err(|refusal| role_failure(lease, refusal))?;
    let prepared = prepared.expect("INVARIANT: it was prepared, for the role had been set")?;
    Ok(prepared)
}
