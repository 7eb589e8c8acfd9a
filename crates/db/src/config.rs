//! How to reach the database and how much of it to use.

use std::time::Duration;

use postern_base::{Identity, Secret, limits};

/// How long a statement waits for a lock, in milliseconds.
pub(crate) const LOCK_TIMEOUT_MS: u64 = 5_000;
/// How long a transaction may stand idle, in milliseconds; ours never do.
pub(crate) const IDLE_IN_TRANSACTION_MS: u64 = 10_000;

/// The settings of a [`Db`](crate::Db).
#[derive(Clone, Debug)]
pub struct DbConfig {
    /// The database's address: `postgresql://user:password@host:5432/database`.
    pub url: Secret<String>,
    /// Shared connections for reads in each timeout class, opened as they are needed.
    pub read_connections: usize,
    /// The same for writes: more, because each waits for the disk at its commit.
    pub write_connections: usize,
    /// Connections of their own for requests on the session path.
    pub session_connections: usize,
    /// Connections of their own for statements whose answers are only compared; see
    /// [`Db::rehearse`](crate::Db::rehearse).
    pub rehearsal_connections: usize,
    /// Most connections of this gateway to the database, the few that watch and start apart.
    pub connections_max: usize,
    /// How long a request waits for a connection.
    pub acquire_timeout: Duration,
    /// How long a statement may run.
    pub statement_timeouts: StatementTimeouts,
    /// Schemas that functions and triggers look into besides the request's own.
    pub search_path: Vec<String>,
    /// Whether statements run as the caller's own role of the database.
    pub passthrough: Option<Passthrough>,
    /// A function without arguments, by schema and name, that is called before every request's
    /// statement, in its transaction; every request then takes the session path.
    pub pre_request: Option<(String, String)>,
}

/// How statements run as the caller's own role of the database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Passthrough {
    /// The role that connections rest in between requests: the anonymous one.
    ///
    /// SECURITY: a statement that would ever reach the server outside of its transaction has the
    /// rights of this role, never those of the gateway's own.
    pub resting_role: String,
    /// What callers may read of the database's complaints.
    pub complaints: Complaints,
}

/// What callers may read of the database's complaints.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Complaints {
    /// All: the database itself knows the caller, and is silent about what they may not see.
    Whole,
    /// What policies do not hide.
    Scrubbed,
}

impl DbConfig {
    /// The built-in settings for a database.
    pub fn new(url: Secret<String>) -> Self {
        Self {
            url,
            read_connections: 4,
            write_connections: 10,
            session_connections: 10,
            rehearsal_connections: 0,
            connections_max: 60,
            acquire_timeout: Duration::from_secs(10),
            statement_timeouts: StatementTimeouts::default(),
            search_path: vec!["public".into(), "extensions".into()],
            passthrough: None,
            pre_request: None,
        }
    }
}

/// How long a statement may run, by who asked for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StatementTimeouts {
    /// For callers without a user token.
    pub anon: Duration,
    /// For signed-in callers.
    pub user: Duration,
    /// For the holder of the secret key.
    pub service: Duration,
}

impl Default for StatementTimeouts {
    fn default() -> Self {
        Self {
            anon: Duration::from_millis(limits::STATEMENT_TIMEOUT_ANON_MS),
            user: Duration::from_millis(limits::STATEMENT_TIMEOUT_USER_MS),
            service: Duration::from_millis(limits::STATEMENT_TIMEOUT_SERVICE_MS),
        }
    }
}

/// The timeout class of a caller: connections are shared within one class only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Class {
    Anon,
    User,
    Service,
}

impl Class {
    pub(crate) fn of(identity: &Identity) -> Self {
        match identity {
            Identity::Anonymous(_) => Self::Anon,
            Identity::User(_) => Self::User,
            Identity::Service(_) => Self::Service,
        }
    }

    pub(crate) fn timeout(self, timeouts: &StatementTimeouts) -> Duration {
        match self {
            Self::Anon => timeouts.anon,
            Self::User => timeouts.user,
            Self::Service => timeouts.service,
        }
    }
}
