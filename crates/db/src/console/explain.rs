//! Which statements have plans.

use super::{SqlAnswer, SqlMode};

/// Statements that can be explained.
const EXPLAINED: [&str; 8] = [
    "select", "insert", "update", "delete", "merge", "values", "table", "with",
];

/// What stands before a statement so that its plan is the answer. None where it has no plan.
pub(super) fn prefix(answer: SqlAnswer, mode: SqlMode, word: &str) -> Option<&'static str> {
    if !EXPLAINED.contains(&word) {
        return None;
    }
    match (answer, mode) {
        (SqlAnswer::Rows, _) => None,
        // To measure is to run: that is for runs that keep nothing.
        (SqlAnswer::MeasuredPlan, SqlMode::ReadOnly) => {
            Some("explain (analyze, buffers, verbose, format json) ")
        }
        (SqlAnswer::Plan, _) | (SqlAnswer::MeasuredPlan, SqlMode::Write) => {
            Some("explain (verbose, format json) ")
        }
    }
}
