//! Checks on written rows: where they stand, and what they refuse with.
//!
//! A check stands inside the first assigned column,
//! `CASE WHEN check THEN value ELSE deny() END`, so that one statement decides and acts, before
//! any constraint is looked at, as native row-level security does. Where the database itself
//! may still change the row (BEFORE triggers, generated columns), the check is made on what
//! RETURNING yields instead, and a refusal undoes the statement.

use std::collections::BTreeSet;

use postern_catalog::{Column, ForeignKey, Generated, Relation, TypeKind};
use postern_policy::{Access, Expr, Source, Verb};

use super::expr::Row;
use super::{Statement, reads};
use crate::Error;
use crate::view::Grant;

/// The conditions that a written row must meet, none of them constantly TRUE.
#[derive(Clone, Debug, Default)]
pub(super) struct Checks<'c> {
    /// The rules' own checks and, where the statement reads the table, the select policy.
    pub(super) conditions: Vec<&'c Expr>,
    /// The foreign keys whose target must be visible.
    pub(super) references: Vec<&'c ForeignKey>,
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
        names.extend(
            self.references
                .iter()
                .flat_map(|it| &it.columns)
                .map(String::as_str),
        );
        names
    }

    /// Adds the foreign keys that the policy guards and that the written columns touch.
    pub(super) fn with_references(
        mut self,
        relation: &'c Relation,
        access: Option<&'c Access>,
        written: &[String],
    ) -> Self {
        let guarded = access.map_or(&[][..], |it| it.references.as_slice());
        let named = |key: &&ForeignKey| key.columns.iter().any(|it| guarded.contains(it));
        let touched = |key: &&ForeignKey| key.columns.iter().any(|it| written.contains(it));
        self.references = relation
            .foreign_keys
            .iter()
            .filter(named)
            .filter(touched)
            .collect();
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
        references: &[&ForeignKey],
        relation: &Relation,
        row: Row<'_>,
        value: &dyn Fn(&mut Self) -> Result<(), Error>,
    ) -> Result<(), Error> {
        if references.is_empty() || !self.rules.references {
            return value(self);
        }
        self.push("CASE");
        for key in references {
            self.push(" WHEN NOT ");
            self.is_visible_target(key, row)?;
            self.push(" THEN \"postern\".\"refuse\"('23503', ");
            self.literal(&foreign_key_violation(relation, key));
            self.push(", ");
            value(self)?;
            self.push(")");
        }
        self.push(" ELSE ");
        value(self)?;
        self.push(" END");
        Ok(())
    }

    /// Prints whether the row that a foreign key points to is visible to the caller; a key with a
    /// NULL points nowhere. A target that the caller cannot read at all is never visible.
    pub(super) fn is_visible_target(
        &mut self,
        key: &ForeignKey,
        row: Row<'_>,
    ) -> Result<(), Error> {
        self.push("(");
        for (index, column) in key.columns.iter().enumerate() {
            self.push(if index > 0 { " OR " } else { "" });
            self.expr(&own_column(column), row)?;
            self.push(" IS NULL");
        }
        let target = self.view.relation(&key.target);
        let grant = self.view.grant(&key.target, Verb::Select);
        if let (Some(target), Some(grant)) = (target, grant) {
            self.push(" OR EXISTS (SELECT FROM ");
            self.visible_rows(target, grant)?;
            self.push(" AS \"ref\" WHERE TRUE");
            for (near, far) in key.columns.iter().zip(&key.target_columns) {
                self.push(" AND ");
                self.column("ref", far);
                self.push(" = ");
                self.expr(&own_column(near), row)?;
            }
            self.push(")");
        }
        self.push(")");
        Ok(())
    }

    /// Prints the rows that the grant lets through, with all their columns (keys are compared
    /// here, nothing is shown).
    fn visible_rows(&mut self, relation: &Relation, grant: Grant<'a>) -> Result<(), Error> {
        self.session_of(&relation.name);
        self.note_rules(&relation.name, grant);
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
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wait {
    /// They need not.
    No,
    /// A BEFORE trigger may change the row.
    Trigger,
    /// The check reads a value that only the database can make.
    Value,
}

/// Decides whether the checks must wait; `written` are the columns that get a value of ours.
pub(super) fn wait_of(
    relation: &Relation,
    verb: Verb,
    checks: &Checks<'_>,
    written: &[String],
) -> Wait {
    let read = checks.reads();
    let is_made = |column: &Column| is_made_by_database(column, verb, written);
    if relation
        .columns
        .iter()
        .any(|it| read.contains(it.name.as_str()) && is_made(it))
    {
        return Wait::Value;
    }
    let triggered = match verb {
        Verb::Insert => relation.triggers.before_insert,
        Verb::Update => relation.triggers.before_update,
        Verb::Select | Verb::Delete => false,
    };
    if triggered { Wait::Trigger } else { Wait::No }
}

/// Whether the stored value is made where no expression of ours can see it: generated columns,
/// identities, and defaults that belong to a domain.
fn is_made_by_database(column: &Column, verb: Verb, written: &[String]) -> bool {
    let left_out = verb == Verb::Insert && !written.contains(&column.name);
    match column.generated {
        Generated::Stored => true,
        Generated::IdentityAlways => verb == Verb::Insert,
        Generated::IdentityByDefault => left_out,
        Generated::No => {
            let is_domain = matches!(column.ty.kind, TypeKind::Domain(_));
            left_out && is_domain && column.default.is_none()
        }
    }
}

fn own_column(name: &str) -> Expr {
    Expr::Column {
        source: Source::Row,
        name: name.to_owned(),
    }
}

/// The words of native row-level security.
pub(super) fn denial(relation: &Relation) -> String {
    format!(
        "new row violates row-level security policy for table \"{}\"",
        relation.name.name
    )
}

fn foreign_key_violation(relation: &Relation, key: &ForeignKey) -> String {
    format!(
        "insert or update on table \"{}\" violates foreign key constraint \"{}\"",
        relation.name.name, key.name
    )
}
