//! Policy files: parsed, checked against the catalogue, lowered into a closed tree.
//!
//! This crate turns the TOML text of `policies/` into a [`Bundle`]: for each table, role and verb
//! the columns, conditions, masks, presets and limits that hold. It makes no SQL and knows no
//! connection; `query` prints the [`Expr`] trees into the statements that it rewrites.
//! Whatever is not granted does not exist: every lookup answers `None` by default.

mod access;
mod assurance;
mod bind;
mod bundle;
mod columns;
mod combine;
mod computed;
mod describe;
mod detail;
mod diagnostic;
mod diff;
mod evaluate;
mod expr;
mod file;
mod functions;
mod hash;
mod identifier;
mod lint;
mod load;
mod lock;
mod mutant;
mod normal;
mod predicate;
mod report;
mod roles;
pub mod saved;
mod scope_cycle;
mod suite;
mod syntax;
mod template;
mod toml_text;
mod verdict;

pub use access::{Access, Counts, Mask, OnConflict, Preset, RowLimits, RuleRef, Verb};
pub use assurance::{Assurance, Level, Shortfall};
pub use bundle::{Bundle, Expects, Fragment, FunctionAccess, FunctionMode, Owner, RoleDefinition};
pub use describe::{Lookup, Names, describe, describe_query, describe_with};
pub use detail::{RuleDetail, Side, parts};
pub use diagnostic::{Diagnostic, Fix, Severity, SourceFile};
pub use diff::{Difference, Stand, Subject, diff};
pub use expr::{
    Arithmetic, Claim, Comparison, Expr, FromItem, JsonOperator, Source, Subquery, Truth,
};
pub use file::{RuleKind, governed};
pub use identifier::identifier;
pub use lint::looks_secret;
pub use load::{Loaded, load};
pub use lock::lock_text;
pub use mutant::{Change, Mutant, mutants};
pub use suite::{Case, Expected, GivenRow, Persona, Suite, read_suite};
pub use template::{Template, template};
pub use toml_text::quoted as toml_quoted;
pub use verdict::{RuleTruth, Truths, Verdict};

#[cfg(test)]
mod tests;
