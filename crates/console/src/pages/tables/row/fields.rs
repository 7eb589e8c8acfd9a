//! The fields of a row: what each shows, and how it is typed.

use std::hash::{DefaultHasher, Hash, Hasher};

use postern_catalog::{Column, Generated, Relation, RelationKind, TypeKind};
use serde_json::{Map, Value};

use super::{WHOLE_CHARS_MAX, chars_max};
use crate::failure::Failure;
use crate::form::{address, text_of};
use crate::pages::tables::ask;
use crate::pages::tables::table::Table;
use crate::place::{Place, TablePage};
use crate::refusal::Refusal;
use crate::visit::Visit;

/// Longest text that is typed into one line, in characters.
const LINE_CHARS_MAX: usize = 80;

/// All fields of a row, or of one to be.
pub(crate) struct Fields(Vec<Field>);

/// One field.
pub(crate) struct Field {
    pub(crate) column: Column,
    /// What it holds, as far as a form holds it.
    pub(crate) value: Option<String>,
    /// What the form says that it held, so that a change by somebody else is seen.
    pub(crate) mark: String,
    pub(crate) input: Input,
    /// What it is filled with when nothing is typed.
    pub(crate) default: Option<String>,
    pub(crate) is_key: bool,
    /// The page of the row that it refers to, and what it is called.
    pub(crate) target: Option<(String, String)>,
    /// Where rows to refer to are looked for.
    pub(crate) pick: Option<String>,
    /// Whether a refusal names it.
    pub(crate) is_blamed: bool,
    /// What names the column in the address of a form that holds the whole of a long value.
    pub(crate) whole: Whole,
}

/// Whether a form holds a long value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Whole {
    /// It holds all, unasked.
    Usual,
    /// It holds all because it was asked to; whoever sends it back says so again.
    Asked,
    /// It does not, and there it would.
    At(String),
}

/// How a value is typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Input {
    /// Not at all: the database fills it, or it is too long.
    Fixed(Why),
    Line,
    Number,
    Lines,
    Code,
    Choice,
}

/// Why a value cannot be typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Why {
    Generated,
    TooLong,
}

impl Fields {
    /// In the table's order, the key first.
    pub(crate) fn all(&self) -> &[Field] {
        &self.0
    }

    pub(crate) fn all_mut(&mut self) -> &mut [Field] {
        &mut self.0
    }

    /// What a column holds.
    pub(crate) fn value(&self, column: &str) -> Option<String> {
        let field = self.0.iter().find(|it| it.column.name == column);
        field.and_then(|it| it.value.clone())
    }

    /// Marks the fields that a refusal names.
    pub(crate) fn blame(&mut self, refusal: &Refusal) {
        let text = refusal.text();
        for field in &mut self.0 {
            let name = &field.column.name;
            let is_named =
                text.contains(&format!("\"{name}\"")) || text.contains(&format!("({name})"));
            field.is_blamed = is_named;
        }
    }
}

impl Field {
    /// The values to choose from.
    pub(crate) fn choices(&self) -> Vec<&str> {
        match &self.column.ty.kind {
            TypeKind::Enum(labels) => labels.iter().map(String::as_str).collect(),
            _ => vec!["true", "false"],
        }
    }

    /// What stands in the input.
    pub(crate) fn text(&self) -> &str {
        self.value.as_deref().unwrap_or_default()
    }

    /// Whether it holds this choice.
    pub(crate) fn is_chosen(&self, choice: &&str) -> bool {
        self.value.as_deref() == Some(*choice)
    }

    /// Lines of the input.
    pub(crate) fn lines(&self) -> usize {
        let lines = self.text().lines().count();
        let wrapped = self.text().chars().count() / LINE_CHARS_MAX;
        lines.max(wrapped + 1).clamp(2, 16)
    }

    /// Whether it can be typed.
    pub(crate) fn is_open(&self) -> bool {
        !matches!(self.input, Input::Fixed(_))
    }

    /// What to say below a field that cannot be typed.
    pub(crate) fn why(&self) -> Option<&'static str> {
        match self.input {
            Input::Fixed(Why::Generated) => Some(t!("row.generated")),
            Input::Fixed(Why::TooLong) if self.whole == Whole::Asked => {
                Some(t!("row.too_long_whole"))
            }
            Input::Fixed(Why::TooLong) => Some(t!("row.too_long")),
            _ => None,
        }
    }
}

/// The fields of a row that was read.
pub(super) fn of_row(
    table: &Table,
    row: &Map<String, Value>,
    visit: &Visit,
) -> Result<Fields, Failure> {
    let columns = table.columns()?;
    let fields = columns.iter().enumerate().map(|(index, column)| {
        let value = ask::text(row, &format!("c{index}"));
        field(table, column, value, visit)
    });
    Ok(Fields(fields.collect::<Result<_, _>>()?))
}

/// The fields of a row that is to be.
pub(crate) fn of_none(table: &Table, visit: &Visit) -> Result<Fields, Failure> {
    let columns = table.columns()?;
    let fields = columns.iter().map(|column| {
        let mut field = field(table, column, None, visit)?;
        field.default = match column.generated {
            Generated::No => column.default.clone(),
            _ => Some(t!("row.made").to_owned()),
        };
        Ok(field)
    });
    Ok(Fields(fields.collect::<Result<_, Failure>>()?))
}

fn field(
    table: &Table,
    column: &Column,
    value: Option<&str>,
    visit: &Visit,
) -> Result<Field, Failure> {
    let relation = table.relation()?;
    let target = target(table, column, value, visit);
    let refers = relation
        .foreign_keys
        .iter()
        .find(|it| it.columns == [column.name.as_str()]);
    let refers = refers.filter(|it| table.beside(&it.target, visit).is_some());
    let rows = Place::Table(relation.name.clone(), TablePage::Rows).to_string();
    let max = chars_max(visit, &column.name);
    let input = input(column, value, (relation, max));
    let is_longer = input == Input::Fixed(Why::TooLong);
    Ok(Field {
        mark: mark(value),
        value: value.map(|it| it.chars().take(max).collect()),
        whole: match max {
            WHOLE_CHARS_MAX => Whole::Asked,
            _ if is_longer => {
                let page = TablePage::Row(text_of(visit.segment("key")));
                let row = Place::Table(relation.name.clone(), page).to_string();
                Whole::At(address(&row, &[("whole", &column.name)]))
            }
            _ => Whole::Usual,
        },
        input,
        default: None,
        is_key: relation.primary_key.contains(&column.name),
        target,
        pick: refers.map(|_| address(&rows, &[("part", "pick"), ("column", &column.name)])),
        is_blamed: false,
        column: column.clone(),
    })
}

fn input(column: &Column, value: Option<&str>, (relation, max): (&Relation, usize)) -> Input {
    let is_made = matches!(
        column.generated,
        Generated::Stored | Generated::IdentityAlways
    );
    if is_made || relation.kind == RelationKind::MaterializedView {
        return Input::Fixed(Why::Generated);
    }
    let length = value.map_or(0, |it| it.chars().count());
    if length > max {
        return Input::Fixed(Why::TooLong);
    }
    if matches!(column.ty.kind, TypeKind::Enum(_)) || column.ty.operator_name() == "bool" {
        return Input::Choice;
    }
    if column.ty.is_json() || matches!(column.ty.operator_name(), "xml" | "bytea") {
        return Input::Code;
    }
    match column.ty.operator_name() {
        "int2" | "int4" | "int8" | "numeric" | "float4" | "float8" => Input::Number,
        _ if length > LINE_CHARS_MAX || value.is_some_and(|it| it.contains('\n')) => Input::Lines,
        "text" if !is_name(&column.name, relation) => Input::Lines,
        _ => Input::Line,
    }
}

/// Whether a column tells rows from each other: what does has no second line.
fn is_name(column: &str, relation: &Relation) -> bool {
    let keys = relation.unique_keys.iter().map(|it| &it.columns);
    let references = relation.foreign_keys.iter().map(|it| &it.columns);
    let mut named = keys
        .chain(references)
        .chain(std::iter::once(&relation.primary_key));
    named.any(|columns| columns.iter().any(|it| it == column))
}

/// The page of the row that a value refers to.
fn target(
    table: &Table,
    column: &Column,
    value: Option<&str>,
    visit: &Visit,
) -> Option<(String, String)> {
    let value = value?;
    let relation = table.relation().ok()?;
    let mut keys = relation.foreign_keys.iter();
    let key = keys.find(|it| it.columns == [column.name.as_str()])?;
    let far = table.beside(&key.target, visit)?;
    let there = far.relation().ok()?;
    let label = format!("{} {value}", there.name.name);
    if there.primary_key == key.target_columns {
        let key = crate::pages::tables::key::joined([value]);
        let place = Place::Table(there.name.clone(), TablePage::Row(key));
        return Some((place.to_string(), label));
    }
    let rows = Place::Table(there.name.clone(), TablePage::Rows).to_string();
    let filter = format!("{}.eq.{value}", key.target_columns.first()?);
    Some((address(&rows, &[("where", &filter)]), label))
}

/// A short sign of a value, which a form carries instead of the value. Browsers send the ends of
/// lines their own way, so these do not count.
pub(super) fn mark(value: Option<&str>) -> String {
    let mut hasher = DefaultHasher::new();
    value.map(|it| it.replace("\r\n", "\n")).hash(&mut hasher);
    format!("{:016x}", hasher.finish())
}
