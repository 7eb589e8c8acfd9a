//! The total: rows counted behind the policies, or the planner's estimate where it may be told.

use super::Statement;
use super::projection::{Ground, Protection};
use crate::Error;
use crate::plan::{Action, Counted, Node, Plan, Read, may_estimate};
use crate::request::{Count, Preferences};
use crate::rewritten::Estimate;

impl<'a> Statement<'_, 'a> {
    /// Prints the total of a read, as far as it is counted row by row.
    pub(super) fn read_total(&mut self, read: &Read<'a>) -> Result<(), Error> {
        match read.count {
            None | Some(Counted::Planned) => self.push("NULL::int8"),
            Some(Counted::Exact) => {
                self.push("(SELECT pg_catalog.count(*)");
                self.rows_to_count(&read.node)?;
                self.push(")");
            }
            Some(Counted::Estimated { most }) => {
                self.push("(SELECT pg_catalog.count(*) FROM (SELECT");
                self.rows_to_count(&read.node)?;
                self.push(" LIMIT ");
                self.number(most.saturating_add(1).min(i64::MAX.unsigned_abs()));
                self.push(") AS \"postern.counted\")");
            }
        }
        Ok(())
    }

    /// The question for the planner, where the plan has one.
    pub(super) fn estimate(&self, plan: &Plan<'a>) -> Result<Option<Estimate>, Error> {
        let Action::Read(read) = &plan.action else {
            return Ok(None);
        };
        let above = match read.count {
            None | Some(Counted::Exact) => return Ok(None),
            Some(Counted::Planned) => None,
            Some(Counted::Estimated { most }) => Some(most),
        };
        // SECURITY: the grants are asked once more, as for everything that a plan says.
        if !read
            .count
            .is_some_and(|it| may_estimate(self.view, &read.node, it))
        {
            let message = "permission denied to estimate the number of rows";
            return Err(Error::new(&postern_base::codes::DENIED, message));
        }
        let mut question = Statement::new(self.view, self.rules);
        question.push("EXPLAIN (FORMAT JSON) SELECT 1");
        question.rows_to_count(&read.node)?;
        let (sql, params, _) = question.finish();
        Ok(Some(Estimate { sql, params, above }))
    }

    /// Prints `FROM … WHERE …`: all rows that the filters let through.
    fn rows_to_count(&mut self, node: &Node<'a>) -> Result<(), Error> {
        self.rows_where(node, Ground::Table(Protection::Counted), None)
    }
}

/// The preferences as they were followed: an estimate that may not be told is an exact count.
pub(super) fn applied(plan: &Plan<'_>) -> Preferences {
    let mut preferences = plan.preferences.clone();
    if let Action::Read(read) = &plan.action {
        preferences.count = read.count.map(|it| match it {
            Counted::Exact => Count::Exact,
            Counted::Planned => Count::Planned,
            Counted::Estimated { .. } => Count::Estimated,
        });
    }
    preferences
}
