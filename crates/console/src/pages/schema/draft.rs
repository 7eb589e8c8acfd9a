//! A table as a form has it: as it is, and as somebody wishes it to be.

use postern_base::RelationName;
use postern_catalog::{Column, Generated, Relation};
use postern_db::structure::{Direction, Structure};

use super::targets::spelt;
use super::types::COUNTED;
use crate::ddl::Target;
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
}

/// A column in a form.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct ColumnDraft {
    /// What it is called in the database; empty for a new one.
    pub(super) was: String,
    pub(super) name: String,
    pub(super) ty: String,
    pub(super) default: String,
    pub(super) references: String,
    pub(super) comment: String,
    pub(super) is_required: bool,
    pub(super) is_key: bool,
    pub(super) is_gone: bool,
    /// Whether the database fills it itself: then neither type nor default can be chosen.
    pub(super) is_filled: bool,
}

/// An index in a form.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct IndexDraft {
    /// What it is called in the database; empty for a new one.
    pub(super) was: String,
    /// Its columns in order, with commas.
    pub(super) columns: String,
    pub(super) is_unique: bool,
    pub(super) is_gone: bool,
    /// Whether a constraint keeps it, which this form does not change.
    pub(super) is_bound: bool,
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
        let index = |it: &postern_db::structure::Index| IndexDraft {
            was: it.name.clone(),
            columns: it.keys.join(", "),
            is_unique: it.is_unique,
            is_gone: false,
            is_bound: it.is_of_constraint,
        };
        Self {
            schema: relation.name.schema.clone(),
            table: relation.name.name.clone(),
            comment: relation.comment.clone().unwrap_or_default(),
            columns: relation
                .columns
                .iter()
                .map(|it| ColumnDraft::of(it, relation, structure))
                .collect(),
            indexes: structure.indexes.iter().map(index).collect(),
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
        for index in (0..COLUMNS_MAX).map_while(|it| IndexDraft::read(form, it)) {
            let old = self.indexes.iter_mut().find(|it| it.was == index.was);
            match old.filter(|_| !index.was.is_empty()) {
                Some(old) => old.is_gone = index.is_gone,
                None => self.indexes.push(index),
            }
        }
        self
    }

    /// The name that is wished for.
    pub(super) fn name(&self) -> RelationName {
        RelationName::new(&self.schema, &self.table)
    }

    /// What differs from `base`, as parameters that [`Draft::with`] reads back.
    pub(super) fn difference(&self, base: &Self) -> Vec<(String, String)> {
        let mut fields = Vec::new();
        if self.comment != base.comment {
            fields.push(("comment".to_owned(), self.comment.clone()));
        }
        let changed = self.columns.iter().filter(|it| !base.columns.contains(it));
        for (place, column) in changed.enumerate() {
            column.write(place, &mut fields);
        }
        let changed = self.indexes.iter().filter(|it| !base.indexes.contains(it));
        for (place, index) in changed.enumerate() {
            index.write(place, &mut fields);
        }
        fields
    }
}

impl ColumnDraft {
    fn of(column: &Column, relation: &Relation, structure: &Structure) -> Self {
        let mut keys = structure.references.iter();
        let key = keys
            .find(|it| it.direction == Direction::Outgoing && it.from == [column.name.as_str()]);
        let references = key.and_then(|it| {
            Some(spelt(&Target {
                table: it.other.clone(),
                column: it.to.first()?.clone(),
            }))
        });
        Self {
            was: column.name.clone(),
            name: column.name.clone(),
            ty: column.ty.sql.clone(),
            default: column
                .default
                .as_ref()
                .map_or(String::new(), |it| format!("={it}")),
            references: references.unwrap_or_default(),
            comment: column.comment.clone().unwrap_or_default(),
            is_required: !column.nullable,
            is_key: relation.primary_key.contains(&column.name),
            is_gone: false,
            is_filled: column.generated != Generated::No,
        }
    }

    /// Whether nothing was typed into a new one.
    pub(super) fn is_blank(&self) -> bool {
        let fields = [
            &self.was,
            &self.name,
            &self.default,
            &self.references,
            &self.comment,
        ];
        fields.iter().all(|it| it.is_empty())
    }

    fn read(form: &Form, place: usize) -> Option<Self> {
        let field = |name: &str| format!("c{place}.{name}");
        if !form.has(&field("name")) {
            return None;
        }
        let text = |name: &str| form.text(&field(name)).trim().to_owned();
        Some(Self {
            was: form.text(&field("was")).to_owned(),
            name: text("name"),
            ty: text("type"),
            default: text("default"),
            references: text("references"),
            comment: text("comment"),
            is_required: form.has(&field("required")),
            is_key: form.has(&field("key")),
            is_gone: form.has(&field("gone")),
            is_filled: false,
        })
    }

    fn write(&self, place: usize, fields: &mut Vec<(String, String)>) {
        let mut add = |name: &str, value: &str| {
            fields.push((format!("c{place}.{name}"), value.to_owned()));
        };
        for (name, value) in [
            ("was", &self.was),
            ("name", &self.name),
            ("type", &self.ty),
            ("default", &self.default),
            ("references", &self.references),
            ("comment", &self.comment),
        ] {
            add(name, value);
        }
        for (name, is_set) in [
            ("required", self.is_required),
            ("key", self.is_key),
            ("gone", self.is_gone),
        ] {
            if is_set {
                add(name, "1");
            }
        }
    }

    /// Takes over what a form says of a column that is there.
    fn take(&mut self, wish: Self) {
        let old = std::mem::replace(self, wish);
        self.is_filled = old.is_filled;
        // Neither is in the form: the key is not changed here, the others cannot be.
        self.is_key = old.is_key;
        if old.is_filled {
            self.ty = old.ty;
            self.default = old.default;
        }
        if old.is_key || old.is_filled && !self.is_required {
            self.is_required = old.is_required;
        }
    }
}

impl IndexDraft {
    fn read(form: &Form, place: usize) -> Option<Self> {
        let field = |name: &str| format!("i{place}.{name}");
        if !form.has(&field("was")) && !form.has(&field("columns")) {
            return None;
        }
        Some(Self {
            was: form.text(&field("was")).to_owned(),
            columns: form.text(&field("columns")).trim().to_owned(),
            is_unique: form.has(&field("unique")),
            is_gone: form.has(&field("gone")),
            is_bound: false,
        })
    }

    fn write(&self, place: usize, fields: &mut Vec<(String, String)>) {
        let mut add = |name: &str, value: &str| {
            fields.push((format!("i{place}.{name}"), value.to_owned()));
        };
        add("was", &self.was);
        add("columns", &self.columns);
        for (name, is_set) in [("unique", self.is_unique), ("gone", self.is_gone)] {
            if is_set {
                add(name, "1");
            }
        }
    }
}
