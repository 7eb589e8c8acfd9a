//! Pages of a list, counted from one, and the headers that tell of them.

use crate::{Error, Result};

/// Entries on a page when nobody asks for a number.
const PER_PAGE: i64 = 50;
/// Most entries on a page.
const PER_PAGE_MAX: i64 = 1000;

/// Which page is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageWish {
    page: i64,
    per_page: i64,
}

impl PageWish {
    /// Reads `page` and `per_page`; both may be absent or empty, as the clients send them.
    ///
    /// # Errors
    /// When one is no positive number.
    pub fn parse(page: Option<&str>, per_page: Option<&str>) -> Result<Self> {
        let number = |name: &str, text: Option<&str>, usual: i64| match text {
            None | Some("") => Ok(usual),
            Some(text) => match text.parse::<i64>() {
                Ok(number) if (1..=i64::from(i32::MAX)).contains(&number) => Ok(number),
                _ => Err(Error::invalid(format!("Bad Pagination Parameters: {name}"))),
            },
        };
        Ok(Self {
            page: number("page", page, 1)?,
            per_page: number("per_page", per_page, PER_PAGE)?.min(PER_PAGE_MAX),
        })
    }

    /// Which page, counted from one.
    pub fn number(self) -> i64 {
        self.page
    }

    /// Entries on a page.
    pub fn per_page(self) -> i64 {
        self.per_page
    }

    pub(crate) fn offset(self) -> i64 {
        (self.page - 1) * self.per_page
    }
}

/// A page.
#[derive(Clone, Debug)]
pub struct Page<T> {
    /// What is on it.
    pub items: Vec<T>,
    /// How many there are on all pages.
    pub total: i64,
    /// Which page it is.
    pub wish: PageWish,
}

impl<T> Page<T> {
    /// The header `Link`. COMPAT(supabase-js 2): the client takes what follows the first `=` as
    /// the page, so `page` stands first in the query.
    pub fn link(&self, path: &str) -> String {
        let PageWish { page, per_page } = self.wish;
        let last = ((self.total + per_page - 1) / per_page).max(1);
        let to = |page, rel| format!("<{path}?page={page}&per_page={per_page}>; rel=\"{rel}\"");
        if page < last {
            format!("{}, {}", to(page + 1, "next"), to(last, "last"))
        } else {
            to(last, "last")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(page: &str, per_page: &str, total: i64) -> Page<()> {
        Page {
            items: Vec::new(),
            total,
            wish: PageWish::parse(Some(page), Some(per_page)).expect("numbers"),
        }
    }

    #[test]
    fn the_page_is_the_first_parameter() {
        assert_eq!(
            page("2", "10", 35).link("/admin/users"),
            "</admin/users?page=3&per_page=10>; rel=\"next\", \
             </admin/users?page=4&per_page=10>; rel=\"last\""
        );
        assert_eq!(
            page("", "", 50).link("/admin/users"),
            "</admin/users?page=1&per_page=50>; rel=\"last\""
        );
        assert_eq!(
            page("1", "5", 0).link("/x"),
            "</x?page=1&per_page=5>; rel=\"last\""
        );
    }

    #[test]
    fn what_is_no_page_is_refused() {
        for text in ["0", "-1", "x", "1.5", "99999999999999999999"] {
            assert!(PageWish::parse(Some(text), None).is_err(), "{text}");
        }
        let wish = PageWish::parse(None, Some("100000")).expect("a number");
        assert_eq!(wish.per_page(), PER_PAGE_MAX);
    }
}
