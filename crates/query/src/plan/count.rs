//! How the total is counted: what the client asks for against what the policies allow.
//!
//! SECURITY: the planner's estimates rest on statistics of all rows, hidden ones included. They
//! are given only where every relation that bears on the rows shows all of its rows anyway, or
//! where its policy allows estimates; otherwise the rows are counted one by one.

use postern_base::codes;
use postern_catalog::{Relation, RelationKind};
use postern_policy::{Counts, Verb};

use super::{Condition, Counted, Embed, Node, Planner};
use crate::request::Count;
use crate::view::Grant;
use crate::{Error, View};

impl<'a> Planner<'_, 'a> {
    /// How the rows of a node are counted; refuses a count that the policy does not allow.
    pub(super) fn count(
        &self,
        node: &Node<'a>,
        asked: Option<Count>,
    ) -> Result<Option<Counted>, Error> {
        let Some(asked) = asked else { return Ok(None) };
        let counted = match asked {
            Count::Exact => Counted::Exact,
            Count::Planned => Counted::Planned,
            Count::Estimated => Counted::Estimated {
                most: self.rows_max(&node.relation),
            },
        };
        if counted != Counted::Exact && may_estimate(self.view, node, counted) {
            return Ok(Some(counted));
        }
        self.require_exact(&node.relation)?;
        Ok(Some(Counted::Exact))
    }

    /// Whether the total is counted one by one; refuses it where the policy does not allow it.
    pub(super) fn is_counted(
        &self,
        relation: &Relation,
        count: Option<Count>,
    ) -> Result<bool, Error> {
        let Some(_) = count else { return Ok(false) };
        self.require_exact(relation)?;
        Ok(true)
    }

    fn require_exact(&self, relation: &Relation) -> Result<(), Error> {
        match self.view.grant(&relation.name, Verb::Select) {
            Some(Grant::Rules(access)) if !access.limits.counts.exact => Err(Error::new(
                &codes::DENIED,
                format!(
                    "permission denied to count the rows of table {}",
                    relation.name.name
                ),
            )),
            _ => Ok(()),
        }
    }
}

/// Whether the planner may be asked for the number of the node's rows.
pub(crate) fn may_estimate<'a>(view: &View<'a>, node: &Node<'a>, counted: Counted) -> bool {
    let bears = |index: usize, embed: &Embed<'a>| {
        embed.inner
            || embed.spread
            || node
                .conditions
                .iter()
                .any(|condition| asks_for(condition, index))
    };
    is_open(view, &node.relation, counted)
        && node
            .embeds
            .iter()
            .enumerate()
            .filter(|(index, embed)| bears(*index, embed))
            .all(|(_, embed)| {
                let junction = embed.relationship.junction.as_ref();
                let between = junction.map(|it| view.catalog().relation(&it.relation));
                between.is_none_or(|it| it.is_some_and(|it| is_open(view, it, counted)))
                    && may_estimate(view, &embed.node, counted)
            })
}

fn is_open(view: &View<'_>, relation: &Relation, counted: Counted) -> bool {
    let access = match view.grant(&relation.name, Verb::Select) {
        None => return false,
        Some(Grant::Bypass) => return true,
        Some(Grant::Rules(access)) => access,
    };
    let Counts {
        exact,
        planned,
        estimated,
    } = access.limits.counts;
    let opted_in = match counted {
        Counted::Exact => exact,
        Counted::Planned => planned,
        Counted::Estimated { .. } => estimated,
    };
    // What a view reads, and what native policies hide, is in the statistics as well.
    let shows_all = access.filter.is_true()
        && access.masks.is_empty()
        && relation.session.select.is_none()
        && matches!(
            relation.kind,
            RelationKind::Table | RelationKind::Partitioned | RelationKind::MaterializedView
        );
    opted_in || (exact && shows_all)
}

/// Whether a condition asks for a match of the embed of this index.
fn asks_for(condition: &Condition, index: usize) -> bool {
    match condition {
        Condition::Filter { .. } => false,
        Condition::Tree { children, .. } => children.iter().any(|it| asks_for(it, index)),
        Condition::Related { embed, .. } => *embed == index,
    }
}
