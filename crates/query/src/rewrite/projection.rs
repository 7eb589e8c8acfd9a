//! Projection subqueries: a table as its policy shows it.
//!
//! `(SELECT granted and masked columns FROM table WHERE policy)` stands wherever a request reads
//! a table, so that hidden columns and rows exist for no clause (the planner flattens it, and
//! indexes are used as before). Where a filter of the request is not leakproof, the policy's
//! verdict comes along as a column of its own, and the filter is evaluated only where it is TRUE.

use postern_catalog::Relation;
use postern_policy::Verb;

use super::Statement;
use super::expr::Row;
use super::statement::{filter_of, rules_of};
use crate::Error;
use crate::plan::Node;
use crate::view::Grant;

/// The column that carries the policy's verdict out of a projection.
pub(super) const VISIBLE: &str = "postern.visible";

/// What a node's rows are read from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ground<'g> {
    /// The table itself, behind its select policy.
    Table(Protection),
    /// The rows that the statement has just written, under this name.
    Written(&'g str),
}

/// Which protection a table's rows are filtered by (told apart for the mutation tests).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Protection {
    Root,
    Embedded,
    Junction,
}

impl<'a> Statement<'_, 'a> {
    /// Prints `(SELECT … FROM …) AS "t<n>"` for a node; says whether the verdict came along.
    pub(super) fn source(&mut self, node: &Node<'a>, ground: Ground<'_>) -> Result<bool, Error> {
        let grant = self.grant(&node.relation, Verb::Select)?;
        if self.view.is_native() {
            self.bare_source(node, ground);
            return Ok(false);
        }
        let guarded = ground != Ground::Written("w") && self.needs_verdict(node, grant);
        self.projection(&node.relation, grant, ground, guarded, node.index)?;
        self.push(" AS ");
        self.ident(&table_alias(node.index));
        Ok(guarded)
    }

    /// Prints the relation itself under the node's alias: where the database decides, a
    /// projection would touch columns that the request does not name, and be refused for them.
    fn bare_source(&mut self, node: &Node<'a>, ground: Ground<'_>) {
        match ground {
            Ground::Table(_) => self.relation(&node.relation.name),
            Ground::Written(name) => self.ident(name),
        }
        self.push(" AS ");
        self.ident(&table_alias(node.index));
    }

    /// Prints the projection subquery of a relation.
    pub(super) fn projection(
        &mut self,
        relation: &Relation,
        grant: Grant<'a>,
        ground: Ground<'_>,
        guarded: bool,
        index: usize,
    ) -> Result<(), Error> {
        if self.view.is_native() {
            self.relation(&relation.name);
            return Ok(());
        }
        let base = format!("b{index}");
        self.push("(SELECT ");
        self.projected_columns(relation, grant, &base)?;
        let filter = filter_of(grant);
        if let (true, Some(filter)) = (guarded, filter) {
            self.push(", ");
            self.expr(filter, Row::Stored(&base))?;
            self.push(" AS ");
            self.ident(VISIBLE);
        }
        self.push(" FROM ");
        match ground {
            Ground::Table(_) => self.relation(&relation.name),
            Ground::Written(name) => self.ident(name),
        }
        self.push(" AS ");
        self.ident(&base);
        if let (Ground::Table(protection), Some(filter)) = (ground, filter)
            && self.is_protected(protection)
        {
            self.push(" WHERE ");
            self.expr(filter, Row::Stored(&base))?;
        }
        self.push(")");
        Ok(())
    }

    fn projected_columns(
        &mut self,
        relation: &Relation,
        grant: Grant<'a>,
        base: &str,
    ) -> Result<(), Error> {
        let mut first = true;
        for column in &relation.columns {
            if !is_granted(grant, &column.name) {
                continue;
            }
            if !first {
                self.push(", ");
            }
            first = false;
            self.visible_column(&column.name, grant, base)?;
            self.push(" AS ");
            self.ident(&column.name);
        }
        if first {
            self.push("NULL");
        }
        Ok(())
    }

    /// Prints a column of a stored row as the caller sees it: its value or its mask.
    pub(super) fn visible_column(
        &mut self,
        name: &str,
        grant: Grant<'a>,
        base: &str,
    ) -> Result<(), Error> {
        let mask = rules_of(grant).and_then(|access| access.masks.get(name));
        let Some(mask) = mask.filter(|_| self.rules.masks) else {
            self.column(base, name);
            return Ok(());
        };
        self.push("CASE WHEN ");
        self.expr(&mask.unless, Row::Stored(base))?;
        self.push(" THEN ");
        self.column(base, name);
        self.push(" ELSE ");
        self.expr(&mask.value, Row::Stored(base))?;
        self.push(" END");
        Ok(())
    }

    fn is_protected(&self, protection: Protection) -> bool {
        match protection {
            Protection::Root => self.rules.read_filter,
            Protection::Embedded => self.rules.embed_filter,
            Protection::Junction => self.rules.junction_filter,
        }
    }
}

/// Whether the grant shows the column at all.
pub(super) fn is_granted(grant: Grant<'_>, column: &str) -> bool {
    rules_of(grant).is_none_or(|access| access.columns.iter().any(|it| it == column))
}

/// The alias of a node's projection.
pub(super) fn table_alias(index: usize) -> String {
    format!("t{index}")
}
