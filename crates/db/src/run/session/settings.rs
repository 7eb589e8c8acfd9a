//! What a request's transaction is told: limits, claims, the request itself, the role.

use std::time::Duration;

use serde_json::Value;

use crate::DbConfig;
use crate::run::{Caller, Statement, search_path};

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

    /// In the order of the statement's placeholders.
    pub(in crate::run) fn values(&self) -> [&str; 12] {
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
            &self.timezone,
        ]
    }
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
