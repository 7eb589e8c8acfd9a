//! The saved queries of a project: read, bound to the schema, and compared with what Postgres
//! makes of them. One that is not provably safe is refused, with the others' findings.

use std::fs;
use std::path::Path;

use postern_base::{Identity, RoleName};
use postern_catalog::Catalog;
use postern_db::{Db, Dependency};
use postern_policy::saved::{SavedQuery, read_saved};
use postern_policy::{Bundle, Diagnostic, Severity, SourceFile, Verb};
use postern_query::{Grant, View, saved_probe};
use postern_rest::SavedQueries;

use super::check::CheckError;
use super::sources::unreadable;

/// The folder's name in a project.
pub(super) const QUERIES_DIR: &str = "queries";
/// Longest excerpt of a line in a finding.
const TEXT_CHARS_MAX: usize = 80;
/// Most saved queries of a project.
const QUERIES_MAX: usize = 1_000;

/// Who grants what the queries read.
#[derive(Clone, Copy, Debug)]
pub(super) enum Grants<'a> {
    /// The policy files: checked when a query is read.
    OfPolicies(&'a Bundle),
    /// The database alone: it checks every request.
    OfTheDatabase,
}

/// Reads and checks every `*.sql` of the folder; a missing folder has none.
///
/// # Errors
/// Every finding, or that the database could not be asked.
pub(super) async fn load_queries(
    db: &Db,
    catalog: &Catalog,
    grants: Grants<'_>,
    (dir, default_schema): (&Path, &str),
) -> Result<SavedQueries, CheckError> {
    let mut found = Vec::new();
    let mut wrong = Vec::new();
    for source in sources(dir).map_err(CheckError::Policies)? {
        let bundle = match grants {
            Grants::OfPolicies(bundle) => Some(bundle),
            Grants::OfTheDatabase => None,
        };
        match read_saved(&source, catalog, bundle, default_schema) {
            Err(diagnostics) => wrong.extend(diagnostics),
            Ok(query) => match check(db, catalog, bundle, (&query, &source)).await? {
                Some(problem) => wrong.push(problem),
                None => found.push(query),
            },
        }
    }
    if found.len() + wrong.len() > QUERIES_MAX {
        let problem = format!("there are more than {QUERIES_MAX} saved queries");
        wrong.push(diagnostic(QUERIES_DIR.into(), problem, "remove some"));
    }
    match wrong.is_empty() {
        true => Ok(SavedQueries::new(found)),
        false => Err(CheckError::Policies(wrong)),
    }
}

/// Reads and checks one query.
///
/// # Errors
/// Why it is not provably safe; a database that could not be asked is a finding as well.
pub(crate) async fn check_query(
    db: &Db,
    catalog: &Catalog,
    bundle: Option<&Bundle>,
    (source, default_schema): (&SourceFile, &str),
) -> Result<SavedQuery, Vec<Diagnostic>> {
    let query = read_saved(source, catalog, bundle, default_schema)?;
    match check(db, catalog, bundle, (&query, source)).await {
        Ok(None) => Ok(query),
        Ok(Some(problem)) => Err(vec![problem]),
        Err(error) => {
            let problem = format!("the database could not be asked: {}", error.message());
            Err(vec![diagnostic(source.path.clone(), problem, "try again")])
        }
    }
}

fn sources(dir: &Path) -> Result<Vec<SourceFile>, Vec<Diagnostic>> {
    let mut paths: Vec<_> = fs::read_dir(dir)
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|it| it == "sql"))
        .collect();
    paths.sort();
    let mut sources = Vec::new();
    for path in paths {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let shown = format!("{QUERIES_DIR}/{name}");
        let stem = name.trim_end_matches(".sql");
        let plain = !stem.is_empty()
            && stem
                .chars()
                .all(|it| it.is_ascii_lowercase() || it.is_ascii_digit() || it == '_' || it == '-');
        if !plain {
            let problem = format!("`{stem}` is no name of a saved query");
            let help = "use a-z, 0-9, `_` and `-`";
            return Err(vec![diagnostic(shown, problem, help)]);
        }
        match fs::read_to_string(&path) {
            Ok(text) => sources.push(SourceFile { path: shown, text }),
            Err(error) => return Err(vec![unreadable(shown, &error)]),
        }
    }
    Ok(sources)
}

/// What is wrong with a query that could be read.
async fn check(
    db: &Db,
    catalog: &Catalog,
    bundle: Option<&Bundle>,
    (query, source): (&SavedQuery, &SourceFile),
) -> Result<Option<Diagnostic>, postern_db::Error> {
    let refused = |problem: String, place, help| {
        let file = query.file.clone();
        Ok(Some(located(
            diagnostic(file, problem, help),
            place,
            source,
        )))
    };
    if let Some((problem, place)) = bundle.and_then(|it| ungranted(catalog, it, query)) {
        let help = "grant it in the policy file, or take the role or the column out";
        return refused(problem, place, help);
    }
    let nothing = Bundle::default();
    let identity = Identity::anonymous();
    let anon = RoleName::new(RoleName::ANON);
    let view = View::of_role(catalog, bundle.unwrap_or(&nothing), &identity, anon);
    let probe = match saved_probe(query, &view) {
        Ok(probe) => probe,
        Err(error) => return refused(error.message, query.places.query, "simplify it"),
    };
    let problem = match db.dependencies(&probe).await {
        Err(error) if error.rejection().is_some() => {
            format!("the database refuses the query: {error}")
        }
        Err(error) => return Err(error),
        Ok(dependencies) => match unexpected(catalog, query, &dependencies) {
            Some(problem) => problem,
            None => return Ok(None),
        },
    };
    let help = "name tables with their schema, and use built-in operators only";
    refused(problem, query.places.query, help)
}

/// The finding at its place in the file.
fn located(finding: Diagnostic, (line, column): (usize, usize), source: &SourceFile) -> Diagnostic {
    let text = source.text.lines().nth(line - 1).unwrap_or_default();
    Diagnostic {
        line,
        column,
        text: text.trim().chars().take(TEXT_CHARS_MAX).collect(),
        ..finding
    }
}

/// What is wrong, and where.
type Found = (String, (usize, usize));

/// A role that may not read what the query names.
fn ungranted(catalog: &Catalog, bundle: &Bundle, query: &SavedQuery) -> Option<Found> {
    let identity = Identity::anonymous();
    for role in &query.roles {
        let built_in = [RoleName::ANON, RoleName::AUTHENTICATED].contains(&role.as_str());
        if !built_in && !bundle.roles().any(|(name, _)| name == role) {
            return Some((format!("unknown role `{role}`"), query.places.roles));
        }
        let view = View::of_role(catalog, bundle, &identity, role.clone());
        for (name, columns) in &query.reads {
            let Some(Grant::Rules(access)) = view.grant(name, Verb::Select) else {
                let problem = format!("role `{role}` may not read `{name}`");
                return Some((problem, query.places.of(name, None)));
            };
            let hidden = columns.iter().find(|it| !access.columns.contains(it));
            if let Some(column) = hidden {
                let problem = format!("role `{role}` may not read column `{column}` of `{name}`");
                return Some((problem, query.places.of(name, Some(column))));
            }
        }
    }
    None
}

/// A dependency that is none of the tables and columns that we bound the names to.
fn unexpected(
    catalog: &Catalog,
    query: &SavedQuery,
    dependencies: &[Dependency],
) -> Option<String> {
    let is_known = |it: &Dependency| match it.class.as_str() {
        "pg_class" => query.reads.iter().any(|(name, columns)| {
            let Some(relation) = catalog.relation(name) else {
                return false;
            };
            let of = |name: &String| relation.column(name).map(|it| i32::from(it.attnum));
            relation.oid == it.oid
                && (it.column == 0 || columns.iter().any(|name| of(name) == Some(it.column)))
        }),
        // The types of columns, enums for instance: they run nothing.
        "pg_type" | "pg_collation" => true,
        _ => false,
    };
    let stranger = dependencies.iter().find(|it| !is_known(it))?;
    Some(format!(
        "the database reads more into the query than its text says ({} {})",
        stranger.class, stranger.oid
    ))
}

fn diagnostic(file: String, message: String, help: &str) -> Diagnostic {
    Diagnostic {
        severity: Severity::Error,
        code: "refused-query",
        file,
        line: 1,
        column: 1,
        text: String::new(),
        message,
        help: help.into(),
        fix: None,
    }
}
