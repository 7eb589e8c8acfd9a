//! Which page of a list this is, and the addresses of those beside it.

use askama::Template;
use postern_auth::admin::Page as ListPage;

use crate::form::address;

/// The foot of a list.
#[derive(Template)]
#[template(path = "pager.html")]
pub(crate) struct Pager {
    first: i64,
    last: i64,
    total: i64,
    before: Option<String>,
    after: Option<String>,
    /// What htmx swaps; plain links without one.
    target: &'static str,
}

impl Pager {
    /// The foot of this page of a list; `parameters` are the list's own.
    pub(crate) fn new<T>(
        list: &ListPage<T>,
        path: &str,
        parameters: &[(&str, &str)],
        target: &'static str,
    ) -> Self {
        let (number, per_page) = (list.wish.number(), list.wish.per_page());
        let shown = i64::try_from(list.items.len()).unwrap_or(i64::MAX);
        let start = (number - 1) * per_page;
        let to = |number: i64| {
            let text = number.to_string();
            let page = if number > 1 { text.as_str() } else { "" };
            address(path, &[parameters, &[("page", page)]].concat())
        };
        Self {
            first: if shown > 0 { start + 1 } else { 0 },
            last: start + shown,
            total: list.total,
            before: (number > 1).then(|| to(number - 1)),
            after: (start + shown < list.total && shown > 0).then(|| to(number + 1)),
            target,
        }
    }
}
