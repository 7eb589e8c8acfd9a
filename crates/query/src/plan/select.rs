//! The select list.

use std::borrow::Cow;

use postern_base::codes;
use postern_catalog::Relation;
use postern_policy::Verb;

use super::{Node, Output, OutputValue, Planner, spread};
use crate::Error;
use crate::request::{
    Aggregate, Count, Field, Join, JsonOperand, QueryString, SelectEmbed, SelectField, SelectItem,
};
use crate::view::Grant;

impl<'a> Planner<'_, 'a> {
    pub(super) fn select(
        &self,
        node: &mut Node<'a>,
        items: &[SelectItem],
        path: &mut Vec<String>,
        query: &QueryString,
    ) -> Result<(), Error> {
        let mut aggregates = false;
        for item in items {
            match item {
                SelectItem::Star => self.star(node)?,
                SelectItem::Field(field) => {
                    aggregates |= field.aggregate.is_some();
                    let value = if self.is_row_count(&node.relation, field) {
                        self.row_count(&node.relation, field)?
                    } else {
                        self.output_value(node, field)?
                    };
                    node.outputs.push(Output::Value(value));
                }
                SelectItem::Embed(embed) => {
                    aggregates |= self.embed_item(node, embed, path, query)?;
                }
            }
        }
        if aggregates {
            self.require_aggregates(node)?;
        }
        Ok(())
    }

    /// Whether the item is `count` where the caller has no column of that name.
    ///
    /// COMPAT(supabase-js 2): `select=name,messages(count)` counts the rows, without brackets and
    /// where aggregates are off; `embedded_rows_are_counted_without_brackets` holds it.
    fn is_row_count(&self, relation: &Relation, item: &SelectField) -> bool {
        item.aggregate.is_none()
            && item.field.as_ref().is_some_and(|field| {
                field.name == "count"
                    && field.path.is_empty()
                    && self.field(relation, field).is_err()
            })
    }

    /// The number of rows; it tells what an exact count tells, and needs the same permission.
    fn row_count(&self, relation: &Relation, item: &SelectField) -> Result<OutputValue, Error> {
        self.is_counted(relation, Some(Count::Exact))?;
        Ok(OutputValue {
            column: None,
            cast: None,
            aggregate: Some(Aggregate::Count),
            aggregate_cast: item.cast.as_deref().map(|it| self.cast(it)).transpose()?,
            name: output_name(item),
        })
    }

    fn star(&self, node: &mut Node<'a>) -> Result<(), Error> {
        for name in self.readable_columns(&node.relation) {
            let field = self.field(
                &node.relation,
                &Field {
                    name: name.clone(),
                    path: Vec::new(),
                },
            )?;
            node.outputs.push(Output::Value(OutputValue {
                column: Some(field),
                cast: None,
                aggregate: None,
                aggregate_cast: None,
                name,
            }));
        }
        Ok(())
    }

    fn output_value(&self, node: &Node<'a>, item: &SelectField) -> Result<OutputValue, Error> {
        let column = match &item.field {
            Some(field) => Some(self.field(&node.relation, field)?),
            None => None,
        };
        Ok(OutputValue {
            column,
            cast: item.cast.as_deref().map(|it| self.cast(it)).transpose()?,
            aggregate: item.aggregate,
            aggregate_cast: item
                .aggregate_cast
                .as_deref()
                .map(|it| self.cast(it))
                .transpose()?,
            name: output_name(item),
        })
    }

    /// Plans an embed; says whether the node computes aggregates for it.
    fn embed_item(
        &self,
        node: &mut Node<'a>,
        item: &SelectEmbed,
        path: &mut Vec<String>,
        query: &QueryString,
    ) -> Result<bool, Error> {
        let relationship = self.relationship(&node.relation, item)?;
        let far = self.far_side(relationship)?;
        path.push(self.scope_name(item, path, query));
        let mut child = self.node(Cow::Borrowed(far), &item.select, path, query)?;
        if relationship.is_to_one() {
            // There is at most one row; a limit would only stand in the planner's way. What a
            // function says of itself may not be so.
            let most = relationship.function.as_ref().map(|_| 1);
            child.window.limit = child.window.limit.filter(|limit| *limit == 0).or(most);
        }
        path.pop();
        let embed = node.embeds.len();
        let mut aggregates = false;
        if item.spread {
            let outputs = spread::outputs(embed, &mut child, relationship.is_to_one())?;
            aggregates = outputs.iter().any(Output::is_aggregate);
            node.outputs.extend(outputs);
        } else if !item.is_empty() {
            node.outputs.push(Output::Embed(embed));
        }
        node.embeds.push(super::Embed {
            name: item.name().to_owned(),
            relationship,
            inner: item.join == Some(Join::Inner),
            spread: item.spread,
            node: child,
            index: self.fresh_index(),
        });
        Ok(aggregates)
    }

    /// Filters may address an aliased embed by its alias or by its target.
    fn scope_name(&self, item: &SelectEmbed, path: &[String], query: &QueryString) -> String {
        let addressed = |name: &str| {
            query.scopes.iter().any(|(at, _)| {
                at.len() > path.len() && at.starts_with(path) && at[path.len()] == name
            })
        };
        let name = item.name();
        if addressed(name) || !addressed(&item.target) {
            name.into()
        } else {
            item.target.clone()
        }
    }

    fn require_aggregates(&self, node: &Node<'a>) -> Result<(), Error> {
        match self.view.grant(&node.relation.name, Verb::Select) {
            Some(Grant::Rules(access)) if !access.limits.aggregates => Err(Error::new(
                &codes::AGGREGATES,
                "Use of aggregate functions is not allowed",
            )),
            _ => Ok(()),
        }
    }
}

impl Node<'_> {
    /// The name that one of the node's outputs has in the answer.
    pub(crate) fn output_name<'n>(&'n self, output: &'n Output) -> &'n str {
        match output {
            Output::Value(value) => &value.name,
            Output::Embed(index) => &self.embeds[*index].name,
            Output::Spread(spread) => &spread.name,
        }
    }
}

/// The output's name: the alias, the last key of the path, the column, or the aggregate.
fn output_name(item: &SelectField) -> String {
    if let Some(alias) = &item.alias {
        return alias.clone();
    }
    match (item.aggregate, &item.field) {
        (Some(aggregate), _) => aggregate_name(aggregate).into(),
        (None, Some(field)) => path_name(field),
        (None, None) => "count".into(),
    }
}

fn path_name(field: &Field) -> String {
    let keys = field
        .path
        .iter()
        .rev()
        .find_map(|step| match &step.operand {
            JsonOperand::Key(key) => Some(key.clone()),
            JsonOperand::Index(_) => None,
        });
    keys.unwrap_or_else(|| field.name.clone())
}

/// The aggregate's SQL name, which is also its default output name.
pub(crate) fn aggregate_name(aggregate: Aggregate) -> &'static str {
    match aggregate {
        Aggregate::Count => "count",
        Aggregate::Sum => "sum",
        Aggregate::Avg => "avg",
        Aggregate::Min => "min",
        Aggregate::Max => "max",
    }
}
