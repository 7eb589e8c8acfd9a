//! Checks on written rows: where they stand, and what they refuse with.
//!
//! A check stands inside the first assigned column,
//! `CASE WHEN check THEN value ELSE deny() END`, so that one statement decides and acts, before
//! any constraint is looked at, as native row-level security does. Where the database itself
//! may still change the row (BEFORE triggers, generated columns), the check is made on what
//! RETURNING yields instead, and a refusal undoes the statement.

use std::collections::BTreeSet;

use postern_catalog::{Column, Generated, Relation};
use postern_policy::{Access, Expr, Verb};

use super::expr::Row;
use super::{Statement, reads};
use crate::Error;
use crate::view::Grant;

/// The conditions that a written row must meet, none of them constantly TRUE.
#[derive(Clone, Debug, Default)]
pub(super) struct Checks<'c> {
    /// The rules' own checks and, where the statement reads the table, the select policy.
    pub(super) conditions: Vec<&'c Expr>,
    /// The foreign key columns whose target must be visible.
    pub(super) references: Vec<&'c str>,
}

impl<'c> Checks<'c> {
    pub(super) fn is_empty(&self) -> bool {
        self.conditions.is_empty() && self.references.is_empty()
    }

    /// Adds a condition unless it is there already (often every verb has the same).
    pub(super) fn require(&mut self, condition: Option<&'c Expr>) {
        add_new(&mut self.conditions, condition);
    }

    /// The columns that the conditions read.
    pub(super) fn reads(&self) -> BTreeSet<&'c str> {
        let mut names = BTreeSet::new();
        self.conditions
            .iter()
            .for_each(|it| reads::collect(it, &mut names));
        names.extend(self.references.iter());
        names
    }

    /// The references among the given columns.
    pub(super) fn with_references(
        mut self,
        access: Option<&'c Access>,
        written: &[String],
    ) -> Self {
        let all = access.map_or(&[][..], |it| it.references.as_slice());
        let touched = all.iter().filter(|column| written.contains(column));
        self.references = touched.map(String::as_str).collect();
        self
    }
}

impl<'a> Statement<'_, 'a> {
    /// Prints `CASE WHEN checks THEN <value> ELSE deny() END`, or the bare value.
    pub(super) fn checked(
        &mut self,
        checks: &Checks<'_>,
        relation: &Relation,
        row: Row<'_>,
        value: &dyn Fn(&mut Self) -> Result<(), Error>,
    ) -> Result<(), Error> {
        if !checks.conditions.is_empty() {
            self.push("CASE WHEN ");
            self.all(&checks.conditions, row)?;
            self.push(" THEN ");
        }
        self.referenced(&checks.references, relation, row, value)?;
        if !checks.conditions.is_empty() {
            self.push(" ELSE ");
            self.deny(&denial(relation), value)?;
            self.push(" END");
        }
        Ok(())
    }

    /// Prints all conditions joined by AND.
    pub(super) fn all(&mut self, conditions: &[&Expr], row: Row<'_>) -> Result<(), Error> {
        for (index, condition) in conditions.iter().enumerate() {
            if index > 0 {
                self.push(" AND ");
            }
            self.expr(condition, row)?;
        }
        Ok(())
    }

    /// Prints a call that refuses with `42501`; the witness gives it its type.
    pub(super) fn deny(
        &mut self,
        message: &str,
        witness: &dyn Fn(&mut Self) -> Result<(), Error>,
    ) -> Result<(), Error> {
        self.push("\"postern\".\"deny\"(");
        self.literal(message);
        self.push(", ");
        witness(self)?;
        self.push(")");
        Ok(())
    }

    fn referenced(
        &mut self,
        references: &[&str],
        relation: &Relation,
        row: Row<'_>,
        value: &dyn Fn(&mut Self) -> Result<(), Error>,
    ) -> Result<(), Error> {
        if references.is_empty() || !self.rules.references {
            return value(self);
        }
        self.push("CASE");
        for column in references {
            self.push(" WHEN NOT ");
            self.is_visible_target(column, relation, row)?;
            self.push(" THEN \"postern\".\"refuse\"('23503', ");
            self.literal(&foreign_key_violation(relation, column));
            self.push(", ");
            value(self)?;
            self.push(")");
        }
        self.push(" ELSE ");
        value(self)?;
        self.push(" END");
        Ok(())
    }

    /// Prints whether the row that a foreign key points to is NULL or visible to the caller.
    fn is_visible_target(
        &mut self,
        column: &str,
        relation: &Relation,
        row: Row<'_>,
    ) -> Result<(), Error> {
        let own = Expr::Column {
            source: postern_policy::Source::Row,
            name: column.to_owned(),
        };
        self.push("(");
        self.expr(&own, row)?;
        self.push(" IS NULL");
        let keys = relation.foreign_keys.iter();
        for key in keys.filter(|key| key.columns.iter().any(|it| it == column)) {
            let Some(target) = self.view.relation(&key.target) else {
                continue;
            };
            let Some(grant) = self.view.grant(&key.target, Verb::Select) else {
                continue;
            };
            self.push(" OR EXISTS (SELECT FROM ");
            self.visible_rows(target, grant)?;
            self.push(" AS \"ref\" WHERE TRUE");
            for (near, far) in key.columns.iter().zip(&key.target_columns) {
                let near = Expr::Column {
                    source: postern_policy::Source::Row,
                    name: near.clone(),
                };
                self.push(" AND ");
                self.column("ref", far);
                self.push(" = ");
                self.expr(&near, row)?;
            }
            self.push(")");
        }
        self.push(")");
        Ok(())
    }

    /// Prints the rows that the grant lets through, with all their columns (keys are compared
    /// here, nothing is shown).
    fn visible_rows(&mut self, relation: &Relation, grant: Grant<'a>) -> Result<(), Error> {
        self.push("(SELECT * FROM ");
        self.relation(&relation.name);
        self.push(" AS \"refb\"");
        if let Some(filter) = super::statement::filter_of(grant) {
            self.push(" WHERE ");
            self.expr(filter, Row::Stored("refb"))?;
        }
        self.push(")");
        Ok(())
    }
}

/// Adds a condition unless it is there already.
pub(super) fn add_new<'c>(conditions: &mut Vec<&'c Expr>, condition: Option<&'c Expr>) {
    if let Some(condition) = condition
        && !conditions.contains(&condition)
    {
        conditions.push(condition);
    }
}

/// Why the checks of a write must wait for the stored row.
pub(super) fn must_wait(relation: &Relation, verb: Verb, checks: &Checks<'_>) -> bool {
    let triggered = match verb {
        Verb::Insert => relation.triggers.before_insert,
        Verb::Update => relation.triggers.before_update,
        Verb::Select | Verb::Delete => false,
    };
    let read = checks.reads();
    let made_by_database = |column: &Column| match column.generated {
        Generated::Stored => true,
        Generated::IdentityAlways | Generated::IdentityByDefault => verb == Verb::Insert,
        Generated::No => false,
    };
    triggered
        || relation
            .columns
            .iter()
            .any(|it| read.contains(it.name.as_str()) && made_by_database(it))
}

/// The words of native row-level security.
pub(super) fn denial(relation: &Relation) -> String {
    format!(
        "new row violates row-level security policy for table \"{}\"",
        relation.name.name
    )
}

fn foreign_key_violation(relation: &Relation, column: &str) -> String {
    let key = relation
        .foreign_keys
        .iter()
        .find(|key| key.columns.iter().any(|it| it == column));
    let constraint = key.map_or(column, |key| key.name.as_str());
    format!(
        "insert or update on table \"{}\" violates foreign key constraint \"{constraint}\"",
        relation.name.name
    )
}
