//! Updates.
//!
//! The row must pass the update policy and, since filters and RETURNING read it, the select
//! policy; the changed row must pass the check and, for the same reason, the select policy again.

use postern_catalog::Column;
use postern_policy::{Expr, OnConflict, Verb};

use super::Statement;
use super::check::{Checks, add_new, must_wait};
use super::condition::Place;
use super::expr::{Assigned, NewValue, Row};
use super::statement::{check_of, filter_of, rules_of};
use super::written::Waiting;
use crate::Error;
use crate::plan::{Plan, Write};
use crate::view::Grant;

impl<'a> Statement<'_, 'a> {
    pub(super) fn update(&mut self, write: &Write<'a>, plan: &Plan<'a>) -> Result<(), Error> {
        if write.columns.is_empty() {
            return self.no_change(write);
        }
        let relation = write.relation;
        let grant = self.grant(relation, Verb::Update)?;
        let assigned = assignments(write, grant);
        let mut checks = self.update_checks(write, grant)?;
        let mut waiting = Waiting::default();
        if must_wait(relation, Verb::Update, &checks) {
            waiting.inserted = std::mem::take(&mut checks.conditions);
        }
        self.push("WITH \"w\" AS (UPDATE ");
        self.relation(&relation.name);
        self.push(" AS \"b0\" SET ");
        self.assignments(&assigned, &checks, write)?;
        self.push(" FROM (SELECT * FROM pg_catalog.json_to_recordset(");
        self.shared_param(&write.body.clone().unwrap_or_else(|| "[]".into()));
        self.push("::json)");
        let sent: Vec<&Column> = write
            .columns
            .iter()
            .filter_map(|name| relation.column(name))
            .collect();
        self.record_columns(&sent);
        self.push(" LIMIT 1) AS \"s\"");
        self.write_filter(write, grant, self.rules.update_filter)?;
        self.returning(write, &waiting)?;
        self.push(")");
        self.answer(write, &waiting, plan)
    }

    /// A body without columns changes nothing, and says so.
    fn no_change(&mut self, write: &Write<'a>) -> Result<(), Error> {
        self.push("SELECT ");
        self.push(if write.returning.is_some() {
            "'[]'::text"
        } else {
            "NULL::text"
        });
        self.push(
            " AS body, 0::int8 AS page_rows, NULL::int8 AS total_rows, 0::int8 AS inserted_rows",
        );
        Ok(())
    }

    /// What a changed row must pass.
    fn update_checks(&mut self, write: &Write<'a>, grant: Grant<'a>) -> Result<Checks<'a>, Error> {
        let mut checks = Checks::default();
        if self.rules.update_check {
            checks.require(check_of(grant));
        }
        let relaxed =
            rules_of(grant).is_some_and(|it| !it.select_check) && write.returning.is_none();
        if reads_rows(write) && !relaxed && self.rules.update_select_check {
            let select = self.grant(write.relation, Verb::Select)?;
            checks.require(filter_of(select));
        }
        Ok(checks.with_references(rules_of(grant), &write.columns))
    }

    fn assignments(
        &mut self,
        assigned: &[Assigned],
        checks: &Checks<'_>,
        write: &Write<'a>,
    ) -> Result<(), Error> {
        let row = Row::New {
            base: "b0",
            assigned,
        };
        for (index, it) in assigned.iter().enumerate() {
            self.push(if index > 0 { ", " } else { "" });
            self.ident(&it.column);
            self.push(" = ");
            let value = |statement: &mut Self| statement.new_value(it, "b0");
            if index > 0 {
                value(self)?;
            } else {
                self.checked(checks, write.relation, row, &value)?;
            }
        }
        Ok(())
    }

    /// Prints ` WHERE …` for an update or delete: the verb's policy, the select policy where rows
    /// are read, presets that must agree, and the request's filters behind their guards.
    pub(super) fn write_filter(
        &mut self,
        write: &Write<'a>,
        grant: Grant<'a>,
        own_filter: bool,
    ) -> Result<(), Error> {
        let mut filters: Vec<&Expr> = Vec::new();
        if own_filter {
            add_new(&mut filters, filter_of(grant));
        }
        let select = if reads_rows(write) {
            let select = self.grant(write.relation, Verb::Select)?;
            if self.rules.write_select_filter {
                add_new(&mut filters, filter_of(select));
            }
            select
        } else {
            grant
        };
        self.push(" WHERE TRUE");
        for filter in &filters {
            self.push(" AND ");
            self.expr(filter, Row::Stored("b0"))?;
        }
        let place = Place::Stored {
            alias: "b0",
            select,
            guard: &filters,
        };
        for condition in &write.conditions {
            self.push(" AND ");
            self.condition(condition, None, place, select)?;
        }
        Ok(())
    }
}

/// Whether the statement reads columns of the table, which asks for the select policy.
pub(super) fn reads_rows(write: &Write<'_>) -> bool {
    write.returning.is_some() || !write.conditions.is_empty()
}

/// What the update assigns: the client's columns, then the presets.
fn assignments(write: &Write<'_>, grant: Grant<'_>) -> Vec<Assigned> {
    let access = rules_of(grant);
    let preset = |name: &String| access.and_then(|it| it.presets.get(name));
    let is_refused =
        |name: &String| preset(name).is_some_and(|it| it.on_conflict == OnConflict::Refuse);
    let sent = write
        .columns
        .iter()
        .filter(|it| preset(it).is_none() && !is_refused(it));
    let mut assigned: Vec<_> = sent
        .map(|name| Assigned {
            column: name.clone(),
            value: NewValue::From("s"),
        })
        .collect();
    for (name, preset) in access.iter().flat_map(|it| &it.presets) {
        let value = NewValue::Preset(preset.value.clone());
        assigned.push(Assigned {
            column: name.clone(),
            value,
        });
    }
    assigned
}
