//! Filters and logic trees, bound to columns.

use postern_base::codes;

use super::{Condition, Node, Planner};
use crate::Error;
use crate::request::{Filter, IsValue, Logic, Operation};

impl<'a> Planner<'_, 'a> {
    pub(super) fn conditions(
        &self,
        node: &Node<'a>,
        filters: &[Logic],
    ) -> Result<Vec<Condition>, Error> {
        filters
            .iter()
            .map(|logic| self.condition(node, logic))
            .collect()
    }

    fn condition(&self, node: &Node<'a>, logic: &Logic) -> Result<Condition, Error> {
        match logic {
            Logic::Filter(filter) => self.filter(node, filter),
            Logic::Tree {
                negated,
                any,
                children,
            } => Ok(Condition::Tree {
                negated: *negated,
                any: *any,
                children: self.conditions(node, children)?,
            }),
        }
    }

    fn filter(&self, node: &Node<'a>, filter: &Filter) -> Result<Condition, Error> {
        let embed = node
            .embeds
            .iter()
            .position(|it| it.name == filter.field.name);
        let is_column = self.is_readable(&node.relation, &filter.field.name)
            && node.relation.column(&filter.field.name).is_some();
        match embed {
            Some(embed) if !is_column => related(embed, filter),
            _ => Ok(Condition::Filter {
                field: self.field(&node.relation, &filter.field)?,
                negated: filter.negated,
                operation: filter.operation.clone(),
            }),
        }
    }
}

/// `rel=is.null` keeps the rows without a match, `rel=not.is.null` those with one.
fn related(embed: usize, filter: &Filter) -> Result<Condition, Error> {
    match filter.operation {
        Operation::Is(IsValue::Null) => Ok(Condition::Related {
            embed,
            negated: !filter.negated,
        }),
        Operation::Is(IsValue::NotNull) => Ok(Condition::Related {
            embed,
            negated: filter.negated,
        }),
        _ => Err(Error::new(
            &codes::EMBED_NULL,
            format!(
                "Bad operator on the '{}' embedded resource",
                filter.field.name
            ),
        )
        .with_details("Only is null or not is null filters are allowed on embedded resources")),
    }
}
