//! `postern policy test`: the test files of a project on the workbench's database.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use postern_base::{Clock, Secret, SystemClock};
use postern_db::{Trial, TrialConfig};
use postern_policy::{Diagnostic, SourceFile, Suite, read_suite};
use postern_trial::{Mutation, Progress, Stage, StageParts, TestReport};

use super::workbench::{Workbench, WorkbenchError};
use crate::gateway::database_settings;
use crate::reload::{Snapshot, unreadable};

/// The folder of test files beside the policy files.
const FOLDER: &str = "tests";
const ENDING: &str = ".test.toml";

/// How the tests are run.
#[derive(Clone, Debug)]
pub struct TestOptions {
    /// Whether mutants are made.
    pub mutation: Mutation,
    /// Who makes the rows of the tests, where the gateway's own login may not.
    pub owner_url: Option<Secret<String>>,
}

impl Workbench {
    /// Runs the project's test files in a transaction that is rolled back.
    ///
    /// # Errors
    /// Returns what is wrong with the policy files or the test files, or with the database.
    pub async fn test(
        &self,
        options: TestOptions,
        progress: &mut dyn FnMut(Progress<'_>),
    ) -> Result<TestReport, WorkbenchError> {
        let suites = self.suites()?;
        let snapshot = self.check().await?.snapshot;
        let stage = self.stage(&snapshot, options.owner_url).await?;
        let report = postern_trial::test(&stage, &suites, options.mutation, progress).await;
        stage.end().await?;
        Ok(report?)
    }

    /// A stage on the workbench's database.
    pub(super) async fn stage(
        &self,
        snapshot: &Snapshot,
        owner_url: Option<Secret<String>>,
    ) -> Result<Stage, WorkbenchError> {
        let trial = Trial::begin(TrialConfig {
            owner_url: owner_url.or_else(|| self.owner_url.clone()),
            gateway: database_settings(&self.config)?,
        });
        let schema = self.config.api.schemas.first();
        Ok(Stage::new(StageParts {
            trial: trial.await?,
            catalog: Arc::clone(&snapshot.catalog),
            bundle: Arc::clone(&snapshot.bundle),
            schema: schema.cloned().unwrap_or_else(|| "public".into()),
            limits: self.config.limits.clone(),
            now_unix_secs: SystemClock.now_unix_secs(),
        }))
    }

    /// The test files of `tests/` and of the policy folder, by name.
    fn suites(&self) -> Result<Vec<Suite>, WorkbenchError> {
        let policies = &self.config.policies.dir;
        let sources = test_sources(policies).map_err(WorkbenchError::Policies)?;
        if sources.is_empty() {
            let tests = tests_folder(policies);
            return Err(WorkbenchError::NoTests(tests.join("todos.test.toml")));
        }
        read_suites(&sources).map_err(WorkbenchError::Policies)
    }
}

/// Reads test files as what they say.
///
/// # Errors
/// Everything that is wrong with them.
pub(crate) fn read_suites(sources: &[SourceFile]) -> Result<Vec<Suite>, Vec<Diagnostic>> {
    let mut suites = Vec::new();
    let mut wrong = Vec::new();
    for source in sources {
        match read_suite(source) {
            Ok(suite) => suites.push(suite),
            Err(diagnostics) => wrong.extend(diagnostics),
        }
    }
    match wrong.is_empty() {
        true => Ok(suites),
        false => Err(wrong),
    }
}

/// The folder of test files beside that of the policy files.
pub(crate) fn tests_folder(policies: &Path) -> PathBuf {
    policies.parent().unwrap_or(Path::new(".")).join(FOLDER)
}

/// The texts of the test files of `tests/` and of the policy folder, by name.
///
/// # Errors
/// A finding for each file that cannot be read.
pub(crate) fn test_sources(policies: &Path) -> Result<Vec<SourceFile>, Vec<Diagnostic>> {
    let mut paths = test_files(&tests_folder(policies));
    paths.extend(test_files(policies));
    let mut sources = Vec::new();
    let mut wrong = Vec::new();
    for path in paths {
        let shown = shown(&path);
        match std::fs::read_to_string(&path) {
            Ok(text) => sources.push(SourceFile { path: shown, text }),
            Err(error) => wrong.push(unreadable(shown, &error)),
        }
    }
    match wrong.is_empty() {
        true => Ok(sources),
        false => Err(wrong),
    }
}

/// The test files of a folder; one that is missing has none.
fn test_files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten();
    let is_test = |path: &PathBuf| path.to_string_lossy().ends_with(ENDING);
    let mut paths: Vec<_> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(is_test)
        .collect();
    paths.sort();
    paths
}

/// The folder and the name, as the user would write them.
fn shown(path: &Path) -> String {
    let part = |path: Option<&Path>| {
        let name = path.and_then(Path::file_name).unwrap_or_default();
        name.to_string_lossy().into_owned()
    };
    format!("{}/{}", part(path.parent()), part(Some(path)))
}
