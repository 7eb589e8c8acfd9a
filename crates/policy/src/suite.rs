//! Test files of policies as they are written: who asks for what, given which rows.
//!
//! ```text
//! [personas]       NAME = { role, sub, claims }
//! [given]          "schema.table" = [ { column = value, … }, … ]
//! [[case]]         name, as, request, body, prefer, expect        or: as, expect_none
//! expect           "allowed" | "denied"
//!                  | { status, code, rows, columns, count, affected, unchanged }
//! as               "NAME" | "anon" | "service_role" | { role, sub, claims }
//! ```
//! `$NAME` is a persona's `sub` wherever a value or a request names it, and `$null` is NULL, which
//! TOML cannot write. A persona that no `[personas]` describes is a signed-in user of its own.

mod persona;
mod read;
mod value;

use postern_base::RelationName;
use serde_json::{Map, Value};

use crate::file::parse_document;
use crate::report::Report;
use crate::{Diagnostic, SourceFile};

/// One test file.
#[derive(Clone, Debug, PartialEq)]
pub struct Suite {
    /// The file, relative to the project.
    pub file: String,
    /// The rows that every case starts with, in the order of the file.
    pub given: Vec<GivenRow>,
    /// The cases in order.
    pub cases: Vec<Case>,
}

/// A row that is there before a case.
#[derive(Clone, Debug, PartialEq)]
pub struct GivenRow {
    /// The table.
    pub relation: RelationName,
    /// The columns' values; those left out take their defaults.
    pub values: Map<String, Value>,
    /// The line, from 1.
    pub line: usize,
}

/// Who asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Persona {
    /// What the file calls them.
    pub name: String,
    /// The role: `anon`, `authenticated`, `service_role` or one of the policy files.
    pub role: String,
    /// The token's `sub`.
    pub sub: Option<String>,
    /// Further claims.
    pub claims: Map<String, Value>,
}

/// One question and its answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Case {
    /// Its name, or the request.
    pub name: String,
    /// The line, from 1.
    pub line: usize,
    /// Who asks.
    pub caller: Persona,
    /// The request's first line, such as `GET /rest/v1/todos?select=id`.
    pub request: Option<String>,
    /// The request's body.
    pub body: Option<Value>,
    /// The request's `Prefer` header.
    pub prefer: Option<String>,
    /// What must come of it.
    pub expected: Expected,
    /// Tables of which the caller must get nothing by any verb.
    pub nothing_of: Vec<RelationName>,
}

/// What must come of a request; what is `None` is not looked at.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Expected {
    /// Something came of it (`"allowed"`), or nothing did (`"denied"`).
    pub allowed: Option<bool>,
    /// The HTTP status.
    pub status: Option<u64>,
    /// The code of the refusal, such as `42501`.
    pub code: Option<String>,
    /// The rows; each needs to hold the values named here.
    pub rows: Option<Vec<Map<String, Value>>>,
    /// The columns of every row, all of them.
    pub columns: Option<Vec<String>>,
    /// How many rows the answer holds.
    pub count: Option<u64>,
    /// How many rows were written.
    pub affected: Option<u64>,
    /// Tables whose content is the same afterwards.
    pub unchanged: Vec<RelationName>,
}

/// Reads a test file.
///
/// # Errors
/// Returns every finding when one of them is an error.
pub fn read_suite(source: &SourceFile) -> Result<Suite, Vec<Diagnostic>> {
    let files = std::slice::from_ref(source);
    let mut report = Report::new(files);
    let suite = parse_document(0, source, &mut report)
        .and_then(|root| read::read(&root, source, &mut report));
    match suite {
        Some(suite) if !report.has_errors() => Ok(suite),
        _ => Err(report.into_sorted()),
    }
}

#[cfg(test)]
mod tests;
