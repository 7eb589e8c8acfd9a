//! Policy files as they are written: keys, types and places checked, meanings not yet.
//!
//! ```text
//! _shared.toml     [predicates] name = { args, sql, on }   [roles.NAME] inherits, when
//!                  [defaults] references
//! functions.toml   [function."schema.name(types)"] roles, mode, where, assurance, returns
//! any other        table, note, [columns], [preset], [mask], [limits], [references],
//!                  [select_check], [[allow]], [[require]], [[deny]]
//! ```
//! Unknown keys are errors: a misspelt `require` must not silently permit.

mod functions;
mod node;
mod reader;
mod shared;
mod table;

pub(crate) use functions::{FunctionEntry, read_functions};
pub(crate) use node::{Content, Node, parse_document};
pub(crate) use reader::{Reader, list, wrong_type};
pub(crate) use shared::{PredicateEntry, RoleEntry, Shared, read_shared};
pub(crate) use table::{
    ColumnList, Grant, PresetEntry, RuleEntry, TableFile, read_table, relation_name,
};
pub use table::{RuleKind, governed};
