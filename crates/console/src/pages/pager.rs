//! Which page of a list this is, and the addresses of those beside it.

use askama::Template;
use postern_auth::admin::{Counted, Page as ListPage, PageWish};

use crate::bits::number;
use crate::form::address;

/// The foot of a list.
#[derive(Template)]
#[template(path = "pager.html")]
pub(crate) struct Pager {
    first: i64,
    last: i64,
    total: String,
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
        let shown = i64::try_from(list.items.len()).unwrap_or(i64::MAX);
        let end = (list.wish.number() - 1) * list.wish.per_page() + shown;
        let part = Part {
            wish: list.wish,
            shown,
            counted: Counted::Exactly(list.total),
            has_more: end < list.total && shown > 0,
        };
        Self::of_part(&part, path, parameters, target)
    }

    /// The same of a list that nobody counted to its end.
    pub(crate) fn of_part(
        part: &Part,
        path: &str,
        parameters: &[(&str, &str)],
        target: &'static str,
    ) -> Self {
        let (page, per_page) = (part.wish.number(), part.wish.per_page());
        let start = (page - 1) * per_page;
        let to = |page: i64| {
            let text = page.to_string();
            let page = if page > 1 { text.as_str() } else { "" };
            address(path, &[parameters, &[("page", page)]].concat())
        };
        Self {
            first: if part.shown > 0 { start + 1 } else { 0 },
            last: start + part.shown,
            total: match part.counted {
                Counted::Exactly(total) => number(total),
                Counted::About(total) => t!("pager.about", number(total)),
                Counted::MoreThan(total) => t!("pager.more_than", number(total)),
                Counted::Unknown => t!("pager.many").to_owned(),
            },
            before: (page > 1).then(|| to(page - 1)),
            after: part.has_more.then(|| to(page + 1)),
            target,
        }
    }
}

/// What a page shows of a list.
pub(crate) struct Part {
    /// Which page.
    pub(crate) wish: PageWish,
    /// How many entries are on it.
    pub(crate) shown: i64,
    /// How many there are on all pages.
    pub(crate) counted: Counted,
    /// Whether there is a page behind it.
    pub(crate) has_more: bool,
}
