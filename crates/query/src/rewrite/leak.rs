//! What could tell of hidden rows if Postgres evaluated it too early.
//!
//! A filter, cast or JSON path that is not leakproof may raise an error that depends on the row
//! it meets. The planner may move it before the policy: within one table, through a semi-join
//! that a policy's subquery became, or into a lateral join. Whatever is leaky here is printed
//! behind the verdict of every table that it stands on.

use postern_catalog::PgType;
use postern_policy::Verb;

use super::Statement;
use super::condition::symbol;
use super::statement::{filter_of, rules_of};
use crate::plan::{BoundField, Condition, Embed, Node, Output};
use crate::request::Operation;
use crate::view::Grant;

impl<'a> Statement<'_, 'a> {
    /// Whether the node's projection must bring the policy's verdict along.
    pub(super) fn needs_verdict(&self, node: &Node<'a>, grant: Grant<'a>) -> bool {
        self.rules.leak_guard && filter_of(grant).is_some() && self.is_leaky_node(node, grant)
    }

    /// Whether any condition on the node's rows is leaky, those of embeds that bear on them
    /// included.
    pub(super) fn is_leaky_node(&self, node: &Node<'a>, grant: Grant<'a>) -> bool {
        node.conditions
            .iter()
            .any(|it| self.is_leaky(it, Some(node), grant))
            || node.embeds.iter().any(|it| {
                (it.inner && self.is_leaky_embed(it)) || (it.spread && self.is_leaky_spread(it))
            })
    }

    /// Whether asking for a match of the embed is leaky.
    pub(super) fn is_leaky_embed(&self, embed: &Embed<'a>) -> bool {
        if embed.relationship.function.is_some() {
            return true;
        }
        match self.view.grant(&embed.node.relation.name, Verb::Select) {
            Some(grant) => self.is_leaky_node(&embed.node, grant),
            None => true,
        }
    }

    /// Whether joining the spread embed is leaky: by its conditions or by what it computes.
    pub(super) fn is_leaky_spread(&self, embed: &Embed<'a>) -> bool {
        self.is_leaky_embed(embed)
            || embed
                .node
                .outputs
                .iter()
                .any(|it| self.is_leaky_output(it, embed))
    }

    fn is_leaky_output(&self, output: &Output, embed: &Embed<'a>) -> bool {
        let Output::Value(value) = output else {
            return true;
        };
        let computed =
            value.cast.is_some() || value.aggregate.is_some() || self.shown_by(value).is_some();
        computed
            || value.column.as_ref().is_none_or(|field| {
                let grant = self.view.grant(&embed.node.relation.name, Verb::Select);
                grant.is_none_or(|grant| is_computed(field, grant))
            })
    }

    /// Whether a condition is leaky; what is not known to be leakproof is.
    pub(super) fn is_leaky(
        &self,
        condition: &Condition,
        node: Option<&Node<'a>>,
        grant: Grant<'a>,
    ) -> bool {
        match condition {
            Condition::Tree { children, .. } => {
                children.iter().any(|it| self.is_leaky(it, node, grant))
            }
            Condition::Related { embed, .. } => {
                node.is_none_or(|node| self.is_leaky_embed(&node.embeds[*embed]))
            }
            Condition::Filter {
                field, operation, ..
            } => {
                is_computed(field, grant)
                    || self.compared_by(field).is_some()
                    || !self.is_leakproof(&field.ty, operation)
            }
        }
    }

    fn is_leakproof(&self, ty: &PgType, operation: &Operation) -> bool {
        let leakproof = self.view.catalog().leakproof();
        match operation {
            Operation::Compare { operator, .. } | Operation::Quantified { operator, .. } => {
                leakproof.is_leakproof(symbol(*operator).trim(), ty)
            }
            Operation::In(_) | Operation::IsDistinct(_) => leakproof.is_leakproof("=", ty),
            Operation::Is(_) => true,
            Operation::FullText { .. } => false,
        }
    }
}

/// Whether the field is more than a stored column: a JSON path, a mask, or a function of the row.
fn is_computed(field: &BoundField, grant: Grant<'_>) -> bool {
    let masked = rules_of(grant).is_some_and(|it| it.masks.contains_key(&field.column));
    masked || !field.path.is_empty() || field.computed.is_some()
}
