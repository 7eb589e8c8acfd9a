//! A node as a SELECT: outputs, conditions, order and window over its projection.

use postern_policy::Verb;

use super::Statement;
use super::condition::Place;
use super::projection::{Ground, Protection, table_alias};
use crate::Error;
use crate::plan::{
    BoundField, Cast, Embed, Node, Order, OrderBy, Output, OutputValue, SpreadOutput,
    aggregate_name,
};
use crate::request::Window;

/// How a node hangs on its parent.
#[derive(Clone, Copy)]
pub(super) struct Joined<'j, 'a> {
    pub(super) embed: &'j Embed<'a>,
    /// The parent's alias.
    pub(super) parent: &'j str,
    /// Nothing of the node is evaluated for parents that the parent's verdict hides.
    pub(super) fenced: bool,
    /// A field of the node that its parent orders by.
    pub(super) ordered_by: Option<&'j BoundField>,
}

impl<'j, 'a> Joined<'j, 'a> {
    /// Evaluated for visible parents only, by where it stands.
    pub(super) fn plain(embed: &'j Embed<'a>, parent: &'j str) -> Self {
        Self {
            embed,
            parent,
            fenced: false,
            ordered_by: None,
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
        let ground = match joined {
            Some(joined) => self.ground_of(joined, ground)?,
            None => ground,
        };
        let guarded = self.source(node, ground, joined.and_then(|it| it.ordered_by))?;
        for embed in node.embeds.iter().filter(|it| it.spread) {
            let fenced = guarded && self.is_leaky_spread(embed);
            self.spread_join(Joined {
                embed,
                fenced,
                ..Joined::plain(embed, &alias)
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
        // As under native policies, what is leakproof comes first: it may spare the rest an error.
        let (leaky, leakproof): (Vec<_>, Vec<_>) = node
            .conditions
            .iter()
            .partition(|it| self.is_leaky(it, Some(node), grant));
        for condition in leakproof.into_iter().chain(leaky) {
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
            let is_json = match output {
                Output::Value(value) => {
                    self.output_value(value, node.index)?;
                    value.cast.is_none() && (self.shown_by(value).is_some() || is_plain_json(value))
                }
                Output::Embed(embed) => {
                    let embed = &node.embeds[*embed];
                    self.embedded(embed, &table_alias(node.index))?;
                    true
                }
                Output::Spread(spread) => {
                    self.spread_output(spread, node);
                    spread.is_json && spread.aggregate.is_none()
                }
            };
            if is_json && node.is_grouped() {
                // Values of type json know no equality, so rows cannot be grouped by them.
                self.push("::jsonb");
            }
            self.push(" AS ");
            self.ident(node.output_name(output));
        }
        Ok(())
    }

    fn spread_output(&mut self, spread: &SpreadOutput, node: &Node<'a>) {
        if let Some(hoisted) = &spread.aggregate {
            self.push("pg_catalog.");
            self.push(aggregate_name(hoisted.aggregate));
            self.push("(");
        }
        self.column(&spread_alias(&node.embeds[spread.embed]), &spread.source);
        if let Some(hoisted) = &spread.aggregate {
            self.push(")");
            self.cast_to(hoisted.cast.as_ref());
        }
    }

    /// Prints `::type`.
    fn cast_to(&mut self, cast: Option<&Cast>) {
        match cast {
            None => {}
            Some(Cast::Builtin(name)) => {
                self.push("::");
                self.push(name);
            }
            Some(Cast::Cut(chars)) => {
                self.push("::varchar(");
                self.number(u64::from(*chars));
                self.push(")");
            }
            Some(Cast::Named(sql)) => {
                self.require_session(|| format!("a cast to {sql} may read the session"));
                self.push("::");
                self.catalog_sql(sql);
            }
        }
    }

    fn output_value(&mut self, value: &OutputValue, index: usize) -> Result<(), Error> {
        if let Some(aggregate) = value.aggregate {
            self.push("pg_catalog.");
            self.push(aggregate_name(aggregate));
            self.push("(");
        }
        match &value.column {
            Some(column) => self.shown_column(column, value, index)?,
            None if value.aggregate.is_some() => self.push("*"),
            // Its parent counts the rows.
            None => self.push("1"),
        }
        if value.aggregate.is_some() {
            self.push(")");
            self.cast_to(value.aggregate_cast.as_ref());
        }
        Ok(())
    }

    /// Prints a column as its domain shows it, cast as the request asks.
    fn shown_column(
        &mut self,
        column: &BoundField,
        value: &OutputValue,
        index: usize,
    ) -> Result<(), Error> {
        let alias = table_alias(index);
        let place = Place::Projection {
            alias: &alias,
            verdicts: &[],
        };
        let converter = self.shown_by(value);
        if value.cast.is_some() {
            self.push("(");
        }
        if let Some(converter) = &converter {
            self.converted(converter);
        }
        self.field(column, place)?;
        if converter.is_some() {
            self.push(")");
        }
        if value.cast.is_some() {
            self.push(")");
            self.cast_to(value.cast.as_ref());
        }
        Ok(())
    }

    /// Groups by every output that is no aggregate, by position.
    fn grouping(&mut self, node: &Node<'a>) -> Result<(), Error> {
        if !node.is_grouped() {
            return Ok(());
        }
        let mut first = true;
        for (output, position) in node.outputs.iter().zip(1_u64..) {
            if output.is_aggregate() {
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
                if let Some(position) = grouped_by(node, field) {
                    self.number(position);
                    self.direction(term);
                    return Ok(());
                }
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
                let joined = Joined {
                    ordered_by: Some(field),
                    ..Joined::plain(embed, &alias)
                };
                self.rows_where(
                    &embed.node,
                    Ground::Table(Protection::Embedded),
                    Some(joined),
                )?;
                self.push(")");
            }
            OrderBy::Spread { embed, source } => {
                self.column(&spread_alias(&node.embeds[*embed]), source);
            }
        }
        self.direction(term);
        Ok(())
    }

    pub(super) fn direction(&mut self, term: &Order) {
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

/// The output, by its position, that rows are grouped by and that is the path which they are
/// ordered by: the keys of two paths are two parameters, which are equal for nobody but us.
fn grouped_by(node: &Node<'_>, field: &BoundField) -> Option<u64> {
    if !node.is_grouped() || field.path.is_empty() {
        return None;
    }
    let is_same = |output: &Output| match output {
        Output::Value(value) if value.aggregate.is_none() && value.cast.is_none() => value
            .column
            .as_ref()
            .is_some_and(|it| it.column == field.column && it.path == field.path),
        _ => false,
    };
    let mut outputs = node.outputs.iter().zip(1_u64..);
    outputs.find_map(|(output, position)| is_same(output).then_some(position))
}

/// Whether the output is a value of type json as it is stored.
fn is_plain_json(value: &OutputValue) -> bool {
    let is_json = |it: &BoundField| it.path.is_empty() && it.ty.operator_name() == "json";
    value.aggregate.is_none() && value.column.as_ref().is_some_and(is_json)
}

/// The alias of a spread embed's joined row.
pub(super) fn spread_alias(embed: &Embed<'_>) -> String {
    format!("s{}", embed.index)
}
