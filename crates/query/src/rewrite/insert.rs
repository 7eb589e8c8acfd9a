//! Inserts and upserts.
//!
//! The source row `s` holds every value that the check reads: the client's, the presets, and the
//! defaults of columns that are left out. The insert check runs on every proposed row, also when
//! an upsert then takes the update path; the row that is met must pass the update and select
//! policies, and failing is an error, never a silent skip (as in Postgres).

use postern_catalog::{Column, Generated, Relation};
use postern_policy::{Expr, Verb};

use super::Statement;
use super::check::{Checks, add_new, must_wait};
use super::expr::{Assigned, NewValue, Row};
use super::statement::{check_of, filter_of, rules_of};
use super::written::Waiting;
use crate::Error;
use crate::plan::{Plan, Upsert, Write, WriteKind};
use crate::view::Grant;

/// One column of the source row.
struct SourceColumn<'c> {
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
        let waits = must_wait(relation, Verb::Insert, &checks);
        // References never wait: a trigger that fires on the row must not run for a hidden target.
        let mut before = checks.clone();
        if waits && upsert.is_none() {
            before.conditions.clear();
        }
        let mut waiting = Waiting::default();
        if waits {
            waiting.inserted.clone_from(&checks.conditions);
        }
        let columns = source_columns(write, grant, &before);
        self.push("WITH \"w\" AS (INSERT INTO ");
        self.relation(&relation.name);
        self.push(" AS \"b0\"");
        self.column_list(&columns);
        self.push(" SELECT ");
        self.source_values(&columns, relation, &before)?;
        self.push(" FROM ");
        self.insert_source(write, &columns)?;
        if let Some(upsert) = upsert {
            self.on_conflict(write, upsert, &mut waiting, waits)?;
        }
        self.returning(write, &waiting)?;
        self.push(")");
        self.answer(write, &waiting, plan)
    }

    /// What an inserted row must pass.
    fn insert_checks(&mut self, write: &Write<'a>, grant: Grant<'a>) -> Result<Checks<'a>, Error> {
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
        Ok(checks.with_references(rules_of(grant), &write.columns))
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
    fn insert_source(
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

    fn source_value(&mut self, it: &SourceColumn<'_>, write: &Write<'a>) -> Result<(), Error> {
        let (name, ty) = (it.column.name.as_str(), it.column.ty.sql.as_str());
        match it.value {
            SourceValue::Client if write.missing_default => self.client_or_default(it.column),
            SourceValue::Client => self.column("j", name),
            SourceValue::Preset(expr) => self.typed(expr, ty)?,
            SourceValue::Same(expr) => {
                self.push("CASE WHEN ");
                self.column("j", name);
                self.push(" IS NOT DISTINCT FROM ");
                self.typed(expr, ty)?;
                self.push(" THEN ");
                self.column("j", name);
                self.push(" ELSE ");
                let table = &write.relation.name.name;
                let message =
                    format!("column \"{name}\" of table \"{table}\" is set by the server");
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

    fn typed(&mut self, expr: &Expr, ty: &str) -> Result<(), Error> {
        self.expr(expr, Row::Stored("j"))?;
        self.push("::");
        self.catalog_sql(ty);
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
            self.push("::jsonb) AS \"e\"(\"v\") CROSS JOIN LATERAL pg_catalog.jsonb_to_record(\"e\".\"v\")");
        } else if sent.is_empty() {
            self.push("pg_catalog.json_array_elements(");
            self.shared_param(&body);
            self.push("::json) AS \"j\"");
            return;
        } else {
            self.push("pg_catalog.json_to_recordset(");
            self.shared_param(&body);
            self.push("::json)");
        }
        self.record_columns(&sent);
    }

    /// Prints ` AS "j"("a" type, …)`.
    pub(super) fn record_columns(&mut self, columns: &[&Column]) {
        self.push(" AS \"j\"(");
        for (index, column) in columns.iter().enumerate() {
            if index > 0 {
                self.push(", ");
            }
            self.ident(&column.name);
            self.push(" ");
            self.catalog_sql(&column.ty.sql);
        }
        self.push(")");
    }

    fn on_conflict(
        &mut self,
        write: &Write<'a>,
        upsert: &Upsert,
        waiting: &mut Waiting<'a>,
        waits: bool,
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
        if self.rules.update_check {
            checks.require(check_of(update));
            checks.require(filter_of(select));
        }
        if waits || must_wait(relation, Verb::Update, &checks) {
            waiting.updated = Some(std::mem::take(&mut checks.conditions));
        }
        let mut checks = checks.with_references(rules_of(update), &write.columns);
        checks
            .references
            .retain(|column| merged.iter().any(|it| it.column == *column));
        self.push(") DO UPDATE SET ");
        self.merge(&merged, &checks, update, select, relation)
    }

    /// Prints the assignments of DO UPDATE, the first one guarded by the old and the new row.
    fn merge(
        &mut self,
        merged: &[Assigned],
        checks: &Checks<'_>,
        update: Grant<'a>,
        select: Grant<'a>,
        relation: &Relation,
    ) -> Result<(), Error> {
        let row = Row::New {
            base: "b0",
            assigned: merged,
        };
        let mut old = Vec::new();
        add_new(&mut old, filter_of(update));
        add_new(&mut old, filter_of(select));
        for (index, it) in merged.iter().enumerate() {
            let value = |statement: &mut Self| statement.new_value(it, "b0");
            self.push(if index > 0 { ", " } else { "" });
            self.ident(&it.column);
            self.push(" = ");
            if index > 0 {
                value(self)?;
            } else if old.is_empty() || !self.rules.upsert_old_row {
                self.checked(checks, relation, row, &value)?;
            } else {
                self.push("CASE WHEN ");
                self.all(&old, Row::Stored("b0"))?;
                self.push(" THEN ");
                self.checked(checks, relation, row, &value)?;
                self.push(" ELSE ");
                let message = super::check::denial(relation)
                    .replace("policy for", "policy (USING expression) for");
                self.deny(&message, &value)?;
                self.push(" END");
            }
        }
        Ok(())
    }

    /// Prints an assigned value.
    pub(super) fn new_value(&mut self, it: &Assigned, base: &str) -> Result<(), Error> {
        match &it.value {
            NewValue::From(alias) => {
                self.column(alias, &it.column);
                Ok(())
            }
            NewValue::Preset(expr) => self.expr(expr, Row::Stored(base)),
        }
    }
}

impl SourceColumn<'_> {
    fn is_sent(&self) -> bool {
        matches!(self.value, SourceValue::Client | SourceValue::Same(_))
    }
}

/// The columns of the source row: what the client sends, presets, and what the check reads.
fn source_columns<'c>(
    write: &'c Write<'_>,
    grant: Grant<'c>,
    checks: &Checks<'_>,
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
                (Some(default), Generated::No) => (SourceValue::Default(default), true),
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
        let value = NewValue::Preset(preset.value.clone());
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
