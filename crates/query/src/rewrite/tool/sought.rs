//! Stored rows as a request names them: its own filters, order and window, without any policy.

use postern_catalog::Relation;

use super::super::Statement;
use super::super::condition::Place;
use super::{Asked, Question, Sift, Which};
use crate::plan::{OrderBy, Sought};
use crate::request::Window;
use crate::{Error, Grant};

impl Statement<'_, '_> {
    /// Prints the filters of a request on whole rows: the author sees them all.
    pub(super) fn sought(&mut self, sought: Option<&Sought>) -> Result<(), Error> {
        for condition in sought.into_iter().flat_map(|it| &it.conditions) {
            self.push(" AND ");
            self.condition(condition, None, place("k"), Grant::Bypass)?;
        }
        Ok(())
    }

    /// Prints the order of the request, and the key's where that leaves rows equal.
    pub(super) fn in_order(&mut self, relation: &Relation, asked: Asked<'_>) -> Result<(), Error> {
        if matches!(asked, Asked::New(_)) {
            return Ok(());
        }
        let terms = sought(asked).map_or(&[][..], |it| &it.order);
        for (index, term) in terms.iter().enumerate() {
            self.push(if index == 0 { " ORDER BY " } else { ", " });
            if let OrderBy::Field(field) = &term.by {
                self.field(field, place("b0"))?;
            }
            self.direction(term);
        }
        if !relation.primary_key.is_empty() {
            self.push(if terms.is_empty() { " ORDER BY " } else { ", " });
            self.key_columns(relation, "b0");
        }
        Ok(())
    }
}

/// Whole rows under an alias.
fn place<'p, 'a>(alias: &'p str) -> Place<'p, 'a> {
    Place::Stored {
        alias,
        select: Grant::Bypass,
        guard: &[],
    }
}

/// What a request says about stored rows.
fn sought(asked: Asked<'_>) -> Option<&Sought> {
    match asked {
        Asked::Stored(Which::Sifted { sought, .. }) => sought,
        Asked::Stored(_) | Asked::Updated { .. } | Asked::New(_) => None,
    }
}

/// How many rows, and from where on.
pub(super) fn window(question: &Question<'_>) -> Window {
    let all = Window {
        offset: 0,
        limit: Some(question.rows_max),
    };
    let Asked::Stored(Which::Sifted {
        side: Sift::True, ..
    }) = question.asked
    else {
        return all;
    };
    sought(question.asked).map_or(all, |it| Window {
        offset: it.window.offset,
        limit: it
            .window
            .limit
            .map_or(all.limit, |limit| Some(limit.min(question.rows_max))),
    })
}
