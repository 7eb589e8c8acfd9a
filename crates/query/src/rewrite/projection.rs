//! Projection subqueries: a table as its policy shows it.
//!
//! `(SELECT granted and masked columns FROM table WHERE policy)` stands wherever a request reads
//! a table, so that hidden columns and rows exist for no clause (the planner flattens it, and
//! indexes are used as before). Where a filter of the request is not leakproof, the policy's
//! verdict comes along as a column of its own, and the filter is evaluated only where it is TRUE.

use postern_base::FunctionName;
use postern_catalog::Relation;
use postern_policy::{Expr, Verb};

use super::Statement;
use super::computed::Carried;
use super::expr::Row;
use super::statement::{filter_of, rules_of};
use crate::Error;
use crate::plan::{BoundField, Node};
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
    /// What a function of the parent's row yields, behind the select policy as well.
    Computed {
        function: &'g FunctionName,
        /// The parent's alias.
        parent: &'g str,
        /// The function meets rows that the parent's verdict shows.
        fenced: bool,
        /// It yields a set; a value alone may be NULL, which is no row.
        is_set: bool,
    },
}

/// Which protection a table's rows are filtered by (told apart for the mutation tests).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Protection {
    Root,
    Counted,
    Embedded,
    Junction,
}

impl<'a> Statement<'_, 'a> {
    /// Prints `(SELECT … FROM …) AS "t<n>"` for a node; says whether the verdict came along.
    pub(super) fn source(
        &mut self,
        node: &Node<'a>,
        ground: Ground<'_>,
        also: Option<&BoundField>,
    ) -> Result<bool, Error> {
        let grant = self.grant(&node.relation, Verb::Select)?;
        if self.view.is_native() {
            let carried = Carried::by(node, also, false);
            self.bare_source(node, ground, carried)?;
            return Ok(false);
        }
        let guarded = ground != Ground::Written("w") && self.needs_verdict(node, grant);
        let carried = Carried::by(node, also, guarded);
        self.projection(&node.relation, grant, ground, &carried, node.index)?;
        self.push(" AS ");
        self.ident(&table_alias(node.index));
        Ok(guarded)
    }

    /// Prints the relation itself under the node's alias: where the database decides, a
    /// projection would touch columns that the request does not name, and be refused for them.
    /// Only functions of the row, which need all of it, stand beside its columns.
    fn bare_source(
        &mut self,
        node: &Node<'a>,
        ground: Ground<'_>,
        carried: Carried<'_>,
    ) -> Result<(), Error> {
        let carried = match ground {
            // What was written brings its row along, among all its columns.
            Ground::Written(_) => carried.without_row(),
            Ground::Table(_) | Ground::Computed { .. } => carried,
        };
        let is_value = matches!(ground, Ground::Computed { is_set: false, .. });
        let base = format!("b{}", node.index);
        let wrapped = is_value || !carried.is_empty();
        if wrapped {
            self.push("(SELECT ");
            self.ident(&base);
            self.push(".*");
            self.carry(&carried, &node.relation, &base, ground)?;
            self.push(" FROM ");
        }
        self.ground(&node.relation, ground);
        if wrapped {
            self.push(" AS ");
            self.ident(&base);
            self.projected_rows(None, ground, &base)?;
            self.push(")");
        }
        self.push(" AS ");
        self.ident(&table_alias(node.index));
        Ok(())
    }

    /// Prints what stands after FROM.
    fn ground(&mut self, relation: &Relation, ground: Ground<'_>) {
        match ground {
            Ground::Table(_) => self.relation(&relation.name),
            Ground::Written(name) => self.ident(name),
            Ground::Computed { .. } => self.computed_source(ground),
        }
    }

    /// Prints the projection subquery of a relation.
    pub(super) fn projection(
        &mut self,
        relation: &Relation,
        grant: Grant<'a>,
        ground: Ground<'_>,
        carried: &Carried<'_>,
        index: usize,
    ) -> Result<(), Error> {
        if self.view.is_native() {
            self.relation(&relation.name);
            return Ok(());
        }
        let base = format!("b{index}");
        self.push("(SELECT ");
        self.projected_columns(relation, grant, &base)?;
        self.carry(carried, relation, &base, ground)?;
        let filter = filter_of(grant);
        if let (true, Some(filter)) = (carried.verdict, filter) {
            self.push(", ");
            self.expr(filter, Row::Stored(&base))?;
            self.push(" AS ");
            self.ident(VISIBLE);
        }
        self.push(" FROM ");
        self.ground(relation, ground);
        self.push(" AS ");
        self.ident(&base);
        self.projected_rows(filter, ground, &base)?;
        self.push(")");
        Ok(())
    }

    /// Prints ` WHERE policy`, where the ground has rows that the policy may hide.
    fn projected_rows(
        &mut self,
        filter: Option<&Expr>,
        ground: Ground<'_>,
        base: &str,
    ) -> Result<(), Error> {
        let (protection, is_value) = match ground {
            Ground::Table(protection) => (Some(protection), false),
            Ground::Written(_) => (None, false),
            Ground::Computed { is_set, .. } => (Some(Protection::Embedded), !is_set),
        };
        let is_protected = protection.is_some_and(|it| self.is_protected(it));
        let filter = filter.filter(|_| is_protected);
        if let Some(filter) = filter {
            self.push(" WHERE ");
            self.expr(filter, Row::Stored(base))?;
        }
        if is_value {
            self.push(if filter.is_some() { " AND " } else { " WHERE " });
            self.push("NOT ((");
            self.ident(base);
            self.push(".*) IS NULL)");
        }
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
            Protection::Counted => self.rules.count_filter,
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
