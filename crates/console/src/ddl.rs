//! From changes of a table to SQL: pure functions, whose answers are shown before anything runs.
//!
//! SECURITY: names are quoted, texts are literals, types come from a list that the database gave,
//! and an expression is a closed one ([`expression`]): nothing that was typed into a field can end
//! the clause that it stands in.

mod change;
mod create;
mod expression;
mod name;
mod words;

pub(crate) use change::{Change, changes};
pub(crate) use create::{NewColumn, NewTable, create};
pub(crate) use expression::{DefaultError, default_sql};
pub(crate) use name::{is_name, literal, qualified, quoted};

use postern_base::RelationName;

/// A key of another table that a column refers to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Target {
    pub(crate) table: RelationName,
    pub(crate) column: String,
}

impl Target {
    /// `references …`
    fn clause(&self) -> String {
        let (table, column) = (qualified(&self.table), quoted(&self.column));
        format!("references {table} ({column})")
    }
}

/// An index to make.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct NewIndex {
    pub(crate) columns: Vec<String>,
    pub(crate) is_unique: bool,
}

impl NewIndex {
    /// `create index …`; Postgres finds the name.
    fn statement(&self, table: &RelationName) -> String {
        let unique = if self.is_unique { "unique " } else { "" };
        let columns: Vec<_> = self.columns.iter().map(|it| quoted(it)).collect();
        let (table, columns) = (qualified(table), columns.join(", "));
        format!("create {unique}index on {table} ({columns})")
    }
}

/// `comment on …`
fn comment(kind: &str, what: &str, text: &str) -> String {
    let text = match text {
        "" => "null".to_owned(),
        text => literal(text),
    };
    format!("comment on {kind} {what} is {text}")
}

/// A column behind its table, for a comment.
fn column_of(table: &RelationName, column: &str) -> String {
    format!("{}.{}", qualified(table), quoted(column))
}

/// A file's text: what it is for, then the statements.
pub(crate) fn file(purpose: &str, statements: &[String]) -> String {
    let mut text = format!("-- {purpose}\n");
    for statement in statements {
        text.push_str(statement);
        text.push_str(";\n");
    }
    text
}

/// A name for a file: what is left of a text when only plain letters, digits and `_` are.
pub(crate) fn slug(text: &str) -> String {
    const CHARS_MAX: usize = 60;
    let mut slug = String::new();
    for letter in text.chars().flat_map(char::to_lowercase) {
        if letter.is_ascii_alphanumeric() {
            slug.push(letter);
        } else if !slug.ends_with('_') && !slug.is_empty() {
            slug.push('_');
        }
    }
    slug.truncate(CHARS_MAX);
    slug.trim_end_matches('_').to_owned()
}

#[cfg(test)]
mod tests;
