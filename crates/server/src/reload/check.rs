//! Binding policy files to a catalogue, and closing tables whose files no longer fit.

use postern_catalog::Catalog;
use postern_db::Db;
use postern_policy::{self as policy, Bundle, Diagnostic, RuleRef, Severity};
use postern_query as query;

use super::sources::PolicySources;

/// A bundle that the database has type-checked.
#[derive(Debug)]
pub struct Checked {
    /// The bundle.
    pub bundle: Bundle,
    /// What the author should look at.
    pub warnings: Vec<Diagnostic>,
}

/// Why files could not be checked.
#[derive(Debug, thiserror::Error)]
pub enum CheckError {
    /// The database could not be asked; this says nothing about the files.
    #[error(transparent)]
    Database(#[from] postern_db::Error),
    /// Every finding of every file; at least one is an error.
    #[error("the policy files have errors")]
    Policies(Vec<Diagnostic>),
}

/// Binds the files to the catalogue, and has the database prepare each predicate.
///
/// # Errors
/// Returns every error of every file, warnings included, or that the database was lost.
pub async fn check(
    db: &Db,
    catalog: &Catalog,
    sources: &PolicySources,
) -> Result<Checked, CheckError> {
    let loaded = policy::load(&sources.files, catalog, sources.lock.as_deref())
        .map_err(CheckError::Policies)?;
    let mut diagnostics = Vec::new();
    let probes = match query::probes(&loaded.bundle, catalog) {
        Ok(probes) => probes,
        Err(error) => return Err(CheckError::Policies(vec![unprintable(&error, sources)])),
    };
    let (rules, probes): (Vec<_>, Vec<_>) = probes.into_iter().unzip();
    let probes: Vec<_> = probes.iter().collect();
    for (rule, judged) in rules.into_iter().zip(db.check(&probes).await?) {
        match judged {
            Ok(()) => {}
            Err(error) if is_verdict(&error) => {
                diagnostics.push(type_error(&rule, &error, sources));
            }
            Err(error) => return Err(CheckError::Database(error)),
        }
    }
    // A predicate is probed once for each role that it serves; one complaint is enough.
    diagnostics.dedup();
    if diagnostics.is_empty() {
        Ok(Checked {
            bundle: loaded.bundle,
            warnings: loaded.warnings,
        })
    } else {
        diagnostics.extend(loaded.warnings);
        Err(CheckError::Policies(diagnostics))
    }
}

/// Whether Postgres judged the statement, rather than having no time, room or life for it.
fn is_verdict(error: &postern_db::Error) -> bool {
    const OF_THE_SERVER: [&str; 5] = ["08", "53", "57", "58", "XX"];
    error
        .rejection()
        .is_some_and(|it| !OF_THE_SERVER.iter().any(|class| it.code.starts_with(class)))
}

/// What remains of a bundle that the schema has moved away from.
#[derive(Debug)]
pub(super) struct Remains {
    pub(super) checked: Checked,
    /// The files that were left out, and why.
    pub(super) closed: Vec<(String, Vec<Diagnostic>)>,
}

/// Binds as many files as fit; the tables of the others are closed.
///
/// SECURITY: a file that others may rest on (roles, predicates) closes everything when it does
/// not fit, because leaving out a role could move its callers to a wider one.
pub(super) async fn check_closing(
    db: &Db,
    catalog: &Catalog,
    sources: &PolicySources,
) -> Result<Remains, postern_db::Error> {
    let mut sources = sources.clone();
    let mut closed = Vec::new();
    loop {
        let diagnostics = match check(db, catalog, &sources).await {
            Ok(checked) => return Ok(Remains { checked, closed }),
            Err(CheckError::Database(error)) => return Err(error),
            Err(CheckError::Policies(diagnostics)) => diagnostics,
        };
        let mut failing: Vec<_> = errors(&diagnostics).map(|it| it.file.clone()).collect();
        failing.sort();
        failing.dedup();
        let known = |file: &String| sources.files.iter().any(|it| it.path == *file);
        if !failing.iter().all(|file| known(file) && is_closable(file)) || failing.is_empty() {
            failing = sources.files.iter().map(|it| it.path.clone()).collect();
            sources.lock = None;
        }
        if sources.files.is_empty() {
            let checked = Checked {
                bundle: Bundle::default(),
                warnings: Vec::new(),
            };
            return Ok(Remains { checked, closed });
        }
        failing.extend(resting_on_visibility(&sources, &failing));
        sources = sources.without(&failing);
        closed.extend(failing.into_iter().map(|file| {
            let why = errors(&diagnostics).filter(|it| it.file == file);
            let why = why.cloned().collect();
            (file, why)
        }));
    }
}

/// Files with a rule that sees other tables as the caller does.
///
/// SECURITY: when a table closes, `NOT EXISTS (…)` over it would become true for everybody, so
/// whoever asks in that way closes with it.
fn resting_on_visibility(sources: &PolicySources, failing: &[String]) -> Vec<String> {
    let asks = |line: &str| line.contains("scope") && line.contains("caller");
    sources
        .files
        .iter()
        .filter(|file| !failing.contains(&file.path))
        .filter(|file| file.text.lines().any(asks))
        .map(|file| file.path.clone())
        .collect()
}

fn errors(diagnostics: &[Diagnostic]) -> impl Iterator<Item = &Diagnostic> {
    diagnostics
        .iter()
        .filter(|it| it.severity == Severity::Error)
}

/// Whether a file speaks of its own table (or the functions) only.
fn is_closable(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    !name.starts_with('_')
}

/// The database's refusal of one text of a policy file.
fn type_error(rule: &RuleRef, error: &postern_db::Error, sources: &PolicySources) -> Diagnostic {
    let text = line_of(sources, &rule.file, rule.line);
    Diagnostic {
        severity: Severity::Error,
        code: "type-error",
        file: rule.file.clone(),
        line: rule.line,
        column: text.len() - text.trim_start().len() + 1,
        text: text.trim().into(),
        message: format!(
            "the database refuses {} `{}`: {error}",
            rule.kind, rule.name
        ),
        help: "compare values of one type, with a cast where they differ".into(),
        fix: None,
    }
}

/// A bundle that loads but cannot be printed; `query` says what is wrong with it.
fn unprintable(error: &query::Error, sources: &PolicySources) -> Diagnostic {
    let file = sources.files.first();
    Diagnostic {
        severity: Severity::Error,
        code: "unprintable",
        file: file.map_or_else(String::new, |file| file.path.clone()),
        line: 1,
        column: 1,
        text: String::new(),
        message: format!("the policies cannot be turned into SQL: {error}"),
        help: "write the rule in simpler terms".into(),
        fix: None,
    }
}

fn line_of<'a>(sources: &'a PolicySources, file: &str, line: usize) -> &'a str {
    sources
        .files
        .iter()
        .find(|it| it.path == file)
        .and_then(|it| it.text.lines().nth(line.saturating_sub(1)))
        .unwrap_or_default()
}
