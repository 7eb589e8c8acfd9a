//! A project's policy files beside a live database.

use std::path::{Path, PathBuf};

use postern_base::Secret;
use postern_db::Db;
use postern_db::managed::{self, Cluster, ClusterConfig, Login};
use postern_policy::Diagnostic;
use postern_telemetry::Telemetry;

use super::explain::{ExplainError, Question};
use super::template;
use crate::config::Config;
use crate::gateway::{StartError, database_settings, take_over};
use crate::migrations::{MigrationError, Migrations};
use crate::project::{Project, ProjectError};
use crate::reload::{CheckError, LOCK_FILE, Loaded, Loader, PolicySources, Snapshot};

/// Why a command on policy files cannot be carried out.
#[derive(Debug, thiserror::Error)]
pub enum WorkbenchError {
    /// The project folder or its configuration.
    #[error(transparent)]
    Project(#[from] ProjectError),
    /// The managed database.
    #[error(transparent)]
    Managed(#[from] managed::Error),
    /// The migrations.
    #[error(transparent)]
    Migration(#[from] MigrationError),
    /// The database.
    #[error("the database cannot be used: {0}")]
    Database(#[from] postern_db::Error),
    /// The server's settings.
    #[error(transparent)]
    Start(#[from] StartError),
    /// The policy files have errors, which were printed.
    #[error("the policy files have {} (see above)", counted(.0))]
    Policies(Vec<Diagnostic>),
    /// A starter file cannot be written.
    #[error("{0}")]
    Template(String),
    /// Test files cannot be run.
    #[error(transparent)]
    Trial(#[from] postern_trial::Error),
    /// There are no test files.
    #[error("there are no test files; write one as `{}`, see docs/policy-testing.md", .0.display())]
    NoTests(PathBuf),
    /// A file cannot be written.
    #[error("cannot write `{}`: {source}", .path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
}

fn counted(diagnostics: &[Diagnostic]) -> String {
    let errors = diagnostics
        .iter()
        .filter(|it| it.severity == postern_policy::Severity::Error)
        .count();
    match errors {
        1 => "an error".into(),
        errors => format!("{errors} errors"),
    }
}

impl From<CheckError> for WorkbenchError {
    fn from(error: CheckError) -> Self {
        match error {
            CheckError::Database(error) => Self::Database(error),
            CheckError::Policies(diagnostics) => Self::Policies(diagnostics),
        }
    }
}

/// A project's policy files beside a live database.
pub struct Workbench {
    pub(super) config: Config,
    pub(super) loader: Loader,
    /// The owner's address of a managed database.
    pub(super) owner_url: Option<Secret<String>>,
    /// The managed database, when it was started for this.
    cluster: Option<Cluster>,
}

impl Workbench {
    /// Opens the project and finds its database.
    ///
    /// # Errors
    /// Returns an error when there is no project, or no database can be had.
    pub async fn open(folder: &Path) -> Result<Self, WorkbenchError> {
        let project = Project::open(folder)?;
        let mut config = project.config()?;
        let found = find_database(&project, &config).await?;
        config.database.url = Some(found.gateway);
        let bench = Self::on(config, found.owner).await?;
        Ok(Self {
            cluster: found.cluster,
            ..bench
        })
    }

    /// A workbench on a database that is there: the configured one, and who owns its tables.
    ///
    /// # Errors
    /// Returns an error when the database cannot be reached.
    pub async fn on(
        mut config: Config,
        owner_url: Option<Secret<String>>,
    ) -> Result<Self, WorkbenchError> {
        // What is said of the login's settings is for the server's log.
        take_over(&mut config, &Telemetry::new()).await?;
        let db = Db::connect(&database_settings(&config)?).await?;
        let loader = Loader::new(db, &config);
        Ok(Self {
            config,
            loader,
            owner_url,
            cluster: None,
        })
    }

    /// Stops the database, if it was started for this.
    ///
    /// # Errors
    /// Returns an error when it does not stop.
    pub async fn close(self) -> Result<(), WorkbenchError> {
        if let Some(cluster) = self.cluster {
            cluster.stop().await?;
        }
        Ok(())
    }

    /// The configuration that it works with.
    pub(crate) fn config(&self) -> &Config {
        &self.config
    }

    /// What reads schema and policies.
    pub(crate) fn loader(&self) -> &Loader {
        &self.loader
    }

    /// Checks all policy files against the database.
    ///
    /// # Errors
    /// Returns all diagnostics when one of them is an error.
    pub async fn check(&self) -> Result<Loaded, WorkbenchError> {
        Ok(self.loader.load().await?)
    }

    /// Takes a request the way that the gateway takes, and tells of each step.
    ///
    /// # Errors
    /// Returns the refusal that a client would get, or what is wrong with the question.
    pub fn explain(
        &self,
        question: &Question,
        snapshot: &Snapshot,
    ) -> Result<String, ExplainError> {
        question.answer(&self.config, snapshot)
    }

    /// Writes the lock file for the schema as it is, and returns its path.
    ///
    /// # Errors
    /// Returns an error when a file cannot be read or written.
    pub async fn lock(&self) -> Result<PathBuf, WorkbenchError> {
        let (_, text) = self.lock_texts().await?;
        let path = self.config.policies.dir.join(LOCK_FILE);
        write(&path, &text)?;
        Ok(path)
    }

    /// Checks that the lock file is the one that would be written now.
    ///
    /// # Errors
    /// Returns an error that names the first line that differs, or that there is no lock.
    pub async fn check_lock(&self) -> Result<(), WorkbenchError> {
        let (written, text) = self.lock_texts().await?;
        let Some(written) = written else {
            let message = "there is no lock file; write one with `postern policy lock`";
            return Err(WorkbenchError::Template(message.into()));
        };
        let (mut old, mut new) = (written.lines(), text.lines());
        loop {
            match (old.next(), new.next()) {
                (None, None) => return Ok(()),
                (one, other) if one == other => {}
                (one, other) => {
                    let (one, other) = (one.unwrap_or("nothing"), other.unwrap_or("nothing"));
                    return Err(WorkbenchError::Template(format!(
                        "the lock file is not that of the schema: it says `{one}` where `{other}` \
                         should stand; look at the change, then run `postern policy lock`"
                    )));
                }
            }
        }
    }

    /// The lock as it is written, and as it would be.
    async fn lock_texts(&self) -> Result<(Option<String>, String), WorkbenchError> {
        let catalog = self.loader.catalog().await?;
        let dir = &self.config.policies.dir;
        let sources = PolicySources::read(dir).map_err(WorkbenchError::Policies)?;
        let text = postern_policy::lock_text(&sources.files, &catalog);
        Ok((sources.lock, text))
    }

    /// Writes the database's grants and row-level security as policy files; those that exist are
    /// left alone. Returns what was written, and what the author should know.
    ///
    /// # Errors
    /// Returns an error when the database cannot be asked or a file cannot be written.
    pub async fn import(&self) -> Result<(Vec<PathBuf>, Vec<String>), WorkbenchError> {
        let catalog = self.loader.catalog().await?;
        let survey = self.loader.survey().await?;
        let imported = super::import(&catalog, &survey, &self.config.api.anon_role);
        let (mut written, mut notes) = (Vec::new(), imported.notes);
        for file in imported.files {
            let name = file.path.rsplit('/').next().unwrap_or(&file.path);
            let path = self.config.policies.dir.join(name);
            if path.exists() {
                notes.push(format!("`{}` exists and was left alone", path.display()));
            } else {
                write(&path, &file.text)?;
                written.push(path);
            }
        }
        Ok((written, notes))
    }

    /// Writes the policy files as a migration: grants and row-level security.
    ///
    /// # Errors
    /// Returns all diagnostics when a policy file has an error.
    pub async fn export(&self) -> Result<String, WorkbenchError> {
        let snapshot = self.loader.load().await?.snapshot;
        Ok(super::export(&snapshot.bundle, &snapshot.catalog))
    }

    /// Writes a starter file for a table, and returns its path.
    ///
    /// # Errors
    /// Returns an error when there is no such table or template, the table lacks what the
    /// template rests on, or the file exists.
    pub async fn new_file(&self, table: &str, name: &str) -> Result<PathBuf, WorkbenchError> {
        let catalog = self.loader.catalog().await?;
        let default_schema = self.config.api.schemas.first();
        let default_schema = default_schema.map_or("public", String::as_str);
        let (relation, text) = template::starter(&catalog, default_schema, table, name)
            .map_err(WorkbenchError::Template)?;
        let path = self.config.policies.dir.join(format!("{relation}.toml"));
        if path.exists() {
            let message = format!("`{}` exists; edit it, or delete it first", path.display());
            return Err(WorkbenchError::Template(message));
        }
        write(&path, &text)?;
        Ok(path)
    }
}

fn write(path: &Path, text: &str) -> Result<(), WorkbenchError> {
    let dir = path.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(dir)
        .and_then(|()| std::fs::write(path, text))
        .map_err(|source| WorkbenchError::Write {
            path: path.into(),
            source,
        })
}

/// A database for the commands.
struct Found {
    gateway: Secret<String>,
    owner: Option<Secret<String>>,
    cluster: Option<Cluster>,
}

/// The configured database, else that of a running `postern dev`, else one started now.
async fn find_database(project: &Project, config: &Config) -> Result<Found, WorkbenchError> {
    if let Some(url) = &config.database.url {
        return Ok(Found {
            gateway: url.clone(),
            owner: None,
            cluster: None,
        });
    }
    let state_dir = project.state_dir();
    if let Some(gateway) = managed::running(&state_dir, Login::Gateway)? {
        return Ok(Found {
            gateway,
            owner: managed::running(&state_dir, Login::Owner)?,
            cluster: None,
        });
    }
    let settings = ClusterConfig {
        bin_dir: config.database.bin_dir.clone(),
        port: config.database.port,
        ..ClusterConfig::new(state_dir)
    };
    project.keys_or_new()?;
    let cluster = Cluster::start(&settings, |_| {}).await?;
    let migrations = Migrations::new(project.migrations_dir(), cluster.url(Login::Owner));
    migrations.apply().await?;
    Ok(Found {
        gateway: cluster.url(Login::Gateway),
        owner: Some(cluster.url(Login::Owner)),
        cluster: Some(cluster),
    })
}
