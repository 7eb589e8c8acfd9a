//! Lines of an app that reads and writes one table, in the language of each client library.
//!
//! Pure: what is said about a table comes in as a [`Subject`], and text comes out. A client that
//! cannot say a name, because its library takes the name apart, has no lines for it.
//!
//! SECURITY: names of tables, columns and enum values are texts of others. Each language writes
//! them as string literals by `literal`, the shell by its own quoting: none can end its string,
//! and characters that would show a line other than it is are written as escapes.

mod curl;
mod dart;
mod javascript;
mod kotlin;
mod language;
mod literal;
mod name;
mod python;
pub(crate) mod sample;
mod swift;
#[cfg(test)]
mod tests;

use serde_json::Value;

pub(crate) use language::Language;
use name::is_addressable;
pub(crate) use name::is_selectable;

/// How many rows the lists ask for.
const ROWS: u32 = 10;

/// Where the server is, and what an app carries.
#[derive(Clone, Debug, Default)]
pub(crate) struct Site {
    /// The public address, without a slash at its end.
    pub(crate) address: String,
    /// The publishable key.
    pub(crate) key: String,
}

/// A column and an example of its values.
#[derive(Clone, Debug)]
pub(crate) struct Field {
    pub(crate) name: String,
    pub(crate) value: Value,
}

/// A table that rows of the subject lead to.
#[derive(Clone, Debug)]
pub(crate) struct Neighbour {
    pub(crate) table: String,
    /// The foreign key, where several lead there.
    pub(crate) by: Option<String>,
    pub(crate) columns: Vec<String>,
}

/// What there is to say about a table; whatever cannot be done with it is empty.
#[derive(Clone, Debug, Default)]
pub(crate) struct Subject {
    /// The schema, where it is not the one that clients mean without a word.
    pub(crate) schema: Option<String>,
    pub(crate) table: String,
    /// The columns that are read.
    pub(crate) columns: Vec<String>,
    /// The column that lists are in the order of.
    pub(crate) order: Option<String>,
    /// The key of one row.
    pub(crate) key: Vec<Field>,
    pub(crate) neighbour: Option<Neighbour>,
    /// A new row.
    pub(crate) insert: Option<Vec<Field>>,
    /// What of a row is changed.
    pub(crate) update: Option<Field>,
    pub(crate) deletes: Deletes,
}

/// Whether rows are deleted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Deletes {
    /// They cannot be.
    #[default]
    No,
    /// They can be.
    Yes,
}

/// What a snippet does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// Reads the first rows.
    List,
    /// Reads one row.
    One,
    /// Reads rows with those that they lead to.
    Embed,
    /// Writes a new row.
    Insert,
    /// Changes one row.
    Update,
    /// Deletes one row.
    Delete,
}

impl Step {
    /// All of them, as a page shows them.
    pub(crate) const ALL: [Self; 6] = [
        Self::List,
        Self::One,
        Self::Embed,
        Self::Insert,
        Self::Update,
        Self::Delete,
    ];
}

impl Subject {
    /// Whether requests can name it at all.
    pub(crate) fn is_addressable(&self) -> bool {
        is_addressable(&self.table) && self.schema.as_deref().is_none_or(name::is_header)
    }

    /// Whether a step can be done with it.
    pub(crate) fn offers(&self, step: Step) -> bool {
        let reads = !self.columns.is_empty();
        let has_key = !self.key.is_empty();
        self.is_addressable()
            && match step {
                Step::List => reads,
                Step::One => reads && has_key,
                Step::Embed => reads && self.neighbour.is_some(),
                Step::Insert => self.insert.is_some(),
                Step::Update => has_key && self.update.is_some(),
                Step::Delete => has_key && self.deletes == Deletes::Yes,
            }
    }

    /// The columns as `select` takes them.
    fn selected(&self, comma: &str) -> String {
        let names: Vec<_> = self.columns.iter().map(|it| name::column(it)).collect();
        names.join(comma)
    }

    /// The same with the neighbour's.
    fn selected_with_neighbour(&self, comma: &str) -> String {
        let mut text = self.selected(comma);
        if let Some(neighbour) = &self.neighbour {
            let names: Vec<_> = neighbour
                .columns
                .iter()
                .map(|it| name::column(it))
                .collect();
            let by = neighbour
                .by
                .as_deref()
                .map(|it| format!("!{}", name::column(it)));
            let by = by.unwrap_or_default();
            let table = name::column(&neighbour.table);
            text.push_str(&format!("{comma}{table}{by}({})", names.join(comma)));
        }
        text
    }

    /// What a step reads.
    fn reading(&self, step: Step, comma: &str) -> String {
        match step {
            Step::Embed => self.selected_with_neighbour(comma),
            _ => self.selected(comma),
        }
    }
}
