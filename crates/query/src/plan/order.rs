//! Order terms, of the node's own columns or of a to-one embed's.

use postern_base::codes;

use super::{Node, Order, OrderBy, Output, OutputValue, Planner};
use crate::Error;
use crate::request::{Field, OrderTerm};

impl<'a> Planner<'_, 'a> {
    pub(super) fn order(&self, node: &Node<'a>, terms: &[OrderTerm]) -> Result<Vec<Order>, Error> {
        terms.iter().map(|term| self.term(node, term)).collect()
    }

    fn term(&self, node: &Node<'a>, term: &OrderTerm) -> Result<Order, Error> {
        let by = match &term.relation {
            None => OrderBy::Field(self.field(&node.relation, &term.field)?),
            Some(name) => self.related_term(node, name, term)?,
        };
        Ok(Order {
            by,
            descending: term.descending,
            nulls_first: term.nulls_first,
        })
    }

    fn related_term(
        &self,
        node: &Node<'a>,
        name: &str,
        term: &OrderTerm,
    ) -> Result<OrderBy, Error> {
        let embed = node.embeds.iter().position(|it| it.name == name);
        let Some(embed) = embed else {
            let message = format!("'{name}' is not an embedded resource in this request");
            let hint = format!("Verify that '{name}' is included in the 'select' query parameter.");
            return Err(Error::new(&codes::EMBED_FILTER, message).with_hint(hint));
        };
        if !node.embeds[embed].relationship.is_to_one() {
            let near = &node.relation.name.name;
            let details = format!(
                "'{near}' and '{name}' do not form a many-to-one or one-to-one relationship"
            );
            let message = format!("A related order on '{name}' is not possible");
            return Err(Error::new(&codes::RELATED_ORDER, message).with_details(details));
        }
        if let Some(source) = spread_source(node, embed, &term.field) {
            return Ok(OrderBy::Spread { embed, source });
        }
        let field = self.field(&node.embeds[embed].node.relation, &term.field)?;
        Ok(OrderBy::Related { embed, field })
    }
}

/// The output of a spread embed that shows the field, by its column or else by its name in the
/// answer; only that can be ordered by where rows are grouped.
fn spread_source(node: &Node<'_>, embed: usize, field: &Field) -> Option<String> {
    let child = &node.embeds[embed];
    if !child.spread {
        return None;
    }
    let values = || {
        let outputs = child.node.outputs.iter();
        outputs.filter_map(|it| match it {
            Output::Value(value) if value.cast.is_none() => Some(value),
            _ => None,
        })
    };
    let shows = |value: &&OutputValue| {
        let column = value.column.as_ref();
        column.is_some_and(|it| it.column == field.name && it.path == field.path)
    };
    let is_named = |value: &&OutputValue| value.name == field.name && field.path.is_empty();
    let found = values().find(shows).or_else(|| values().find(is_named))?;
    // What the parent aggregates is no column of a group.
    let is_hoisted = node.outputs.iter().any(|it| {
        matches!(it, Output::Spread(spread)
            if spread.embed == embed && spread.source == found.name && spread.aggregate.is_some())
    });
    (!is_hoisted).then(|| found.name.clone())
}
