//! The connections that own statements run on: deadpool's pool, since these connections are
//! never shared between requests and keep no session state that would need judging.

use std::time::Duration;

use deadpool_postgres::{
    Manager, ManagerConfig, Object, Pool, PoolError, RecyclingMethod, Runtime, Timeouts,
};
use postern_base::Secret;
use tokio_postgres::Row;

use super::transaction::{OwnTx, execute, query};
use super::{Listener, Own, Value};
use crate::connect::Target;
use crate::{Error, error};

/// How the state of our own is reached.
#[derive(Clone, Debug)]
pub struct OwnDbConfig {
    /// The address; its role needs rights to the schemas `auth` and `postern`.
    pub url: Secret<String>,
    /// Most connections.
    pub connections_max: usize,
    /// How long a request waits for a free connection.
    pub acquire_timeout: Duration,
    /// How long one statement may run.
    pub statement_timeout: Duration,
}

impl OwnDbConfig {
    /// The usual bounds for this address.
    pub fn new(url: Secret<String>) -> Self {
        Self {
            url,
            connections_max: 8,
            acquire_timeout: Duration::from_secs(20),
            statement_timeout: Duration::from_secs(8),
        }
    }
}

/// The database as our own services see it; cheap to clone.
#[derive(Clone)]
pub struct OwnDb {
    pool: Pool,
    target: Target,
}

impl std::fmt::Debug for OwnDb {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("OwnDb")
    }
}

impl OwnDb {
    /// Makes the pool; connections are opened when they are needed.
    ///
    /// # Errors
    /// When the address makes no sense.
    pub fn new(config: &OwnDbConfig) -> Result<Self, Error> {
        let target = Target::parse(&config.url)?;
        let timeout_ms = config.statement_timeout.as_millis();
        let options = format!(
            "-c statement_timeout={timeout_ms} -c lock_timeout={timeout_ms} \
             -c idle_in_transaction_session_timeout=15000 -c jit=off -c search_path=pg_catalog \
             -c timezone=UTC"
        );
        let manager = target.manager(&options);
        let wait = Some(config.acquire_timeout);
        let pool = Pool::builder(manager)
            .max_size(config.connections_max)
            .runtime(Runtime::Tokio1)
            .timeouts(Timeouts {
                wait,
                create: wait,
                recycle: wait,
            })
            .build()
            .map_err(|_| Error::Shape {
                reason: "the pool has no runtime",
            })?;
        Ok(Self { pool, target })
    }

    /// Listens to channels on a connection of its own; see [`Heard`].
    pub fn listen(&self, channels: &'static [&'static str]) -> Listener {
        Listener::start(self.target.clone(), channels)
    }

    /// Begins a transaction; what is not committed is rolled back.
    ///
    /// # Errors
    /// When no connection becomes free in time, or the database cannot be reached.
    pub async fn begin(&self) -> Result<OwnTx, Error> {
        OwnTx::begin(self.acquire().await?).await
    }

    async fn acquire(&self) -> Result<Object, Error> {
        match self.pool.get().await {
            Ok(connection) => Ok(connection),
            Err(PoolError::Backend(error)) => Err(error::unreachable(&error)),
            Err(_) => Err(Error::Busy),
        }
    }

    /// Runs one statement, which is a transaction by itself.
    ///
    /// # Errors
    /// When the database refuses it or cannot be reached.
    pub async fn query(&self, statement: Own, params: &[Value<'_>]) -> Result<Vec<Row>, Error> {
        query(&self.acquire().await?, statement, params).await
    }

    /// Runs statements that do not depend on each other, in one round trip and on one connection;
    /// each is a transaction by itself.
    ///
    /// # Errors
    /// When the database refuses one of them or cannot be reached.
    pub async fn query_each<const COUNT: usize>(
        &self,
        statements: [(Own, &[Value<'_>]); COUNT],
    ) -> Result<[Vec<Row>; COUNT], Error> {
        let connection = self.acquire().await?;
        let asked = statements.map(|(statement, params)| query(&connection, statement, params));
        // The driver sends what is asked at the same time without waiting for answers.
        let rows = futures_util::future::try_join_all(asked).await?;
        rows.try_into().map_err(|_| Error::Shape {
            reason: "a statement was not answered",
        })
    }

    /// Runs one statement, and tells how many rows it touched.
    ///
    /// # Errors
    /// When the database refuses it or cannot be reached.
    pub async fn execute(&self, statement: Own, params: &[Value<'_>]) -> Result<u64, Error> {
        execute(&self.acquire().await?, statement, params).await
    }

    /// Runs one statement that finds a row at most.
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
}

impl Target {
    /// What opens the pool's connections.
    fn manager(&self, options: &str) -> Manager {
        let recycling = ManagerConfig {
            recycling_method: RecyclingMethod::Fast,
        };
        let (mut config, tls) = self.parts();
        config.options(options).application_name("postern own");
        match tls {
            Some(tls) => Manager::from_config(config, tls, recycling),
            None => Manager::from_config(config, tokio_postgres::NoTls, recycling),
        }
    }
}
