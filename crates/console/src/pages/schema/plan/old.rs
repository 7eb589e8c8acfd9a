//! Changes of a table that is there: what differs between the table and the form.

use postern_base::RelationName;
use postern_db::structure::{Direction, Structure};

use super::{Lists, Plan, Reader, is_seen};
use crate::ddl::{self, Change};
use crate::pages::schema::draft::{ColumnDraft, Draft};

/// The plan of changing a table from `base` to `draft`.
pub(in crate::pages::schema) fn alter(
    base: &Draft,
    draft: &Draft,
    structure: &Structure,
    lists: &Lists<'_>,
) -> Plan {
    let mut reader = Reader::new(lists);
    let mut found = Vec::new();
    let there = draft.columns.iter().filter(|it| !it.is_blank());
    for column in there.clone() {
        match base.columns.iter().find(|it| it.was == column.was) {
            Some(old) if !column.was.is_empty() => {
                reader.compare(old, column, structure, &mut found);
            }
            _ if !column.was.is_empty() => reader.problem(t!("ddl.column_lost", column.was)),
            _ if column.is_gone => {}
            _ => found.push(Change::AddColumn(reader.column(column))),
        }
    }
    let names: Vec<_> = there
        .filter(|it| !it.is_gone)
        .map(|it| it.name.clone())
        .collect();
    reader.unique(&names);
    for index in draft.indexes.iter().filter(|it| it.is_gone && !it.is_bound) {
        if base.indexes.iter().any(|it| it.was == index.was) && !index.was.is_empty() {
            let index = index.was.clone();
            found.push(Change::DropIndex { index });
        }
    }
    let indexes = reader.indexes(&draft.indexes, &names);
    found.extend(indexes.into_iter().map(Change::AddIndex));
    if draft.comment != base.comment {
        let text = draft.comment.clone();
        found.push(Change::CommentTable { text });
    }
    planned(&base.name(), &found, structure, reader.plan())
}

fn planned(table: &RelationName, found: &[Change], structure: &Structure, plan: Plan) -> Plan {
    if found.is_empty() {
        return plan;
    }
    let purpose = purpose(table, found);
    Plan {
        sql: ddl::file(&purpose, &ddl::changes(table, found)),
        slug: ddl::slug(&purpose.replace(&format!("{}.", table.schema), "")),
        consequences: found.iter().filter_map(|it| told(it, structure)).collect(),
        is_destructive: found.iter().any(Change::is_destructive),
        is_seen: found.iter().any(is_seen),
        ..plan
    }
}

/// What the file says that it is for.
fn purpose(table: &RelationName, found: &[Change]) -> String {
    let table = ddl::qualified(table);
    match found {
        [Change::AddColumn(column)] => t!("ddl.adds_column", ddl::quoted(&column.name), table),
        [Change::DropColumn { column }] => t!("ddl.drops_column", ddl::quoted(column), table),
        [Change::RenameColumn { from, to }] => {
            t!(
                "ddl.renames_column",
                ddl::quoted(from),
                ddl::quoted(to),
                table
            )
        }
        [Change::AddIndex(_)] => t!("ddl.adds_index", table),
        _ => t!("ddl.changes", table),
    }
}

/// What a change does to what is there, where somebody should know before.
fn told(change: &Change, structure: &Structure) -> Option<String> {
    let rows = match structure.rows {
        Some(rows) => t!("ddl.about_rows", number!(rows)),
        None => t!("ddl.all_rows").to_owned(),
    };
    Some(match change {
        Change::DropColumn { column } => t!("ddl.told_drop", column, rows),
        Change::SetType { column, ty } => t!("ddl.told_type", column, ty, rows),
        Change::Require { column } => t!("ddl.told_require", column),
        Change::RenameColumn { from, .. } => t!("ddl.told_rename", from),
        Change::AddIndex(_) => t!("ddl.told_index").to_owned(),
        Change::AddColumn(column) if column.is_required && column.default.is_none() => {
            t!("ddl.told_add_required", column.name)
        }
        Change::AddReference { column, .. } => t!("ddl.told_reference", column),
        _ => return None,
    })
}

impl Reader<'_> {
    /// What is to be done with one column.
    fn compare(
        &mut self,
        old: &ColumnDraft,
        column: &ColumnDraft,
        structure: &Structure,
        found: &mut Vec<Change>,
    ) {
        if column.is_gone {
            let column = old.was.clone();
            found.push(Change::DropColumn { column });
            return;
        }
        let name = column.name.clone();
        if name != old.name {
            self.name(&name);
            found.push(Change::RenameColumn {
                from: old.name.clone(),
                to: name.clone(),
            });
        }
        self.compare_values(old, column, found);
        if column.references != old.references {
            found.extend(
                constraint(old, structure).map(|constraint| Change::DropReference { constraint }),
            );
            let column_name = name.clone();
            found.extend(self.target(column).map(|target| Change::AddReference {
                column: column_name,
                target,
            }));
        }
        if column.comment != old.comment {
            found.push(Change::CommentColumn {
                column: name,
                text: column.comment.clone(),
            });
        }
    }

    fn compare_values(&mut self, old: &ColumnDraft, column: &ColumnDraft, found: &mut Vec<Change>) {
        let name = || column.name.clone();
        let has_new_type = column.ty != old.ty;
        let has_new_default = column.default != old.default;
        if has_new_type {
            let ty = self.ty(column);
            // Its default may not fit the new type: it goes first and comes back last.
            if !old.default.is_empty() {
                let (column, default) = (name(), None);
                found.push(Change::SetDefault { column, default });
            }
            found.push(Change::SetType { column: name(), ty });
        }
        let default = self.default(column);
        if has_new_default && default.is_none() && !has_new_type {
            let (column, default) = (name(), None);
            found.push(Change::SetDefault { column, default });
        }
        if default.is_some() && (has_new_default || has_new_type) {
            let column = name();
            found.push(Change::SetDefault { column, default });
        }
        match (old.is_required, column.is_required) {
            (false, true) => found.push(Change::Require { column: name() }),
            (true, false) => found.push(Change::AllowNull { column: name() }),
            _ => {}
        }
    }
}

/// The constraint that makes a column refer to another.
fn constraint(old: &ColumnDraft, structure: &Structure) -> Option<String> {
    let mut keys = structure.references.iter();
    let key = keys.find(|it| it.direction == Direction::Outgoing && it.from == [old.was.as_str()]);
    key.map(|it| it.name.clone())
}
