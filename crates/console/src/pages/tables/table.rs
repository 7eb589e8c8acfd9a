//! The table that an address names: `{schema}.{table}`.

use std::sync::Arc;

use postern_base::RelationName;
use postern_catalog::{Column, Relation};
use postern_rest::Snapshot;

use crate::failure::Failure;
use crate::form::text_of;
use crate::visit::Visit;

/// A table that is there and that the data API serves, in the snapshot of this request.
pub(crate) struct Table {
    snapshot: Arc<Snapshot>,
    name: RelationName,
}

/// What an address names.
pub(crate) enum Named {
    /// A table of a schema that is served.
    Served(Table),
    /// Something else; it may be a table of another schema, or nothing.
    Other(RelationName),
}

impl Table {
    /// What the address of this visit names.
    pub(crate) fn named(visit: &Visit) -> Result<Named, Failure> {
        let text = text_of(visit.segment("table"));
        let rest = &visit.console.rest;
        let snapshot = rest.snapshot();
        // A schema's name and a table's may have dots of their own.
        let names = text.match_indices('.').map(|(at, _)| {
            let (schema, rest) = text.split_at(at);
            RelationName::new(schema, &rest[1..])
        });
        let names: Vec<_> = names.collect();
        let is_served = |it: &&RelationName| {
            rest.settings().schemas.contains(&it.schema) && snapshot.catalog.relation(it).is_some()
        };
        if let Some(name) = names.iter().find(is_served).cloned() {
            return Ok(Named::Served(Self { snapshot, name }));
        }
        let first = names.into_iter().next();
        first.map(Named::Other).ok_or(Failure::Missing)
    }

    /// The served table of this visit's address.
    ///
    /// # Errors
    /// When it names none: then there is nothing.
    pub(crate) fn of(visit: &Visit) -> Result<Self, Failure> {
        match Self::named(visit)? {
            Named::Served(table) => Ok(table),
            Named::Other(_) => Err(Failure::Missing),
        }
    }

    /// Another table of the same snapshot.
    pub(crate) fn beside(&self, name: &RelationName, visit: &Visit) -> Option<Self> {
        let is_served = visit.console.rest.settings().schemas.contains(&name.schema);
        let is_there = is_served && self.snapshot.catalog.relation(name).is_some();
        is_there.then(|| Self {
            snapshot: Arc::clone(&self.snapshot),
            name: name.clone(),
        })
    }

    /// Its name.
    pub(crate) fn name(&self) -> &RelationName {
        &self.name
    }

    /// The snapshot that it was found in.
    pub(crate) fn snapshot(&self) -> &Snapshot {
        &self.snapshot
    }

    /// It, as the catalogue has it.
    ///
    /// # Errors
    /// Never, while the snapshot is the one that it was found in.
    pub(crate) fn relation(&self) -> Result<&Relation, Failure> {
        let found = self.snapshot.catalog.relation(&self.name);
        found.ok_or(Failure::Missing)
    }

    /// Its columns, those of the key first.
    pub(crate) fn columns(&self) -> Result<Vec<&Column>, Failure> {
        let relation = self.relation()?;
        let key = relation.primary_key.iter();
        let first = key.filter_map(|name| relation.column(name));
        let others = relation.columns.iter();
        let others = others.filter(|it| !relation.primary_key.contains(&it.name));
        Ok(first.chain(others).collect())
    }
}
