//! Compares what came of a case with what it expects; every difference is a sentence.

use postern_policy::Expected;
use serde_json::{Map, Value};

use crate::Outcome;

/// Most rows that a sentence quotes.
const ROWS_SHOWN_MAX: usize = 5;

/// The differences; none when the case passes. `ordered` is whether the request asks for an order.
pub(crate) fn judge(expected: &Expected, outcome: &Outcome, order: Order) -> Vec<String> {
    let mut problems = Vec::new();
    if let Some(allowed) = expected.allowed
        && outcome.effective != allowed
    {
        problems.push(match allowed {
            true => format!("expected to be allowed, but {}", told(outcome)),
            false => format!("expected to be denied, but {}", told(outcome)),
        });
    }
    if let Some(status) = expected.status
        && u64::from(outcome.status) != status
    {
        problems.push(format!("expected status {status}, but {}", told(outcome)));
    }
    if let Some(code) = &expected.code
        && outcome.code.as_ref() != Some(code)
    {
        problems.push(format!("expected code {code}, but {}", told(outcome)));
    }
    let counts = [
        ("rows written", expected.affected, outcome.affected),
        ("rows in the answer", expected.count, rows_of(outcome)),
    ];
    for (what, expected, found) in counts {
        if let Some(expected) = expected
            && found != Some(expected)
        {
            let found = found.map_or_else(|| told(outcome), |it| format!("there are {it}"));
            problems.push(format!("expected {expected} {what}, but {found}"));
        }
    }
    if let Some(rows) = &expected.rows {
        problems.extend(compare_rows(rows, outcome, order));
    }
    if let Some(columns) = &expected.columns {
        problems.extend(compare_columns(columns, outcome));
    }
    problems
}

/// Whether the rows of an answer have an order that counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    Asked,
    Any,
}

fn rows_of(outcome: &Outcome) -> Option<u64> {
    let rows = outcome.rows.as_ref()?;
    u64::try_from(rows.len()).ok()
}

/// What came of it, in a few words.
fn told(outcome: &Outcome) -> String {
    match (&outcome.code, &outcome.message) {
        (Some(code), Some(message)) => format!("it was {} {code}: {message}", outcome.status),
        _ => match (outcome.affected, rows_of(outcome)) {
            (Some(affected), _) => format!("it was {} and wrote {affected} rows", outcome.status),
            (None, Some(rows)) => format!("it was {} with {rows} rows", outcome.status),
            (None, None) => format!("it was {}", outcome.status),
        },
    }
}

fn compare_rows(expected: &[Map<String, Value>], outcome: &Outcome, order: Order) -> Vec<String> {
    let Some(found) = &outcome.rows else {
        return vec![format!("expected rows, but {}", told(outcome))];
    };
    if order == Order::Asked {
        let same = expected.len() == found.len()
            && expected
                .iter()
                .zip(found)
                .all(|(one, other)| holds(one, other));
        return match same {
            true => Vec::new(),
            false => vec![format!(
                "expected the rows {}, but they are {}",
                shown_maps(expected),
                shown(found)
            )],
        };
    }
    let mut rest: Vec<&Value> = found.iter().collect();
    let mut missing = Vec::new();
    for row in expected {
        match rest.iter().position(|it| holds(row, it)) {
            Some(index) => drop(rest.swap_remove(index)),
            None => missing.push(row.clone()),
        }
    }
    let mut problems = Vec::new();
    if !missing.is_empty() {
        problems.push(format!("missing rows: {}", shown_maps(&missing)));
    }
    if !rest.is_empty() {
        let rest: Vec<_> = rest.into_iter().cloned().collect();
        problems.push(format!("rows that should not be there: {}", shown(&rest)));
    }
    problems
}

/// Whether a row holds the expected values; others it may have besides.
fn holds(expected: &Map<String, Value>, row: &Value) -> bool {
    expected
        .iter()
        .all(|(column, value)| row.get(column).is_some_and(|it| is_same(it, value)))
}

fn is_same(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Number(one), Value::Number(other)) => {
            one == other || one.as_f64() == other.as_f64()
        }
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len()
                && one
                    .iter()
                    .zip(other)
                    .all(|(one, other)| is_same(one, other))
        }
        (row @ Value::Object(_), Value::Object(expected)) => holds(expected, row),
        _ => left == right,
    }
}

fn compare_columns(expected: &[String], outcome: &Outcome) -> Vec<String> {
    let mut wanted: Vec<&str> = expected.iter().map(String::as_str).collect();
    wanted.sort_unstable();
    let Some(rows) = outcome.rows.as_ref().filter(|it| !it.is_empty()) else {
        return vec![format!("expected rows with columns, but {}", told(outcome))];
    };
    for row in rows {
        let mut found: Vec<&str> = row
            .as_object()
            .map(|it| it.keys().map(String::as_str).collect())
            .unwrap_or_default();
        found.sort_unstable();
        if found != wanted {
            let (wanted, found) = (wanted.join(", "), found.join(", "));
            return vec![format!(
                "expected the columns {wanted}, but they are {found}"
            )];
        }
    }
    Vec::new()
}

fn shown_maps(rows: &[Map<String, Value>]) -> String {
    let rows: Vec<_> = rows.iter().cloned().map(Value::Object).collect();
    shown(&rows)
}

fn shown(rows: &[Value]) -> String {
    let more = rows.len().saturating_sub(ROWS_SHOWN_MAX);
    let mut text: Vec<_> = rows
        .iter()
        .take(ROWS_SHOWN_MAX)
        .map(Value::to_string)
        .collect();
    if more > 0 {
        text.push(format!("and {more} more"));
    }
    match text.is_empty() {
        true => "none".into(),
        false => text.join(" "),
    }
}

#[cfg(test)]
mod tests;
