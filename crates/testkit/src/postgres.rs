//! The one Postgres of a test run: the environment's, or one of this process.

use std::sync::OnceLock;
use std::sync::mpsc;

use anyhow::{Context, Result};
use postern_db::managed::{Cluster, ClusterConfig, Login};

/// Where `cargo xtask test` says how the superuser reaches the server.
const OWNER_URL: &str = "POSTERN_TEST_DATABASE_URL";
/// Where `cargo xtask test` says how the gateway's own role reaches it.
const GATEWAY_URL: &str = "POSTERN_TEST_GATEWAY_URL";

/// Where `cargo xtask test` says how the auth service's own role reaches it.
const AUTH_URL: &str = "POSTERN_TEST_AUTH_URL";

/// The addresses of the server's prepared, empty database.
pub(crate) struct Server {
    owner_url: String,
    gateway_url: String,
    auth_url: String,
}

impl Server {
    /// The server that all tests of this process share.
    pub(crate) fn shared() -> &'static Self {
        static SHARED: OnceLock<Server> = OnceLock::new();
        SHARED.get_or_init(|| {
            Self::from_environment()
                .map_or_else(start, Ok)
                .unwrap_or_else(|error| panic!("there is no Postgres for the tests: {error:#}"))
        })
    }

    fn from_environment() -> Option<Self> {
        let owner_url = std::env::var(OWNER_URL).ok()?;
        // A developer's own server has no roles of ours: the superuser stands in.
        let gateway_url = std::env::var(GATEWAY_URL).unwrap_or_else(|_| owner_url.clone());
        let auth_url = std::env::var(AUTH_URL).unwrap_or_else(|_| owner_url.clone());
        Some(Self {
            owner_url,
            gateway_url,
            auth_url,
        })
    }

    /// The superuser's address of a database.
    pub(crate) fn owner_url(&self, database: &str) -> String {
        with_database(&self.owner_url, database)
    }

    /// The address of a database for the role that the gateway signs in as.
    pub(crate) fn gateway_url(&self, database: &str) -> String {
        with_database(&self.gateway_url, database)
    }

    /// The address of a database for the role that the auth service signs in as.
    pub(crate) fn auth_url(&self, database: &str) -> String {
        with_database(&self.auth_url, database)
    }
}

/// Starts a throw-away server, which ends with this process. Its runtime runs on a thread of its
/// own, because the runtime of the test that comes first ends with that test.
fn start() -> Result<Server> {
    let (sender, receiver) = mpsc::channel();
    std::thread::Builder::new()
        .name("test postgres".into())
        .spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build();
            let Ok(runtime) = runtime else { return };
            runtime.block_on(async {
                let started = Cluster::start(&ClusterConfig::throwaway(), |_| {}).await;
                let server = started.as_ref().map(addresses).map_err(ToString::to_string);
                if sender.send(server).is_ok() && started.is_ok() {
                    std::future::pending::<()>().await;
                }
            });
        })?;
    let server = receiver
        .recv()
        .context("the thread of the test Postgres ended")?;
    server.map_err(anyhow::Error::msg)
}

fn addresses(cluster: &Cluster) -> Server {
    Server {
        owner_url: cluster.url(Login::Owner).expose().clone(),
        gateway_url: cluster.url(Login::Gateway).expose().clone(),
        auth_url: cluster.url(Login::Auth).expose().clone(),
    }
}

/// Replaces the database in `postgresql://user:password@host:port/database?options`.
fn with_database(url: &str, database: &str) -> String {
    let (address, options) = match url.split_once('?') {
        Some((address, options)) => (address, format!("?{options}")),
        None => (url, String::new()),
    };
    let host = address.rsplit_once('/').map_or(address, |(host, _)| host);
    format!("{host}/{database}{options}")
}

#[cfg(test)]
mod tests {
    use super::with_database;

    #[test]
    fn only_the_database_is_replaced() {
        assert_eq!(
            with_database(
                "postgresql://a:b@127.0.0.1:5432/postgres?sslmode=disable",
                "x"
            ),
            "postgresql://a:b@127.0.0.1:5432/x?sslmode=disable"
        );
    }
}
