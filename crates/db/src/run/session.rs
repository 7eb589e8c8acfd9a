//! The session path: BEGIN, settings, statement, COMMIT, sent together on a connection of its own.
//!
//! SECURITY: everything is set for the transaction only, a session goes back only after the server
//! has confirmed the end of the transaction and of whatever a function may have set beyond it, and
//! a request that is given up takes its connection with it.

use std::time::Duration;

use futures_util::future::{join, join4};
use postern_query::Mode;
use serde_json::Value;
use tokio_postgres::Row;

use super::{Answer, Caller, Statement, answer, audience, fast, param, search_path};
use crate::admin::quote_identifier;
use crate::internal::Internal;
use crate::pool::Lease;
use crate::{Db, Error, error};

/// Undoes what a function may have left on the session: roles, settings, locks, tables.
const CLEAN: &str = "set session authorization default; reset all; unlisten *; \
                     select pg_catalog.pg_advisory_unlock_all(); discard temp";

type Failure = tokio_postgres::Error;

/// Runs a statement in a transaction with the caller's settings.
pub(super) async fn run(
    db: &Db,
    statement: Statement<'_>,
    allowed: Duration,
    caller: &Caller<'_>,
) -> Result<Answer, Error> {
    let settings = Settings::new(db, statement, allowed, caller);
    let lease = db.sessions().acquire().await?;
    let mut result = transact(&lease, statement, &settings).await;
    if result.as_ref().is_err_and(fast::is_stale) {
        lease.statements.forget(&key(statement));
        result = transact(&lease, statement, &settings).await;
    }
    let is_clean = match &result {
        Ok(outcome) => outcome.cleaned,
        Err(_) => lease.client.batch_execute(CLEAN).await.is_ok(),
    };
    if is_clean {
        lease.give_back();
    }
    let outcome =
        result.map_err(|failure| error::request(failure, audience(caller, statement.params)))?;
    let text = |index: usize| outcome.response.try_get(index).unwrap_or(None);
    Ok(Answer {
        response_headers: text(0),
        response_status: text(1),
        ..answer(outcome.row)?
    })
}

/// What a committed transaction yielded.
struct Outcome {
    row: Option<Row>,
    response: Row,
    /// Whether the server has confirmed that nothing is left on the session.
    cleaned: bool,
}

/// One transaction. The futures are polled in order, and each sends at its first poll, so all of
/// it travels in one round trip.
async fn transact(
    lease: &Lease,
    statement: Statement<'_>,
    settings: &Settings,
) -> Result<Outcome, Failure> {
    let client = &lease.client;
    let set = lease.statements.get(client, Internal::SetRequest.sql());
    let set = set.await?;
    let response = lease
        .statements
        .get(client, Internal::ResponseSettings.sql());
    let response = response.await?;
    let prepared = prepare(lease, statement).await?;

    let values: [&str; 11] = settings.values();
    let values: Vec<&(dyn tokio_postgres::types::ToSql + Sync)> =
        values.iter().map(|it| it as _).collect();
    let begin = join(
        client.batch_execute(match statement.mode {
            Mode::ReadOnly => "begin read only",
            Mode::ReadWrite => "begin",
        }),
        client.query_one(&set, &values),
    );
    let finish = join4(
        param::first_row(client, &prepared, statement.params),
        client.query_one(&response, &[]),
        client.batch_execute("commit"),
        client.batch_execute(CLEAN),
    );
    let ((begun, was_set), (row, response, committed, cleaned)) = if statement.native_role.is_some()
    {
        // SECURITY: without the transaction the statement would run with the gateway's own
        // rights, so nothing is sent before the switch of roles is confirmed.
        let (begun, was_set) = begin.await;
        if begun.is_err() || was_set.is_err() {
            client.batch_execute("rollback").await?;
        }
        begun?;
        was_set?;
        ((Ok(()), Ok(())), finish.await)
    } else {
        let ((begun, was_set), finished) = join(begin, finish).await;
        ((begun, was_set.map(|_| ())), finished)
    };
    begun?;
    was_set?;
    let row = row?;
    let response = response?;
    committed?;
    Ok(Outcome {
        row,
        response,
        cleaned: cleaned.is_ok(),
    })
}

/// The prepared statement; under a native role it is parsed with that role's rights, so that a
/// schema which the role may not use stays closed.
async fn prepare(
    lease: &Lease,
    statement: Statement<'_>,
) -> Result<tokio_postgres::Statement, Failure> {
    let Some(role) = statement.native_role else {
        return lease.statements.get(&lease.client, statement.sql).await;
    };
    let key = key(statement);
    if let Some(prepared) = lease.statements.find(&key) {
        return Ok(prepared);
    }
    let begin = format!("begin; set local role {}", quote_identifier(role));
    let begun = lease.client.batch_execute(&begin).await;
    let prepared = match &begun {
        Ok(()) => Some(lease.client.prepare(statement.sql).await),
        Err(_) => None,
    };
    lease.client.batch_execute("rollback").await?;
    begun?;
    let prepared = prepared.expect("INVARIANT: it was prepared, for the transaction had begun")?;
    lease.statements.keep(key, prepared.clone());
    Ok(prepared)
}

fn key(statement: Statement<'_>) -> String {
    match statement.native_role {
        None => statement.sql.to_owned(),
        Some(role) => format!("{role}\0{}", statement.sql),
    }
}

/// The parameters of [`Internal::SetRequest`].
struct Settings {
    statement_timeout: String,
    search_path: String,
    claims: String,
    sub: String,
    role_claim: String,
    email: String,
    method: String,
    path: String,
    headers: String,
    cookies: String,
    role: String,
}

impl Settings {
    fn new(db: &Db, statement: Statement<'_>, allowed: Duration, caller: &Caller<'_>) -> Self {
        let claims = caller.identity.claims();
        let role_claim = claims.role().unwrap_or(caller.role);
        let text = |value: Option<&str>| value.unwrap_or_default().to_owned();
        Self {
            statement_timeout: allowed.as_millis().to_string(),
            search_path: search_path(Some(statement.schema), &db.config().search_path),
            claims: claims_with_role(claims, role_claim),
            sub: text(claims.sub()),
            role_claim: role_claim.to_owned(),
            email: text(claims.email()),
            method: caller.request.method.clone(),
            path: caller.request.path.clone(),
            headers: caller.request.headers_json.clone(),
            cookies: caller.request.cookies_json.clone(),
            role: text(statement.native_role.or(Some("none"))),
        }
    }

    fn values(&self) -> [&str; 11] {
        [
            &self.statement_timeout,
            &self.search_path,
            &self.claims,
            &self.sub,
            &self.role_claim,
            &self.email,
            &self.method,
            &self.path,
            &self.headers,
            &self.cookies,
            &self.role,
        ]
    }
}

/// The claims as JSON, `role` filled in.
fn claims_with_role(claims: &postern_base::Claims, role: &str) -> String {
    match claims.as_value() {
        Value::Object(object) if claims.role().is_none() => {
            let mut object = object.clone();
            object.insert("role".into(), Value::String(role.into()));
            Value::Object(object).to_string()
        }
        _ => claims.as_json().to_owned(),
    }
}
