//! Functions of a row, as columns and as relationships.
//!
//! SECURITY: such a function sees the whole stored row, so it is called only where the policy file
//! lists it, and for rows that the policy shows. What it returns as a relationship passes the
//! policy of the relation that it leads to, like rows that were read from it.

use postern_base::{RelationName, codes};
use postern_catalog::{Function, Relation, Volatility};

use super::Statement;
use super::node::Joined;
use super::projection::{Ground, VISIBLE};
use crate::Error;
use crate::plan::{BoundField, Condition, Node, OrderBy, Output};

/// The column that carries the whole stored row out of a projection, for functions of it.
pub(super) const ROW: &str = "postern.stored";

/// What a projection carries beside the granted columns.
#[derive(Debug, Default)]
pub(super) struct Carried<'n> {
    /// The policy's verdict.
    pub(super) verdict: bool,
    /// The stored row.
    row: bool,
    /// Values that functions compute of the row, each name once.
    computed: Vec<&'n BoundField>,
}

impl<'n> Carried<'n> {
    /// The verdict alone, or nothing.
    pub(super) fn verdict(verdict: bool) -> Self {
        Self {
            verdict,
            ..Self::default()
        }
    }

    /// The same, but for the stored row.
    pub(super) fn without_row(self) -> Self {
        Self { row: false, ..self }
    }

    /// Whether there is nothing to carry.
    pub(super) fn is_empty(&self) -> bool {
        !self.verdict && !self.row && self.computed.is_empty()
    }

    /// What the node's clauses need; `also` is ordered by from outside.
    pub(super) fn by(node: &'n Node<'_>, also: Option<&'n BoundField>, verdict: bool) -> Self {
        let mut computed: Vec<&BoundField> = Vec::new();
        for field in fields(node).into_iter().chain(also) {
            if field.computed.is_some() && !computed.iter().any(|it| it.column == field.column) {
                computed.push(field);
            }
        }
        Self {
            verdict,
            row: has_computed_embed(node),
            computed,
        }
    }
}

/// Whether a function of the node's rows is called.
pub(super) fn needs_row(node: &Node<'_>) -> bool {
    has_computed_embed(node) || fields(node).iter().any(|it| it.computed.is_some())
}

impl<'a> Statement<'_, 'a> {
    /// Prints what a projection carries, each behind a comma.
    pub(super) fn carry(
        &mut self,
        carried: &Carried<'_>,
        relation: &Relation,
        base: &str,
        ground: Ground<'_>,
    ) -> Result<(), Error> {
        for field in &carried.computed {
            self.push(", ");
            self.computed_value(field, base, ground)?;
            self.push(" AS ");
            self.ident(&field.column);
        }
        if carried.row {
            self.push(", ");
            match ground {
                Ground::Written(_) => self.column(base, ROW),
                Ground::Table(_) | Ground::Computed { .. } => {
                    self.stored_row(base, &relation.name);
                }
            }
            self.push(" AS ");
            self.ident(ROW);
        }
        Ok(())
    }

    /// Prints `, (row) AS "postern.stored"` where the node calls a function of its rows.
    pub(super) fn returned_row(&mut self, node: &Node<'a>, base: &str, relation: &RelationName) {
        if needs_row(node) {
            self.push(", ");
            self.stored_row(base, relation);
            self.push(" AS ");
            self.ident(ROW);
        }
    }

    /// Prints the whole row of an alias as a value of the relation's row type.
    fn stored_row(&mut self, base: &str, relation: &RelationName) {
        self.push("(");
        self.ident(base);
        self.push(".*)::");
        self.relation(relation);
    }

    /// Prints the function call that stands for a column.
    pub(super) fn computed_value(
        &mut self,
        field: &BoundField,
        base: &str,
        ground: Ground<'_>,
    ) -> Result<(), Error> {
        let near = field.computed.as_deref();
        let function = near.and_then(|it| self.view.computed(it, &field.column));
        let function = function.ok_or_else(|| denied(&field.column))?;
        self.note_function(function);
        self.column(&function.name.schema, &function.name.name);
        self.push("(");
        match ground {
            Ground::Written(_) => self.column(base, ROW),
            Ground::Table(_) | Ground::Computed { .. } => {
                self.ident(base);
                self.push(".*");
            }
        }
        self.push(")");
        Ok(())
    }

    /// Where the rows of an embed are read: from its relation, or from the function that computes
    /// the relationship.
    pub(super) fn ground_of<'g>(
        &mut self,
        joined: Joined<'g, 'a>,
        ground: Ground<'g>,
    ) -> Result<Ground<'g>, Error>
    where
        'a: 'g,
    {
        let relationship = joined.embed.relationship;
        let Some(name) = &relationship.function else {
            return Ok(ground);
        };
        let function = self.view.computed(&relationship.near, &name.name);
        let function = function.filter(|it| it.name == *name);
        let function = function.ok_or_else(|| denied(&name.name))?;
        self.note_function(function);
        Ok(Ground::Computed {
            function: &function.name,
            parent: joined.parent,
            fenced: joined.fenced,
            is_set: function.returns_set,
        })
    }

    /// Prints the call of the function that computes a relationship.
    pub(super) fn computed_source(&mut self, ground: Ground<'_>) {
        let Ground::Computed {
            function,
            parent,
            fenced,
            ..
        } = ground
        else {
            return;
        };
        self.column(&function.schema, &function.name);
        self.push("(");
        if fenced {
            self.push("CASE WHEN ");
            self.column(parent, VISIBLE);
            self.push(" THEN ");
        }
        self.column(parent, ROW);
        self.push(if fenced { " END)" } else { ")" });
    }

    /// A body cannot be looked into: only what is immutable surely does not read the session.
    fn note_function(&mut self, function: &Function) {
        if function.volatility != Volatility::Immutable {
            self.require_session(|| format!("function {} may read the session", function.name));
        }
    }
}

fn denied(name: &str) -> Error {
    let message = format!("permission denied for function {name}");
    Error::new(&codes::DENIED, message)
}

fn has_computed_embed(node: &Node<'_>) -> bool {
    node.embeds
        .iter()
        .any(|it| it.relationship.function.is_some())
}

/// All fields of the node's own rows that its clauses name.
fn fields<'n>(node: &'n Node<'_>) -> Vec<&'n BoundField> {
    let mut found = Vec::new();
    for output in &node.outputs {
        if let Output::Value(value) = output {
            found.extend(&value.column);
        }
    }
    node.conditions
        .iter()
        .for_each(|it| of_condition(it, &mut found));
    for term in &node.order {
        if let OrderBy::Field(field) = &term.by {
            found.push(field);
        }
    }
    found
}

fn of_condition<'n>(condition: &'n Condition, found: &mut Vec<&'n BoundField>) {
    match condition {
        Condition::Filter { field, .. } => found.push(field),
        Condition::Tree { children, .. } => {
            children.iter().for_each(|it| of_condition(it, found));
        }
        Condition::Related { .. } => {}
    }
}
