//! The update path of an upsert.
//!
//! The row that is met must pass the update and select policies, the merged row the update check
//! and the select policy. Failing is an error, never a silent skip (as in Postgres). Where the
//! insert check waits for what the database makes of the row, it is made here on `excluded`, which
//! is the proposed row behind BEFORE triggers and generated columns.

use postern_catalog::Relation;
use postern_policy::{Expr, Verb};

use super::Statement;
use super::check::{Checks, Wait, add_new, denial, wait_of};
use super::expr::{Assigned, NewValue, Row};
use super::statement::{check_of, filter_of, rules_of};
use super::update::preset_value;
use super::written::Waiting;
use crate::Error;
use crate::plan::{Upsert, Write};
use crate::view::Grant;

impl<'a> Statement<'_, 'a> {
    /// Prints ` ON CONFLICT …`.
    pub(super) fn on_conflict(
        &mut self,
        write: &Write<'a>,
        upsert: &Upsert,
        waiting: &mut Waiting<'a>,
    ) -> Result<(), Error> {
        self.push(" ON CONFLICT (");
        for (index, column) in upsert.target.iter().enumerate() {
            if index > 0 {
                self.push(", ");
            }
            self.ident(column);
        }
        if upsert.ignore {
            self.push(") DO NOTHING");
            return Ok(());
        }
        let relation = write.relation;
        let update = self.grant(relation, Verb::Update)?;
        let select = self.grant(relation, Verb::Select)?;
        let merged = merged_columns(write, update, upsert);
        let mut checks = Checks::default();
        if self.rules.upsert_check {
            checks.require(check_of(update));
        }
        if self.rules.upsert_select_check {
            checks.require(filter_of(select));
        }
        let wait = wait_of(relation, Verb::Update, &checks, &[]);
        if !waiting.inserted.is_empty() || wait != Wait::No {
            waiting.updated = Some(std::mem::take(&mut checks.conditions));
        }
        let mut guards = Guards::default();
        if self.rules.upsert_proposed_row {
            guards.proposed.clone_from(&waiting.inserted);
        }
        if self.rules.upsert_old_row {
            add_new(&mut guards.old, filter_of(update));
            add_new(&mut guards.old, filter_of(select));
        }
        let written: Vec<_> = merged.iter().map(|it| it.column.clone()).collect();
        let checks = checks.with_references(relation, rules_of(update), &written);
        self.push(") DO UPDATE SET ");
        self.merge(&merged, &checks, &guards, relation)?;
        if self.view.is_native() {
            self.push(" WHERE pg_catalog.set_config('postern.merged', (");
            self.merged_count();
            self.push(" + 1)::text, TRUE) <> ''");
        }
        Ok(())
    }

    /// Prints how many rows were merged so far. Where the database decides, a setting of the
    /// transaction counts them: to read `xmax` takes the right to select every column.
    pub(super) fn merged_count(&mut self) {
        self.push(
            "COALESCE(NULLIF(pg_catalog.current_setting('postern.merged', TRUE), ''), '0')::int8",
        );
    }

    /// Prints the assignments of DO UPDATE, the first one guarded by the proposed, the old and the
    /// new row.
    fn merge(
        &mut self,
        merged: &[Assigned],
        checks: &Checks<'_>,
        guards: &Guards<'_>,
        relation: &Relation,
    ) -> Result<(), Error> {
        let row = Row::New {
            base: "b0",
            assigned: merged,
        };
        let using = denial(relation).replace("policy for", "policy (USING expression) for");
        for (index, it) in merged.iter().enumerate() {
            let value = |statement: &mut Self| statement.new_value(it, "b0");
            self.push(if index > 0 { ", " } else { "" });
            self.ident(&it.column);
            self.push(" = ");
            if index > 0 {
                value(self)?;
                continue;
            }
            self.when(&guards.proposed, "excluded")?;
            self.when(&guards.old, "b0")?;
            self.checked(checks, relation, row, &value)?;
            self.otherwise(&guards.old, &using, &value)?;
            self.otherwise(&guards.proposed, &denial(relation), &value)?;
        }
        Ok(())
    }

    /// Prints `CASE WHEN <conditions> THEN`, if there are any.
    fn when(&mut self, conditions: &[&Expr], row: &str) -> Result<(), Error> {
        if conditions.is_empty() {
            return Ok(());
        }
        self.push("CASE WHEN ");
        self.all(conditions, Row::Stored(row))?;
        self.push(" THEN ");
        Ok(())
    }

    /// Prints the refusal that ends what `when` begins.
    fn otherwise(
        &mut self,
        conditions: &[&Expr],
        message: &str,
        value: &dyn Fn(&mut Self) -> Result<(), Error>,
    ) -> Result<(), Error> {
        if conditions.is_empty() {
            return Ok(());
        }
        self.push(" ELSE ");
        self.deny(message, value)?;
        self.push(" END");
        Ok(())
    }
}

/// What must hold before a row is merged into another.
#[derive(Debug, Default)]
struct Guards<'c> {
    /// The insert checks that wait, on the proposed row.
    proposed: Vec<&'c Expr>,
    /// The update and select policies, on the row that is met.
    old: Vec<&'c Expr>,
}

/// The columns that DO UPDATE sets: those the client sends and may update, and the presets.
fn merged_columns(write: &Write<'_>, update: Grant<'_>, upsert: &Upsert) -> Vec<Assigned> {
    let access = rules_of(update);
    let granted = |name: &String| access.is_none_or(|it| it.columns.contains(name));
    let preset = |name: &String| access.and_then(|it| it.presets.get(name));
    let sent = write
        .columns
        .iter()
        .filter(|it| granted(it) && preset(it).is_none());
    let mut merged: Vec<_> = sent
        .map(|name| Assigned {
            column: name.clone(),
            value: NewValue::From("excluded"),
        })
        .collect();
    for (name, preset) in access.iter().flat_map(|it| &it.presets) {
        let value = preset_value(write.relation, name, &preset.value);
        merged.push(Assigned {
            column: name.clone(),
            value,
        });
    }
    if merged.is_empty() {
        let column = upsert.target.first().cloned().unwrap_or_default();
        merged.push(Assigned {
            column,
            value: NewValue::From("b0"),
        });
    }
    merged
}
