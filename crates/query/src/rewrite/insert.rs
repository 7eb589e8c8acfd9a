//! Inserts and upserts.
//!
//! The source row `s` holds every value that the check reads: the client's, the presets, and the
//! defaults of columns that are left out. The insert check runs on every proposed row, also when
//! an upsert then takes the update path; the row that is met must pass the update and select
//! policies, and failing is an error, never a silent skip (as in Postgres).

use std::sync::Arc;

use postern_catalog::{Column, Generated, Relation};
use postern_policy::{Expr, Verb};

use super::check::{Checks, Wait, wait_of};
use super::condition::Place;
use super::expr::Row;
use super::statement::{check_of, filter_of, rules_of};
use super::update::{set_by_server, written_columns};
use super::written::Waiting;
use super::{Rules, Statement};
use crate::Error;
use crate::plan::{Plan, Write, WriteKind};
use crate::view::Grant;

/// One column of the source row.
pub(super) struct SourceColumn<'c> {
    column: &'c Column,
    value: SourceValue<'c>,
    /// Whether it is written, or only there for the check to read.
    written: bool,
}

/// Where a source column's value comes from.
enum SourceValue<'c> {
    /// The body.
    Client,
    /// The policy.
    Preset(&'c Expr),
    /// The policy, and the client's value must be the same.
    Same(&'c Expr),
    /// The column's default.
    Default(&'c str),
    /// NULL, as the database would put it.
    Null,
}

impl<'a> Statement<'_, 'a> {
    pub(super) fn insert(&mut self, write: &Write<'a>, plan: &Plan<'a>) -> Result<(), Error> {
        let relation = write.relation;
        let grant = self.grant(relation, Verb::Insert)?;
        let checks = self.insert_checks(write, grant)?;
        let upsert = match &write.kind {
            WriteKind::Upsert(upsert) => Some(upsert),
            _ => None,
        };
        let wait = wait_of(
            relation,
            Verb::Insert,
            &checks,
            &written_columns(write, grant),
        );
        // References never wait: a trigger that fires on the row must not run for a hidden target.
        let mut before = checks.clone();
        // A row that is ignored is never stored, so that only what was sent can be checked.
        let ignores = upsert.is_some_and(|it| it.ignore);
        if wait == Wait::Value || (wait == Wait::Trigger && !ignores) {
            before.conditions.clear();
        }
        let columns = source_columns(write, grant, &before, self.rules);
        let has_carrier = columns.iter().any(|it| it.written);
        let mut waiting = Waiting::default();
        if wait != Wait::No || !has_carrier {
            waiting.inserted.clone_from(&checks.conditions);
        }
        self.push("WITH \"w\" AS (INSERT INTO ");
        self.relation(&relation.name);
        self.push(" AS \"b0\"");
        self.column_list(&columns);
        self.push(" SELECT ");
        self.source_values(&columns, relation, &before)?;
        self.push(" FROM ");
        self.insert_source(write, &columns)?;
        self.address(write)?;
        if let Some(upsert) = upsert {
            self.on_conflict(write, upsert, &mut waiting)?;
        }
        self.returning(write, &waiting)?;
        self.push(")");
        self.answer(write, &waiting, plan)
    }

    /// What an inserted row must pass.
    pub(super) fn insert_checks(
        &mut self,
        write: &Write<'a>,
        grant: Grant<'a>,
    ) -> Result<Checks<'a>, Error> {
        let mut checks = Checks::default();
        if self.rules.insert_check {
            checks.require(check_of(grant));
        }
        let reads = write.returning.is_some() || matches!(write.kind, WriteKind::Upsert(_));
        let relaxed = rules_of(grant).is_some_and(|it| !it.select_check);
        if reads && !(relaxed && write.returning.is_none()) && self.rules.insert_select_check {
            let select = self.grant(write.relation, Verb::Select)?;
            checks.require(filter_of(select));
        }
        let written = written_columns(write, grant);
        Ok(checks.with_references(write.relation, rules_of(grant), &written))
    }

    fn column_list(&mut self, columns: &[SourceColumn<'_>]) {
        let mut separator = " (";
        for it in columns.iter().filter(|it| it.written) {
            self.push(separator);
            self.ident(&it.column.name);
            separator = ", ";
        }
        if separator == ", " {
            self.push(")");
        }
    }

    fn source_values(
        &mut self,
        columns: &[SourceColumn<'_>],
        relation: &Relation,
        checks: &Checks<'_>,
    ) -> Result<(), Error> {
        let row = Row::Stored("s");
        for (index, it) in columns.iter().filter(|it| it.written).enumerate() {
            let name = it.column.name.as_str();
            let value = |statement: &mut Self| {
                statement.column("s", name);
                Ok(())
            };
            if index > 0 {
                self.push(", ");
                self.column("s", name);
            } else {
                self.checked(checks, relation, row, &value)?;
            }
        }
        Ok(())
    }

    /// Prints the source rows `(SELECT … FROM body) AS "s"`.
    pub(super) fn insert_source(
        &mut self,
        write: &Write<'a>,
        columns: &[SourceColumn<'_>],
    ) -> Result<(), Error> {
        self.push("(SELECT ");
        for (index, it) in columns.iter().enumerate() {
            if index > 0 {
                self.push(", ");
            }
            self.source_value(it, write)?;
            self.push(" AS ");
            self.ident(&it.column.name);
        }
        self.push(" FROM ");
        self.body_rows(write, columns);
        self.push(") AS \"s\"");
        Ok(())
    }

    /// Prints what a PUT's address demands of the source row; a row that is another one is not
    /// written, and the count tells of it.
    fn address(&mut self, write: &Write<'a>) -> Result<(), Error> {
        let place = Place::Projection {
            alias: "s",
            verdicts: &[],
        };
        for (index, condition) in write.address.iter().enumerate() {
            let select = self.grant(write.relation, Verb::Select)?;
            self.push(if index == 0 { " WHERE " } else { " AND " });
            self.condition(condition, None, place, select)?;
        }
        Ok(())
    }

    fn source_value(&mut self, it: &SourceColumn<'_>, write: &Write<'a>) -> Result<(), Error> {
        let (name, ty) = (it.column.name.as_str(), it.column.ty.sql.as_str());
        match it.value {
            SourceValue::Client if write.missing_default => self.client_or_default(it.column),
            SourceValue::Client => self.column("j", name),
            SourceValue::Preset(expr) => self.typed(expr, ty, Row::Stored("j"))?,
            SourceValue::Same(expr) => {
                self.push("CASE WHEN ");
                self.column("j", name);
                self.push(" IS NOT DISTINCT FROM ");
                self.typed(expr, ty, Row::Stored("j"))?;
                self.push(" THEN ");
                self.column("j", name);
                self.push(" ELSE ");
                let message = set_by_server(name, &write.relation.name.name);
                self.deny(&message, &|statement| {
                    statement.column("j", name);
                    Ok(())
                })?;
                self.push(" END");
            }
            SourceValue::Default(sql) => self.default(sql, ty),
            SourceValue::Null => {
                self.push("NULL::");
                self.catalog_sql(ty);
            }
        }
        Ok(())
    }

    fn default(&mut self, sql: &str, ty: &str) {
        self.push("(");
        self.catalog_sql(sql);
        self.push(")::");
        self.catalog_sql(ty);
    }

    fn client_or_default(&mut self, column: &Column) {
        let Some(default) = &column.default else {
            return self.column("j", &column.name);
        };
        self.push("CASE WHEN \"e\".\"v\" ? ");
        self.literal(&column.name);
        self.push(" THEN ");
        self.column("j", &column.name);
        self.push(" ELSE ");
        self.default(default, &column.ty.sql);
        self.push(" END");
    }

    /// Prints the body as rows: `"j"` with a column for each that the client sends.
    fn body_rows(&mut self, write: &Write<'a>, columns: &[SourceColumn<'_>]) {
        let sent: Vec<_> = columns
            .iter()
            .filter(|it| it.is_sent())
            .map(|it| it.column)
            .collect();
        let body = write.body.clone().unwrap_or_else(|| "[]".into());
        if write.missing_default && !sent.is_empty() {
            self.push("pg_catalog.jsonb_array_elements(");
            self.shared_param(&body);
            self.push("::jsonb) AS \"e\"(\"v\") CROSS JOIN LATERAL ");
            let source = |it: &mut Self| it.push("pg_catalog.jsonb_to_record(\"e\".\"v\")");
            self.record_rows(&source, &sent);
        } else if sent.is_empty() {
            self.push("pg_catalog.json_array_elements(");
            self.shared_param(&body);
            self.push("::json) AS \"j\"");
        } else {
            self.recordset(&body, &sent);
        }
    }

    /// Prints `json_to_recordset(<body>) AS "j"("a" type, …)`.
    pub(super) fn recordset(&mut self, body: &Arc<str>, columns: &[&Column]) {
        let source = |it: &mut Self| {
            it.push("pg_catalog.json_to_recordset(");
            it.shared_param(body);
            it.push("::json)");
        };
        self.record_rows(&source, columns);
    }
}

impl SourceColumn<'_> {
    fn is_sent(&self) -> bool {
        matches!(self.value, SourceValue::Client | SourceValue::Same(_))
    }
}

/// The columns of the source row: what the client sends, presets, and what the check reads.
pub(super) fn source_columns<'c>(
    write: &'c Write<'_>,
    grant: Grant<'c>,
    checks: &Checks<'_>,
    rules: Rules,
) -> Vec<SourceColumn<'c>> {
    let presets = rules_of(grant).map(|access| &access.presets);
    let read = checks.reads();
    let mut columns = Vec::new();
    for column in &write.relation.columns {
        let preset = presets
            .and_then(|it| it.get(&column.name))
            .map(|it| &it.value);
        let sent = write.columns.contains(&column.name);
        let is_read = read.contains(column.name.as_str());
        let (value, written) = match (preset, sent) {
            (Some(preset), true) => (SourceValue::Same(preset), true),
            (Some(preset), false) => (SourceValue::Preset(preset), true),
            (None, true) => (SourceValue::Client, true),
            (None, false) if !is_read => continue,
            (None, false) => match (&column.default, column.generated) {
                (Some(default), Generated::No) if rules.insert_defaults => {
                    (SourceValue::Default(default), true)
                }
                _ => (SourceValue::Null, false),
            },
        };
        columns.push(SourceColumn {
            column,
            value,
            written,
        });
    }
    if !checks.is_empty() && !columns.iter().any(|it| it.written) {
        carry(write.relation, &mut columns);
    }
    columns
}

/// Gives the check a column to stand in when nothing is assigned: one that takes its default.
fn carry<'c>(relation: &'c Relation, columns: &mut Vec<SourceColumn<'c>>) {
    let Some(column) = relation
        .columns
        .iter()
        .find(|it| it.generated == Generated::No)
    else {
        return;
    };
    columns.retain(|it| it.column.name != column.name);
    let value = column
        .default
        .as_deref()
        .map_or(SourceValue::Null, SourceValue::Default);
    columns.push(SourceColumn {
        column,
        value,
        written: true,
    });
}
