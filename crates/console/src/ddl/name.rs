//! Names and texts as SQL has them.

use postern_base::RelationName;

use super::words::KEYWORDS;

/// Longest name that Postgres keeps, in bytes; it would cut a longer one without a word.
pub(crate) const NAME_BYTES_MAX: usize = 63;

/// Whether a text can be a name.
pub(crate) fn is_name(text: &str) -> bool {
    let is_short = (1..=NAME_BYTES_MAX).contains(&text.len());
    is_short && !text.chars().any(char::is_control) && text.trim() == text
}

/// A name for SQL: in quotes where it needs them.
pub(crate) fn quoted(name: &str) -> String {
    let mut letters = name.bytes();
    let starts = letters
        .next()
        .is_some_and(|it| it.is_ascii_lowercase() || it == b'_');
    let goes_on = letters.all(|it| it.is_ascii_lowercase() || it.is_ascii_digit() || it == b'_');
    if starts && goes_on && KEYWORDS.binary_search(&name).is_err() {
        return name.to_owned();
    }
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// A relation's name for SQL, behind its schema.
pub(crate) fn qualified(relation: &RelationName) -> String {
    format!("{}.{}", quoted(&relation.schema), quoted(&relation.name))
}

/// A text for SQL; one with backslashes says that they escape, whatever the server is set to.
pub(crate) fn literal(text: &str) -> String {
    let text = text.replace('\'', "''");
    if text.contains('\\') {
        return format!("E'{}'", text.replace('\\', "\\\\"));
    }
    format!("'{text}'")
}
