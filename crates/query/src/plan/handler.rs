//! Aggregates that make a media type of rows.
//!
//! COMPAT(postgrest 14): one for the rows of a relation comes before one for any rows, and both
//! come before what is made of any rows without them.

use postern_base::{RelationName, codes};
use postern_catalog::Function;

use super::Planner;
use crate::request::Format;
use crate::{Error, View};

impl<'a> View<'a> {
    /// The aggregates that the caller may have for rows of a relation, or for rows that are no
    /// relation's; the nearest first.
    pub fn handlers(&self, relation: Option<&RelationName>) -> Vec<&'a Function> {
        // One for the rows of a relation that is not there for the caller is not there either.
        let relation = relation.filter(|it| self.relation(it).is_some());
        let handlers = || {
            let all = self.catalog().handlers();
            all.filter(|it| self.function(it).is_some())
        };
        let takes = |it: &&Function, wanted: Option<&RelationName>| {
            it.handled_rows()
                .is_some_and(|rows| rows.as_ref() == wanted)
        };
        let of_relation = handlers().filter(|it| relation.is_some() && takes(it, relation));
        of_relation
            .chain(handlers().filter(|it| takes(it, None)))
            .collect()
    }
}

impl Planner<'_, '_> {
    /// Refuses a form that the caller may not have of these rows.
    pub(super) fn require_handler(
        &self,
        relation: Option<&RelationName>,
        format: Format,
    ) -> Result<(), Error> {
        let Format::Handler(oid) = format else {
            return Ok(());
        };
        let mut handlers = self.view.handlers(relation).into_iter();
        match handlers.any(|it| it.oid == oid) {
            true => Ok(()),
            false => Err(Error::new(
                &codes::MEDIA_TYPE,
                "None of these media types are available for these rows",
            )),
        }
    }
}
