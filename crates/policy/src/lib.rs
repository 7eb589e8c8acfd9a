//! Policy files: parsed, checked against the catalogue, lowered into a closed tree.
//!
//! This crate turns the TOML text of `policies/` into a [`Bundle`]: for each table, role and verb
//! the columns, conditions, masks, presets and limits that hold. It makes no SQL and knows no
//! connection; `query` prints the [`Expr`] trees into the statements that it rewrites.
//! Whatever is not granted does not exist: every lookup answers `None` by default.

mod access;
mod bundle;
mod diagnostic;
mod expr;

pub use access::{Access, Counts, Mask, OnConflict, Preset, RowLimits, RuleRef, Verb};
pub use bundle::{Bundle, FunctionAccess, FunctionMode, RoleDefinition};
pub use diagnostic::{Diagnostic, Severity, SourceFile};
pub use expr::{
    Arithmetic, Claim, Comparison, Expr, FromItem, JsonOperator, Source, Subquery, Truth,
};
