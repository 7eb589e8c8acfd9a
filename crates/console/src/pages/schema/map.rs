//! The map of a schema: its tables, their columns, and the lines between them.
//!
//! What hangs together is drawn whole as far as it can be read; beyond that, one table and what it
//! is related to. The list below says the same in words, for every table.

mod chart;

use askama::Template;
use postern_base::RelationName;
use postern_catalog::{Relation, RelationKind};

use self::chart::Chart;
use crate::answer::{Answer, page};
use crate::chrome::{Chrome, Spot};
use crate::form::address;
use crate::place::{Place, TablePage};
use crate::visit::Visit;

/// Most tables that are drawn.
const TABLES_MAX: usize = 60;
/// Longest search, in characters.
const SEARCH_CHARS_MAX: usize = 200;

#[derive(Template)]
#[template(path = "schema_map.html")]
struct Page {
    chrome: Chrome,
    schemas: Vec<(String, String, bool)>,
    schema: String,
    search: String,
    action: Place,
    /// How many tables there are in all.
    count: usize,
    /// The table in the middle, and why it is: nobody chose it.
    middle: Option<(String, bool)>,
    everything: Option<String>,
    chart: Chart,
    lines: Vec<Line>,
}

/// A table of the list.
struct Line {
    name: String,
    place: Place,
    around: String,
    columns: usize,
    refers: Vec<Other>,
    referred: Vec<Other>,
}

/// The other end of a key.
struct Other {
    name: String,
    columns: String,
    place: Option<Place>,
}

/// `GET /console/schema?schema=…&table=…&q=…`
pub(crate) async fn show(visit: &Visit) -> Answer {
    let rest = &visit.console.rest;
    let snapshot = rest.snapshot();
    let served = &rest.settings().schemas;
    let schema = match visit.query.text("schema") {
        "" => served.first().map_or("public", |it| it),
        wanted => wanted,
    };
    let is_served = served.iter().any(|it| it == schema);
    let of_schema = |it: &&Relation| is_served && it.name.schema == schema && is_table(it);
    let mut tables: Vec<&Relation> = snapshot.catalog.relations().filter(of_schema).collect();
    tables.sort_by(|a, b| a.name.name.cmp(&b.name.name));
    let search: String = visit
        .query
        .text("q")
        .trim()
        .chars()
        .take(SEARCH_CHARS_MAX)
        .collect();
    let needle = search.to_lowercase();
    let is_found = |it: &&&Relation| it.name.name.to_lowercase().contains(&needle);
    let found: Vec<&Relation> = tables.iter().filter(is_found).copied().collect();
    let middle = middle(&tables, &found, visit.query.text("table"), &needle);
    let drawn = match middle {
        Some((middle, _)) => around(&tables, middle),
        None => tables.clone(),
    };
    let line = |it: &&Relation| Line::of(it, &tables);
    page(&Page {
        chrome: Chrome::new(visit, t!("map.title"), Spot::Map),
        schemas: served
            .iter()
            .map(|it| (it.clone(), of(it, ""), it == schema))
            .collect(),
        action: Place::Map,
        count: tables.len(),
        everything: (middle.is_some() && tables.len() <= TABLES_MAX).then(|| of(schema, "")),
        chart: Chart::of(&drawn, middle.map(|it| it.0)),
        middle: middle.map(|(it, is_chosen)| (it.name.name.clone(), is_chosen)),
        lines: found.iter().map(line).collect(),
        schema: schema.to_owned(),
        search,
    })
}

/// The address of a map.
fn of(schema: &str, table: &str) -> String {
    let path = Place::Map.to_string();
    address(&path, &[("schema", schema), ("table", table)])
}

fn is_table(relation: &Relation) -> bool {
    !matches!(
        relation.kind,
        RelationKind::View | RelationKind::MaterializedView
    )
}

/// The table in the middle, and whether somebody chose it; none where all of them fit.
fn middle<'r>(
    tables: &[&'r Relation],
    found: &[&'r Relation],
    wanted: &str,
    needle: &str,
) -> Option<(&'r Relation, bool)> {
    if let Some(chosen) = tables.iter().find(|it| it.name.name == wanted) {
        return Some((*chosen, true));
    }
    if !needle.is_empty() {
        let exact = found
            .iter()
            .find(|it| it.name.name.to_lowercase() == needle);
        return exact.or(found.first()).map(|it| (*it, true));
    }
    if tables.len() <= TABLES_MAX {
        return None;
    }
    let related = |it: &&&Relation| {
        let name = &it.name;
        let keys = tables.iter().flat_map(|it| &it.foreign_keys);
        let inward = keys.filter(|key| key.target == *name).count();
        inward + it.foreign_keys.len()
    };
    // Of equals the last is taken; the list is read backwards so that it is the first by name.
    let busiest = tables.iter().rev().max_by_key(related);
    busiest.map(|it| (*it, false))
}

/// A table and what it is related to, in the order of the tables; the middle always among them.
fn around<'r>(tables: &[&'r Relation], middle: &'r Relation) -> Vec<&'r Relation> {
    let refers = |it: &Relation, to: &Relation| it.foreign_keys.iter().any(|k| k.target == to.name);
    let is_near =
        |it: &&&Relation| it.name != middle.name && (refers(it, middle) || refers(middle, it));
    let near = tables.iter().filter(is_near).take(TABLES_MAX - 1);
    let mut drawn: Vec<&Relation> = near.copied().collect();
    drawn.push(middle);
    drawn.sort_by(|a, b| a.name.name.cmp(&b.name.name));
    drawn
}

impl Line {
    fn of(relation: &Relation, tables: &[&Relation]) -> Self {
        let name = &relation.name;
        let place = |it: &RelationName| {
            let is_here = tables.iter().any(|table| table.name == *it);
            is_here.then(|| structure(it))
        };
        let other = |of: &RelationName, columns: &[String]| Other {
            name: match of.schema == name.schema {
                true => of.name.clone(),
                false => of.to_string(),
            },
            columns: columns.join(", "),
            place: place(of),
        };
        let keys = relation.foreign_keys.iter();
        let refers = keys.map(|key| other(&key.target, &key.columns));
        let inward = tables.iter().flat_map(|it| {
            let keys = it.foreign_keys.iter().filter(|key| key.target == *name);
            keys.map(|key| other(&it.name, &key.columns))
        });
        Self {
            place: structure(name),
            around: of(&name.schema, &name.name),
            columns: relation.columns.len(),
            refers: refers.collect(),
            referred: inward.collect(),
            name: name.name.clone(),
        }
    }
}

fn structure(name: &RelationName) -> Place {
    Place::Table(name.clone(), TablePage::Tab("structure"))
}
