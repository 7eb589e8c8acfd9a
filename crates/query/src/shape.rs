//! Statements kept by the shape of the requests that they were made for.
//!
//! Reads of one shape differ in the values that they compare columns with, and in who asks; the
//! text of their statements is the same. A shape is kept with the text and with where each
//! parameter comes from, so that the next request of the shape needs neither a parser nor a
//! rewriter.
//!
//! SECURITY: what decides about a statement's text is in the key ([`Key`]): the caller's role, the
//! verb, the relation, the form of the answer, preferences, range, and the whole query string but
//! for values behind comparisons that take any text. The catalogue and the policies are in it by
//! construction: a store belongs to one snapshot of both ([`Shapes`]). No value of a request and no
//! claim is kept: a shape is learnt from the statement of the same request with marks in place of
//! its values, and what does not agree with the caller's own statement is not kept. A demand on
//! the sign-in is checked for every caller anew.

mod key;
mod template;

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use postern_base::limits::{Limits, SHAPES_MAX};

use self::key::Key;
pub use self::key::Shape;
use self::template::Template;
use crate::request::RawRequest;
use crate::{Error, Rewritten, View};

/// The shapes seen under one snapshot of catalogue and policies, bounded.
///
/// INVARIANT: whoever puts another catalogue, other policies or other limits in force begins a new
/// store with them.
#[derive(Debug, Default)]
pub struct Shapes {
    known: RwLock<HashMap<Key, Known>>,
    clock: AtomicU64,
}

/// What is known of a shape.
#[derive(Debug)]
struct Known {
    /// How its statements are made; none where the shape has to be rewritten each time.
    template: Option<Arc<Template>>,
    used: AtomicU64,
}

impl Shapes {
    /// The statement of a request whose shape is known.
    ///
    /// # Errors
    /// As [`rewrite`](crate::rewrite), where the caller's sign-in is not what the rules demand.
    pub fn find(&self, shape: &Shape<'_>, view: &View<'_>) -> Result<Option<Rewritten>, Error> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        let Some(found) = known.get(&shape.key) else {
            return Ok(None);
        };
        let now = self.clock.fetch_add(1, Ordering::Relaxed);
        found.used.store(now, Ordering::Relaxed);
        let template = found.template.as_ref().map(Arc::clone);
        drop(known);
        template.map(|it| it.fill(&shape.values, view)).transpose()
    }

    /// Keeps the shape of a request whose statement has just been made.
    pub fn learn(
        &self,
        shape: Shape<'_>,
        request: &RawRequest<'_>,
        rewritten: &Rewritten,
        (view, limits): (&View<'_>, &Limits),
    ) {
        if self.knows(&shape) {
            return;
        }
        let template = Template::learn(&shape, request, rewritten, (view, limits));
        let used = self.clock.fetch_add(1, Ordering::Relaxed);
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= SHAPES_MAX {
            let oldest = known
                .iter()
                .min_by_key(|(_, it)| it.used.load(Ordering::Relaxed));
            if let Some(oldest) = oldest.map(|(key, _)| key.clone()) {
                known.remove(&oldest);
            }
        }
        let template = template.map(Arc::new);
        let used = AtomicU64::new(used);
        known.insert(shape.key, Known { template, used });
    }

    /// Whether the shape was seen, and need not be learnt.
    fn knows(&self, shape: &Shape<'_>) -> bool {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        known.contains_key(&shape.key)
    }
}
