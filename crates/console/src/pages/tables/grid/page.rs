//! What stands below the rows: how many there are, and the pages beside this one.

use askama::Template;

use super::wish::{SIZES, Start, Wish};

/// The foot of a grid.
#[derive(Default, Template)]
#[template(path = "grid_foot.html")]
pub(super) struct Foot {
    shown: usize,
    /// The number of the first row, where the way here has told.
    first: Option<u64>,
    total: Option<Total>,
    /// Addresses of the first page, the one before, the one after and the last.
    start: Option<String>,
    before: Option<String>,
    after: Option<String>,
    end: Option<String>,
    sizes: Vec<(u64, String, bool)>,
}

/// How many rows there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Total {
    /// They were counted.
    Exact(u64),
    /// The planner says so.
    About(u64),
}

/// What is known of a page.
pub(super) struct Page<'p> {
    pub(super) wish: &'p Wish,
    /// Most rows of the page.
    pub(super) size: u64,
    pub(super) start: &'p Start,
    pub(super) rows: usize,
    /// Whether there was one row more on its far side.
    pub(super) has_more: bool,
    /// Where the first row and the last one stand in the order.
    pub(super) first: Option<String>,
    pub(super) last: Option<String>,
    /// Whether places tell where a page begins.
    pub(super) is_total: bool,
    pub(super) total: Option<u64>,
    /// Larger totals are the planner's.
    pub(super) exact_max: u64,
}

impl Foot {
    /// The foot of a page.
    pub(super) fn new(page: &Page<'_>) -> Self {
        let (wish, rows) = (page.wish, u64::try_from(page.rows).unwrap_or(u64::MAX));
        let total = page.total.map(|total| match total > page.exact_max {
            true => Total::About(total),
            false => Total::Exact(total),
        });
        let is_backward = matches!(page.start, Start::Before(_) | Start::Last);
        let before_them = match (page.start, total) {
            (Start::Last, Some(Total::Exact(total))) => Some(total.saturating_sub(rows)),
            (Start::Last, _) => None,
            (Start::First, _) => Some(0),
            (Start::Page(number), _) => Some((number - 1).saturating_mul(page.size)),
            _ => wish.rows_before,
        };
        let has_before = match page.start {
            Start::First => false,
            Start::Page(_) | Start::After(_) => true,
            Start::Before(_) | Start::Last => page.has_more,
        };
        let has_after = match page.start {
            Start::Last => false,
            _ if is_backward => true,
            _ => page.has_more,
        };
        let beside = Beside { page, before_them };
        Self {
            shown: page.rows,
            first: before_them.map(|it| it + 1),
            total,
            start: has_before.then(|| wish.first_page().address()),
            before: has_before.then(|| beside.before()).flatten(),
            after: has_after.then(|| beside.after()).flatten(),
            end: (has_after && page.is_total).then(|| wish.starting(Start::Last, None).address()),
            sizes: SIZES
                .map(|size| (size, wish.sized(size).address(), size == wish.size))
                .to_vec(),
        }
    }
}

impl Foot {
    /// Which rows these are, of how many.
    fn count(&self) -> String {
        let shown = u64::try_from(self.shown).unwrap_or(u64::MAX);
        let last = |first: u64| number!((first + shown).saturating_sub(1));
        match (self.first, self.total) {
            (Some(first), Some(Total::Exact(total))) => {
                t!(
                    "grid.of_exactly",
                    number!(first),
                    last(first),
                    number!(total)
                )
            }
            (Some(first), Some(Total::About(total))) => {
                t!("grid.of_about", number!(first), last(first), number!(total))
            }
            (None, Some(Total::Exact(total))) => {
                t!("grid.some_of_exactly", number!(shown), number!(total))
            }
            (None, Some(Total::About(total))) => {
                t!("grid.some_of_about", number!(shown), number!(total))
            }
            (_, None) => t!("grid.some", number!(shown)),
        }
    }

    /// The links to other pages: address, relation, icon, words.
    fn links(&self) -> Vec<(&str, &'static str, &'static str, &'static str)> {
        let all = [
            (&self.start, "first", t!("grid.first")),
            (&self.before, "prev", t!("pager.before")),
            (&self.after, "next", t!("pager.after")),
            (&self.end, "last", t!("grid.last")),
        ];
        let there = all.into_iter();
        let there = there.filter_map(|(at, rel, label)| Some((at.as_deref()?, rel, label)));
        there.map(|(at, rel, label)| (at, rel, "", label)).collect()
    }
}

/// The pages beside one.
struct Beside<'p> {
    page: &'p Page<'p>,
    /// How many rows come before the page, where that is known.
    before_them: Option<u64>,
}

impl Beside<'_> {
    fn after(&self) -> Option<String> {
        let Page { wish, rows, .. } = self.page;
        let rows = u64::try_from(*rows).ok()?;
        let at = self.before_them.map(|it| it + rows);
        let start = match &self.page.last {
            Some(place) => Start::After(place.clone()),
            None => Start::Page(at? / self.page.size + 1),
        };
        Some(wish.starting(start, at).address())
    }

    fn before(&self) -> Option<String> {
        let wish = self.page.wish;
        let at = self.before_them.map(|it| it.saturating_sub(self.page.size));
        let start = match (&self.page.first, at) {
            (_, Some(0)) => return Some(wish.first_page().address()),
            (Some(place), _) => Start::Before(place.clone()),
            (None, at) => Start::Page(at? / self.page.size + 1),
        };
        Some(wish.starting(start, at).address())
    }
}
