//! The catalogue snapshot: the served schemas of one database as plain data.
//!
//! `db` reads it out of `pg_catalog`, everybody else only looks things up in it. It knows no
//! connection and makes no SQL. What it decides itself is what follows from the data alone:
//! which relationships the foreign keys make, and which names are near a misspelt one.

mod function;
mod leakproof;
mod nearest;
mod passed_on;
mod relation;
mod relationship;
mod representation;
mod snapshot;
mod types;

pub use function::{
    Argument, Function, FunctionSettings, Isolation, ReturnColumn, Returns, Volatility,
};
pub use leakproof::Leakproof;
pub use nearest::{OTHER_LIKENESS, TABLE_LIKENESS, likest, nearest};
pub use passed_on::PassedOn;
pub use relation::{
    Column, ForeignKey, Generated, Relation, RelationKind, SessionNeeds, Triggers, UniqueKey,
};
pub use relationship::{Cardinality, Junction, Relationship};
pub use representation::{Converter, Representation};
pub use snapshot::{Catalog, CatalogParts};
pub use types::{PgType, TypeKind};
