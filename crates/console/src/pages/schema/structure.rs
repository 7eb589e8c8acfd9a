//! What a table is made of: columns, keys, references in both directions, indexes, checks,
//! triggers.

use askama::Template;
use postern_catalog::{Column, Generated, Relation, RelationKind};
use postern_db::structure::{Direction, Index, Reference, Structure};

use crate::answer::{Answer, page};
use crate::chrome::{Chrome, Spot};
use crate::failure::Failure;
use crate::pages::tables::frame::Frame;
use crate::pages::tables::kind;
use crate::pages::tables::table::Table;
use crate::place::{Place, TablePage};
use crate::sizes::bytes;
use crate::visit::Visit;

/// Longest name of a file that is believed to have been applied just now.
const APPLIED_CHARS_MAX: usize = 200;

#[derive(Template)]
#[template(path = "structure.html")]
struct Page {
    chrome: Chrome,
    frame: Frame,
    columns: Vec<Line>,
    outgoing: Vec<Link>,
    incoming: Vec<Link>,
    structure: Structure,
    facts: Vec<(&'static str, String)>,
    comment: String,
    /// The migration that has just been applied.
    applied: Option<String>,
    is_table: bool,
    edit: Place,
    import: Place,
}

/// A column.
struct Line {
    name: String,
    ty: String,
    is_required: bool,
    is_key: bool,
    filled: Filled,
    comment: String,
    /// What it refers to: where that is, and what it is called.
    target: Option<(Place, String)>,
}

/// What fills a column where nobody gives a value.
enum Filled {
    Nothing,
    Default(String),
    Words(String),
}

/// The other end of a foreign key.
struct Link {
    reference: Reference,
    place: Place,
    other: String,
}

/// `GET /console/tables/{table}/structure`
pub(crate) async fn show(visit: &Visit) -> Answer {
    let table = Table::of(visit)?;
    let relation = table.relation()?;
    let structure = visit.console.db.structure(relation.oid).await?;
    let structure = structure.ok_or(Failure::Missing)?;
    let tab = |name| Place::Table(relation.name.clone(), TablePage::Tab(name));
    let line = |it| Line::of(it, relation, &structure);
    let link = |direction| {
        let references = structure.references.iter();
        let wanted = references.filter(move |it| it.direction == direction);
        wanted.map(Link::of).collect::<Vec<_>>()
    };
    page(&Page {
        chrome: Chrome::new(visit, relation.name.name.as_str(), Spot::Tables)
            .below(Place::Tables, t!("tables.title")),
        frame: Frame::new(&relation.name, &TablePage::Tab("structure")),
        columns: relation.columns.iter().map(line).collect(),
        outgoing: link(Direction::Outgoing),
        incoming: link(Direction::Incoming),
        facts: facts(relation, &structure),
        comment: relation.comment.clone().unwrap_or_default(),
        applied: applied(visit),
        is_table: matches!(
            relation.kind,
            RelationKind::Table | RelationKind::Partitioned
        ),
        edit: tab("structure/edit"),
        import: tab("import"),
        structure,
    })
}

/// The migration of which an address says that it has just been applied.
pub(crate) fn applied(visit: &Visit) -> Option<String> {
    let applied = visit.query.text("applied");
    is_file(applied).then(|| applied.to_owned())
}

/// Whether a text looks like a migration's name; an address could hold any other text.
fn is_file(text: &str) -> bool {
    let is_plain = |it: char| it.is_ascii_alphanumeric() || it == '_';
    let stem = text.strip_suffix(".sql");
    stem.is_some_and(|it| it.len() <= APPLIED_CHARS_MAX && it.chars().all(is_plain))
}

fn facts(relation: &Relation, structure: &Structure) -> Vec<(&'static str, String)> {
    vec![
        (t!("structure.kind"), kind(relation.kind).to_owned()),
        (
            t!("structure.rows"),
            match structure.rows {
                Some(rows) => t!("structure.rows_about", number!(rows)),
                None => t!("structure.rows_unknown").to_owned(),
            },
        ),
        (t!("structure.space"), bytes(structure.bytes)),
        (t!("structure.owner"), structure.owner.clone()),
    ]
}

impl Line {
    fn of(column: &Column, relation: &Relation, structure: &Structure) -> Self {
        let mut references = structure.references.iter();
        let reference = references
            .find(|it| it.direction == Direction::Outgoing && it.from == [column.name.as_str()]);
        Self {
            name: column.name.clone(),
            ty: column.ty.sql.clone(),
            is_required: !column.nullable,
            is_key: relation.primary_key.contains(&column.name),
            filled: filled(column, structure),
            comment: column.comment.clone().unwrap_or_default(),
            target: reference.map(|it| {
                let link = Link::of(it);
                (link.place, link.other)
            }),
        }
    }
}

fn filled(column: &Column, structure: &Structure) -> Filled {
    match (column.generated, &column.default) {
        (Generated::IdentityAlways, _) => Filled::Words(t!("structure.counted").to_owned()),
        (Generated::IdentityByDefault, _) => {
            Filled::Words(t!("structure.counted_unless").to_owned())
        }
        (Generated::Stored, _) => {
            let found = structure.computed.iter().find(|it| it.0 == column.name);
            let expression = found.map_or("", |it| it.1.as_str());
            Filled::Words(t!("structure.computed", expression))
        }
        (Generated::No, Some(default)) => Filled::Default(default.clone()),
        (Generated::No, None) => Filled::Nothing,
    }
}

impl Link {
    fn of(reference: &Reference) -> Self {
        let other = &reference.other;
        Self {
            place: Place::Table(other.clone(), TablePage::Tab("structure")),
            other: format!("{}.{}", other.schema, other.name),
            reference: reference.clone(),
        }
    }

    fn from(&self) -> String {
        self.reference.from.join(", ")
    }

    fn to(&self) -> String {
        self.reference.to.join(", ")
    }
}

/// What happens to rows that refer to one that goes, in words.
pub(super) fn action(sql: &str) -> &'static str {
    match sql {
        "restrict" => t!("structure.restrict"),
        "cascade" => t!("structure.cascade"),
        "set null" => t!("structure.set_null"),
        "set default" => t!("structure.set_default"),
        _ => t!("structure.no_action"),
    }
}

/// Icon, tint and word of what an index is for.
fn role(index: &Index) -> (&'static str, &'static str, &'static str) {
    match index {
        Index {
            is_valid: false, ..
        } => ("warn", "warn", t!("structure.broken")),
        Index {
            is_primary: true, ..
        } => ("key", "info", t!("structure.primary")),
        Index {
            is_unique: true, ..
        } => ("allow", "", t!("structure.unique")),
        _ => ("down", "", t!("structure.plain")),
    }
}

fn size(index: &Index) -> String {
    bytes(index.bytes)
}
