//! The policy files and the database that they are tried on, as the server has them.

use futures_util::future::LocalBoxFuture;
use postern_policy::SourceFile;

/// The policy files as they lie.
#[derive(Clone, Debug, Default)]
pub struct PolicyFolder {
    /// The policy files, by name; paths as their author would write them.
    pub files: Vec<SourceFile>,
}

/// Policies behind the console.
pub trait PolicyRoom {
    /// Reads the files; the error says why they cannot be read.
    fn policy_files(&self) -> LocalBoxFuture<'_, Result<PolicyFolder, String>>;
}
