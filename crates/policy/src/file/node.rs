//! A TOML document as an owned tree of values, each with its place.
//!
//! Ordinary tables, inline tables, dotted keys and arrays of tables become one shape, so that the
//! long and the compact form of a rule are read by the same code.

use std::ops::Range;

use toml_edit::{Document, Item, TableLike, Value};

use crate::SourceFile;
use crate::report::{Report, Site};

/// A value and its place.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub(crate) content: Content,
    pub(crate) site: Site,
}

/// What a value is.
#[derive(Clone, Debug)]
pub(crate) enum Content {
    Text(String),
    Bool(bool),
    Integer(i64),
    Array(Vec<Node>),
    Table(Vec<Entry>),
    /// A float, which only the rows of test files hold.
    Float(f64),
    /// A date or time as written, which only the rows of test files hold.
    Date(String),
    /// Nothing that a file can write.
    Other(&'static str),
}

/// A key and its value.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) key: String,
    pub(crate) key_site: Site,
    pub(crate) node: Node,
}

impl Node {
    /// What the value is called in messages.
    pub(crate) fn type_name(&self) -> &'static str {
        match &self.content {
            Content::Text(_) => "a string",
            Content::Bool(_) => "a boolean",
            Content::Integer(_) => "an integer",
            Content::Array(_) => "an array",
            Content::Table(_) => "a table",
            Content::Float(_) => "a float",
            Content::Date(_) => "a date",
            Content::Other(name) => name,
        }
    }
}

/// Parses a file; `None` after a syntax error, which is reported.
pub(crate) fn parse_document(
    file: usize,
    source: &SourceFile,
    report: &mut Report<'_>,
) -> Option<Node> {
    match Document::parse(source.text.as_str()) {
        Ok(document) => Some(Node {
            content: table(document.as_table(), file),
            site: Site { file, span: 0..0 },
        }),
        Err(error) => {
            let site = Site {
                file,
                span: error.span().unwrap_or(0..0),
            };
            let message = error.message().trim().replace('\n', "; ");
            report.error(
                &site,
                "syntax",
                format!("the file is no valid TOML: {message}"),
                "put the value right; SQL goes into '…' or '''…''' strings",
            );
            None
        }
    }
}

fn table(table: &dyn TableLike, file: usize) -> Content {
    let entries = table.iter().map(|(name, item)| {
        let key_span = table
            .get_key_value(name)
            .and_then(|(key, _)| key.span())
            .unwrap_or(0..0);
        let node = item_node(item, file, &key_span);
        Entry {
            key: name.to_owned(),
            key_site: Site {
                file,
                span: key_span,
            },
            node,
        }
    });
    Content::Table(entries.collect())
}

fn item_node(item: &Item, file: usize, fallback: &Range<usize>) -> Node {
    let span = item.span().unwrap_or_else(|| fallback.clone());
    let content = match item {
        Item::None => Content::Other("nothing"),
        Item::Value(value) => return value_node(value, file, fallback),
        Item::Table(inner) => table(inner, file),
        Item::ArrayOfTables(array) => Content::Array(
            array
                .iter()
                .map(|inner| Node {
                    content: table(inner, file),
                    site: Site {
                        file,
                        span: inner.span().unwrap_or_else(|| fallback.clone()),
                    },
                })
                .collect(),
        ),
    };
    Node {
        content,
        site: Site { file, span },
    }
}

fn value_node(value: &Value, file: usize, fallback: &Range<usize>) -> Node {
    let span = value.span().unwrap_or_else(|| fallback.clone());
    let content = match value {
        Value::String(text) => Content::Text(text.value().clone()),
        Value::Boolean(truth) => Content::Bool(*truth.value()),
        Value::Integer(number) => Content::Integer(*number.value()),
        Value::Float(number) => Content::Float(*number.value()),
        Value::Datetime(date) => Content::Date(date.value().to_string()),
        Value::Array(array) => Content::Array(
            array
                .iter()
                .map(|inner| value_node(inner, file, &span))
                .collect(),
        ),
        Value::InlineTable(inner) => table(inner, file),
    };
    Node {
        content,
        site: Site { file, span },
    }
}
