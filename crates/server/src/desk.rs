//! The operator's desk: what the command line does to the tables of the auth service, beside the
//! server or without it.

use std::path::Path;
use std::sync::Arc;

use postern_auth::Resealer;
use postern_auth::admins::Admins;
use postern_auth::audit::AuditLog;
use postern_auth::export::Exporter;
use postern_auth::import::Importer;
use postern_auth::keys::Keys;
use postern_base::{Clock, Secret, SystemClock};
use postern_db::managed::{self, Login};
use postern_db::own::{OwnDb, OwnDbConfig};
use postern_http::signing::Algorithm;
use postern_password::Params;
use postern_vault::{SystemRandom, Vault};

use crate::config::Config;
use crate::gateway::{StartError, vault};
use crate::production::{self, ProductionError};
use crate::project::{Project, ProjectError};

/// Why the desk cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum DeskError {
    /// The project folder or its configuration.
    #[error(transparent)]
    Project(#[from] ProjectError),
    /// There is nothing to open secrets with.
    #[error(
        "there is no `keys.master_key`; `postern dev` makes one at its first start, and \
         `postern serve` is given the one that this database is used with"
    )]
    NoMasterKey,
    /// No database is named and none runs.
    #[error(
        "there is no database: start `postern dev` first, or set DATABASE_URL to the one of \
         `postern serve`"
    )]
    NoDatabase,
    /// The managed database.
    #[error(transparent)]
    Managed(#[from] managed::Error),
    /// Our own schema.
    #[error(transparent)]
    Support(#[from] ProductionError),
    /// The database's address or the master key.
    #[error(transparent)]
    Start(#[from] StartError),
    /// The database.
    #[error("the database cannot be used: {0}")]
    Database(#[from] postern_db::Error),
}

/// The tables of the auth service, and what opens their secrets.
pub struct Desk {
    db: OwnDb,
    vault: Arc<Vault>,
    clock: Arc<dyn Clock>,
    algorithm: Algorithm,
    params: Params,
}

impl Desk {
    /// Opens the database that is configured, else that of a running `postern dev`.
    ///
    /// # Errors
    /// When there is no project, no database or no master key.
    pub async fn open(folder: &Path) -> Result<Self, DeskError> {
        let project = Project::open(folder)?;
        let config = project.config()?;
        let people = &config.people;
        let master_key = people.master_key.as_ref().ok_or(DeskError::NoMasterKey)?;
        let vault = Arc::new(vault(master_key, &people.older_master_keys)?);
        let url = find_database(&project, &config).await?;
        let db = OwnDb::new(&OwnDbConfig {
            connections_max: 2,
            ..OwnDbConfig::new(url)
        })?;
        Ok(Self {
            db,
            vault,
            clock: Arc::new(SystemClock),
            algorithm: people.algorithm,
            params: people.settings.password.params,
        })
    }

    /// The audit log.
    pub fn audit_log(&self) -> AuditLog {
        AuditLog::new(self.db.clone(), Arc::clone(&self.vault))
    }

    /// The people who run the project.
    pub fn admins(&self) -> Admins {
        Admins {
            db: self.db.clone(),
            vault: Arc::clone(&self.vault),
            clock: Arc::clone(&self.clock),
            random: Arc::new(SystemRandom),
            params: self.params,
            asked_by: None,
        }
    }

    /// What brings users over from elsewhere.
    pub fn importer(&self) -> Importer {
        let (vault, clock) = (Arc::clone(&self.vault), Arc::clone(&self.clock));
        Importer::new(self.db.clone(), vault, clock)
    }

    /// What seals stored secrets anew under the present master key.
    pub fn resealer(&self) -> Resealer {
        Resealer::new(self.db.clone(), Arc::clone(&self.vault))
    }

    /// What writes users to a file.
    pub fn exporter(&self) -> Exporter {
        let (vault, clock) = (Arc::clone(&self.vault), Arc::clone(&self.clock));
        Exporter::new(self.db.clone(), vault, clock)
    }

    /// The keys that sign tokens.
    pub fn keys(&self) -> Keys {
        let (vault, clock) = (Arc::clone(&self.vault), Arc::clone(&self.clock));
        Keys::new(self.db.clone(), vault, clock, self.algorithm)
    }
}

async fn find_database(project: &Project, config: &Config) -> Result<Secret<String>, DeskError> {
    if let Some(url) = &config.database.url {
        production::prepare_database(config).await?;
        let own = config.people.database_url.as_ref();
        return Ok(own.unwrap_or(url).clone());
    }
    let running = managed::running(&project.state_dir(), Login::Auth)?;
    running.ok_or(DeskError::NoDatabase)
}
