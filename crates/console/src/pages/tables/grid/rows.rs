//! The rows of a page: asked for behind or before a row where a key gives them an order, so that
//! the thousandth page costs what the first one does.

use futures_util::future;
use postern_catalog::{Column, Relation};
use postern_query::request::Method;
use serde_json::{Map, Value};

use super::columns;
use super::page::{Foot, Page};
use super::sort::Way;
use super::wish::{Start, Wish};
use crate::pages::tables::ask::{self, Ask};
use crate::pages::tables::cell::{CHARS_MAX, Cell};
use crate::pages::tables::key;
use crate::pages::tables::table::Table;
use crate::place::{Place, TablePage};
use crate::refusal::Refusal;
use crate::visit::Visit;

/// Longest value, in characters, that a page's place is told by.
const PLACE_CHARS_MAX: usize = 300;

/// A row.
pub(super) struct Line {
    pub(super) cells: Vec<Cell>,
    /// Its key and its page; none where the table has no key.
    pub(super) place: Option<(String, Place)>,
}

/// The order of a page: the columns that tell every row from the next, and each one's way.
struct Order<'t> {
    terms: Vec<(&'t str, Way)>,
    /// Whether the terms tell a place: there is a key, and none of them is absent in any row.
    is_total: bool,
}

/// Finds the rows of a page, and what stands below them.
pub(super) async fn find(
    visit: &Visit,
    table: &Table,
    wish: &Wish,
) -> Result<(Vec<Line>, Foot), Box<Refusal>> {
    let relation = table.relation().map_err(|_| Box::new(Refusal::gone()))?;
    let shown = columns::shown(table, wish).map_err(|_| Box::new(Refusal::gone()))?;
    let order = Order::of(relation, wish);
    let start = order.start(wish);
    let select = select(&shown, relation, &order);
    let rows = narrowed(Method::Get, relation, wish).with("select", &select);
    // The API gives no more rows than its limit, and one more is asked for than is shown.
    let rows_max = visit.console.rest.settings().limits.rows_max;
    let size = wish.size.min(rows_max.saturating_sub(1)).max(1);
    let rows = order.placed(rows, &start, size);
    let count = narrowed(Method::Head, relation, wish)
        .with("select", &ask::name(&relation.columns[0].name))
        .with("limit", "0")
        .preferring("count=estimated");
    let (rows, count) = future::join(rows.send(visit), count.send(visit)).await;
    let mut rows = rows?.rows;
    let has_more = u64::try_from(rows.len()).is_ok_and(|it| it > size);
    rows.truncate(usize::try_from(size).unwrap_or(usize::MAX));
    if matches!(start, Start::Before(_) | Start::Last) {
        rows.reverse();
    }
    let foot = Foot::new(&Page {
        wish,
        size,
        start: &start,
        rows: rows.len(),
        has_more,
        first: rows.first().and_then(|it| order.place(it)),
        last: rows.last().and_then(|it| order.place(it)),
        is_total: order.is_total,
        total: count?.total,
        exact_max: rows_max,
    });
    let lines = rows.iter().map(|it| line(it, &shown, relation));
    Ok((lines.collect(), foot))
}

fn narrowed(method: Method, relation: &Relation, wish: &Wish) -> Ask {
    let ask = Ask::new(method, &relation.name);
    wish.filters.iter().fold(ask, |ask, it| it.narrow(ask))
}

/// The columns that are shown, cut; the key's and the order's, whole as far as a place can be.
fn select(shown: &[&Column], relation: &Relation, order: &Order<'_>) -> String {
    let mut list = String::new();
    for (index, column) in shown.iter().enumerate() {
        ask::cut(&mut list, &format!("c{index}"), &column.name, CHARS_MAX + 1);
    }
    for (index, name) in relation.primary_key.iter().enumerate() {
        ask::whole(&mut list, &format!("k{index}"), name);
    }
    for (index, (name, _)) in order.terms.iter().enumerate() {
        ask::cut(&mut list, &format!("o{index}"), name, PLACE_CHARS_MAX + 1);
    }
    list
}

fn line(row: &Map<String, Value>, shown: &[&Column], relation: &Relation) -> Line {
    let cell = |(index, column): (usize, &&Column)| {
        Cell::new(ask::text(row, &format!("c{index}")), column)
    };
    let length = relation.primary_key.len();
    let values = (0..length).filter_map(|index| ask::text(row, &format!("k{index}")));
    Line {
        cells: shown.iter().enumerate().map(cell).collect(),
        place: (length > 0).then(|| {
            let key = key::joined(values);
            let page = TablePage::Row(key.clone());
            (key, Place::Table(relation.name.clone(), page))
        }),
    }
}

impl<'t> Order<'t> {
    fn of(relation: &'t Relation, wish: &Wish) -> Self {
        let key = &relation.primary_key;
        let sorted: Vec<(&Column, Way)> = wish
            .sort
            .terms()
            .filter_map(|(name, way)| Some((relation.column(name)?, way)))
            .collect();
        let first = sorted
            .iter()
            .map(|(column, way)| (column.name.as_str(), *way));
        let is_sorted = |name: &str| sorted.iter().any(|(column, _)| column.name == name);
        let others = key.iter().map(|it| (it.as_str(), Way::Rising));
        let others = others.filter(|(name, _)| !is_sorted(name));
        Self {
            is_total: !key.is_empty() && !sorted.iter().any(|(column, _)| column.nullable),
            terms: first.chain(others).collect(),
        }
    }

    /// Where the page begins, as far as this order can tell.
    fn start(&self, wish: &Wish) -> Start {
        let length = self.terms.len();
        match &wish.start {
            Start::After(place) | Start::Before(place)
                if !self.is_total || key::taken_apart(place, length).is_none() =>
            {
                Start::First
            }
            Start::Last if !self.is_total => Start::First,
            start => start.clone(),
        }
    }

    /// The request for one page and one row more, which tells whether there is another.
    fn placed(&self, ask: Ask, start: &Start, size: u64) -> Ask {
        let is_backward = matches!(start, Start::Before(_) | Start::Last);
        let way = |way: Way| if is_backward { way.reversed() } else { way };
        let terms: Vec<(&str, Way)> = self.terms.iter().map(|(n, it)| (*n, way(*it))).collect();
        let order = terms
            .iter()
            .map(|(n, way)| format!("{}.{}", ask::name(n), way.as_str()));
        let order: Vec<_> = order.collect();
        let mut ask = ask.with("limit", &(size + 1).to_string());
        if !order.is_empty() {
            ask = ask.with("order", &order.join(","));
        }
        match start {
            Start::First | Start::Last => ask,
            Start::Page(page) => {
                let rows = (page - 1).saturating_mul(size);
                ask.with("offset", &rows.to_string())
            }
            Start::After(place) | Start::Before(place) => {
                let values = key::taken_apart(place, terms.len()).unwrap_or_default();
                beyond(ask, &terms, &values)
            }
        }
    }

    /// The place of a row in this order; none where it would be too long for an address.
    fn place(&self, row: &Map<String, Value>) -> Option<String> {
        let value = |index| {
            let value = ask::text(row, &format!("o{index}"))?;
            (value.chars().count() <= PLACE_CHARS_MAX).then_some(value)
        };
        let values: Option<Vec<&str>> = (0..self.terms.len()).map(value).collect();
        let values = values.filter(|it| self.is_total && !it.is_empty())?;
        Some(key::joined(values))
    }
}

/// Only rows that come behind these values in the order.
pub(crate) fn beyond(ask: Ask, terms: &[(&str, Way)], values: &[String]) -> Ask {
    let operator = |way: &Way| match way {
        Way::Rising => "gt",
        Way::Falling => "lt",
    };
    let Some(((name, way), value)) = terms.first().zip(values.first()) else {
        return ask;
    };
    if terms.len() == 1 {
        return ask.filtered(name, &format!("{}.{value}", operator(way)));
    }
    let test = |name: &str, operator: &str, value: &str| {
        format!("{}.{operator}.{}", ask::name(name), ask::quoted(value))
    };
    let mut branches = Vec::new();
    for (index, ((name, way), value)) in terms.iter().zip(values).enumerate() {
        let equal = terms.iter().zip(values).take(index);
        let mut tests: Vec<_> = equal.map(|((n, _), it)| test(n, "eq", it)).collect();
        tests.push(test(name, operator(way), value));
        branches.push(match tests.len() {
            1 => tests.remove(0),
            _ => format!("and({})", tests.join(",")),
        });
    }
    // The branches alone would have an index read from its beginning.
    let first = format!("{}e.{value}", operator(way));
    ask.filtered(name, &first)
        .with("or", &format!("({})", branches.join(",")))
}
