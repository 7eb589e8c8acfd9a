//! Policies behind the console: the files of the folder, and the database that they are tried on.

use futures_util::future::LocalBoxFuture;
use postern_console::{PolicyFolder, PolicyRoom};
use postern_policy::Diagnostic;

use super::Stage;
use crate::reload::PolicySources;

impl PolicyRoom for Stage {
    fn policy_files(&self) -> LocalBoxFuture<'_, Result<PolicyFolder, String>> {
        Box::pin(async move {
            let sources = PolicySources::read(&self.config.policies.dir);
            let sources = sources.map_err(|found| told(&found))?;
            Ok(PolicyFolder {
                files: sources.files,
            })
        })
    }
}

/// The first thing that is wrong, in a sentence.
fn told(diagnostics: &[Diagnostic]) -> String {
    let first = diagnostics.first();
    first.map_or_else(String::new, |it| format!("{}: {}", it.file, it.message))
}
