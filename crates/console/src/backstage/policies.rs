//! The policy files and the database that they are tried on, as the server has them.

use std::sync::Arc;

use futures_util::future::LocalBoxFuture;
use postern_db::Trial;
use postern_policy::{Bundle, Diagnostic, SourceFile};
use postern_trial::TestReport;

/// The policy files as they lie.
#[derive(Clone, Debug, Default)]
pub struct PolicyFolder {
    /// The folder's name.
    pub name: String,
    /// The policy files, by name; paths as their author would write them.
    pub files: Vec<SourceFile>,
}

impl PolicyFolder {
    /// The path of a file of this name, as its author would write it.
    pub fn path_of(&self, file: &str) -> String {
        format!("{}/{file}", self.name)
    }
}

/// A change of one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyEdit {
    /// The file's name in the folder.
    pub file: String,
    /// Its new text; none takes the file away.
    pub text: Option<String>,
}

/// Policies that were checked and are not in force.
#[derive(Clone, Debug)]
pub struct PolicyDraft {
    /// The policies.
    pub bundle: Arc<Bundle>,
    /// What their author should look at.
    pub warnings: Vec<Diagnostic>,
}

/// Why a draft could not be checked.
#[derive(Clone, Debug)]
pub enum PolicyFault {
    /// It has errors; warnings are told as well.
    Wrong(Vec<Diagnostic>),
    /// The folder or the database is not to be had.
    Unavailable(String),
}

/// A file that lies aside and is not in its place yet; dropped, it is as if it had never been.
pub struct StagedPolicy {
    commit: Box<dyn FnOnce() -> Result<(), String>>,
}

impl StagedPolicy {
    /// A file that this puts in its place.
    pub fn new(commit: impl FnOnce() -> Result<(), String> + 'static) -> Self {
        Self {
            commit: Box::new(commit),
        }
    }

    /// Puts it in its place, at once.
    ///
    /// # Errors
    /// What the system says.
    pub fn commit(self) -> Result<(), String> {
        (self.commit)()
    }
}

/// Why a file cannot be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PublishFault {
    /// The folder is not the server's to write; what the system says.
    ReadOnly(String),
    /// It is not what its author saw.
    Moved,
    /// Something else.
    Failed(String),
}

/// Policies behind the console.
pub trait PolicyRoom {
    /// Reads the files; the error says why they cannot be read.
    fn policy_files(&self) -> LocalBoxFuture<'_, Result<PolicyFolder, String>>;
    /// Checks all files with this change, against the schema that is served. Nothing is changed.
    fn check_policies<'a>(
        &'a self,
        edit: &'a PolicyEdit,
    ) -> LocalBoxFuture<'a, Result<PolicyDraft, PolicyFault>>;
    /// A transaction that can only read and has little time, as the gateway's login.
    fn policy_trial(&self) -> LocalBoxFuture<'_, Result<Trial, String>>;
    /// Reads the test files.
    fn policy_tests(&self) -> LocalBoxFuture<'_, Result<Vec<SourceFile>, String>>;
    /// Writes a policy file aside, where the one in the folder is still the one that was seen.
    fn stage_policy<'a>(
        &'a self,
        edit: &'a PolicyEdit,
        seen: Option<&'a str>,
    ) -> LocalBoxFuture<'a, Result<StagedPolicy, PublishFault>>;
    /// Writes a test file of a new name aside.
    fn stage_policy_test<'a>(
        &'a self,
        file: &'a str,
        text: &'a str,
    ) -> LocalBoxFuture<'a, Result<StagedPolicy, PublishFault>>;
    /// Whether the database was started for the project, so that nobody else waits for its tests.
    fn has_own_database(&self) -> bool;
    /// Runs the tests with this change, in a transaction that is rolled back.
    fn test_policies<'a>(
        &'a self,
        edit: Option<&'a PolicyEdit>,
    ) -> LocalBoxFuture<'a, Result<TestReport, PolicyFault>>;
}
