//! Updates.
//!
//! The row must pass the update policy and, since filters and RETURNING read it, the select
//! policy; the changed row must pass the check and, for the same reason, the select policy again.

use postern_catalog::{Column, Relation};
use postern_policy::{Expr, Verb};

use super::Statement;
use super::check::{Checks, Wait, add_new, wait_of};
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
        if wait_of(relation, Verb::Update, &checks, &[]) != Wait::No {
            waiting.inserted = std::mem::take(&mut checks.conditions);
        }
        self.push("WITH \"w\" AS (UPDATE ");
        self.relation(&relation.name);
        self.push(" AS \"b0\" SET ");
        self.assignments(&assigned, &checks, write)?;
        self.push(" FROM (SELECT * FROM ");
        let sent: Vec<&Column> = write
            .columns
            .iter()
            .filter_map(|name| relation.column(name))
            .collect();
        let body = write.body.clone().unwrap_or_else(|| "[]".into());
        self.recordset(&body, &sent);
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
        self.push(" AS body, ");
        self.push(if write.singular {
            "\"postern\".\"refuse\"('PT116', '0', 0::int8)"
        } else {
            "0::int8"
        });
        self.push(" AS page_rows, NULL::int8 AS total_rows, 0::int8 AS inserted_rows");
        Ok(())
    }

    /// What a changed row must pass.
    pub(super) fn update_checks(
        &mut self,
        write: &Write<'a>,
        grant: Grant<'a>,
    ) -> Result<Checks<'a>, Error> {
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
        let written = written_columns(write, grant);
        Ok(checks.with_references(write.relation, rules_of(grant), &written))
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

    /// Prints an assigned value; `base` is the stored row.
    pub(super) fn new_value(&mut self, it: &Assigned, base: &str) -> Result<(), Error> {
        match &it.value {
            NewValue::From(alias) => self.column(alias, &it.column),
            NewValue::Preset { value, ty } => self.typed(value, ty, Row::Stored(base))?,
            NewValue::Same { value, ty, table } => {
                self.push("CASE WHEN ");
                self.column("s", &it.column);
                self.push(" IS NOT DISTINCT FROM ");
                self.typed(value, ty, Row::Stored(base))?;
                self.push(" THEN ");
                self.column("s", &it.column);
                self.push(" ELSE ");
                self.deny(&set_by_server(&it.column, table), &|statement| {
                    statement.column("s", &it.column);
                    Ok(())
                })?;
                self.push(" END");
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

/// The refusal for a client's value where the policy sets another.
pub(super) fn set_by_server(column: &str, table: &str) -> String {
    format!("column \"{column}\" of table \"{table}\" is set by the server")
}

/// Whether the statement reads columns of the table, which asks for the select policy.
pub(super) fn reads_rows(write: &Write<'_>) -> bool {
    write.returning.is_some() || !write.conditions.is_empty()
}

/// What the update assigns: the client's columns, then the presets.
pub(super) fn assignments(write: &Write<'_>, grant: Grant<'_>) -> Vec<Assigned> {
    let presets = rules_of(grant).map(|it| &it.presets);
    let is_preset = |name: &String| presets.is_some_and(|it| it.contains_key(name));
    let mut assigned: Vec<_> = write
        .columns
        .iter()
        .filter(|name| !is_preset(name))
        .map(|name| Assigned {
            column: name.clone(),
            value: NewValue::From("s"),
        })
        .collect();
    for (name, preset) in presets.into_iter().flatten() {
        let mut value = preset_value(write.relation, name, &preset.value);
        if let (true, NewValue::Preset { value: expr, ty }) = (write.columns.contains(name), &value)
        {
            let table = write.relation.name.name.clone();
            value = NewValue::Same {
                value: expr.clone(),
                ty: ty.clone(),
                table,
            };
        }
        assigned.push(Assigned {
            column: name.clone(),
            value,
        });
    }
    assigned
}

/// A preset as the value of its column.
pub(super) fn preset_value(relation: &Relation, name: &str, value: &Expr) -> NewValue {
    let ty = relation
        .column(name)
        .map_or("text", |it| it.ty.sql.as_str());
    NewValue::Preset {
        value: value.clone(),
        ty: ty.to_owned(),
    }
}

/// The columns that get a value of the client's or of the policy's.
pub(super) fn written_columns(write: &Write<'_>, grant: Grant<'_>) -> Vec<String> {
    let presets = rules_of(grant).into_iter().flat_map(|it| it.presets.keys());
    write.columns.iter().chain(presets).cloned().collect()
}
