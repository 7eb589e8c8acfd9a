//! The rows that a request names by its own filters, bound to all that there is rather than to
//! what exists for a caller: for the tools of the policies' author, who asks about rows that are
//! denied as well.
//!
//! What a request says about embedded relations is not bound; it is told as left out.

use std::cell::Cell;

use postern_base::limits::Limits;
use postern_catalog::Relation;

use super::{Condition, Node, Order, Planner};
use crate::request::{ApiRequest, Join, Logic, Scope, SelectEmbed, SelectItem, Window};
use crate::{Error, View};

/// The rows that a request names.
#[derive(Debug, Default)]
pub struct Sought {
    pub(crate) conditions: Vec<Condition>,
    pub(crate) order: Vec<Order>,
    pub(crate) window: Window,
    left_out: Vec<LeftOut>,
}

/// A part of a request that is about other rows than those of its table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LeftOut {
    /// A relation that is embedded.
    Embed(String),
    /// A relation that is embedded, and without a row of which the parent is dropped.
    Inner(String),
    /// Filters on the rows of an embedded relation.
    Filters(String),
    /// A filter on whether an embedded relation has a row.
    Related(String),
    /// An order by a column of an embedded relation.
    Order(String),
}

impl Sought {
    /// Binds what a request says about the rows of its own table.
    ///
    /// # Errors
    /// When it names a column that the table does not have.
    pub fn of<'a>(
        request: &ApiRequest,
        relation: &'a Relation,
        view: &View<'a>,
        limits: &Limits,
    ) -> Result<Self, Error> {
        let planner = Planner {
            view,
            limits,
            schema: &request.schema,
            next_index: Cell::new(0),
            result_of: Cell::new(None),
        };
        let mut sought = Self::default();
        sought.embeds(&request.query.select);
        for (path, scope) in &request.query.scopes {
            if path.is_empty() {
                sought.root(scope, relation, &planner)?;
            } else if !scope.filters.is_empty() {
                sought.left_out.push(LeftOut::Filters(path.join(".")));
            }
        }
        Ok(sought)
    }

    /// What of the request is about other rows.
    pub fn left_out(&self) -> &[LeftOut] {
        &self.left_out
    }

    /// The columns that its filters look at.
    pub fn columns(&self) -> Vec<&str> {
        let mut names = Vec::new();
        self.conditions
            .iter()
            .for_each(|it| collect(it, &mut names));
        names
    }

    fn embeds(&mut self, items: &[SelectItem]) {
        for embed in items.iter().filter_map(embed) {
            self.left_out.push(match embed.join {
                Some(Join::Inner) => LeftOut::Inner(embed.target.clone()),
                Some(Join::Left) | None => LeftOut::Embed(embed.target.clone()),
            });
            self.embeds(&embed.select);
        }
    }

    fn root<'a>(
        &mut self,
        scope: &Scope,
        relation: &'a Relation,
        planner: &Planner<'_, 'a>,
    ) -> Result<(), Error> {
        let node = row_of(relation);
        for logic in &scope.filters {
            match self.related(logic, relation) {
                Some(name) => self.left_out.push(LeftOut::Related(name)),
                None => {
                    let bound = planner.conditions(&node, std::slice::from_ref(logic))?;
                    self.conditions.extend(bound);
                }
            }
        }
        for term in &scope.order {
            match &term.relation {
                Some(name) => self.left_out.push(LeftOut::Order(name.clone())),
                None => {
                    let bound = planner.order(&node, std::slice::from_ref(term))?;
                    self.order.extend(bound);
                }
            }
        }
        self.window = scope.window;
        Ok(())
    }

    /// The embedded relation that a filter asks about rather than a column.
    fn related(&self, logic: &Logic, relation: &Relation) -> Option<String> {
        match logic {
            Logic::Tree { children, .. } => {
                children.iter().find_map(|it| self.related(it, relation))
            }
            Logic::Filter(filter) => {
                let name = &filter.field.name;
                let is_embedded = self.left_out.iter().any(|it| match it {
                    LeftOut::Embed(target) | LeftOut::Inner(target) => target == name,
                    LeftOut::Filters(_) | LeftOut::Related(_) | LeftOut::Order(_) => false,
                });
                let is_column = relation.column(name).is_some();
                (is_embedded && !is_column).then(|| name.clone())
            }
        }
    }
}

fn collect<'c>(condition: &'c Condition, names: &mut Vec<&'c str>) {
    match condition {
        Condition::Filter { field, .. } => names.push(&field.column),
        Condition::Tree { children, .. } => children.iter().for_each(|it| collect(it, names)),
        Condition::Related { .. } => {}
    }
}

fn embed(item: &SelectItem) -> Option<&SelectEmbed> {
    match item {
        SelectItem::Embed(embed) => Some(embed),
        SelectItem::Star | SelectItem::Field(_) => None,
    }
}

/// A node without anything but the relation, for binding names.
fn row_of(relation: &Relation) -> Node<'_> {
    Node {
        relation: std::borrow::Cow::Borrowed(relation),
        index: 0,
        outputs: Vec::new(),
        conditions: Vec::new(),
        order: Vec::new(),
        window: Window::default(),
        embeds: Vec::new(),
    }
}
