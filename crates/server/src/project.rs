//! A project folder: what an app keeps in git, and the state beside it that it does not.
//!
//! `postern.toml`, `migrations/*.sql`, `policies/*.toml`, `users.toml` and `seed.sql` are the
//! author's; `.postern/` holds what `postern dev` made: the database and the keys.

mod keys;
mod scaffold;
mod token;
mod users;

use std::io;
use std::path::{Path, PathBuf};

pub use keys::ProjectKeys;
pub use scaffold::create;
pub use token::{TokenRequest, sign};
pub use users::DemoUser;

use crate::config::{Config, FILE_NAME, Problems, Sources};

/// Why a project folder cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ProjectError {
    /// The folder is missing or holds no project.
    #[error(
        "`{}` is no project folder: it has no postern.toml; \
         make a project with `postern new NAME`, or name its folder", .0.display()
    )]
    NoProject(PathBuf),
    /// `postern new` was given a folder that has something in it.
    #[error("`{}` exists and is not empty; choose another name", .0.display())]
    NotEmpty(PathBuf),
    /// A file of the project cannot be read or written.
    #[error("`{}`: {source}", .path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The generated keys were edited into something else.
    #[error("`{}` cannot be read: {reason}; delete it to have new keys made", .path.display())]
    Keys {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The demo users cannot be understood.
    #[error("`{}`: {reason}", .path.display())]
    Users {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// A token was asked for that nobody can sign.
    #[error("no token can be signed: {0}")]
    Token(String),
    /// The configuration is wrong.
    #[error(transparent)]
    Config(#[from] Problems),
}

/// A project folder.
#[derive(Clone, Debug)]
pub struct Project {
    root: PathBuf,
}

impl Project {
    /// Opens a project folder.
    ///
    /// # Errors
    /// Returns [`ProjectError::NoProject`] when there is no `postern.toml`.
    pub fn open(folder: &Path) -> Result<Self, ProjectError> {
        if !folder.join(FILE_NAME).is_file() {
            return Err(ProjectError::NoProject(folder.into()));
        }
        let root = folder
            .canonicalize()
            .map_err(|source| io_error(folder, source))?;
        Ok(Self { root })
    }

    /// The folder.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The folder of the migrations.
    pub fn migrations_dir(&self) -> PathBuf {
        self.root.join("migrations")
    }

    /// The statements that fill a new database, if the project has some.
    pub fn seed_file(&self) -> Option<PathBuf> {
        Some(self.root.join("seed.sql")).filter(|path| path.is_file())
    }

    /// The demo users that `postern dev` makes; nothing else reads them.
    ///
    /// # Errors
    /// Returns an error when `users.toml` cannot be read or understood.
    pub fn demo_users(&self) -> Result<Vec<DemoUser>, ProjectError> {
        users::read(&self.root.join("users.toml"))
    }

    /// The folder of what `postern dev` made.
    pub fn state_dir(&self) -> PathBuf {
        self.root.join(".postern")
    }

    /// The project's keys, if `postern dev` has made them.
    ///
    /// # Errors
    /// Returns an error when the file is there and is not what was written.
    pub fn keys(&self) -> Result<Option<ProjectKeys>, ProjectError> {
        ProjectKeys::read(&self.state_dir())
    }

    /// The project's keys, made now if there are none.
    ///
    /// # Errors
    /// Returns an error when the file can be neither read nor written.
    pub fn keys_or_new(&self) -> Result<ProjectKeys, ProjectError> {
        ProjectKeys::read_or_make(&self.state_dir())
    }

    /// The configuration's sources: file, environment, and the generated keys if there are some.
    ///
    /// # Errors
    /// Returns an error when a file cannot be read.
    pub fn sources(&self) -> Result<Sources, ProjectError> {
        let mut sources = Sources::of_folder(&self.root)
            .map_err(|source| io_error(&self.root.join(FILE_NAME), source))?;
        if let Some(keys) = self.keys()? {
            sources.generated = keys.settings();
        }
        Ok(sources)
    }

    /// A user token that the project accepts, signed with its first secret.
    ///
    /// # Errors
    /// Returns an error when there is no secret yet, or the request cannot be understood.
    pub fn user_token(&self, mut request: TokenRequest) -> Result<String, ProjectError> {
        let auth = self.config()?.auth;
        let secret = auth.jwt_secrets.first().ok_or_else(|| {
            ProjectError::Token(
                "the project has no JWT secret yet; `postern dev` makes one at its first start, \
                 or set `auth.jwt_secrets`"
                    .into(),
            )
        })?;
        request.audience = auth.audience;
        token::sign(&request.claims()?, secret)
    }

    /// The configuration of the project, without flags.
    ///
    /// # Errors
    /// Returns everything that is wrong with it.
    pub fn config(&self) -> Result<Config, ProjectError> {
        Ok(Config::load(&self.root, self.sources()?)?)
    }
}

pub(crate) fn io_error(path: &Path, source: io::Error) -> ProjectError {
    ProjectError::Io {
        path: path.into(),
        source,
    }
}

#[cfg(test)]
mod tests;
