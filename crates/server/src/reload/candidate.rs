//! The candidate policies of the shadow: read and checked like those in force, enforced by nobody.

use std::path::Path;
use std::sync::Arc;

use postern_catalog::Catalog;
use postern_db::Db;
use postern_policy::{Diagnostic, Severity};
use postern_rest::Candidate;

use super::check::{CheckError, check};
use super::sources::PolicySources;

/// Reads the candidate. Its errors stop nobody: they come back to be told, and there is nothing
/// to compare until they are mended.
///
/// # Errors
/// When the database cannot be asked.
pub(super) async fn load_candidate(
    db: &Db,
    catalog: &Catalog,
    dir: &Path,
) -> Result<(Candidate, Vec<Diagnostic>), postern_db::Error> {
    if !dir.is_dir() {
        return Ok(refused(vec![missing(dir)]));
    }
    let checked = match PolicySources::read(dir) {
        Ok(sources) => check(db, catalog, &sources).await,
        Err(diagnostics) => Err(CheckError::Policies(diagnostics)),
    };
    match checked {
        Ok(checked) => Ok((Candidate::Ready(Arc::new(checked.bundle)), Vec::new())),
        Err(CheckError::Database(error)) => Err(error),
        Err(CheckError::Policies(mut diagnostics)) => {
            diagnostics.retain(|it| it.severity == Severity::Error);
            Ok(refused(diagnostics))
        }
    }
}

fn refused(diagnostics: Vec<Diagnostic>) -> (Candidate, Vec<Diagnostic>) {
    let errors = diagnostics.iter().map(ToString::to_string).collect();
    (Candidate::Refused(errors), diagnostics)
}

/// SECURITY: a folder that is not there must not count as policies that refuse everything.
fn missing(dir: &Path) -> Diagnostic {
    Diagnostic {
        severity: Severity::Error,
        code: "unreadable-file",
        file: dir.display().to_string(),
        line: 1,
        column: 1,
        text: String::new(),
        message: "there is no such folder, so there is no candidate to try".into(),
        help: "make it, or take `policies.shadow` out of the configuration".into(),
        fix: None,
    }
}
