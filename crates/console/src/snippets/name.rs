//! Names of tables and columns, as requests have room for them.

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

/// What would end the table's segment of an address, or be left out of it.
const ENDING: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'%')
    .add(b'/')
    .add(b'\\')
    .add(b'?')
    .add(b'#');

/// A column, a table or a key as the API's grammar writes it in lists and filters.
pub(super) use crate::pages::tables::ask::name as column;

/// A table's name for libraries that put it into the address as it is.
pub(super) fn in_address(table: &str) -> String {
    utf8_percent_encode(table, ENDING).to_string()
}

/// Whether a table's name is one segment of an address, however it is written: a client takes
/// these apart, or a proxy on the way does.
pub(super) fn is_addressable(table: &str) -> bool {
    !table.is_empty() && !table.contains('/') && table != "." && table != ".."
}

/// Whether a schema's name can be a header's value.
pub(super) fn is_header(schema: &str) -> bool {
    let is_visible = schema.bytes().all(|it| (0x20..0x7f).contains(&it));
    is_visible && schema.trim() == schema
}

/// Whether a column can be named in a list: libraries take the spaces out of those, and lose count
/// of quotes where a name holds one.
pub(crate) fn is_selectable(column: &str) -> bool {
    !(column.contains('"') && column.contains(char::is_whitespace))
}

/// Whether a column needs no quotes in the API's grammar, as far as it goes: letters of any
/// script, digits and spaces inside.
pub(super) fn is_loose(name: &str) -> bool {
    let is_plain = |it: char| it.is_alphabetic() || it.is_ascii_digit() || " _$".contains(it);
    let is_reserved = name.is_ascii() && column(name) != name && !name.contains([' ', '$']);
    !name.is_empty() && name.trim() == name && name.chars().all(is_plain) && !is_reserved
}
