//! A node as a SELECT: outputs, conditions, order and window over its projection.

use postern_policy::Verb;

use super::Statement;
use super::condition::Place;
use super::projection::{Ground, Protection, table_alias};
use crate::Error;
use crate::plan::{BoundField, Embed, Node, Order, OrderBy, Output, OutputValue, aggregate_name};
use crate::request::Window;

/// How a node hangs on its parent.
#[derive(Clone, Copy)]
pub(super) struct Joined<'j, 'a> {
    pub(super) embed: &'j Embed<'a>,
    /// The parent's alias.
    pub(super) parent: &'j str,
    /// Nothing of the node is evaluated for parents that the parent's verdict hides.
    pub(super) fenced: bool,
}

impl<'j, 'a> Joined<'j, 'a> {
    /// Evaluated for visible parents only, by where it stands.
    pub(super) fn plain(embed: &'j Embed<'a>, parent: &'j str) -> Self {
        Self {
            embed,
            parent,
            fenced: false,
        }
    }
}

impl<'a> Statement<'_, 'a> {
    /// Prints `SELECT … FROM … WHERE … ORDER BY … LIMIT …` for a node.
    ///
    /// `joined` is how the node hangs on its parent, if it has one.
    pub(super) fn node(
        &mut self,
        node: &Node<'a>,
        ground: Ground<'_>,
        joined: Option<Joined<'_, 'a>>,
    ) -> Result<(), Error> {
        self.push("SELECT ");
        self.outputs(node)?;
        self.rows_where(node, ground, joined)?;
        self.grouping(node)?;
        self.order_by(node)?;
        self.window(node.window, joined.is_some_and(|it| it.fenced));
        Ok(())
    }

    /// Prints `FROM … WHERE …`: the rows of the node before order and window.
    pub(super) fn rows_where(
        &mut self,
        node: &Node<'a>,
        ground: Ground<'_>,
        joined: Option<Joined<'_, 'a>>,
    ) -> Result<(), Error> {
        let alias = table_alias(node.index);
        self.push(" FROM ");
        let guarded = self.source(node, ground)?;
        for embed in node.embeds.iter().filter(|it| it.spread) {
            let fenced = guarded && self.is_leaky_spread(embed);
            self.spread_join(Joined {
                embed,
                parent: &alias,
                fenced,
            })?;
        }
        let mut verdicts = Vec::new();
        if guarded {
            verdicts.push(alias.clone());
        }
        if let Some(joined) = joined {
            verdicts.extend(self.junction_source(joined.embed)?);
        }
        self.push(" WHERE TRUE");
        if let Some(joined) = joined {
            self.join_condition(joined);
        }
        let grant = self.grant(&node.relation, Verb::Select)?;
        let place = Place::Projection {
            alias: &alias,
            verdicts: &verdicts,
        };
        for condition in &node.conditions {
            self.push(" AND ");
            self.condition(condition, Some(node), place, grant)?;
        }
        for (index, embed) in node.embeds.iter().enumerate().filter(|(_, it)| it.inner) {
            self.push(" AND ");
            let leaky = !verdicts.is_empty() && self.is_leaky_embed(embed);
            self.guarded(if leaky { &verdicts } else { &[] }, |it| {
                it.exists(node, index, false)
            })?;
        }
        Ok(())
    }

    /// Prints a condition, behind the verdicts of these aliases if there are any.
    fn guarded(
        &mut self,
        verdicts: &[String],
        condition: impl FnOnce(&mut Self) -> Result<(), Error>,
    ) -> Result<(), Error> {
        if verdicts.is_empty() {
            return condition(self);
        }
        self.push("CASE WHEN ");
        self.verdicts(verdicts);
        self.push(" THEN ");
        condition(self)?;
        self.push(" ELSE FALSE END");
        Ok(())
    }

    fn outputs(&mut self, node: &Node<'a>) -> Result<(), Error> {
        for (index, output) in node.outputs.iter().enumerate() {
            if index > 0 {
                self.push(", ");
            }
            match output {
                Output::Value(value) => {
                    self.output_value(value, node.index)?;
                    self.push(" AS ");
                    self.ident(&value.name);
                }
                Output::Embed(embed) => {
                    let embed = &node.embeds[*embed];
                    self.embedded(embed, &table_alias(node.index))?;
                    self.push(" AS ");
                    self.ident(&embed.name);
                }
                Output::Spread { embed, name } => {
                    self.column(&spread_alias(&node.embeds[*embed]), name);
                    self.push(" AS ");
                    self.ident(name);
                }
            }
        }
        Ok(())
    }

    fn output_value(&mut self, value: &OutputValue, index: usize) -> Result<(), Error> {
        if let Some(aggregate) = value.aggregate {
            self.push("pg_catalog.");
            self.push(aggregate_name(aggregate));
            self.push("(");
        }
        match &value.column {
            Some(column) => self.cast_column(column, value.cast, index)?,
            None => self.push("*"),
        }
        if value.aggregate.is_some() {
            self.push(")");
            if let Some(cast) = value.aggregate_cast {
                self.push("::");
                self.push(cast);
            }
        }
        Ok(())
    }

    fn cast_column(
        &mut self,
        column: &BoundField,
        cast: Option<&'static str>,
        index: usize,
    ) -> Result<(), Error> {
        let alias = table_alias(index);
        let place = Place::Projection {
            alias: &alias,
            verdicts: &[],
        };
        match cast {
            None => self.field(column, place),
            Some(cast) => {
                self.push("(");
                self.field(column, place)?;
                self.push(")::");
                self.push(cast);
                Ok(())
            }
        }
    }

    /// Groups by every output that is no aggregate, by position.
    fn grouping(&mut self, node: &Node<'a>) -> Result<(), Error> {
        if !node.is_grouped() {
            return Ok(());
        }
        let mut first = true;
        for (output, position) in node.outputs.iter().zip(1_u64..) {
            if matches!(output, Output::Value(value) if value.aggregate.is_some()) {
                continue;
            }
            self.push(if first { " GROUP BY " } else { ", " });
            self.number(position);
            first = false;
        }
        Ok(())
    }

    fn order_by(&mut self, node: &Node<'a>) -> Result<(), Error> {
        for (index, term) in node.order.iter().enumerate() {
            self.push(if index == 0 { " ORDER BY " } else { ", " });
            self.order_term(node, term)?;
        }
        Ok(())
    }

    fn order_term(&mut self, node: &Node<'a>, term: &Order) -> Result<(), Error> {
        let alias = table_alias(node.index);
        match &term.by {
            OrderBy::Field(field) => {
                self.field(
                    field,
                    Place::Projection {
                        alias: &alias,
                        verdicts: &[],
                    },
                )?;
            }
            OrderBy::Related { embed, field } => {
                let embed = &node.embeds[*embed];
                let far = table_alias(embed.node.index);
                self.push("(SELECT ");
                self.field(
                    field,
                    Place::Projection {
                        alias: &far,
                        verdicts: &[],
                    },
                )?;
                self.rows_where(
                    &embed.node,
                    Ground::Table(Protection::Embedded),
                    Some(Joined::plain(embed, &alias)),
                )?;
                self.push(")");
            }
        }
        match term.descending {
            Some(true) => self.push(" DESC"),
            Some(false) => self.push(" ASC"),
            None => {}
        }
        match term.nulls_first {
            Some(true) => self.push(" NULLS FIRST"),
            Some(false) => self.push(" NULLS LAST"),
            None => {}
        }
        Ok(())
    }

    /// The limit is text, since the planner plans better for a number that it knows; the offset
    /// grows without bound and stays a parameter.
    pub(super) fn window(&mut self, window: Window, fenced: bool) {
        if let Some(limit) = window.limit {
            self.push(" LIMIT ");
            self.number(limit);
        }
        if window.offset > 0 {
            self.push(" OFFSET ");
            self.text_param(window.offset.to_string());
            self.push("::int8");
        } else if fenced {
            self.push(" OFFSET 0");
        }
    }
}

/// The alias of a spread embed's joined row.
pub(super) fn spread_alias(embed: &Embed<'_>) -> String {
    format!("s{}", embed.index)
}
