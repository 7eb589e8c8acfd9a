//! What a request's transaction is told: limits, claims, the request itself, the role.

use std::time::Duration;

use serde_json::Value;
use tokio_postgres::types::ToSql;

use crate::DbConfig;
use crate::pool::Start;
use crate::run::{Caller, Statement, search_path};

/// The values of a transaction's settings.
pub(in crate::run) type Values<'a> = [&'a str; 13];

/// The place of the value that makes a transaction READ ONLY.
const READ_ONLY: usize = 12;

/// The parameters of [`crate::internal::Internal::SetRequest`] and its native sibling.
pub(in crate::run) struct Settings {
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
    timezone: String,
}

impl Settings {
    pub(in crate::run) fn new(
        config: &DbConfig,
        passed_through: Option<&str>,
        statement: Statement<'_>,
        allowed: Duration,
        caller: &Caller<'_>,
    ) -> Self {
        let claims = caller.identity.claims();
        let role_claim = passed_through.or(claims.role()).unwrap_or(caller.role);
        let text = |value: Option<&str>| value.unwrap_or_default().to_owned();
        Self {
            statement_timeout: allowed.as_millis().to_string(),
            search_path: search_path(Some(statement.schema), &config.search_path),
            claims: claims_with_role(claims, role_claim),
            sub: text(claims.sub()),
            role_claim: role_claim.to_owned(),
            email: text(claims.email()),
            method: caller.request.method.clone(),
            path: caller.request.path.clone(),
            headers: caller.request.headers_json.clone(),
            cookies: caller.request.cookies_json.clone(),
            role: text(statement.native_role.or(Some("none"))),
            timezone: text(statement.transaction.timezone.as_deref()),
        }
    }

    /// In the order of the statement's placeholders. What a session starts with need not be set.
    pub(in crate::run) fn values(&self, start: Option<&Start>) -> Values<'_> {
        let differs = |value: &'_ String, started: fn(&Start) -> &String| {
            start.is_none_or(|it| started(it) != value)
        };
        let timeout_differs = differs(&self.statement_timeout, |it| &it.statement_timeout);
        let path_differs = differs(&self.search_path, |it| &it.search_path);
        [
            &self.role,
            &self.claims,
            &self.sub,
            &self.role_claim,
            &self.email,
            &self.method,
            &self.path,
            &self.headers,
            &self.cookies,
            if timeout_differs {
                &self.statement_timeout
            } else {
                ""
            },
            if path_differs { &self.search_path } else { "" },
            &self.timezone,
            "",
        ]
    }

    /// The same for a transaction that no BEGIN has made READ ONLY.
    pub(super) fn read_only(&self, start: &Start) -> Values<'_> {
        let mut values = self.values(Some(start));
        values[READ_ONLY] = "on";
        values
    }
}

/// The form in which the driver takes parameters.
pub(in crate::run) fn bound<'a>(values: &'a Values<'a>) -> [&'a (dyn ToSql + Sync); 13] {
    values.each_ref().map(|it| it as &(dyn ToSql + Sync))
}

/// The claims as JSON with this role: a token that names none, and the anonymous whatever the
/// anonymous role is called, get it filled in.
fn claims_with_role(claims: &postern_base::Claims, role: &str) -> String {
    match claims.as_value() {
        Value::Object(object) if claims.role() != Some(role) => {
            let mut object = object.clone();
            object.insert("role".into(), Value::String(role.into()));
            Value::Object(object).to_string()
        }
        _ => claims.as_json().to_owned(),
    }
}
