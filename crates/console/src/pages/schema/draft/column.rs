//! A column in the form of a table.

use postern_catalog::{Column, Generated, Relation};
use postern_db::structure::{Direction, Reference, Structure};

use crate::ddl::{Action, Target};
use crate::form::Form;
use crate::pages::schema::targets::spelt;
use crate::pages::schema::types::{CHOICE, Sized};

/// A column in a form.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::pages::schema) struct ColumnDraft {
    /// What it is called in the database; empty for a new one.
    pub(in crate::pages::schema) was: String,
    pub(in crate::pages::schema) name: String,
    pub(in crate::pages::schema) ty: String,
    pub(in crate::pages::schema) default: String,
    pub(in crate::pages::schema) references: String,
    /// What happens to a row when the one that it refers to goes.
    pub(in crate::pages::schema) on_delete: Action,
    /// What happens to it when that one's key changes.
    pub(in crate::pages::schema) on_update: Action,
    /// The texts of a type of its own, with commas.
    pub(in crate::pages::schema) choices: String,
    pub(in crate::pages::schema) comment: String,
    pub(in crate::pages::schema) is_required: bool,
    pub(in crate::pages::schema) is_key: bool,
    pub(in crate::pages::schema) is_gone: bool,
    /// Whether the database fills it itself: then neither type nor default can be chosen.
    pub(in crate::pages::schema) is_filled: bool,
}

impl ColumnDraft {
    pub(super) fn of(column: &Column, relation: &Relation, structure: &Structure) -> Self {
        let mut keys = structure.references.iter();
        let key = keys
            .find(|it| it.direction == Direction::Outgoing && it.from == [column.name.as_str()]);
        let references = key.map(|it| {
            spelt(&Target {
                table: it.other.clone(),
                columns: it.to.clone(),
            })
        });
        let action = |it: fn(&Reference) -> &'static str| Action::read(key.map_or("", it));
        Self {
            was: column.name.clone(),
            name: column.name.clone(),
            ty: column.ty.sql.clone(),
            default: column
                .default
                .as_ref()
                .map_or(String::new(), |it| format!("={it}")),
            references: references.unwrap_or_default(),
            on_delete: action(|it| it.on_delete),
            on_update: action(|it| it.on_update),
            choices: String::new(),
            comment: column.comment.clone().unwrap_or_default(),
            is_required: !column.nullable,
            is_key: relation.primary_key.contains(&column.name),
            is_gone: false,
            is_filled: column.generated != Generated::No,
        }
    }

    /// Whether nothing was typed into a new one.
    pub(in crate::pages::schema) fn is_blank(&self) -> bool {
        let fields = [
            &self.was,
            &self.name,
            &self.default,
            &self.references,
            &self.comment,
        ];
        fields.iter().all(|it| it.is_empty())
    }

    pub(super) fn read(form: &Form, place: usize) -> Option<Self> {
        let field = |name: &str| format!("c{place}.{name}");
        if !form.has(&field("name")) {
            return None;
        }
        let text = |name: &str| form.text(&field(name)).trim().to_owned();
        let mut ty = Sized::read(&text("type"));
        ty.is_list |= form.has(&field("list"));
        let mut choices = String::new();
        match text("size") {
            // What stands beside a choice are its texts.
            size if ty.base == CHOICE => choices = size,
            size if !size.is_empty() => ty.size = size,
            _ => {}
        }
        Some(Self {
            was: form.text(&field("was")).to_owned(),
            name: text("name"),
            ty: ty.spelt(),
            choices,
            default: text("default"),
            references: text("references"),
            on_delete: Action::read(&text("on_delete")),
            on_update: Action::read(&text("on_update")),
            comment: text("comment"),
            is_required: form.has(&field("required")),
            is_key: form.has(&field("key")),
            is_gone: form.has(&field("gone")),
            is_filled: false,
        })
    }

    pub(super) fn write(&self, place: usize, fields: &mut Vec<(String, String)>) {
        let mut add = |name: &str, value: &str| {
            fields.push((format!("c{place}.{name}"), value.to_owned()));
        };
        for (name, value) in [
            ("was", &self.was),
            ("name", &self.name),
            ("type", &self.ty),
            ("size", &self.choices),
            ("default", &self.default),
            ("references", &self.references),
            ("comment", &self.comment),
        ] {
            add(name, value);
        }
        add("on_delete", self.on_delete.sql());
        add("on_update", self.on_update.sql());
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
    pub(super) fn take(&mut self, wish: Self) {
        let old = std::mem::replace(self, wish);
        self.is_filled = old.is_filled;
        // What the database fills stays as it is, and so does what a key requires.
        if old.is_filled {
            self.ty = old.ty;
            self.default = old.default;
        }
        if old.is_key || old.is_filled && !self.is_required {
            self.is_required = old.is_required;
        }
    }
}
