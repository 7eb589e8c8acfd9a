//! What an address asks of a grid, and the addresses beside it.
//!
//! What it spells wrongly is as if it were not there, so that no saved address leads to an error.

use postern_catalog::Relation;

use super::super::filter::Filter;
use super::super::table::Table;
use super::sort::Sort;
use crate::failure::Failure;
use crate::form::{Form, address};
use crate::place::{Place, TablePage};

/// Sizes of a page to choose; the first is the usual one.
pub(crate) const SIZES: [u64; 3] = [100, 250, 500];

/// Where a page begins.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Start {
    /// At the first row.
    #[default]
    First,
    /// Behind the row with these values of the order.
    After(String),
    /// Before the row with these values.
    Before(String),
    /// So that it ends with the last row.
    Last,
    /// So many pages on: where no key gives the rows an order of their own.
    Page(u64),
}

/// What an address asks of a grid.
#[derive(Clone, Debug)]
pub(crate) struct Wish {
    path: String,
    pub(crate) filters: Vec<Filter>,
    /// The columns that the rows are sorted by, the first one first.
    pub(crate) sort: Sort,
    /// The columns to show; none are all.
    pub(crate) columns: Vec<String>,
    pub(crate) size: u64,
    pub(crate) start: Start,
    /// How many rows come before the page, as far as the way here has told.
    pub(crate) rows_before: Option<u64>,
}

impl Wish {
    /// Reads the address of a table's rows.
    pub(crate) fn read(query: &Form, table: &Table) -> Result<Self, Failure> {
        let relation = table.relation()?;
        let is_there = |name: &&str| relation.column(name).is_some();
        let size = query.text("size").parse().unwrap_or(SIZES[0]);
        let start = Start::read(query);
        let rows_before = match start {
            Start::First => Some(0),
            _ => query.text("at").parse().ok(),
        };
        Ok(Self {
            path: Place::Table(table.name().clone(), TablePage::Rows).to_string(),
            filters: Filter::all(query.texts("where"), relation),
            // `order` is what older addresses say.
            sort: Sort::read(&[query.text("sort"), query.text("order")], relation),
            columns: query
                .texts("col")
                .filter(is_there)
                .map(str::to_owned)
                .collect(),
            size: if SIZES.contains(&size) {
                size
            } else {
                SIZES[0]
            },
            start,
            rows_before,
        })
    }

    /// The same with one filter more.
    pub(crate) fn add_filter(&mut self, raw: &str, relation: &Relation) {
        let known = self.filters.iter().any(|it| it.raw == raw);
        if !known {
            self.filters
                .extend(Filter::all(std::iter::once(raw), relation));
        }
    }

    /// The same without one filter.
    pub(crate) fn without(&self, raw: &str) -> Self {
        let mut wish = self.first_page();
        wish.filters.retain(|it| it.raw != raw);
        wish
    }

    /// The same without any filter.
    pub(crate) fn without_filters(&self) -> Self {
        let mut wish = self.first_page();
        wish.filters.clear();
        wish
    }

    /// The same in another order.
    pub(crate) fn sorted(&self, sort: Sort) -> Self {
        Self {
            sort,
            ..self.first_page()
        }
    }

    /// The same from its first row on.
    pub(crate) fn first_page(&self) -> Self {
        self.starting(Start::First, Some(0))
    }

    /// The same from elsewhere on.
    pub(crate) fn starting(&self, start: Start, rows_before: Option<u64>) -> Self {
        Self {
            start,
            rows_before,
            ..self.clone()
        }
    }

    /// The same with pages of another size.
    pub(crate) fn sized(&self, size: u64) -> Self {
        Self {
            size,
            ..self.first_page()
        }
    }

    /// Its address.
    pub(crate) fn address(&self) -> String {
        let mut parameters = self.kept();
        let (name, value) = self.start.parameter();
        if !name.is_empty() {
            parameters.push((name, value));
            if let Some(rows) = self.rows_before {
                parameters.push(("at", rows.to_string()));
            }
        }
        let parameters: Vec<_> = parameters.iter().map(|(n, v)| (*n, v.as_str())).collect();
        address(&self.path, &parameters)
    }

    /// The address of its rows as a file.
    pub(crate) fn export(&self, format: &str) -> String {
        let mut parameters = self.kept();
        parameters.push(("format", format.to_owned()));
        let parameters: Vec<_> = parameters.iter().map(|(n, v)| (*n, v.as_str())).collect();
        address(&format!("{}/export", self.path), &parameters)
    }

    /// What other forms of the page must not lose, the place of the page apart.
    pub(crate) fn kept(&self) -> Vec<(&'static str, String)> {
        let filters = self.filters.iter().map(|it| ("where", it.raw.clone()));
        let order = self.sort.text().map(|it| ("sort", it));
        let columns = self.columns.iter().map(|it| ("col", it.clone()));
        let size = (self.size != SIZES[0]).then(|| ("size", self.size.to_string()));
        filters.chain(order).chain(columns).chain(size).collect()
    }
}

impl Start {
    fn read(query: &Form) -> Self {
        let text = |name| Some(query.text(name)).filter(|it| !it.is_empty());
        if let Some(key) = text("after") {
            return Self::After(key.to_owned());
        }
        if let Some(key) = text("before") {
            return Self::Before(key.to_owned());
        }
        if text("end").is_some() {
            return Self::Last;
        }
        match query.text("page").parse() {
            Ok(page) if page > 1 => Self::Page(page),
            _ => Self::First,
        }
    }

    fn parameter(&self) -> (&'static str, String) {
        match self {
            Self::First => ("", String::new()),
            Self::After(key) => ("after", key.clone()),
            Self::Before(key) => ("before", key.clone()),
            Self::Last => ("end", "1".to_owned()),
            Self::Page(page) => ("page", page.to_string()),
        }
    }
}
