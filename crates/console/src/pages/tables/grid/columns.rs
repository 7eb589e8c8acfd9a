//! The heads of the columns, and which of them are shown.

use postern_catalog::{Column, Generated, Relation, TypeKind};

use super::sort::Way;
use super::wish::Wish;
use crate::failure::Failure;
use crate::pages::tables::cell::Look;
use crate::pages::tables::row::{has_pages, is_comparable};
use crate::pages::tables::table::Table;

/// Most columns that are shown unless somebody chooses them.
const COLUMNS_MAX: usize = 200;

/// The head of a column.
pub(super) struct Head {
    pub(super) name: String,
    /// The type as SQL spells it.
    pub(super) ty: String,
    pub(super) marks: Vec<&'static str>,
    pub(super) is_key: bool,
    pub(super) class: &'static str,
    /// Where the list in its order is.
    pub(super) sort: String,
    /// Where the list is in which it comes behind the columns that sort already.
    pub(super) also: String,
    pub(super) sorted: Option<Sorted>,
    pub(super) comment: Option<String>,
    /// How its cells are typed in the grid, where they can be.
    pub(super) edit: Option<Edit>,
}

/// How a column sorts.
pub(super) struct Sorted {
    /// What its direction is called for assistive tools, its arrow, and in words.
    pub(super) name: &'static str,
    pub(super) icon: &'static str,
    pub(super) words: &'static str,
    /// Where it stands in the order, where others sort as well.
    pub(super) place: Option<usize>,
}

impl Sorted {
    /// What the head of a column says for assistive tools: of several only the first one says it
    /// as its own.
    pub(super) fn aria(&self) -> Option<&'static str> {
        self.place.is_none_or(|it| it == 1).then_some(self.name)
    }

    fn of(column: &str, wish: &Wish) -> Option<Self> {
        let (place, way) = wish.sort.place(column)?;
        let (name, icon, words) = match way {
            Way::Rising => ("ascending", "up", t!("grid.rising")),
            Way::Falling => ("descending", "down", t!("grid.falling")),
        };
        Some(Self {
            name,
            icon,
            words,
            place: (wish.sort.terms().count() > 1).then_some(place),
        })
    }
}

/// How cells of a column are typed in the grid.
pub(super) struct Edit {
    /// The values to choose from, with bars between; empty where any text goes.
    pub(super) choices: String,
    pub(super) nullable: bool,
}

/// The columns to choose from.
pub(super) struct Chooser {
    pub(super) columns: Vec<(String, Chosen)>,
    pub(super) kept: Vec<(&'static str, String)>,
    pub(super) shown: usize,
}

/// Whether a column is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Chosen {
    Shown,
    Hidden,
}

impl Chosen {
    /// For the template.
    pub(super) fn is_shown(self) -> bool {
        self == Self::Shown
    }
}

impl Chooser {
    /// The columns of a table, those that are shown ticked.
    pub(super) fn new(table: &Table, wish: &Wish) -> Result<Self, Failure> {
        let shown = shown(table, wish)?;
        let is_shown = |it: &&Column| match shown.iter().any(|shown| shown.name == it.name) {
            true => Chosen::Shown,
            false => Chosen::Hidden,
        };
        let all = table.columns()?;
        let columns = all.iter().map(|it| (it.name.clone(), is_shown(it)));
        let kept = wish.kept().into_iter().filter(|(name, _)| *name != "col");
        Ok(Self {
            columns: columns.collect(),
            kept: kept.collect(),
            shown: shown.len(),
        })
    }
}

/// The columns that are shown, those of the key first: a row without its key is no row to talk
/// about.
pub(crate) fn shown<'t>(table: &'t Table, wish: &Wish) -> Result<Vec<&'t Column>, Failure> {
    let key = &table.relation()?.primary_key;
    let is_chosen = |it: &&Column| {
        wish.columns.is_empty() || wish.columns.contains(&it.name) || key.contains(&it.name)
    };
    let all = table.columns()?.into_iter().filter(is_chosen);
    Ok(all.take(COLUMNS_MAX).collect())
}

/// The heads of the columns that are shown.
pub(super) fn heads(table: &Table, wish: &Wish) -> Result<Vec<Head>, Failure> {
    let relation = table.relation()?;
    let shown = shown(table, wish)?;
    Ok(shown.iter().map(|it| head(it, relation, wish)).collect())
}

fn head(column: &Column, relation: &Relation, wish: &Wish) -> Head {
    Head {
        name: column.name.clone(),
        ty: column.ty.sql.clone(),
        marks: marks(column, relation),
        is_key: relation.primary_key.contains(&column.name),
        class: Look::of(column).class(),
        sort: wish.sorted(wish.sort.by(&column.name)).address(),
        also: wish.sorted(wish.sort.also_by(&column.name)).address(),
        sorted: Sorted::of(&column.name, wish),
        comment: column.comment.clone(),
        edit: edit(column, relation),
    }
}

/// Keys, what the database fills, and what cannot be compared are changed on the row's own page.
fn edit(column: &Column, relation: &Relation) -> Option<Edit> {
    let is_made = matches!(
        column.generated,
        Generated::Stored | Generated::IdentityAlways
    );
    let is_key = relation.primary_key.contains(&column.name);
    let is_typed = relation.updatable && has_pages(relation) && is_comparable(column);
    if is_made || is_key || !is_typed || column.ty.is_json() {
        return None;
    }
    let choices = match &column.ty.kind {
        TypeKind::Enum(labels) => labels.join("|"),
        _ if column.ty.operator_name() == "bool" => "true|false".to_owned(),
        _ => String::new(),
    };
    Some(Edit {
        choices,
        nullable: column.nullable,
    })
}

fn marks(column: &Column, relation: &Relation) -> Vec<&'static str> {
    let mut marks = Vec::new();
    let mut mark = |is_so: bool, word| {
        if is_so {
            marks.push(word);
        }
    };
    let refers = relation.foreign_keys.iter();
    let refers = refers
        .flat_map(|it| it.columns.iter())
        .any(|it| *it == column.name);
    let is_unique = relation
        .unique_keys
        .iter()
        .any(|it| it.columns == [column.name.as_str()]);
    let is_key = relation.primary_key.contains(&column.name);
    mark(is_key, t!("grid.key"));
    mark(is_unique && !is_key, t!("grid.unique"));
    mark(refers, t!("grid.refers"));
    mark(column.nullable, t!("grid.nullable"));
    mark(column.generated == Generated::Stored, t!("grid.computed"));
    marks
}
