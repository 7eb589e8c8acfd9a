//! PUT: the body is one row, and the address names it by its whole primary key.

use postern_base::codes;
use postern_catalog::Relation;
use postern_policy::Verb;

use super::{Condition, Planner, Upsert, WriteKind};
use crate::Error;
use crate::request::{ApiRequest, Filter, Logic, Method, Operation, Operator};
use crate::view::Grant;

impl<'a> Planner<'_, 'a> {
    /// The upsert that a PUT is.
    ///
    /// SECURITY: a key that the caller may not read is no key for them, so that the answer is the
    /// one of a relation without a key.
    pub(super) fn put_kind(
        &self,
        relation: &Relation,
        request: &ApiRequest,
    ) -> Result<WriteKind, Error> {
        for verb in [Verb::Insert, Verb::Select, Verb::Update] {
            self.require(relation, verb)?;
        }
        let key = &relation.primary_key;
        let names: Option<Vec<&str>> = filters(request).iter().map(equals).collect();
        let is_exact = names.is_some_and(|names| {
            !key.is_empty()
                && key.iter().all(|it| names.contains(&it.as_str()))
                && names.iter().all(|it| key.iter().any(|column| column == it))
                && key.iter().all(|it| self.is_readable(relation, it))
        });
        if !is_exact {
            return Err(Error::new(
                &codes::PUT_FILTERS,
                "Filters must include all and only primary key columns with 'eq' operators",
            ));
        }
        Ok(WriteKind::Upsert(Upsert {
            target: key.clone(),
            ignore: false,
        }))
    }

    /// What the address of a PUT says of its row; nothing for the other verbs.
    pub(super) fn address(
        &self,
        relation: &'a Relation,
        columns: &[String],
        request: &ApiRequest,
    ) -> Result<Vec<Condition>, Error> {
        if request.method != Method::Put {
            return Ok(Vec::new());
        }
        let preset = |name: &String| match self.view.grant(&relation.name, Verb::Insert) {
            Some(Grant::Rules(access)) => access.presets.contains_key(name),
            _ => false,
        };
        let key = &relation.primary_key;
        if !key.iter().all(|it| columns.contains(it) || preset(it)) {
            return Err(Error::new(
                &codes::PUT_BODY,
                "Payload values do not match URL in primary key column(s)",
            ));
        }
        self.conditions(&self.bare_node(relation), filters(request))
    }
}

/// The filters on the relation itself.
fn filters(request: &ApiRequest) -> &[Logic] {
    let scopes = &request.query.scopes;
    let root = scopes.iter().find(|(path, _)| path.is_empty());
    root.map_or(&[], |(_, scope)| &scope.filters)
}

/// The column of a plain `column=eq.value`.
fn equals(logic: &Logic) -> Option<&str> {
    match logic {
        Logic::Filter(Filter {
            field,
            negated: false,
            operation:
                Operation::Compare {
                    operator: Operator::Eq,
                    ..
                },
        }) if field.path.is_empty() => Some(&field.name),
        _ => None,
    }
}
