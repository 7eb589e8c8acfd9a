//! Deletes. Cascades run unfiltered, as under native row-level security.

use postern_policy::Verb;

use super::Statement;
use super::written::Waiting;
use crate::Error;
use crate::plan::{Plan, Write};

impl<'a> Statement<'_, 'a> {
    pub(super) fn delete(&mut self, write: &Write<'a>, plan: &Plan<'a>) -> Result<(), Error> {
        let grant = self.grant(write.relation, Verb::Delete)?;
        let waiting = Waiting::default();
        self.push("WITH \"w\" AS (DELETE FROM ");
        self.relation(&write.relation.name);
        self.push(" AS \"b0\"");
        self.write_filter(write, grant, self.rules.delete_filter)?;
        self.returning(write, &waiting)?;
        self.push(")");
        self.answer(write, &waiting, plan)
    }
}
