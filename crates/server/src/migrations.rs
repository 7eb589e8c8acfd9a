//! A project's migrations and seed as files, and applying them.

mod add;

use std::io;
use std::path::{Path, PathBuf};

use postern_base::Secret;
use postern_db::Admin;
use postern_db::migrate::{self, MigrationFile};

use crate::reload::{Notice, Reporter};

/// Why migrations or the seed were not applied.
#[derive(Debug, thiserror::Error)]
pub enum MigrationError {
    /// A file cannot be read.
    #[error("cannot read `{}`: {source}", .path.display())]
    Read {
        /// The file or folder.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A file cannot be written.
    #[error("cannot write `{}`: {source}", .path.display())]
    Write {
        /// The file or folder.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// No number comes after the last one.
    #[error(
        "`{last}` is the last migration, and no number with as many digits sorts after it; \
         write the next migration by hand"
    )]
    NoNumber {
        /// The last file's name.
        last: String,
    },
    /// The files and the database disagree, or the database refuses a statement.
    #[error(transparent)]
    Migrate(Box<migrate::Error>),
    /// The database cannot be reached.
    #[error(transparent)]
    Database(#[from] postern_db::Error),
}

impl From<migrate::Error> for MigrationError {
    fn from(error: migrate::Error) -> Self {
        Self::Migrate(Box::new(error))
    }
}

/// The migrations of a project, and the database that they go to.
#[derive(Clone, Debug)]
pub struct Migrations {
    dir: PathBuf,
    owner_url: Secret<String>,
}

impl Migrations {
    /// Migrations in `dir`, applied as the database's owner.
    pub fn new(dir: PathBuf, owner_url: Secret<String>) -> Self {
        Self { dir, owner_url }
    }

    /// The folder of the files.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// Applies what is new, and returns the names.
    ///
    /// # Errors
    /// Returns the first file that cannot be applied, and why; those before it stay applied.
    pub async fn apply(&self) -> Result<Vec<String>, MigrationError> {
        let files = read(&self.dir)?;
        let mut admin = Admin::connect(&self.owner_url).await?;
        Ok(migrate::apply(&mut admin, &files).await?)
    }

    /// Applies the seed, unless that has been done; says whether it did.
    ///
    /// # Errors
    /// Returns why it cannot be applied; nothing of it stays then.
    pub async fn seed(&self, path: &Path) -> Result<bool, MigrationError> {
        let file = read_file(path)?;
        let mut admin = Admin::connect(&self.owner_url).await?;
        Ok(migrate::seed(&mut admin, &file).await?)
    }

    /// Applies what is new, and tells the reporter how it went.
    pub(crate) async fn apply_and_tell(&self, reporter: &Reporter) {
        match self.apply().await {
            Ok(names) => {
                for name in names {
                    reporter.tell(&Notice::Migrated(name));
                }
            }
            Err(error) => reporter.tell(&Notice::MigrationFailed(error.to_string())),
        }
    }
}

/// The migration files of a folder; a missing folder has none.
fn read(dir: &Path) -> Result<Vec<MigrationFile>, MigrationError> {
    let failed = |source| MigrationError::Read {
        path: dir.into(),
        source,
    };
    let entries = match std::fs::read_dir(dir) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(failed(error)),
    };
    let mut files = Vec::new();
    for entry in entries {
        let path = entry.map_err(failed)?.path();
        let hidden = path
            .file_name()
            .is_some_and(|name| name.to_string_lossy().starts_with('.'));
        if !hidden && path.extension().is_some_and(|it| it == "sql") {
            files.push(read_file(&path)?);
        }
    }
    Ok(files)
}

fn read_file(path: &Path) -> Result<MigrationFile, MigrationError> {
    let sql = std::fs::read_to_string(path).map_err(|source| MigrationError::Read {
        path: path.into(),
        source,
    })?;
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    Ok(MigrationFile {
        name: name.into_owned(),
        sql,
    })
}
