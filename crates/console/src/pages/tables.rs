//! The tables: what there is in the database, about how large it is, and whether anybody sees it.
//!
//! Sizes are the database's own estimates, so that a list of hundreds of tables counts nothing and
//! locks nothing.

pub(crate) mod api;
pub(crate) mod ask;
pub(crate) mod bulk;
pub(crate) mod cell;
pub(crate) mod edit;
pub(crate) mod export;
pub(crate) mod filter;
pub(crate) mod frame;
pub(crate) mod grid;
pub(crate) mod insert;
pub(crate) mod key;
mod pick;
pub(crate) mod row;
pub(crate) mod table;

use std::collections::{HashMap, HashSet};

use askama::Template;
use postern_base::RelationName;
use postern_catalog::RelationKind;
use postern_db::Size;
use postern_rest::{Enforce, Snapshot};

use crate::answer::{Answer, page};
use crate::chrome::{Chrome, Spot};
use crate::form::address;
use crate::pages::schema::applied;
use crate::place::{Place, TablePage};
use crate::sizes::bytes;
use crate::visit::Visit;

/// Longest search, in characters.
const SEARCH_CHARS_MAX: usize = 200;
/// What the address says for the relations of all schemas.
const ALL: &str = "*";

#[derive(Template)]
#[template(path = "tables.html")]
struct Page {
    chrome: Chrome,
    search: String,
    /// The schema that the search must not lose.
    schema: String,
    schemas: Vec<Choice>,
    action: Place,
    rows: Rows,
    /// The migration that has just been applied.
    applied: Option<String>,
}

/// A schema to choose.
struct Choice {
    label: String,
    tables: usize,
    address: String,
    is_current: bool,
}

#[derive(Template)]
#[template(path = "tables_rows.html")]
struct Rows {
    tables: Vec<Line>,
    search: String,
    everything: String,
    has_any: bool,
    with_schema: bool,
}

/// A table of the list.
struct Line {
    place: Place,
    name: RelationName,
    kind: &'static str,
    rows: Option<u64>,
    size: Option<String>,
    sight: Sight,
    comment: String,
}

/// Who sees anything of a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sight {
    /// The roles that a policy gives something.
    Roles(usize),
    /// No policy gives anybody anything.
    Nobody,
    /// The database alone decides.
    Database,
    /// The data API does not serve the schema.
    NotServed,
}

/// The roles that policies give something, by table.
type Roles<'s> = HashMap<&'s RelationName, HashSet<&'s str>>;

fn roles(snapshot: &Snapshot) -> Roles<'_> {
    let mut roles = Roles::new();
    for (table, role, _, _) in snapshot.bundle.accesses() {
        roles.entry(table).or_default().insert(role.as_str());
    }
    roles
}

impl Sight {
    fn of(name: &RelationName, roles: &Roles<'_>, visit: &Visit) -> Self {
        let settings = visit.console.rest.settings();
        if !settings.schemas.contains(&name.schema) {
            return Self::NotServed;
        }
        if settings.enforce == Enforce::Native {
            return Self::Database;
        }
        match roles.get(name).map_or(0, HashSet::len) {
            0 => Self::Nobody,
            some => Self::Roles(some),
        }
    }

    /// Icon, tint and words.
    fn mark(self) -> (&'static str, &'static str, String) {
        match self {
            Self::Roles(1) => ("allow", "allow", t!("tables.one_role").to_owned()),
            Self::Roles(some) => ("allow", "allow", t!("tables.roles", some)),
            Self::Nobody => ("deny", "deny", t!("tables.nobody").to_owned()),
            Self::Database => ("database", "info", t!("tables.database").to_owned()),
            Self::NotServed => ("close", "", t!("tables.not_served").to_owned()),
        }
    }
}

/// `GET /console/tables`
pub(crate) async fn list(visit: &Visit) -> Answer {
    let rest = &visit.console.rest;
    let snapshot = rest.snapshot();
    let all = visit.console.db.sizes().await?;
    let usual = rest.settings().schemas.first().map_or("public", |it| it);
    let wanted = match visit.query.text("schema") {
        "" => usual,
        wanted => wanted,
    };
    let search = visit.query.text("q").trim().chars();
    let search: String = search.take(SEARCH_CHARS_MAX).collect();
    let rows = rows(visit, &snapshot, &all, (wanted, &search));
    if visit.wants_part() {
        return page(&rows);
    }
    page(&Page {
        chrome: Chrome::new(visit, t!("tables.title"), Spot::Tables),
        schemas: schemas(&all, (usual, wanted, &search)),
        schema: if wanted == usual { "" } else { wanted }.to_owned(),
        search,
        action: Place::Tables,
        rows,
        applied: applied(visit),
    })
}

fn rows(visit: &Visit, snapshot: &Snapshot, all: &[Size], (schema, search): (&str, &str)) -> Rows {
    let needle = search.to_lowercase();
    let is_wanted = |it: &&Size| {
        (schema == ALL || it.name.schema == schema) && it.name.name.to_lowercase().contains(&needle)
    };
    let roles = roles(snapshot);
    let line = |it: &Size| Line {
        place: Place::Table(it.name.clone(), TablePage::Rows),
        kind: kind(it.kind),
        rows: it.rows,
        size: it.bytes.map(bytes),
        sight: Sight::of(&it.name, &roles, visit),
        comment: it.comment.clone().unwrap_or_default(),
        name: it.name.clone(),
    };
    Rows {
        tables: all.iter().filter(is_wanted).map(line).collect(),
        everything: list_address(ALL, "", ""),
        search: search.to_owned(),
        has_any: !all.is_empty(),
        with_schema: schema == ALL,
    }
}

fn schemas(all: &[Size], (usual, wanted, search): (&str, &str, &str)) -> Vec<Choice> {
    let mut names: Vec<&str> = all.iter().map(|it| it.name.schema.as_str()).collect();
    names.push(usual);
    names.sort_unstable();
    names.dedup();
    let choice = |name: &str, label: &str| Choice {
        label: label.to_owned(),
        tables: all
            .iter()
            .filter(|it| name == ALL || it.name.schema == name)
            .count(),
        address: list_address(name, usual, search),
        is_current: name == wanted,
    };
    let mut choices: Vec<_> = names.iter().map(|it| choice(it, it)).collect();
    if names.len() > 1 {
        choices.push(choice(ALL, t!("tables.all")));
    }
    choices
}

fn list_address(schema: &str, usual: &str, search: &str) -> String {
    let schema = if schema == usual { "" } else { schema };
    let path = Place::Tables.to_string();
    address(&path, &[("schema", schema), ("q", search)])
}

/// What a kind of relation is called.
pub(crate) fn kind(kind: RelationKind) -> &'static str {
    match kind {
        RelationKind::Table => t!("tables.kind_table"),
        RelationKind::Partitioned => t!("tables.kind_partitioned"),
        RelationKind::View => t!("tables.kind_view"),
        RelationKind::MaterializedView => t!("tables.kind_materialized"),
        RelationKind::Foreign => t!("tables.kind_foreign"),
    }
}
