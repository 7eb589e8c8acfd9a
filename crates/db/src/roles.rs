//! What roles of the database set for themselves: `ALTER ROLE … SET`.
//!
//! Postgres applies such settings at a login only; where the caller's role is switched to within a
//! transaction, they are set there. They are read with the schema, so that a request knows of its
//! own without asking.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use postern_catalog::{FunctionSettings, Isolation};
use tokio_postgres::{Client, Row};

use crate::internal::Internal;
use crate::{Error, error};

/// What a transaction under a role begins with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct RoleSettings {
    /// `statement_timeout`, in milliseconds; 0 is for ever.
    pub(crate) statement_timeout_ms: Option<u64>,
    /// `default_transaction_isolation`
    pub(crate) isolation: Option<Isolation>,
    /// `default_transaction_read_only`
    pub(crate) read_only: bool,
    /// The names of all others, and their values in the same order.
    pub(crate) names: Vec<String>,
    pub(crate) values: Vec<String>,
}

/// The settings of all roles that callers may have.
#[derive(Debug, Default)]
pub(crate) struct Roles(RwLock<Arc<HashMap<String, Arc<RoleSettings>>>>);

impl Roles {
    /// What a role sets, if it sets anything.
    pub(crate) fn settings(&self, role: &str) -> Option<Arc<RoleSettings>> {
        let roles = self.0.read().unwrap_or_else(PoisonError::into_inner);
        roles.get(role).cloned()
    }

    /// Reads the settings again.
    pub(crate) async fn refresh(&self, client: &Client) -> Result<(), Error> {
        let rows = client.query(Internal::RoleSettings.sql(), &[]).await;
        let mut roles: HashMap<String, RoleSettings> = HashMap::new();
        for row in rows.map_err(error::internal)? {
            let (role, name): (&str, &str) = (get(&row, 0)?, get(&row, 1)?);
            roles
                .entry(role.into())
                .or_default()
                .take(name, get(&row, 2)?);
        }
        let roles = roles.into_iter().map(|(role, it)| (role, Arc::new(it)));
        let mut current = self.0.write().unwrap_or_else(PoisonError::into_inner);
        *current = Arc::new(roles.collect());
        Ok(())
    }
}

impl RoleSettings {
    fn take(&mut self, name: &str, value: &str) {
        match name {
            "statement_timeout" | "default_transaction_isolation" => {
                let read = FunctionSettings::read([format!("{name}={value}").as_str()]);
                self.statement_timeout_ms = read.statement_timeout_ms.or(self.statement_timeout_ms);
                self.isolation = read.isolation.or(self.isolation);
            }
            "default_transaction_read_only" => self.read_only = !is_off(value),
            _ if is_ours(name) => {}
            _ => {
                self.names.push(name.to_owned());
                self.values.push(value.to_owned());
            }
        }
    }
}

/// SECURITY: what a request's transaction is told by us, and whose rights it has, is nothing that a
/// role may set for itself. Ours is set afterwards in any case.
fn is_ours(name: &str) -> bool {
    const NAMES: [&str; 4] = ["role", "session_authorization", "search_path", "jit"];
    const PREFIXES: [&str; 5] = [
        "request.",
        "response.",
        "postern.",
        "pgrst.",
        "transaction_",
    ];
    NAMES.contains(&name) || PREFIXES.iter().any(|it| name.starts_with(it))
}

/// Postgres's notations of false, which may be shortened.
fn is_off(value: &str) -> bool {
    let value = value.trim().to_ascii_lowercase();
    let shortened = |word: &str, least: usize| value.len() >= least && word.starts_with(&value);
    value == "0" || shortened("off", 2) || shortened("false", 1) || shortened("no", 1)
}

/// What the login of an address sets for PostgREST, without the prefix `pgrst.`.
pub(crate) async fn login_settings(client: &Client) -> Result<Vec<(String, String)>, Error> {
    let rows = client.query(Internal::LoginSettings.sql(), &[]).await;
    let mut settings: Vec<(String, String)> = Vec::new();
    for row in rows.map_err(error::internal)? {
        let (name, value): (&str, &str) = (get(&row, 0)?, get(&row, 1)?);
        let name = name.trim_start_matches("pgrst.").to_owned();
        settings.retain(|(known, _)| *known != name);
        settings.push((name, value.to_owned()));
    }
    Ok(settings)
}

fn get<'a, T: tokio_postgres::types::FromSql<'a>>(row: &'a Row, index: usize) -> Result<T, Error> {
    row.try_get(index).map_err(Error::Internal)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_of_transactions_are_told_apart_from_the_rest() {
        let mut settings = RoleSettings::default();
        for (name, value) in [
            ("statement_timeout", "3s"),
            ("default_transaction_isolation", "serializable"),
            ("default_transaction_read_only", "on"),
            ("timezone", "UTC"),
            ("role", "postgres"),
            ("search_path", "private"),
            ("request.jwt.claims", "{}"),
            ("app.tenant", "7"),
        ] {
            settings.take(name, value);
        }

        assert_eq!(settings.statement_timeout_ms, Some(3_000));
        assert_eq!(settings.isolation, Some(Isolation::Serializable));
        assert!(settings.read_only);
        assert_eq!(settings.names, ["timezone", "app.tenant"]);
        assert_eq!(settings.values, ["UTC", "7"]);
    }

    #[test]
    fn a_switch_that_is_not_off_is_on() {
        for off in ["off", "of", "f", "false", "no", "n", "0", "OFF"] {
            assert!(is_off(off), "{off}");
        }
        for on in ["on", "o", "true", "yes", "1", "", "x"] {
            assert!(!is_off(on), "{on}");
        }
    }
}
