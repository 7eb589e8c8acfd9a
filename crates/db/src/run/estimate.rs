//! Completes a total with the planner's estimate.

use postern_query::Estimate;
use serde_json::Value;

use super::Answer;
use crate::Error;

/// Asks for the estimate unless the count came to its end, and puts it in the answer.
pub(super) async fn complete(
    answer: &mut Answer,
    question: &Estimate,
    ask: impl AsyncFnOnce() -> Result<Answer, Error>,
) -> Result<(), Error> {
    let counted = answer.total_rows;
    let is_whole = match (question.above(), counted) {
        (Some(most), Some(counted)) => counted <= most,
        (None, _) | (_, None) => false,
    };
    if is_whole {
        return Ok(());
    }
    let estimated = planned_rows(&ask().await?)?;
    answer.total_rows = Some(estimated.max(counted.unwrap_or(0)));
    Ok(())
}

/// Reads the number of rows that the plan's outermost node expects.
fn planned_rows(plan: &Answer) -> Result<u64, Error> {
    let plan: Option<Value> = plan
        .body
        .as_deref()
        .and_then(|it| serde_json::from_str(it).ok());
    let rows = plan.as_ref().and_then(|it| it.pointer("/0/Plan/Plan Rows"));
    let rows = rows.and_then(Value::as_f64);
    let rows = rows.filter(|it| it.is_finite() && *it >= 0.0);
    let rows = rows.ok_or(Error::Shape {
        reason: "a plan has no number of rows",
    })?;
    Ok(rows as u64)
}
