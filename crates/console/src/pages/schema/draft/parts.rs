//! What else is in the form of a table: indexes, foreign keys over several columns, checks.

use postern_base::RelationName;
use postern_db::structure::{Check, Direction, Index, Reference, Structure};

use super::COLUMNS_MAX;
use crate::ddl::{Action, Target};
use crate::form::Form;
use crate::pages::schema::targets::spelt;

/// A part of the form that comes several times.
pub(super) trait Part: Clone + PartialEq {
    /// The letter that its fields begin with.
    const LETTER: char;

    /// The texts of its fields; the first says what it is called in the database, and is empty
    /// for a new one.
    fn fields(&self) -> Vec<(&'static str, String)>;

    /// Reads its fields.
    fn read(text: &dyn Fn(&str) -> String, has: &dyn Fn(&str) -> bool) -> Self;

    /// What it is called in the database.
    fn was(&self) -> &str;

    /// Takes over what a form says of one that is there.
    fn change(&mut self, wish: Self);
}

/// Takes over what a form says of some parts; what it does not speak of stays.
pub(super) fn take<P: Part>(parts: &mut Vec<P>, form: &Form) {
    for place in 0..COLUMNS_MAX {
        let field = |name: &str| format!("{}{place}.{name}", P::LETTER);
        let text = |name: &str| form.text(&field(name)).trim().to_owned();
        let has = |name: &str| form.has(&field(name));
        let is_there = ["was", "columns", "text"].into_iter().any(has);
        if !is_there {
            return;
        }
        let wish = P::read(&text, &has);
        let old = parts.iter_mut().find(|it| it.was() == wish.was());
        match old.filter(|_| !wish.was().is_empty()) {
            Some(old) => old.change(wish),
            None => parts.push(wish),
        }
    }
}

/// Writes the parts that differ, as fields that [`take`] reads back.
pub(super) fn write<P: Part>(parts: &[P], base: &[P], fields: &mut Vec<(String, String)>) {
    let changed = parts.iter().filter(|it| !base.contains(it));
    for (place, part) in changed.enumerate() {
        let texts = part.fields().into_iter();
        fields.extend(texts.map(|(name, it)| (format!("{}{place}.{name}", P::LETTER), it)));
    }
}

/// What keeps an index.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::pages::schema) enum Bond {
    /// Nothing: it goes by itself.
    #[default]
    Free,
    /// A constraint of its name, which goes with it.
    Constraint,
    /// The primary key, which is changed at the columns.
    Key,
}

/// An index in a form.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::pages::schema) struct IndexDraft {
    pub(in crate::pages::schema) was: String,
    /// Its columns in order, with commas.
    pub(in crate::pages::schema) columns: String,
    pub(in crate::pages::schema) is_unique: bool,
    pub(in crate::pages::schema) is_gone: bool,
    pub(in crate::pages::schema) bond: Bond,
}

impl IndexDraft {
    pub(super) fn of(index: &Index) -> Self {
        Self {
            was: index.name.clone(),
            columns: index.keys.join(", "),
            is_unique: index.is_unique,
            is_gone: false,
            bond: match (index.is_primary, index.is_of_constraint) {
                (true, _) => Bond::Key,
                (_, true) => Bond::Constraint,
                _ => Bond::Free,
            },
        }
    }
}

impl Part for IndexDraft {
    const LETTER: char = 'i';

    fn fields(&self) -> Vec<(&'static str, String)> {
        let mut fields = vec![("was", self.was.clone()), ("columns", self.columns.clone())];
        fields.extend(tick("unique", self.is_unique));
        fields.extend(tick("gone", self.is_gone));
        fields
    }

    fn read(text: &dyn Fn(&str) -> String, has: &dyn Fn(&str) -> bool) -> Self {
        Self {
            was: text("was"),
            columns: text("columns"),
            is_unique: has("unique"),
            is_gone: has("gone"),
            bond: Bond::Free,
        }
    }

    fn was(&self) -> &str {
        &self.was
    }

    fn change(&mut self, wish: Self) {
        self.is_gone = wish.is_gone;
    }
}

/// A foreign key over several columns in a form.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::pages::schema) struct LinkDraft {
    pub(in crate::pages::schema) was: String,
    /// Its columns in order, with commas.
    pub(in crate::pages::schema) columns: String,
    pub(in crate::pages::schema) target: String,
    pub(in crate::pages::schema) on_delete: Action,
    pub(in crate::pages::schema) on_update: Action,
    pub(in crate::pages::schema) is_gone: bool,
}

impl LinkDraft {
    pub(super) fn all(structure: &Structure) -> Vec<Self> {
        let keys = structure.references.iter();
        let is_wide = |it: &&Reference| it.direction == Direction::Outgoing && it.from.len() > 1;
        keys.filter(is_wide).map(Self::of).collect()
    }

    fn of(key: &Reference) -> Self {
        let table: RelationName = key.other.clone();
        let columns = key.to.clone();
        Self {
            was: key.name.clone(),
            columns: key.from.join(", "),
            target: spelt(&Target { table, columns }),
            on_delete: Action::read(key.on_delete),
            on_update: Action::read(key.on_update),
            is_gone: false,
        }
    }
}

impl Part for LinkDraft {
    const LETTER: char = 'k';

    fn fields(&self) -> Vec<(&'static str, String)> {
        let mut fields = vec![
            ("was", self.was.clone()),
            ("columns", self.columns.clone()),
            ("target", self.target.clone()),
            ("on_delete", self.on_delete.sql().to_owned()),
            ("on_update", self.on_update.sql().to_owned()),
        ];
        fields.extend(tick("gone", self.is_gone));
        fields
    }

    fn read(text: &dyn Fn(&str) -> String, has: &dyn Fn(&str) -> bool) -> Self {
        Self {
            was: text("was"),
            columns: text("columns"),
            target: text("target"),
            on_delete: Action::read(&text("on_delete")),
            on_update: Action::read(&text("on_update")),
            is_gone: has("gone"),
        }
    }

    fn was(&self) -> &str {
        &self.was
    }

    fn change(&mut self, wish: Self) {
        self.is_gone = wish.is_gone;
        self.on_delete = wish.on_delete;
        self.on_update = wish.on_update;
    }
}

/// A check in a form.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::pages::schema) struct CheckDraft {
    pub(in crate::pages::schema) was: String,
    /// What every row holds to; of one that is there, its whole definition.
    pub(in crate::pages::schema) text: String,
    pub(in crate::pages::schema) is_gone: bool,
}

impl CheckDraft {
    pub(super) fn of(check: &Check) -> Self {
        Self {
            was: check.name.clone(),
            text: check.definition.clone(),
            is_gone: false,
        }
    }
}

impl Part for CheckDraft {
    const LETTER: char = 'x';

    fn fields(&self) -> Vec<(&'static str, String)> {
        let mut fields = vec![("was", self.was.clone()), ("text", self.text.clone())];
        fields.extend(tick("gone", self.is_gone));
        fields
    }

    fn read(text: &dyn Fn(&str) -> String, has: &dyn Fn(&str) -> bool) -> Self {
        Self {
            was: text("was"),
            text: text("text"),
            is_gone: has("gone"),
        }
    }

    fn was(&self) -> &str {
        &self.was
    }

    fn change(&mut self, wish: Self) {
        self.is_gone = wish.is_gone;
    }
}

/// A box that is ticked, or none.
fn tick(name: &'static str, is_set: bool) -> Option<(&'static str, String)> {
    is_set.then(|| (name, "1".to_owned()))
}
