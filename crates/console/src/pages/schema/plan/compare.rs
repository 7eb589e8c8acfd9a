//! What differs between a column that is there and its fields.

use postern_db::structure::{Direction, Structure};

use super::reader::Reader;
use crate::ddl::{Bound, Change, Link};
use crate::pages::schema::draft::ColumnDraft;
use crate::pages::schema::types::{Sized, is_made};

impl Reader<'_> {
    /// What is to be done with one column.
    pub(super) fn compare(
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
        self.compare_references(old, column, structure, found);
        if column.comment != old.comment {
            found.push(Change::CommentColumn {
                column: name,
                text: column.comment.clone(),
            });
        }
    }

    fn compare_references(
        &mut self,
        old: &ColumnDraft,
        column: &ColumnDraft,
        structure: &Structure,
        found: &mut Vec<Change>,
    ) {
        let actions = |it: &ColumnDraft| (it.on_delete, it.on_update);
        let is_same = column.references == old.references;
        if is_same && (column.references.is_empty() || actions(column) == actions(old)) {
            return;
        }
        found.extend(
            constraint(old, structure).map(|constraint| Change::DropConstraint {
                constraint,
                bound: Bound::Reference,
            }),
        );
        let columns = vec![column.name.clone()];
        let reference = self.reference(column);
        found.extend(reference.map(|reference| Change::AddReference(Link { columns, reference })));
    }

    fn compare_values(&mut self, old: &ColumnDraft, column: &ColumnDraft, found: &mut Vec<Change>) {
        let name = || column.name.clone();
        let has_new_type = column.ty != old.ty;
        let has_new_default = column.default != old.default;
        if has_new_type {
            if is_made(&column.ty) {
                self.problem(t!("ddl.no_counting", column.name));
            }
            let ty = self.ty(column);
            // Its default may not fit the new type: it goes first and comes back last.
            if !old.default.is_empty() {
                let (column, default) = (name(), None);
                found.push(Change::SetDefault { column, default });
            }
            let using = Sized::read(&ty).unsized_one();
            let column = name();
            found.push(Change::SetType { column, ty, using });
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
