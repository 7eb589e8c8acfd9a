//! A statement of a shape without the values of any request.

use std::borrow::Cow;
use std::sync::Arc;

use postern_base::limits::Limits;
use postern_policy::{Assurance, Claim};

use super::Shape;
use crate::request::RawRequest;
use crate::rewrite::claim_param;
use crate::rewritten::{Fixed, Param};
use crate::{Error, Rewritten, View, parse, plan, rewrite};

/// Longest text of a statement that is kept.
const SQL_BYTES_MAX: usize = 16 * 1024;

/// How the statements of a shape are made.
#[derive(Debug)]
pub(super) struct Template {
    fixed: Arc<Fixed>,
    slots: Vec<Slot>,
    assurance: Option<Assurance>,
}

/// Where a parameter comes from.
#[derive(Debug)]
enum Slot {
    /// The request's value of this index.
    Value(usize),
    /// The caller's claim.
    Claim(Claim),
    /// The same in every request of the shape.
    Constant(Param),
}

impl Template {
    /// Learns the shape of a request from its statement and from that of the same request with
    /// marks in place of its values. Nothing where the two do not tell where each parameter comes
    /// from.
    pub(super) fn learn(
        shape: &Shape<'_>,
        request: &RawRequest<'_>,
        rewritten: &Rewritten,
        (view, limits): (&View<'_>, &Limits),
    ) -> Option<Self> {
        if rewritten.estimate().is_some() || rewritten.export().is_some() {
            return None;
        }
        let marks: Vec<_> = (0..shape.values.len())
            .map(|it| mark(request, it))
            .collect();
        let query = shape.with_values(&marks);
        let marked = RawRequest {
            query: &query,
            ..request.clone()
        };
        let marked = plan(parse(&marked, limits).ok()?, view, limits).ok()?;
        let marked = rewrite(&marked, view).ok()?;
        let slots: Option<Vec<_>> = (0..marked.params.len())
            .map(|index| slot(&marked, index, &marks))
            .collect();
        let template = Self {
            fixed: Arc::clone(&rewritten.fixed),
            slots: slots?,
            assurance: marked.assurance,
        };
        let same = *marked.fixed == *rewritten.fixed
            && marked.claims == rewritten.claims
            && marked.assurance == rewritten.assurance
            && marked.fixed.sql.len() <= SQL_BYTES_MAX
            && template.params(&shape.values, view) == rewritten.params;
        same.then_some(template)
    }

    /// Makes the statement of a request of the shape.
    ///
    /// # Errors
    /// Where the caller's sign-in is not what the rules demand.
    pub(super) fn fill(
        &self,
        values: &[Cow<'_, str>],
        view: &View<'_>,
    ) -> Result<Rewritten, Error> {
        if let Some(assurance) = self.assurance {
            view.require(assurance)?;
        }
        Ok(Rewritten {
            fixed: Arc::clone(&self.fixed),
            params: self.params(values, view),
            claims: Vec::new(),
            assurance: self.assurance,
            estimate: None,
            export: None,
        })
    }

    fn params(&self, values: &[Cow<'_, str>], view: &View<'_>) -> Vec<Param> {
        let param = |slot: &Slot| match slot {
            // A shape has as many values as its key has holes.
            Slot::Value(index) => values
                .get(*index)
                .map_or(Param::Null, |it| Param::Text(it.as_ref().to_owned())),
            Slot::Claim(claim) => claim_param(*claim, view.identity()),
            Slot::Constant(param) => param.clone(),
        };
        self.slots.iter().map(param).collect()
    }
}

/// A text that stands nowhere else: the request itself does not hold it.
fn mark(request: &RawRequest<'_>, index: usize) -> String {
    let mut mark = format!("mark-{index}-of-the-shape");
    while request.query.contains(&mark) {
        mark.push('x');
    }
    mark
}

/// Where the parameter of this index comes from; nothing where a mark is only a part of it.
fn slot(marked: &Rewritten, index: usize, marks: &[String]) -> Option<Slot> {
    if let Some((_, claim)) = marked.claims.iter().find(|(at, _)| *at == index) {
        return Some(Slot::Claim(*claim));
    }
    let param = &marked.params[index];
    let text = match param {
        Param::Null => return Some(Slot::Constant(Param::Null)),
        Param::Text(text) => text.as_str(),
        Param::Shared(text) => text,
    };
    if let Some(value) = marks.iter().position(|it| it == text) {
        return Some(Slot::Value(value));
    }
    let is_constant = !marks.iter().any(|it| text.contains(it.as_str()));
    is_constant.then(|| Slot::Constant(param.clone()))
}
