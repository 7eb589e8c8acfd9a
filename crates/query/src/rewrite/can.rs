//! Whether a write would be let through: its policy asked, nothing written.
//!
//! The same conditions stand here as in the write itself, printed by the same functions. A row
//! that is hidden, one that is not there and one that is refused give the same answer, FALSE.
//! Constraints and triggers are not asked, since they act on writes only.

use postern_policy::Verb;

use super::check::{Checks, Wait, wait_of};
use super::expr::Row;
use super::update::{assignments, written_columns};
use super::{Rules, Statement, answer_shape};
use crate::plan::{Action, Plan, Write, WriteKind};
use crate::view::Grant;
use crate::{Error, Rewritten, View};

/// What is asked of a write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Can {
    /// Whether its rows exist for the verb.
    Reach,
    /// Whether they do, and what would be stored passes the checks too.
    Write,
}

/// Turns a planned write into the question whether it would be let through; a read is run as it
/// is. `None` is no, without asking the database.
///
/// # Errors
/// As `rewrite`.
pub fn can<'a>(plan: &Plan<'a>, view: &View<'a>, can: Can) -> Result<Option<Rewritten>, Error> {
    let Action::Write(write) = &plan.action else {
        return super::rewrite(plan, view).map(Some);
    };
    let mut statement = Statement::new(view, Rules::ALL);
    let is_asked = match (&write.kind, can) {
        (WriteKind::Insert | WriteKind::Upsert(_), _) => statement.can_insert(write)?,
        (WriteKind::Update, Can::Write) => statement.can_update(write)?,
        (WriteKind::Update | WriteKind::Delete, _) => {
            statement.can_reach(write)?;
            true
        }
    };
    let question = statement.into_question(answer_shape(plan, view))?;
    Ok(is_asked.then_some(question))
}

const COUNTS: &str = " AS page_rows, NULL::int8 AS total_rows, 0::int8 AS inserted_rows";

impl<'a> Statement<'_, 'a> {
    fn can_reach(&mut self, write: &Write<'a>) -> Result<(), Error> {
        let verb = match write.kind {
            WriteKind::Delete => Verb::Delete,
            _ => Verb::Update,
        };
        let grant = self.grant(write.relation, verb)?;
        self.push("SELECT NULL::text AS body, pg_catalog.count(*)");
        self.push(COUNTS);
        self.push(" FROM (SELECT 1 FROM ");
        self.relation(&write.relation.name);
        self.push(" AS \"b0\"");
        self.write_filter(write, grant, true)?;
        self.push(" LIMIT 1) AS \"r\"");
        Ok(())
    }

    fn can_update(&mut self, write: &Write<'a>) -> Result<bool, Error> {
        if write.columns.is_empty() {
            self.can_reach(write)?;
            return Ok(true);
        }
        let relation = write.relation;
        let grant = self.grant(relation, Verb::Update)?;
        let checks = self.update_checks(write, grant)?;
        if wait_of(relation, Verb::Update, &checks, &[]) == Wait::Value {
            return Ok(false);
        }
        let assigned = assignments(write, grant);
        let row = Row::New {
            base: "b0",
            assigned: &assigned,
        };
        // SECURITY: the checks stand in the target list, which is evaluated for those rows only
        // that the filters let through; an error in them tells nothing of others.
        self.push("SELECT NULL::text AS body, COALESCE((SELECT CASE WHEN ");
        self.passes(&checks, row)?;
        self.push(" THEN 1 ELSE 0 END FROM ");
        self.relation(&relation.name);
        self.push(" AS \"b0\" CROSS JOIN (SELECT * FROM ");
        let sent: Vec<_> = write
            .columns
            .iter()
            .filter_map(|name| relation.column(name))
            .collect();
        let body = write.body.clone().unwrap_or_else(|| "[]".into());
        self.recordset(&body, &sent);
        self.push(" LIMIT 1) AS \"s\"");
        self.write_filter(write, grant, true)?;
        self.push(" LIMIT 1), 0)::int8");
        self.push(COUNTS);
        Ok(true)
    }

    fn can_insert(&mut self, write: &Write<'a>) -> Result<bool, Error> {
        let relation = write.relation;
        let grant = self.grant(relation, Verb::Insert)?;
        let checks = self.insert_checks(write, grant)?;
        let written = written_columns(write, grant);
        if wait_of(relation, Verb::Insert, &checks, &written) == Wait::Value {
            return Ok(false);
        }
        self.push("SELECT NULL::text AS body, pg_catalog.count(*)");
        self.push(COUNTS);
        self.push(" FROM (SELECT 1 FROM ");
        self.proposed_rows(write, grant, &checks)?;
        self.push(" WHERE ");
        self.passes(&checks, Row::Stored("s"))?;
        self.push(") AS \"r\"");
        Ok(true)
    }

    /// Prints whether a row passes all checks and points to visible rows only.
    fn passes(&mut self, checks: &Checks<'_>, row: Row<'_>) -> Result<(), Error> {
        self.push("(TRUE");
        for condition in &checks.conditions {
            self.push(" AND ");
            self.expr(condition, row)?;
        }
        for key in &checks.references {
            self.push(" AND ");
            self.is_visible_target(key, row)?;
        }
        self.push(")");
        Ok(())
    }

    fn proposed_rows(
        &mut self,
        write: &Write<'a>,
        grant: Grant<'a>,
        checks: &Checks<'_>,
    ) -> Result<(), Error> {
        let columns = super::insert::source_columns(write, grant, checks, self.rules);
        self.insert_source(write, &columns)
    }
}
