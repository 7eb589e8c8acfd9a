//! Running inside of a trial's transaction: the settings of the session path, no BEGIN, no COMMIT.

use postern_query::request::Explain;
use postern_query::{Param, Rewritten};
use tokio_postgres::Client;

use super::session::settings::{Settings, bound};
use super::{Answer, Caller, Statement, answer, explain, param};
use crate::Error;
use crate::config::{Class, DbConfig};
use crate::internal::Internal;
use crate::pool::Statements;

/// A request inside of a trial.
#[derive(Clone, Copy)]
pub(crate) struct TrialRun<'a> {
    pub(crate) client: &'a Client,
    pub(crate) statements: &'a Statements,
    pub(crate) config: &'a DbConfig,
    pub(crate) rewritten: &'a Rewritten,
    pub(crate) caller: &'a Caller<'a>,
}

/// Plans a request with its caller's settings. The outer error is Postgres's refusal.
pub(crate) async fn plan_in_trial(
    run: TrialRun<'_>,
) -> Result<Result<Answer, Error>, tokio_postgres::Error> {
    let statement = set(run).await?;
    let json = Explain {
        as_json: true,
        options: 0,
    };
    let sql = explain::statement(json, statement.sql);
    let prepared = run.client.prepare(&sql).await?;
    let row = param::first_row(run.client, &prepared, statement.params).await?;
    Ok(explain::answer(row.as_slice()))
}

/// Runs a request with its caller's settings. The outer error is Postgres's refusal.
pub(crate) async fn run_in_trial(
    run: TrialRun<'_>,
) -> Result<Result<Answer, Error>, tokio_postgres::Error> {
    let statement = set(run).await?;
    // Prepared anew under the role that it runs as; a trial has no hurry.
    let prepared = run.client.prepare(statement.sql).await?;
    let row = param::first_row(run.client, &prepared, statement.params).await?;
    Ok(answer(row))
}

/// Sets the session up for a request's caller.
async fn set(run: TrialRun<'_>) -> Result<Statement<'_>, tokio_postgres::Error> {
    let TrialRun {
        client,
        statements,
        config,
        rewritten,
        caller,
    } = run;
    let statement = Statement::of(rewritten);
    let allowed = Class::of(caller.identity).timeout(&config.statement_timeouts);
    let settings = Settings::new(config, None, statement, allowed, caller);
    let set = statements.get(client, Internal::SetRequest.sql()).await?;
    let values = settings.values(None);
    client.query_one(&set, &bound(&values)).await?;
    Ok(statement)
}

/// Runs a tool's statement and returns its first column.
pub(crate) async fn text_in_trial(
    client: &Client,
    statements: &Statements,
    sql: &str,
    params: &[Param],
) -> Result<Option<String>, tokio_postgres::Error> {
    let prepared = statements.get(client, sql).await?;
    let row = param::first_row(client, &prepared, params).await?;
    row.map_or(Ok(None), |row| row.try_get(0))
}
