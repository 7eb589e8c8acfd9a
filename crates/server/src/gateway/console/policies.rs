//! Policies behind the console: the files of the folder, and the database that they are tried on.

mod staged;

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::LocalBoxFuture;
use postern_base::{Clock, Secret, SystemClock};
use postern_console::{
    PolicyDraft, PolicyEdit, PolicyFault, PolicyFolder, PolicyRoom, PublishFault, StagedPolicy,
};
use postern_db::managed::{self, Login};
use postern_db::{Trial, TrialConfig};
use postern_policy::{Diagnostic, SourceFile};
use postern_trial::{Mutation, Stage as TrialStage, StageParts, TestReport};

use super::Stage;
use crate::gateway::database_settings;
use crate::policies::{read_suites, test_sources, tests_folder};
use crate::reload::{CheckError, PolicySources, check};
use staged::stage;

/// How long one question about rows may take.
const QUESTION_MAX: Duration = Duration::from_secs(3);
/// Where `postern dev` keeps what it makes, in the project's folder.
const STATE_FOLDER: &str = ".postern";

impl PolicyRoom for Stage {
    fn policy_files(&self) -> LocalBoxFuture<'_, Result<PolicyFolder, String>> {
        Box::pin(async move {
            let sources = PolicySources::read(&self.config.policies.dir);
            let sources = sources.map_err(|found| told(&found))?;
            Ok(PolicyFolder {
                name: self.policies_folder(),
                files: sources.files,
            })
        })
    }

    fn check_policies<'a>(
        &'a self,
        edit: &'a PolicyEdit,
    ) -> LocalBoxFuture<'a, Result<PolicyDraft, PolicyFault>> {
        Box::pin(async move {
            let sources = PolicySources::read(&self.config.policies.dir);
            let mut sources = sources.map_err(PolicyFault::Wrong)?;
            let path = format!("{}/{}", self.policies_folder(), edit.file);
            apply(&mut sources, path, edit.text.clone());
            let catalog = Arc::clone(&self.rest.snapshot().catalog);
            match check(&self.db, &catalog, &sources).await {
                Ok(checked) => Ok(PolicyDraft {
                    bundle: Arc::new(checked.bundle),
                    warnings: checked.warnings,
                }),
                Err(CheckError::Policies(found)) => Err(PolicyFault::Wrong(found)),
                Err(CheckError::Database(error)) => {
                    Err(PolicyFault::Unavailable(error.to_string()))
                }
            }
        })
    }

    fn policy_trial(&self) -> LocalBoxFuture<'_, Result<Trial, String>> {
        Box::pin(async move {
            let settings = database_settings(&self.config).map_err(|error| error.to_string())?;
            let trial = Trial::begin_to_read(settings, QUESTION_MAX).await;
            trial.map_err(|error| error.to_string())
        })
    }

    fn policy_tests(&self) -> LocalBoxFuture<'_, Result<Vec<SourceFile>, String>> {
        let sources = test_sources(&self.config.policies.dir);
        Box::pin(async move { sources.map_err(|found| told(&found)) })
    }

    fn stage_policy<'a>(
        &'a self,
        edit: &'a PolicyEdit,
        seen: Option<&'a str>,
    ) -> LocalBoxFuture<'a, Result<StagedPolicy, PublishFault>> {
        let dir = &self.config.policies.dir;
        Box::pin(async move { stage(dir, &edit.file, edit.text.as_deref(), seen) })
    }

    fn stage_policy_test<'a>(
        &'a self,
        file: &'a str,
        text: &'a str,
    ) -> LocalBoxFuture<'a, Result<StagedPolicy, PublishFault>> {
        let dir = tests_folder(&self.config.policies.dir);
        Box::pin(async move { stage(&dir, file, Some(text), None) })
    }

    fn has_own_database(&self) -> bool {
        self.own_database().is_some()
    }

    fn test_policies<'a>(
        &'a self,
        edit: Option<&'a PolicyEdit>,
    ) -> LocalBoxFuture<'a, Result<TestReport, PolicyFault>> {
        Box::pin(self.run_tests(edit))
    }
}

impl Stage {
    /// The owner's address of a database that `postern dev` runs.
    fn own_database(&self) -> Option<Secret<String>> {
        let project = self.config.policies.dir.parent()?;
        let state = project.join(STATE_FOLDER);
        let gateway = managed::running(&state, Login::Gateway).ok()??;
        let configured = self.config.database.url.as_ref()?;
        if gateway.expose() != configured.expose() {
            return None;
        }
        managed::running(&state, Login::Owner).ok()?
    }

    async fn run_tests(&self, edit: Option<&PolicyEdit>) -> Result<TestReport, PolicyFault> {
        let unavailable =
            |error: &dyn std::fmt::Display| PolicyFault::Unavailable(error.to_string());
        let dir = &self.config.policies.dir;
        let sources = test_sources(dir).map_err(PolicyFault::Wrong)?;
        let suites = read_suites(&sources).map_err(PolicyFault::Wrong)?;
        let snapshot = self.rest.snapshot();
        let bundle = match edit {
            Some(edit) => self.check_policies(edit).await?.bundle,
            None => Arc::clone(&snapshot.bundle),
        };
        let trial = Trial::begin(TrialConfig {
            owner_url: self.own_database(),
            gateway: database_settings(&self.config).map_err(|error| unavailable(&error))?,
        });
        let schema = self.config.api.schemas.first();
        let stage = TrialStage::new(StageParts {
            trial: trial.await.map_err(|error| unavailable(&error))?,
            catalog: Arc::clone(&snapshot.catalog),
            bundle,
            schema: schema.cloned().unwrap_or_else(|| "public".into()),
            limits: self.config.limits.clone(),
            now_unix_secs: SystemClock.now_unix_secs(),
        });
        let report = postern_trial::test(&stage, &suites, Mutation::Off, &mut |_| {}).await;
        stage.end().await.map_err(|error| unavailable(&error))?;
        report.map_err(|error| unavailable(&error))
    }

    /// The folder's name, as findings write it.
    fn policies_folder(&self) -> String {
        let name = self.config.policies.dir.file_name().unwrap_or_default();
        name.to_string_lossy().into_owned()
    }
}

/// Puts a text in the place of a file, adds the file, or takes it away.
fn apply(sources: &mut PolicySources, path: String, text: Option<String>) {
    sources.files.retain(|it| it.path != path);
    sources
        .files
        .extend(text.map(|text| SourceFile { path, text }));
    sources
        .files
        .sort_by(|one, other| one.path.cmp(&other.path));
}

/// The first thing that is wrong, in a sentence.
fn told(diagnostics: &[Diagnostic]) -> String {
    let first = diagnostics.first();
    first.map_or_else(String::new, |it| format!("{}: {}", it.file, it.message))
}
