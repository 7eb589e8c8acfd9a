//! A value as a cell shows it: what is absent, empty, long or no text looks like what it is.

use postern_catalog::Column;

/// Most characters of a value that a list of rows carries.
pub(crate) const CHARS_MAX: usize = 200;

/// A cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Cell {
    pub(crate) text: String,
    pub(crate) look: Look,
    /// Whether there is more of it than is shown.
    pub(crate) is_cut: bool,
}

/// How a value looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Look {
    /// It is absent.
    Null,
    /// It is a text without letters.
    Empty,
    Text,
    Number,
    Bool,
    /// JSON, arrays and whatever else has a structure.
    Code,
    Bytes,
}

impl Look {
    /// How values of a column look when they are there.
    pub(crate) fn of(column: &Column) -> Self {
        if column.ty.is_json() || column.ty.is_array() {
            return Self::Code;
        }
        match column.ty.operator_name() {
            "int2" | "int4" | "int8" | "numeric" | "float4" | "float8" | "money" | "oid" => {
                Self::Number
            }
            "bool" => Self::Bool,
            "bytea" => Self::Bytes,
            "uuid" | "inet" | "cidr" | "macaddr" | "tsvector" | "xml" => Self::Code,
            _ => Self::Text,
        }
    }

    /// The class that the style sheet knows.
    pub(crate) fn class(self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Empty => "void",
            Self::Text => "text",
            Self::Number => "number",
            Self::Bool => "bool",
            Self::Code => "data",
            Self::Bytes => "data bytes",
        }
    }
}

impl Cell {
    /// The cell of a value that was cut one character behind what is shown.
    pub(crate) fn new(value: Option<&str>, column: &Column) -> Self {
        let Some(value) = value else {
            return Self {
                text: String::new(),
                look: Look::Null,
                is_cut: false,
            };
        };
        let end = value.char_indices().nth(CHARS_MAX).map(|(at, _)| at);
        let text = &value[..end.unwrap_or(value.len())];
        let look = match Look::of(column) {
            Look::Text if text.is_empty() => Look::Empty,
            look => look,
        };
        Self {
            text: text.to_owned(),
            look,
            is_cut: end.is_some(),
        }
    }
}
