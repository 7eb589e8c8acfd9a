//! What a change does to what is there, where somebody should know before.

use postern_db::structure::{Dependant, Direction, Structure};

use crate::ddl::{Bound, Change};
use crate::pages::schema::draft::Draft;

/// What a change of a table does.
pub(super) fn told(change: &Change, structure: &Structure) -> Vec<String> {
    let rows = rows(structure);
    match change {
        Change::DropColumn { column } => {
            let mut told = vec![t!("ddl.told_drop", column, rows)];
            let of_it = |it: &&Dependant| it.column.as_deref() == Some(column);
            told.extend(dependants(
                column,
                structure.dependants.iter().filter(of_it),
            ));
            told
        }
        Change::DropConstraint { constraint, bound } => match bound {
            Bound::Key => key_goes(structure),
            Bound::Unique => vec![t!("ddl.told_unique", constraint)],
            Bound::Check => vec![t!("ddl.told_check_gone", constraint)],
            Bound::Reference => Vec::new(),
        },
        Change::AddReference(link) => vec![t!("ddl.told_reference", link.columns.join(", "))],
        other => one(other, &rows).into_iter().collect(),
    }
}

fn one(change: &Change, rows: &str) -> Option<String> {
    Some(match change {
        Change::SetType { column, ty, .. } => t!("ddl.told_type", column, ty, rows),
        Change::Require { column } => t!("ddl.told_require", column),
        Change::RenameColumn { from, .. } => t!("ddl.told_rename", from),
        Change::RenameTable { to } => t!("ddl.told_rename_table", to),
        Change::AddKey { columns } => t!("ddl.told_key", columns.join(", ")),
        Change::AddCheck { .. } => t!("ddl.told_check", rows),
        Change::AddIndex(_) => t!("ddl.told_index").to_owned(),
        Change::AddColumn(column) if column.is_required && column.default.is_none() => {
            t!("ddl.told_add_required", column.name)
        }
        _ => return None,
    })
}

/// The primary key goes: addresses of rows, and whatever refers to it.
fn key_goes(structure: &Structure) -> Vec<String> {
    let mut told = vec![t!("ddl.told_key_gone").to_owned()];
    let keys = structure.references.iter();
    for key in keys.filter(|it| it.direction == Direction::Incoming) {
        let (table, columns) = (key.other.to_string(), key.to.join(", "));
        told.push(t!("ddl.told_key_referred", table, key.name, columns));
    }
    told
}

/// All of a table goes.
pub(super) fn gone(base: &Draft, structure: &Structure) -> Vec<String> {
    let table = base.name().to_string();
    let mut told = vec![t!("ddl.told_table", table, rows(structure))];
    let holding = structure.dependants.iter().filter(|it| it.holds);
    told.extend(dependants(&table, holding));
    told
}

/// What goes along with something, and what keeps it from going.
fn dependants<'d>(what: &str, all: impl Iterator<Item = &'d Dependant>) -> Vec<String> {
    let (mut along, mut holding) = (Vec::new(), Vec::new());
    for it in all {
        let list = if it.holds { &mut holding } else { &mut along };
        if !list.contains(&it.what.as_str()) {
            list.push(it.what.as_str());
        }
    }
    let mut told = Vec::new();
    if !along.is_empty() {
        told.push(t!("ddl.told_along", what, along.join("; ")));
    }
    if !holding.is_empty() {
        told.push(t!("ddl.told_held", what, holding.join("; ")));
    }
    told
}

fn rows(structure: &Structure) -> String {
    match structure.rows {
        Some(rows) => t!("ddl.about_rows", number!(rows)),
        None => t!("ddl.all_rows").to_owned(),
    }
}
