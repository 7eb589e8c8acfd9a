//! A table as a form has it: as it is, and as somebody wishes it to be.

mod column;
mod parts;

use postern_base::RelationName;
use postern_catalog::Relation;
use postern_db::structure::Structure;

pub(super) use self::column::ColumnDraft;
pub(super) use self::parts::{Bond, CheckDraft, IndexDraft, LinkDraft};
use super::build::Step;
use super::types::COUNTED;
use crate::form::Form;

/// Most columns that a table can have; Postgres has no more.
const COLUMNS_MAX: usize = 1600;

/// A table in a form.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Draft {
    pub(super) schema: String,
    pub(super) table: String,
    pub(super) comment: String,
    pub(super) columns: Vec<ColumnDraft>,
    pub(super) indexes: Vec<IndexDraft>,
    /// Its foreign keys over several columns.
    pub(super) links: Vec<LinkDraft>,
    pub(super) checks: Vec<CheckDraft>,
    /// Whether all of it shall go.
    pub(super) is_gone: bool,
}

impl Draft {
    /// A new table, with what most tables begin with.
    pub(super) fn new(schema: &str) -> Self {
        let column = |name: &str, ty: &str| ColumnDraft {
            name: name.to_owned(),
            ty: ty.to_owned(),
            ..ColumnDraft::default()
        };
        Self {
            schema: schema.to_owned(),
            columns: vec![
                ColumnDraft {
                    is_key: true,
                    ..column("id", COUNTED)
                },
                ColumnDraft {
                    is_required: true,
                    default: "=now()".to_owned(),
                    ..column("created_at", "timestamp with time zone")
                },
                column("", "text"),
            ],
            ..Self::default()
        }
    }

    /// A table as it is.
    pub(super) fn of(relation: &Relation, structure: &Structure) -> Self {
        Self {
            schema: relation.name.schema.clone(),
            table: relation.name.name.clone(),
            comment: relation.comment.clone().unwrap_or_default(),
            columns: relation
                .columns
                .iter()
                .map(|it| ColumnDraft::of(it, relation, structure))
                .collect(),
            indexes: structure.indexes.iter().map(IndexDraft::of).collect(),
            links: LinkDraft::all(structure),
            checks: structure.checks.iter().map(CheckDraft::of).collect(),
            is_gone: false,
        }
    }

    /// The same with what a form says; what it does not speak of stays.
    pub(super) fn with(mut self, form: &Form) -> Self {
        for (name, field) in [
            ("schema", &mut self.schema),
            ("table", &mut self.table),
            ("comment", &mut self.comment),
        ] {
            if form.has(name) {
                form.text(name).trim().clone_into(field);
            }
        }
        for column in (0..COLUMNS_MAX).map_while(|it| ColumnDraft::read(form, it)) {
            let old = self.columns.iter_mut().find(|it| it.was == column.was);
            match old.filter(|_| !column.was.is_empty()) {
                Some(old) => old.take(column),
                None => self.columns.push(column),
            }
        }
        self.is_gone = form.has("gone");
        parts::take(&mut self.indexes, form);
        parts::take(&mut self.links, form);
        parts::take(&mut self.checks, form);
        self
    }

    /// One line more, where a button asks for one.
    pub(super) fn grow(&mut self, step: Step) {
        match step {
            Step::Column => self.columns.push(ColumnDraft {
                ty: "text".into(),
                ..ColumnDraft::default()
            }),
            Step::Index => self.indexes.push(IndexDraft::default()),
            Step::Link => self.links.push(LinkDraft::default()),
            Step::Check => self.checks.push(CheckDraft::default()),
            _ => {}
        }
    }

    /// The name that is wished for.
    pub(super) fn name(&self) -> RelationName {
        RelationName::new(&self.schema, &self.table)
    }

    /// What differs from `base`, as parameters that [`Draft::with`] reads back.
    pub(super) fn difference(&self, base: &Self) -> Vec<(String, String)> {
        let mut fields = Vec::new();
        for (name, is, was) in [
            ("schema", &self.schema, &base.schema),
            ("table", &self.table, &base.table),
            ("comment", &self.comment, &base.comment),
        ] {
            if is != was {
                fields.push((name.to_owned(), is.clone()));
            }
        }
        if self.is_gone {
            fields.push(("gone".to_owned(), "1".to_owned()));
        }
        let changed = self.columns.iter().filter(|it| !base.columns.contains(it));
        for (place, column) in changed.enumerate() {
            column.write(place, &mut fields);
        }
        parts::write(&self.indexes, &base.indexes, &mut fields);
        parts::write(&self.links, &base.links, &mut fields);
        parts::write(&self.checks, &base.checks, &mut fields);
        fields
    }
}
