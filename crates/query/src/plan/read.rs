//! Reads: the node that a request's relation becomes.

use std::borrow::Cow;

use postern_base::{RelationName, codes};
use postern_catalog::Relation;
use postern_policy::Verb;

use super::{Action, Node, Planner, Read};
use crate::Error;
use crate::request::{ApiRequest, Method, QueryString, Scope, SelectItem};
use crate::view::Grant;

impl<'a> Planner<'_, 'a> {
    pub(super) fn read(&self, name: &str, request: &ApiRequest) -> Result<Action<'a>, Error> {
        let relation = self.relation(&request.schema, name)?;
        self.require(relation, Verb::Select)?;
        self.require_handler(Some(&relation.name), request.representation.format)?;
        let node = self.root(Cow::Borrowed(relation), &request.query)?;
        let count = self.count(&node, request.preferences.count)?;
        let head = request.method == Method::Head;
        Ok(Action::Read(Box::new(Read { node, count, head })))
    }

    /// Finds a relation that exists for the caller.
    pub(super) fn relation(&self, schema: &str, name: &str) -> Result<&'a Relation, Error> {
        let full = RelationName::new(schema, name);
        self.view
            .relation(&full)
            .ok_or_else(|| self.view.no_table(&full))
    }

    /// Refuses a verb that the caller's role has not been granted on a table that it knows.
    pub(super) fn require(&self, relation: &Relation, verb: Verb) -> Result<(), Error> {
        match self.view.grant(&relation.name, verb) {
            Some(_) => Ok(()),
            None => Err(Error::new(
                &codes::DENIED,
                format!("permission denied for table {}", relation.name.name),
            )),
        }
    }

    /// Plans the root node of a query string: what it selects, filters and embeds.
    pub(super) fn root(
        &self,
        relation: Cow<'a, Relation>,
        query: &QueryString,
    ) -> Result<Node<'a>, Error> {
        let star = [SelectItem::Star];
        let select = if query.select.is_empty() {
            &star[..]
        } else {
            &query.select[..]
        };
        let node = self.node(relation, select, &mut Vec::new(), query)?;
        self.refuse_stray_paths(select, query)?;
        Ok(node)
    }

    /// Plans one node; `path` is where it stands under the root.
    pub(super) fn node(
        &self,
        relation: Cow<'a, Relation>,
        select: &[SelectItem],
        path: &mut Vec<String>,
        query: &QueryString,
    ) -> Result<Node<'a>, Error> {
        let no_scope = Scope::default();
        let scope = query
            .scopes
            .iter()
            .find(|(at, _)| at == path)
            .map_or(&no_scope, |(_, it)| it);
        let most = self.rows_max(&relation);
        let mut window = scope.window;
        window.limit = Some(window.limit.unwrap_or(most).min(most));
        let mut node = Node {
            relation,
            index: self.fresh_index(),
            outputs: Vec::new(),
            conditions: Vec::new(),
            order: Vec::new(),
            window,
            embeds: Vec::new(),
        };
        self.select(&mut node, select, path, query)?;
        node.conditions = self.conditions(&node, &scope.filters)?;
        node.order = self.order(&node, &scope.order)?;
        Ok(node)
    }

    /// The most rows that one node may show: the server's limit and the policy's.
    pub(super) fn rows_max(&self, relation: &Relation) -> u64 {
        let policy_rows = match self.view.grant(&relation.name, Verb::Select) {
            Some(Grant::Rules(access)) => access.limits.rows,
            _ => None,
        };
        policy_rows
            .unwrap_or(self.limits.rows_max)
            .min(self.limits.rows_max)
    }

    fn refuse_stray_paths(&self, select: &[SelectItem], query: &QueryString) -> Result<(), Error> {
        for (path, _) in &query.scopes {
            if !leads_somewhere(select, path) {
                let name = path.last().map_or("", String::as_str);
                let message = format!("'{name}' is not an embedded resource in this request");
                let hint =
                    format!("Verify that '{name}' is included in the 'select' query parameter.");
                return Err(Error::new(&codes::EMBED_FILTER, message).with_hint(hint));
            }
        }
        Ok(())
    }
}

fn leads_somewhere(select: &[SelectItem], path: &[String]) -> bool {
    let Some((first, rest)) = path.split_first() else {
        return true;
    };
    select.iter().any(|item| match item {
        SelectItem::Embed(embed) => {
            (embed.name() == first || embed.target == *first)
                && leads_somewhere(&embed.select, rest)
        }
        SelectItem::Star | SelectItem::Field(_) => false,
    })
}
