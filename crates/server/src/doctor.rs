//! `postern doctor`: what an operator should put right, with the SQL that does it.
//!
//! The database's own defences (the login, owners, grants, row-level security) and the policy
//! files are looked at together, for the way of enforcing that is configured. Every finding says
//! what was found, why it matters, and what to run; only a grave one is a failure.

mod database;
mod login;
mod policies;
mod schema;

use std::fmt;

use postern_base::RelationName;
use postern_catalog::Catalog;
use postern_db::survey::Survey;
use postern_policy::{Bundle, Diagnostic};
use postern_rest::Enforce;
use serde_json::{Value, json};

use crate::Config;
use crate::policies::{Workbench, WorkbenchError};
use crate::reload::CheckError;

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Gravity {
    /// Somebody may read or write what they must not.
    Grave,
    /// Something is slow, fragile, or easily becomes grave.
    Warning,
}

/// One finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// How bad it is.
    pub gravity: Gravity,
    /// A stable name such as `login-superuser`.
    pub code: &'static str,
    /// What was found: lower-case, no full stop, names in backticks.
    pub what: String,
    /// Why it matters.
    pub why: &'static str,
    /// What to run.
    pub fix: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let gravity = match self.gravity {
            Gravity::Grave => "grave",
            Gravity::Warning => "warning",
        };
        writeln!(formatter, "{gravity}[{}]: {}", self.code, self.what)?;
        writeln!(formatter, "   = why: {}", self.why)?;
        write!(formatter, "   = fix: {}", self.fix)
    }
}

/// The findings as a JSON array, for machines.
pub fn to_json(findings: &[Finding]) -> String {
    let all: Vec<_> = findings.iter().map(Finding::to_json).collect();
    Value::Array(all).to_string()
}

impl Finding {
    fn to_json(&self) -> Value {
        json!({
            "gravity": if self.gravity == Gravity::Grave { "grave" } else { "warning" },
            "code": self.code,
            "what": self.what,
            "why": self.why,
            "fix": self.fix,
        })
    }
}

/// What is looked at.
struct Subject<'s> {
    config: &'s Config,
    catalog: &'s Catalog,
    survey: &'s Survey,
    bundle: &'s Bundle,
    warnings: &'s [Diagnostic],
}

impl Subject<'_> {
    /// Whether row-level security of the database decides, alone or beside the policy files.
    fn is_native(&self) -> bool {
        self.config.api.enforce != Enforce::Rewrite
    }

    /// Whether the schema is one that is served.
    fn is_served(&self, relation: &RelationName) -> bool {
        self.config.api.schemas.contains(&relation.schema)
    }

    /// Whether requests run as this role of the database before anybody signs in, or as anybody
    /// who has.
    fn is_everybody(&self, role: &str) -> bool {
        ["public", "authenticated", &self.config.api.anon_role].contains(&role)
    }
}

impl Workbench {
    /// Looks for what an operator should put right, the grave first.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn examine(&self) -> Result<Vec<Finding>, WorkbenchError> {
        let loader = self.loader();
        let catalog = loader.catalog().await?;
        let survey = loader.survey().await?;
        let mut findings = Vec::new();
        let (bundle, warnings) = match loader.load().await {
            Ok(loaded) => ((*loaded.snapshot.bundle).clone(), loaded.warnings),
            Err(CheckError::Database(error)) => return Err(error.into()),
            Err(CheckError::Policies(diagnostics)) => {
                findings.extend(policies::refused(&diagnostics));
                (Bundle::default(), diagnostics)
            }
        };
        let subject = Subject {
            config: self.config(),
            catalog: &catalog,
            survey: &survey,
            bundle: &bundle,
            warnings: &warnings,
        };
        login::examine(&subject, &mut findings);
        schema::examine(&subject, &mut findings);
        match subject.config.api.enforce {
            Enforce::Rewrite => policies::examine(&subject, &mut findings),
            Enforce::Native => database::examine(&subject, &mut findings),
            Enforce::Both => {
                policies::examine(&subject, &mut findings);
                database::examine(&subject, &mut findings);
            }
        }
        findings.sort_by_key(|it| it.gravity);
        Ok(findings)
    }
}

/// A name as it stands in SQL: quoted unless it is plain.
fn sql_name(name: &str) -> String {
    let starts = name.starts_with(|it: char| it.is_ascii_lowercase() || it == '_');
    let plain = |it: char| it.is_ascii_lowercase() || it.is_ascii_digit() || it == '_';
    if starts && name.chars().all(plain) {
        name.to_owned()
    } else {
        format!("\"{}\"", name.replace('"', "\"\""))
    }
}

/// A relation's full name as it stands in SQL.
fn sql_relation(name: &RelationName) -> String {
    format!("{}.{}", sql_name(&name.schema), sql_name(&name.name))
}
