//! The throw-away Postgres of a run.

use std::sync::Arc;

use postern_db::managed::{Cluster, ClusterConfig, Login};
use postern_db::{Db, DbConfig};
use tokio::sync::Mutex;
use tokio_postgres::{Client, NoTls};

/// The role that native policies hold.
pub(crate) const ROLE: &str = "differential";

/// Operators that are not leakproof look cheap, which tempts the planner to run them early.
const CHEAP: [&str; 6] = [
    "textregexeq(text, text)",
    "textlike(text, text)",
    "texticlike(text, text)",
    "jsonb_object_field_text(jsonb, text)",
    "jsonb_contains(jsonb, jsonb)",
    "arraycontains(anyarray, anyarray)",
];

/// A server, and what all workers need to know of it.
pub(crate) struct Server {
    cluster: Cluster,
    pub(crate) db: Arc<Db>,
    /// Held while a schema or view comes or goes: to read a catalogue out of which a table just
    /// goes is an error.
    pub(crate) schemas: Arc<Mutex<()>>,
    /// The type of labels: `citext` where it is installed.
    pub(crate) label: &'static str,
    pub(crate) version: String,
}

impl Server {
    pub(crate) async fn start() -> Self {
        let cluster = Cluster::start(&ClusterConfig::throwaway(), |_| ()).await;
        let cluster = cluster.expect("a server");
        let db = Db::connect(&DbConfig::new(cluster.url(Login::Gateway))).await;
        let mut server = Self {
            cluster,
            db: Arc::new(db.expect("connects")),
            schemas: Arc::default(),
            label: "text",
            version: String::new(),
        };
        let client = server.connect().await;
        let mut sql = format!("create role {ROLE}; grant usage on schema auth to {ROLE};");
        for function in CHEAP {
            sql += &format!("alter function pg_catalog.{function} cost 0.0001;");
        }
        client.batch_execute(&sql).await.expect("makes the role");
        match client.batch_execute("create extension citext").await {
            Ok(()) => server.label = "public.citext",
            Err(error) => println!("differential: labels are plain text, without citext: {error}"),
        }
        let version = client.query_one("show server_version", &[]).await;
        server.version = version.expect("says its version").get(0);
        server
    }

    /// A connection of the server's owner.
    pub(crate) async fn connect(&self) -> Client {
        let url = self.cluster.url(Login::Owner);
        let connected = tokio_postgres::connect(url.expose(), NoTls).await;
        let (client, connection) = connected.expect("connects");
        tokio::spawn(connection);
        let quiet = "set jit = off; set client_min_messages = error";
        client.batch_execute(quiet).await.expect("sets");
        client
    }

    pub(crate) async fn stop(self) {
        drop(self.db);
        self.cluster.stop().await.expect("stops");
    }
}
