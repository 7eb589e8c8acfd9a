//! `postern dev`: a project served from a database of its own, reloaded as its files change.

mod banner;
mod console;
mod demo;
pub mod mailbox;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

pub use console::Console;
use demo::Demo;
use postern_db::managed::{self, Cluster, ClusterConfig, Login};

use crate::config::{Config, MailConfig, Origin, Sources, layer};
use crate::gateway::{BindError, Gateway, StartError, StartOptions, bind, cause};
use crate::migrations::{MigrationError, Migrations};
use crate::project::{Project, ProjectError, ProjectKeys};
use crate::reload::Reporter;

/// How often to look whether the database still runs.
const DATABASE_CHECK_EVERY: Duration = Duration::from_secs(1);

/// A flag: the key's path, its value, the flag's own name.
pub type Flag = (&'static str, String, &'static str);

/// Why a project cannot be served.
#[derive(Debug, thiserror::Error)]
pub enum DevError {
    /// The project folder or its configuration.
    #[error(transparent)]
    Project(#[from] ProjectError),
    /// The address.
    #[error(transparent)]
    Bind(#[from] BindError),
    /// The managed database.
    #[error(transparent)]
    Database(#[from] managed::Error),
    /// A migration or the seed.
    #[error(transparent)]
    Migration(#[from] MigrationError),
    /// The demo users.
    #[error("the users of `users.toml` cannot be made: {}", cause(.0))]
    Users(#[from] postern_auth::Error),
    /// The server.
    #[error(transparent)]
    Start(#[from] StartError),
    /// The database ended while the project was served.
    #[error("the database server has ended; its log is `.postern/postgres.log`")]
    DatabaseEnded,
}

/// A project that is being served.
pub struct Dev {
    project: Project,
    config: Config,
    keys: ProjectKeys,
    gateway: Gateway,
    cluster: Cluster,
    demo: Demo,
}

/// Throws the project's database away; the keys stay, so that apps go on working.
///
/// # Errors
/// Returns an error when the folder is no project, or the database is in use.
pub async fn reset(folder: &Path) -> Result<(), DevError> {
    let project = Project::open(folder)?;
    Ok(managed::reset(&project.state_dir()).await?)
}

impl Dev {
    /// Starts database and server, telling the console of each step.
    ///
    /// # Errors
    /// Returns why the project cannot be served, with the way out; nothing is left running.
    pub async fn start(
        folder: &Path,
        flags: Vec<Flag>,
        console: &Arc<Console>,
    ) -> Result<Self, DevError> {
        let project = Project::open(folder)?;
        // Checked before keys are made, so that a typo leaves no trace.
        project.config()?;
        let users = project.demo_users()?;
        let keys = project.keys_or_new()?;
        let demo = Demo::new(users, &keys);
        let mut config = configure(&project, flags)?;
        if config.database.url.is_some() {
            console.line("`database.url` is set and not used: this runs a database of its own");
        }
        // Taken first: that it is in use should be known before a database is started.
        let listener = bind(&config.api)?;
        let cluster = start_cluster(&project, &config, console).await?;
        let migrations = Migrations::new(project.migrations_dir(), cluster.url(Login::Owner));
        config.database.url = Some(cluster.url(Login::Gateway));
        config.people.database_url = Some(cluster.url(Login::Auth));
        let started = async {
            apply_migrations(&migrations, console).await?;
            demo.seed(&config, cluster.url(Login::Auth), console)
                .await?;
            apply_seed(&project, &migrations, console).await?;
            let reporter = Arc::clone(console);
            let options = StartOptions {
                listener: Some(listener),
                reporter: Reporter::to(move |notice| reporter.notice(notice)),
                migrations: Some(migrations),
                ..StartOptions::default()
            };
            Ok(Gateway::start_with(config.clone(), options).await?)
        };
        match started.await {
            Ok(gateway) => Ok(Self {
                project,
                config,
                keys,
                gateway,
                cluster,
                demo,
            }),
            Err(error) => {
                // The first failure is the one to tell of.
                let _ = cluster.stop().await;
                Err(error)
            }
        }
    }

    /// Waits until the database ends by itself, which it should not.
    pub async fn database_ended(&self) -> DevError {
        while !self.cluster.has_ended() {
            tokio::time::sleep(DATABASE_CHECK_EVERY).await;
        }
        DevError::DatabaseEnded
    }

    /// Stops the server, then the database.
    ///
    /// # Errors
    /// Returns an error when the database does not stop.
    pub async fn stop(self) -> Result<(), DevError> {
        self.gateway.stop().await;
        Ok(self.cluster.stop().await?)
    }
}

/// The configuration with generated keys; logs stay quiet, because the console speaks.
fn configure(project: &Project, flags: Vec<Flag>) -> Result<Config, ProjectError> {
    let sources = Sources {
        flags,
        ..project.sources()?
    };
    let raw = layer(sources)?;
    let mut config = Config::check(project.root(), &raw)?;
    if raw.setting("mail.transport").origin == Origin::Default {
        config.people.mail = MailConfig::Dev;
    }
    if raw.setting("log.level").origin == Origin::Default {
        config.log.level = "warn".into();
    }
    Ok(config)
}

async fn start_cluster(
    project: &Project,
    config: &Config,
    console: &Console,
) -> Result<Cluster, DevError> {
    let cluster = ClusterConfig {
        bin_dir: config.database.bin_dir.clone(),
        port: config.database.port,
        ..ClusterConfig::new(project.state_dir())
    };
    let show = |notice: managed::Notice| console.line(&notice.to_string());
    managed::provide_programs(&cluster, show).await?;
    Ok(Cluster::start(&cluster, show).await?)
}

/// Brings the schema to where the project's files say.
async fn apply_migrations(migrations: &Migrations, console: &Console) -> Result<(), DevError> {
    for name in migrations.apply().await? {
        console.line(&format!("applied migration {name}"));
    }
    Ok(())
}

/// Fills a new database.
async fn apply_seed(
    project: &Project,
    migrations: &Migrations,
    console: &Console,
) -> Result<(), DevError> {
    if let Some(seed) = project.seed_file()
        && migrations.seed(&seed).await?
    {
        console.line("applied seed.sql");
    }
    Ok(())
}
