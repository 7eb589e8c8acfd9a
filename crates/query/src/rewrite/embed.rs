//! Embedded relations: correlated subqueries over the far side's own projection.
//!
//! A plain embed is a scalar subquery in the select list, so that it is evaluated for the rows
//! that are returned and no others. A spread joins laterally. `!inner` and null filters become
//! EXISTS. The junction of a many-to-many relationship stands behind its own policy as well.

use postern_policy::Verb;

use super::Statement;
use super::computed::Carried;
use super::node::{Joined, spread_alias};
use super::projection::{Ground, Protection, VISIBLE, table_alias};
use super::statement::filter_of;
use crate::Error;
use crate::plan::{Embed, Node};

impl<'a> Statement<'_, 'a> {
    /// Prints the embedded value: an object, or an array of objects.
    pub(super) fn embedded(&mut self, embed: &Embed<'a>, parent: &str) -> Result<(), Error> {
        let row = row_alias(embed);
        self.push(if embed.relationship.is_to_one() {
            "(SELECT pg_catalog.row_to_json("
        } else {
            "(SELECT COALESCE(pg_catalog.json_agg("
        });
        self.ident(&row);
        self.push(if embed.relationship.is_to_one() {
            ")"
        } else {
            "), '[]')"
        });
        self.push(" FROM (");
        self.node(
            &embed.node,
            Ground::Table(Protection::Embedded),
            Some(Joined::plain(embed, parent)),
        )?;
        self.push(") AS ");
        self.ident(&row);
        self.push(")");
        Ok(())
    }

    /// Prints the lateral join of a spread embed.
    pub(super) fn spread_join(&mut self, joined: Joined<'_, 'a>) -> Result<(), Error> {
        let embed = joined.embed;
        self.push(" LEFT JOIN LATERAL (");
        let many = !embed.relationship.is_to_one();
        if many {
            self.spread_arrays(embed);
        }
        self.node(
            &embed.node,
            Ground::Table(Protection::Embedded),
            Some(joined),
        )?;
        if many {
            self.push(") AS ");
            self.ident(&row_alias(embed));
        }
        self.push(") AS ");
        self.ident(&spread_alias(embed));
        self.push(" ON TRUE");
        Ok(())
    }

    /// Prints `SELECT <an array of each output> FROM (`: a to-many spread gives arrays, all in
    /// the order of the embed.
    fn spread_arrays(&mut self, embed: &Embed<'a>) {
        let row = row_alias(embed);
        for (index, output) in embed.node.outputs.iter().enumerate() {
            let name = embed.node.output_name(output);
            self.push(if index == 0 { "SELECT " } else { ", " });
            self.push("COALESCE(pg_catalog.json_agg(");
            self.column(&row, name);
            self.push("), '[]') AS ");
            self.ident(name);
        }
        if embed.node.outputs.is_empty() {
            // Without outputs it is an aggregate still, so that the parent's row stays one row.
            self.push("SELECT pg_catalog.count(*) AS \"postern.count\"");
        }
        self.push(" FROM (");
    }

    /// Prints `[NOT] EXISTS (…)`: whether the embed has a match that passes its own filters.
    pub(super) fn exists(
        &mut self,
        node: &Node<'a>,
        embed: usize,
        negated: bool,
    ) -> Result<(), Error> {
        let embed = &node.embeds[embed];
        let parent = table_alias(node.index);
        self.push(if negated {
            "(NOT EXISTS (SELECT"
        } else {
            "(EXISTS (SELECT"
        });
        self.rows_where(
            &embed.node,
            Ground::Table(Protection::Embedded),
            Some(Joined::plain(embed, &parent)),
        )?;
        self.push("))");
        Ok(())
    }

    /// Prints the junction's projection for a many-to-many embed; says under which alias its
    /// verdict comes along, where a leaky condition stands on it.
    pub(super) fn junction_source(&mut self, embed: &Embed<'a>) -> Result<Option<String>, Error> {
        let Some(junction) = &embed.relationship.junction else {
            return Ok(None);
        };
        let relation = self.view.relation(&junction.relation).ok_or_else(|| {
            let message = format!("permission denied for table {}", junction.relation.name);
            Error::new(&postern_base::codes::DENIED, message)
        })?;
        let grant = self.grant(relation, Verb::Select)?;
        let guarded =
            self.rules.leak_guard && filter_of(grant).is_some() && self.is_leaky_embed(embed);
        let alias = junction_alias(embed);
        self.push(" CROSS JOIN ");
        let ground = Ground::Table(Protection::Junction);
        self.projection(
            relation,
            grant,
            ground,
            &Carried::verdict(guarded),
            embed.index,
        )?;
        self.push(" AS ");
        self.ident(&alias);
        Ok(guarded.then_some(alias))
    }

    /// Prints ` AND near = far …` for the columns of the relationship.
    pub(super) fn join_condition(&mut self, joined: Joined<'_, 'a>) {
        let Joined {
            embed,
            parent,
            fenced,
            ..
        } = joined;
        let far = table_alias(embed.node.index);
        if fenced {
            self.push(" AND ");
            self.column(parent, VISIBLE);
        }
        match &embed.relationship.junction {
            None => self.equal_columns(&embed.relationship.columns, parent, &far),
            Some(junction) => {
                let middle = junction_alias(embed);
                self.equal_columns(&junction.near, parent, &middle);
                self.equal_columns(&junction.far, &middle, &far);
            }
        }
    }

    fn equal_columns(&mut self, pairs: &[(String, String)], left: &str, right: &str) {
        for (left_column, right_column) in pairs {
            self.push(" AND ");
            self.column(left, left_column);
            self.push(" = ");
            self.column(right, right_column);
        }
    }
}

fn row_alias(embed: &Embed<'_>) -> String {
    format!("postern.e{}", embed.index)
}

fn junction_alias(embed: &Embed<'_>) -> String {
    format!("j{}", embed.index)
}
