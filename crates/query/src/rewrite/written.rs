//! What comes after a write: checks on the stored rows, limits, and the rows read back.
//!
//! The write stands in a CTE named `w`; this module prints its RETURNING list and the outer
//! SELECT. The rows read back are `w` behind the select grant's columns and masks; that they
//! pass the select policy is the write's own check.

use std::collections::BTreeSet;

use postern_catalog::{Relation, RelationKind};
use postern_policy::{Expr, Verb};

use super::body::ROWS;
use super::check::denial;
use super::expr::Row;
use super::projection::{Ground, is_granted};
use super::statement::rules_of;
use super::{Statement, is_singular, needed, reads};
use crate::Error;
use crate::plan::{Plan, Write, WriteKind};
use crate::view::Grant;

/// The column that tells an inserted row from an updated one.
const INSERTED: &str = "postern.inserted";

/// The checks that wait for the stored row, by how the row got there.
#[derive(Clone, Debug, Default)]
pub(super) struct Waiting<'c> {
    /// For rows that were inserted; for all rows where `updated` says nothing else.
    pub(super) inserted: Vec<&'c Expr>,
    /// For rows that an upsert updated.
    pub(super) updated: Option<Vec<&'c Expr>>,
}

impl Waiting<'_> {
    fn is_empty(&self) -> bool {
        self.inserted.is_empty() && self.updated.as_ref().is_none_or(Vec::is_empty)
    }
}

impl<'a> Statement<'_, 'a> {
    /// Prints ` RETURNING …`: what the outer SELECT reads, and nothing else.
    pub(super) fn returning(
        &mut self,
        write: &Write<'a>,
        waiting: &Waiting<'_>,
    ) -> Result<(), Error> {
        let columns = self.returned_columns(write, waiting)?;
        self.push(" RETURNING 1 AS \"postern.one\"");
        for column in &columns {
            self.push(", ");
            self.column("b0", column);
        }
        if let Some(node) = &write.returning {
            self.returned_row(node, "b0", &write.relation.name);
        }
        if tells_inserted(write) && !self.view.is_native() {
            self.push(", (\"b0\".xmax = 0) AS ");
            self.ident(INSERTED);
        }
        Ok(())
    }

    fn returned_columns(
        &mut self,
        write: &Write<'a>,
        waiting: &Waiting<'_>,
    ) -> Result<Vec<String>, Error> {
        let mut names = BTreeSet::new();
        waiting
            .inserted
            .iter()
            .chain(waiting.updated.iter().flatten())
            .for_each(|it| reads::collect(it, &mut names));
        let mut wanted: BTreeSet<String> = names.into_iter().map(str::to_owned).collect();
        if let Some(node) = write.returning.as_ref().filter(|_| self.view.is_native()) {
            wanted.extend(needed::columns(node));
        } else if write.returning.is_some() {
            let grant = self.grant(write.relation, Verb::Select)?;
            wanted.extend(shown_columns(write.relation, grant));
        }
        let all = write.relation.columns.iter().map(|it| it.name.clone());
        Ok(all.filter(|name| wanted.contains(name)).collect())
    }

    /// Prints the outer SELECT over `w`.
    pub(super) fn answer(
        &mut self,
        write: &Write<'a>,
        waiting: &Waiting<'_>,
        plan: &Plan<'a>,
    ) -> Result<(), Error> {
        self.push(" SELECT ");
        match &write.returning {
            None => self.push("NULL::text"),
            Some(node) => {
                self.push("(SELECT ");
                if write.headers_only {
                    self.push("(pg_catalog.json_agg(");
                    self.ident(ROWS);
                    self.push(")->0)::text");
                } else {
                    self.body(node, plan);
                }
                self.push(" FROM (");
                self.node(node, Ground::Written("w"), None)?;
                self.push(") AS ");
                self.ident(ROWS);
                self.push(")");
            }
        }
        self.push(" AS body, ");
        self.limited_count(write, plan);
        self.push(
            " AS page_rows, NULL::int8 AS total_rows, inserted AS inserted_rows FROM (SELECT ",
        );
        self.counted_rows(write, waiting)?;
        self.push(" AS n, ");
        match (&write.kind, tells_inserted(write)) {
            (_, true) if self.view.is_native() => {
                // A merge that a trigger then skips was counted, and yields no row.
                self.push("GREATEST(pg_catalog.count(*) - ");
                self.merged_count();
                self.push(", 0)");
            }
            (_, true) => self.push("pg_catalog.count(*) FILTER (WHERE \"postern.inserted\")"),
            (WriteKind::Update | WriteKind::Delete, false) => self.push("0::int8"),
            (WriteKind::Insert | WriteKind::Upsert(_), false) => self.push("pg_catalog.count(*)"),
        }
        self.push(" AS inserted FROM \"w\") AS \"c\"");
        Ok(())
    }

    /// Prints `count(…)` of the written rows, refusing those that fail a waiting check.
    fn counted_rows(&mut self, write: &Write<'a>, waiting: &Waiting<'_>) -> Result<(), Error> {
        if waiting.is_empty() || !self.rules.post_check {
            self.push("pg_catalog.count(*)");
            return Ok(());
        }
        self.push("pg_catalog.count(CASE WHEN ");
        let row = Row::Stored("w");
        match &waiting.updated {
            None => self.all_or_true(&waiting.inserted, row)?,
            Some(updated) if tells_inserted(write) => {
                self.push("CASE WHEN \"postern.inserted\" THEN ");
                self.all_or_true(&waiting.inserted, row)?;
                self.push(" ELSE ");
                self.all_or_true(updated, row)?;
                self.push(" END");
            }
            // Nothing tells how the row got there: it must pass for either way.
            Some(updated) => {
                self.all_or_true(&waiting.inserted, row)?;
                self.push(" AND ");
                self.all_or_true(updated, row)?;
            }
        }
        self.push(" THEN 1 ELSE ");
        self.deny(&denial(write.relation), &|it| {
            it.push("1");
            Ok(())
        })?;
        self.push(" END)");
        Ok(())
    }

    fn all_or_true(&mut self, conditions: &[&Expr], row: Row<'_>) -> Result<(), Error> {
        if conditions.is_empty() {
            self.push("TRUE");
            return Ok(());
        }
        self.all(conditions, row)
    }

    /// Prints the count, refusing more rows than a limit allows and a wrong number of singular.
    fn limited_count(&mut self, write: &Write<'a>, plan: &Plan<'a>) {
        let most = [write.max_affected, self.policy_max_affected(write)]
            .into_iter()
            .flatten()
            .min();
        let singular = write.singular && is_singular(plan.representation.format);
        let addressed = !write.address.is_empty();
        if most.is_none() && !singular && !addressed {
            return self.push("n");
        }
        self.push("CASE");
        if addressed {
            self.push(" WHEN n <> 1 THEN \"postern\".\"refuse\"('PT115', n::text, n)");
        }
        if let Some(most) = most {
            self.push(" WHEN n > ");
            self.number(most);
            self.push(" THEN \"postern\".\"refuse\"('PT124', n::text, n)");
        }
        if singular {
            self.push(" WHEN n <> 1 THEN \"postern\".\"refuse\"('PT116', n::text, n)");
        }
        self.push(" ELSE n END");
    }

    fn policy_max_affected(&self, write: &Write<'a>) -> Option<u64> {
        let verb = match write.kind {
            WriteKind::Update => Verb::Update,
            WriteKind::Delete => Verb::Delete,
            WriteKind::Insert | WriteKind::Upsert(_) => return None,
        };
        let grant = self.view.grant(&write.relation.name, verb)?;
        rules_of(grant)?.limits.max_affected
    }
}

/// Whether RETURNING can tell inserted rows from updated ones: plain tables have `xmax` at
/// hand there, views and partitioned tables do not.
fn tells_inserted(write: &Write<'_>) -> bool {
    matches!(write.kind, WriteKind::Upsert(_)) && write.relation.kind == RelationKind::Table
}

/// The stored columns that the select grant shows or that its masks read.
fn shown_columns(relation: &Relation, grant: Grant<'_>) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    if let Some(access) = rules_of(grant) {
        for mask in access.masks.values() {
            reads::collect(&mask.unless, &mut names);
            reads::collect(&mask.value, &mut names);
        }
    }
    let mut wanted: BTreeSet<String> = names.into_iter().map(str::to_owned).collect();
    let granted = relation
        .columns
        .iter()
        .filter(|it| is_granted(grant, &it.name));
    wanted.extend(granted.map(|it| it.name.clone()));
    wanted
}
