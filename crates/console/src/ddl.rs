//! From changes of a table to SQL: pure functions, whose answers are shown before anything runs.
//!
//! SECURITY: names are quoted, texts are literals, types come from a list that the database gave,
//! and an expression is a closed one ([`expression`]): nothing that was typed into a field can end
//! the clause that it stands in.

mod change;
mod create;
mod expression;
mod name;
mod reference;
mod words;

pub(crate) use change::{Bound, Change, changes};
pub(crate) use create::{NewColumn, NewTable, create};
pub(crate) use expression::{DefaultError, closed, default_sql};
pub(crate) use name::{NAME_BYTES_MAX, is_name, literal, qualified, quoted};
pub(crate) use reference::{Action, Link, Reference, Target};

use postern_base::RelationName;

/// A type to make: a choice of these texts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct NewEnum {
    pub(crate) name: RelationName,
    pub(crate) labels: Vec<String>,
}

impl NewEnum {
    /// `create type …`
    fn statement(&self) -> String {
        let labels: Vec<_> = self.labels.iter().map(|it| literal(it)).collect();
        let (name, labels) = (qualified(&self.name), labels.join(", "));
        format!("create type {name} as enum ({labels})")
    }
}

/// The statement under which a table goes, if nothing outside of it depends on it.
pub(crate) fn drop_table(table: &RelationName) -> String {
    format!("drop table {}", qualified(table))
}

/// Names of columns with commas between.
fn listed(columns: &[String]) -> String {
    let columns: Vec<_> = columns.iter().map(|it| quoted(it)).collect();
    columns.join(", ")
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
        let (table, columns) = (qualified(table), listed(&self.columns));
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
