//! Pools, pipelining, introspection, migrations, SQLSTATE mapping and the managed local Postgres.
//!
//! Requests reach user tables only as [`query::Rewritten`](postern_query::Rewritten) through
//! `Db::run`; statements of our own are a closed list ([`internal`]) that cannot name a user
//! table. Nothing here knows HTTP beyond the number of a status.

pub mod about;
mod admin;
mod config;
mod connect;
pub mod console;
mod db;
mod error;
mod internal;
mod introspect;
pub mod managed;
pub mod migrate;
pub mod own;
mod pool;
mod privileges;
mod roles;
mod run;
mod saved;
mod sizes;
pub mod structure;
pub mod support;
pub mod survey;
mod trial;
mod watch;

pub use admin::Admin;
pub use config::{Complaints, DbConfig, Passthrough, StatementTimeouts};
pub use db::{Callable, Db};
pub use error::{Error, Rejection};
pub use run::{Answer, Caller, Chunks, Exported, RequestSettings};
pub use saved::Dependency;
pub use sizes::{ColumnOutline, Size};
pub use trial::{Trial, TrialConfig};
pub use watch::{Change, SchemaWatch};

/// Bytes as lower-case hex.
fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
