//! What one request may still spend: every count and depth that a client chooses is charged here.
//!
//! Depths are checked before the parser goes down, so no query string can exhaust the stack.

use postern_base::{codes, limits, limits::Limits};

use crate::Error;

/// The counters of one request.
pub(super) struct Budget<'a> {
    limits: &'a Limits,
    filters: usize,
    embeds: usize,
}

impl<'a> Budget<'a> {
    /// A full budget.
    pub(super) fn new(limits: &'a Limits) -> Self {
        Self {
            limits,
            filters: 0,
            embeds: 0,
        }
    }

    /// Checks the number of query parameters.
    pub(super) fn parameters(count: usize) -> Result<(), Error> {
        let max = limits::QUERY_PARAMETERS_MAX;
        at_most("query_parameters_max", max, count, "query parameters")
    }

    /// Charges one filter.
    pub(super) fn filter(&mut self) -> Result<(), Error> {
        self.filters += 1;
        let max = self.limits.filters_max;
        at_most("filters_max", max, self.filters, "filters")
    }

    /// Charges one embedded resource at this depth (1 for those of the root's own list).
    pub(super) fn embed(&mut self, depth: usize) -> Result<(), Error> {
        self.embeds += 1;
        let max = limits::EMBEDS_MAX;
        at_most("embeds_max", max, self.embeds, "embedded resources")?;
        self.embed_depth(depth)
    }

    /// Checks the depth of an embedded path.
    pub(super) fn embed_depth(&self, depth: usize) -> Result<(), Error> {
        let max = self.limits.embed_depth_max;
        at_most("embed_depth_max", max, depth, "levels of embedding")
    }

    /// Checks the depth of a logic tree (1 for the outermost).
    pub(super) fn logic_depth(depth: usize) -> Result<(), Error> {
        let max = limits::LOGIC_DEPTH_MAX;
        at_most("logic_depth_max", max, depth, "levels of `and` and `or`")
    }

    /// Checks the number of items in one select list, or of names in `columns` and `on_conflict`.
    pub(super) fn select_items(count: usize) -> Result<(), Error> {
        let max = limits::SELECT_ITEMS_MAX;
        at_most("select_items_max", max, count, "items in one list")
    }

    /// Checks the number of terms in one `order`.
    pub(super) fn order_terms(count: usize) -> Result<(), Error> {
        let max = limits::ORDER_TERMS_MAX;
        at_most("order_terms_max", max, count, "terms in one `order`")
    }

    /// Checks the number of elements in one `in` list.
    pub(super) fn in_list(&self, count: usize) -> Result<(), Error> {
        let max = self.limits.in_list_max;
        at_most("in_list_max", max, count, "elements in one `in` list")
    }
}

/// Checks the nesting of a JSON body.
pub(super) fn json_depth(limits: &Limits, depth: usize) -> Result<(), Error> {
    let max = limits.json_depth_max;
    at_most("json_depth_max", max, depth, "levels of JSON")
}

fn at_most(name: &str, max: usize, sent: usize, what: &str) -> Result<(), Error> {
    if sent <= max {
        return Ok(());
    }
    let message = format!("the request has {sent} {what} or more; `{name}` allows {max}");
    Err(Error::new(&codes::REQUEST_LIMIT, message))
}
