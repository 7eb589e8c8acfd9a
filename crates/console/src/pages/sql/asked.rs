//! SQL in somebody else's name: one SELECT, rewritten by the policies as a saved query is.
//!
//! What cannot be proved safe is refused with its line. The rows are those that the caller would
//! get, and the statement that ran is shown beside them.

use std::time::Instant;

use postern_base::Identity;
use postern_db::console::{SqlColumn, SqlFailure, SqlRan, SqlReport, SqlRest};
use postern_policy::saved::{Body, SavedQuery};
use postern_policy::{Diagnostic, SourceFile};
use serde_json::{Map, Value};

use super::kept::{Outcome, Wish};
use crate::console::Console;

/// What findings call the text.
const FILE: &str = "queries/console.sql";

/// Runs the text of a wish as this caller.
pub(super) async fn ask(console: &Console, wish: &Wish, identity: &Identity) -> Outcome {
    let started = Instant::now();
    let failed = |failure| Outcome::Asked {
        report: SqlReport {
            ran: Vec::new(),
            failure: Some(failure),
        },
        sql: String::new(),
    };
    let (text, added) = match headed(console, identity, &wish.sql) {
        Ok(headed) => headed,
        Err(message) => return failed(refusal(message)),
    };
    let source = SourceFile {
        path: FILE.to_owned(),
        text,
    };
    let query = match console.backstage.check_query(source).await {
        Ok(query) => query,
        Err(findings) => return failed(found(&findings, (added, &wish.sql))),
    };
    match console.rest.ask(identity, &query).await {
        Ok(asked) => {
            let ran = ran(wish, &query, &asked.rows);
            Outcome::Asked {
                report: SqlReport {
                    ran: vec![SqlRan {
                        took: started.elapsed(),
                        ..ran
                    }],
                    failure: None,
                },
                sql: asked.sql,
            }
        }
        Err(failure) => failed(SqlFailure {
            code: code(&failure),
            ..refusal(failure.to_string())
        }),
    }
}

/// The text with the role that asks at its head, and how many lines that added.
fn headed(console: &Console, identity: &Identity, sql: &str) -> Result<(String, usize), String> {
    let head = sql.lines().map(str::trim);
    let mut head = head.take_while(|it| it.is_empty() || it.starts_with("--"));
    if head.any(|it| {
        it.trim_start_matches('-')
            .trim_start()
            .starts_with("roles:")
    }) {
        return Ok((sql.to_owned(), 0));
    }
    let snapshot = console.rest.snapshot();
    let view = console.rest.view(&snapshot, identity);
    let view = view.map_err(|error| error.message)?;
    let role = view.role().or_else(|| view.database_role());
    let role = role.ok_or_else(|| t!("sql.no_role").to_owned())?;
    Ok((format!("-- roles: {role}\n{sql}"), 1))
}

fn refusal(message: String) -> SqlFailure {
    SqlFailure {
        message,
        line: 1,
        column: 1,
        ..SqlFailure::default()
    }
}

/// The first finding at its place in what was typed.
fn found(findings: &[Diagnostic], (added, sql): (usize, &str)) -> SqlFailure {
    let Some(first) = findings.first() else {
        return refusal(t!("sql.not_safe").to_owned());
    };
    let line = first.line.saturating_sub(added).max(1);
    SqlFailure {
        code: String::new(),
        message: first.message.clone(),
        detail: None,
        hint: Some(crate::failure::sentence(&first.help)),
        line,
        column: first.column,
        excerpt: sql.lines().nth(line - 1).unwrap_or_default().to_owned(),
    }
}

/// The rows of the answer under the names that the query gives them, in its order.
fn ran(wish: &Wish, query: &SavedQuery, rows: &str) -> SqlRan {
    let names = names(&query.query.body);
    let all: Vec<Map<String, Value>> = serde_json::from_str(rows).unwrap_or_default();
    let row = |it: &Map<String, Value>| {
        let cells = names.iter().map(|name| it.get(name).and_then(text));
        cells.collect()
    };
    let total = u64::try_from(all.len()).unwrap_or(u64::MAX);
    SqlRan {
        text: wish.sql.clone(),
        line: 1,
        rows: all.iter().take(wish.rows_max).map(row).collect(),
        rest: match all.len() > wish.rows_max {
            true => SqlRest::MoreOf(total),
            false => SqlRest::Nothing,
        },
        columns: names
            .into_iter()
            .map(|name| SqlColumn {
                name,
                ty: String::new(),
            })
            .collect(),
        touched: 0,
        took: std::time::Duration::ZERO,
        is_plan: false,
    }
}

/// The names of a query's outputs; those of the first of several.
fn names(body: &Body) -> Vec<String> {
    match body {
        Body::Select(select) => select
            .outputs
            .iter()
            .map(|(_, name)| name.clone())
            .collect(),
        Body::Set { left, .. } => names(left),
    }
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}

/// The database's own code, where it is the one that refused.
fn code(failure: &postern_rest::Failure) -> String {
    match failure {
        postern_rest::Failure::Db(error) => error.code().to_owned(),
        _ => String::new(),
    }
}
