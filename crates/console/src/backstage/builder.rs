//! Changes of the schema: they go to the project's folder as migrations, where there is one.

use futures_util::future::LocalBoxFuture;

/// A migration in the making.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    /// What the file's name says behind its number.
    pub slug: String,
    /// The file's text.
    pub sql: String,
}

/// Why a migration was not applied. Nothing of it is in the database then, and no file of it in
/// the folder of the migrations.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BuildError {
    /// This server writes no migrations.
    #[error("this server has no folder of migrations")]
    NoFolder,
    /// Postgres refused a statement of it.
    #[error("{message}")]
    Refused {
        /// The line of its text, from 1; none when Postgres did not say.
        line: Option<usize>,
        /// What Postgres says, with its code, details and hint.
        message: String,
    },
    /// Something else is in the way, such as an earlier migration.
    #[error("{0}")]
    Blocked(String),
    /// The files or the database cannot be reached.
    #[error("{0}")]
    Failed(String),
}

/// The part of the server that changes the schema.
pub trait Builder {
    /// Whether migrations can be written here; where they cannot, they are offered as files.
    fn writes_migrations(&self) -> bool;
    /// Numbers a migration, applies it, and puts it into the project's folder; the answer is the
    /// file's name.
    fn migrate(&self, draft: Draft) -> LocalBoxFuture<'_, Result<String, BuildError>>;
    /// Keeps what was refused beside the migrations, where nothing applies it; the answer is the
    /// file's name.
    fn keep(&self, draft: Draft) -> LocalBoxFuture<'_, Result<String, BuildError>>;
}
