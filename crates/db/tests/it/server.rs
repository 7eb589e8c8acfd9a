//! The server that the tests of this process share, and a database for each test.

use std::sync::atomic::{AtomicU32, Ordering};

use postern_base::Secret;
use postern_db::managed::{Cluster, ClusterConfig, Login};
use tokio::sync::OnceCell;

static CLUSTER: OnceCell<Cluster> = OnceCell::const_new();
static COUNT: AtomicU32 = AtomicU32::new(0);

/// The shared server.
pub(crate) async fn cluster() -> &'static Cluster {
    CLUSTER
        .get_or_init(|| async {
            Cluster::start(&ClusterConfig::throwaway(), |_| {})
                .await
                .expect("a throwaway server starts")
        })
        .await
}

/// A database of its own for one test.
pub(crate) struct Database {
    name: String,
}

impl Database {
    /// Makes the database and runs `schema` in it as its owner.
    pub(crate) async fn with(schema: &str) -> Self {
        let name = format!("t{}", COUNT.fetch_add(1, Ordering::Relaxed));
        cluster()
            .await
            .create_database(&name, None)
            .await
            .expect("a database is made");
        let database = Self { name };
        database.execute(schema).await;
        database
    }

    /// The address of this database.
    pub(crate) async fn url(&self, login: Login) -> Secret<String> {
        cluster().await.database_url(login, &self.name)
    }

    /// A plain connection as the owner.
    pub(crate) async fn client(&self) -> tokio_postgres::Client {
        connect(&self.url(Login::Owner).await).await
    }

    /// Runs a script as the owner.
    pub(crate) async fn execute(&self, sql: &str) {
        let client = self.client().await;
        client.batch_execute(sql).await.expect("the script runs");
    }
}

/// A plain connection.
pub(crate) async fn connect(url: &Secret<String>) -> tokio_postgres::Client {
    let (client, connection) = tokio_postgres::connect(url.expose(), tokio_postgres::NoTls)
        .await
        .expect("the server accepts");
    tokio::spawn(connection);
    client
}
