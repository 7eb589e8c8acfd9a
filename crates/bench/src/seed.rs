//! The database that is measured: a managed Postgres of its own, seeded anew for each run.

use std::path::PathBuf;

use anyhow::{Context, Result};
use postern_db::managed::{Cluster, ClusterConfig, Login};
use tokio_postgres::NoTls;

const SEED: &str = include_str!("../project/seed.sql");

/// The running, seeded database.
pub(crate) struct SeededDatabase {
    cluster: Cluster,
    // After the cluster: a server that is still there would write into it again.
    folder: Folder,
}

/// A folder that goes also when a run fails.
struct Folder(PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        // A folder left behind in the temporary one harms nobody.
        std::fs::remove_dir_all(&self.0).ok();
    }
}

impl SeededDatabase {
    /// Starts a Postgres with its default settings (data is flushed) and fills it.
    pub(crate) async fn start() -> Result<Self> {
        let name = format!("postern-bench-{}", std::process::id());
        let folder = Folder(std::env::temp_dir().join(name));
        let config = ClusterConfig::new(&folder.0);
        let cluster = Cluster::start(&config, |notice| println!("{notice}")).await?;
        let database = Self { cluster, folder };
        println!("seeding 100,000 people and 1,000,000 tasks");
        database.run(SEED).await?;
        database.settle().await?;
        Ok(database)
    }

    /// Makes another database of so many small tables, and gives its address for the gateway.
    pub(crate) async fn with_tables(&self, count: usize) -> Result<String> {
        let name = format!("tables_{count}");
        self.cluster.create_database(&name, None).await?;
        let tables = tables(count);
        let owner = self.cluster.database_url(Login::Owner, &name);
        run_at(owner.expose(), &tables).await?;
        let gateway = self.cluster.database_url(Login::Gateway, &name);
        Ok(gateway.expose().clone())
    }

    /// Cleans up after writes, so that no cell pays for the one before.
    pub(crate) async fn settle(&self) -> Result<()> {
        self.run("vacuum analyze").await?;
        self.run("checkpoint").await
    }

    /// The address for the role that both servers sign in as.
    pub(crate) fn gateway_url(&self) -> String {
        self.cluster.url(Login::Gateway).expose().clone()
    }

    /// The address for the role that the auth service signs in as.
    pub(crate) fn auth_url(&self) -> String {
        self.cluster.url(Login::Auth).expose().clone()
    }

    /// The process whose children are all of the database's processes.
    pub(crate) fn postmaster(&self) -> Result<u32> {
        let path = self.cluster.data_dir().join("postmaster.pid");
        let text = std::fs::read_to_string(&path)
            .with_context(|| format!("cannot read {}", path.display()))?;
        Ok(text
            .lines()
            .next()
            .context("postmaster.pid is empty")?
            .trim()
            .parse()?)
    }

    /// The server's version, for the record.
    pub(crate) async fn version(&self) -> Result<String> {
        let (client, connection) = self.connect().await?;
        let driver = tokio::spawn(connection);
        let row = client
            .query_one("select current_setting('server_version')", &[])
            .await?;
        let version: String = row.get(0);
        drop(client);
        driver.await??;
        Ok(version.split(' ').next().unwrap_or_default().to_owned())
    }

    /// Stops the server and removes its data, wherever that lies.
    pub(crate) async fn stop(self) -> Result<()> {
        let data = Folder(self.cluster.data_dir().to_owned());
        self.cluster.stop().await?;
        drop((data, self.folder));
        Ok(())
    }

    /// Runs statements as the superuser.
    pub(crate) async fn run(&self, sql: &str) -> Result<()> {
        run_at(self.cluster.url(Login::Owner).expose(), sql).await
    }

    async fn connect(
        &self,
    ) -> Result<(
        tokio_postgres::Client,
        tokio_postgres::Connection<tokio_postgres::Socket, tokio_postgres::tls::NoTlsStream>,
    )> {
        let url = self.cluster.url(Login::Owner);
        Ok(tokio_postgres::connect(url.expose(), NoTls).await?)
    }
}

async fn run_at(url: &str, sql: &str) -> Result<()> {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
    let driver = tokio::spawn(connection);
    client.batch_execute(sql).await?;
    drop(client);
    driver.await??;
    Ok(())
}

/// The statements that make so many small tables.
pub(crate) fn tables(count: usize) -> String {
    (1..=count).map(table).collect()
}

/// A small table whose column leads to the one before it.
fn table(number: usize) -> String {
    let parent = number.saturating_sub(1).max(1);
    format!(
        "create table public.table_{number} (id int8 primary key, owner_id uuid not null, \
         title text not null default '', parent_id int8 references public.table_{parent} (id)); \
         create index on public.table_{number} (owner_id);\n"
    )
}
