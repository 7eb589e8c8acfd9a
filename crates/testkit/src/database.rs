//! One database per test, cloned from a template that is made once per distinct SQL text.
//!
//! Making a template takes a lock on the server, so that test programs running at the same time
//! neither make it twice nor see it half made. Cloning copies files and is quick.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::{Context, Result};
use postern_db::managed::DATABASE;
use tokio::task::JoinHandle;
use tokio_postgres::{Client, NoTls};

use crate::postgres::Server;

/// The database for whoever makes and drops databases.
const MAINTENANCE: &str = "postgres";

/// A database that belongs to one test; dropped at its end, kept when the test fails.
#[derive(Debug)]
pub struct Database {
    name: String,
}

/// A fresh database in which `template_sql` has run once, together with Postern's own schema.
///
/// # Panics
/// When there is no server, or the SQL fails.
pub async fn database(template_sql: &str) -> Database {
    clone_template(template_sql)
        .await
        .unwrap_or_else(|error| panic!("no database for this test: {error:#}"))
}

impl Database {
    /// The database's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The address for the superuser.
    pub fn url(&self) -> String {
        Server::shared().owner_url(&self.name)
    }

    /// The address for the role that the gateway signs in as.
    pub fn gateway_url(&self) -> String {
        Server::shared().gateway_url(&self.name)
    }

    /// The address for the role that the auth service signs in as.
    pub fn auth_url(&self) -> String {
        Server::shared().auth_url(&self.name)
    }

    /// A superuser's connection, to arrange and to assert.
    ///
    /// # Panics
    /// When the database cannot be reached.
    pub async fn client(&self) -> Client {
        let connected = connect(&self.url()).await;
        connected
            .unwrap_or_else(|error| panic!("cannot reach `{}`: {error:#}", self.name))
            .0
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("kept for inspection: {}", self.url());
            return;
        }
        let sql = format!("drop database if exists {} with (force)", self.name);
        // A thread of its own, because the test's runtime may not be blocked from inside.
        let dropped = std::thread::spawn(move || -> Result<()> {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()?;
            runtime.block_on(async {
                let (client, _) = connect(&Server::shared().owner_url(MAINTENANCE)).await?;
                Ok(client.batch_execute(&sql).await?)
            })
        })
        .join();
        if !matches!(dropped, Ok(Ok(()))) {
            eprintln!("database `{}` was not dropped", self.name);
        }
    }
}

async fn clone_template(template_sql: &str) -> Result<Database> {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    let (client, _) = connect(&Server::shared().owner_url(MAINTENANCE)).await?;
    let template = ensure_template(&client, template_sql).await?;
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let name = format!("test_{}_{number}", std::process::id());
    // A kept database of an earlier process with the same number may be in the way.
    client
        .batch_execute(&format!("drop database if exists {name} with (force)"))
        .await?;
    client
        .batch_execute(&format!("create database {name} template {template}"))
        .await?;
    Ok(Database { name })
}

/// Makes the template of this SQL unless it is there; returns its name.
async fn ensure_template(client: &Client, sql: &str) -> Result<String> {
    let mut hasher = DefaultHasher::new();
    sql.hash(&mut hasher);
    let hash = hasher.finish();
    let name = format!("template_{hash:016x}");
    if exists(client, &name).await? {
        return Ok(name);
    }
    let key = hash.cast_signed();
    client
        .execute("select pg_advisory_lock($1)", &[&key])
        .await?;
    let made = match exists(client, &name).await? {
        true => Ok(()),
        false => make_template(client, &name, sql).await,
    };
    client
        .execute("select pg_advisory_unlock($1)", &[&key])
        .await?;
    made.map(|()| name)
}

/// Fills a database under another name first, so that the template's name means "complete".
async fn make_template(client: &Client, name: &str, sql: &str) -> Result<()> {
    let unfinished = format!("{name}_unfinished");
    client
        .batch_execute(&format!(
            "drop database if exists {unfinished} with (force)"
        ))
        .await?;
    client
        .batch_execute(&format!("create database {unfinished} template {DATABASE}"))
        .await?;
    let (filler, connection) = connect(&Server::shared().owner_url(&unfinished)).await?;
    filler
        .batch_execute(sql)
        .await
        .context("the template's SQL failed")?;
    drop(filler);
    connection.await?;
    client
        .batch_execute(&format!("alter database {unfinished} rename to {name}"))
        .await?;
    Ok(())
}

async fn exists(client: &Client, database: &str) -> Result<bool> {
    let found = client
        .query("select from pg_database where datname = $1", &[&database])
        .await?;
    Ok(!found.is_empty())
}

/// Connects; the connection's task ends when the client is dropped.
async fn connect(url: &str) -> Result<(Client, JoinHandle<()>)> {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
    let task = tokio::spawn(async move {
        // The client reports what goes wrong to whoever asks it next.
        connection.await.ok();
    });
    Ok((client, task))
}
