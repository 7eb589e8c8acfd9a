//! What tables are made of, and how that is changed.

pub(crate) mod alter;
mod build;
pub(crate) mod create;
mod draft;
mod fields;
pub(crate) mod import;
pub(crate) mod map;
mod plan;
pub(crate) mod structure;
mod targets;
mod types;

pub(crate) use structure::applied;
