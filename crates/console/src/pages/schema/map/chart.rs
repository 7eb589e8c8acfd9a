//! The drawing of the map, with what stands in it.

use std::borrow::Borrow;

use askama::Template;
use postern_catalog::{Column, Relation};

use crate::erd::{self, Drawing, Entity, HEAD, LINE, WIDTH};

/// Most columns of a table that are drawn; keys come first.
const COLUMNS_MAX: usize = 12;
/// Longest name that fits into a table, in characters.
const NAME_CHARS_MAX: usize = 26;
/// Characters that a column's name and type may have together.
const LINE_CHARS_MAX: usize = 28;

/// The drawing; print it with `|safe`.
#[derive(Template)]
#[template(path = "schema_map_chart.html")]
pub(super) struct Chart {
    drawing: Drawing,
    tables: Vec<Table>,
}

struct Table {
    name: String,
    short: String,
    address: String,
    is_middle: bool,
    columns: Vec<Shown>,
    /// How many columns are left out.
    more: usize,
}

struct Shown {
    name: String,
    ty: String,
    is_key: bool,
    is_reference: bool,
}

impl Chart {
    /// Draws these tables.
    pub(super) fn of(tables: &[&Relation], middle: Option<&Relation>) -> Self {
        let entities: Vec<_> = tables.iter().map(|it| entity(it, tables)).collect();
        let is_middle = |it: &Relation| middle.is_some_and(|middle| middle.name == it.name);
        Self {
            drawing: erd::lay_out(&entities),
            tables: tables
                .iter()
                .map(|it| Table::of(it, is_middle(it)))
                .collect(),
        }
    }

    /// Whether nothing is drawn.
    pub(super) fn is_empty(&self) -> bool {
        self.tables.is_empty()
    }

    fn spots(&self) -> impl Iterator<Item = (&erd::Spot, &Table)> {
        self.drawing.spots.iter().zip(&self.tables)
    }

    /// The height of a column's text; templates hand numbers over both ways.
    fn line_y(&self, index: impl Borrow<usize>) -> i32 {
        let lines = i32::try_from(*index.borrow()).unwrap_or_default();
        HEAD + lines * LINE + LINE - 6
    }

    fn width(&self) -> i32 {
        WIDTH
    }
}

impl Table {
    fn of(relation: &Relation, is_middle: bool) -> Self {
        let columns = columns(relation);
        let name = &relation.name;
        Self {
            short: cut(&name.name, NAME_CHARS_MAX),
            // The one in the middle leads on; the others come into the middle.
            address: match is_middle {
                true => super::structure(name).to_string(),
                false => super::of(&name.schema, &name.name),
            },
            is_middle,
            more: relation.columns.len() - columns.len(),
            columns: columns.iter().map(|it| Shown::of(it, relation)).collect(),
            name: name.name.clone(),
        }
    }

    /// What a table is called to those who do not see it.
    fn label(&self) -> String {
        match self.is_middle {
            true => t!("map.to_structure", self.name),
            false => t!("map.to_middle", self.name),
        }
    }
}

impl Shown {
    fn of(column: &Column, relation: &Relation) -> Self {
        let name = cut(&column.name, LINE_CHARS_MAX - 6);
        let room = LINE_CHARS_MAX.saturating_sub(name.chars().count());
        Self {
            ty: cut(&column.ty.sql, room.max(5)),
            is_key: relation.primary_key.contains(&column.name),
            is_reference: is_reference(relation, &column.name),
            name,
        }
    }
}

/// The columns that are drawn: all of them, or keys first where there are too many.
fn columns(relation: &Relation) -> Vec<&Column> {
    let mut columns: Vec<&Column> = relation.columns.iter().collect();
    let rank = |it: &&Column| {
        let is_key = relation.primary_key.contains(&it.name);
        (!is_key, !is_reference(relation, &it.name))
    };
    columns.sort_by_key(rank);
    columns.truncate(COLUMNS_MAX);
    columns
}

fn is_reference(relation: &Relation, column: &str) -> bool {
    let mut named = relation.foreign_keys.iter().flat_map(|it| &it.columns);
    named.any(|it| it == column)
}

fn entity(relation: &Relation, tables: &[&Relation]) -> Entity {
    let columns = columns(relation);
    let has_more = columns.len() < relation.columns.len();
    let keys = relation.foreign_keys.iter();
    let targets = keys.filter_map(|key| {
        let to = tables.iter().position(|it| it.name == key.target)?;
        let line = columns
            .iter()
            .position(|it| key.columns.first() == Some(&it.name));
        Some((line, to))
    });
    Entity {
        lines: columns.len() + usize::from(has_more),
        targets: targets.collect(),
    }
}

fn cut(text: &str, chars_max: usize) -> String {
    if text.chars().count() <= chars_max {
        return text.to_owned();
    }
    let kept: String = text.chars().take(chars_max.saturating_sub(1)).collect();
    format!("{kept}…")
}
