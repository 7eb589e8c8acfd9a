//! Pools, pipelining, introspection, migrations, SQLSTATE mapping and the managed local Postgres.
//!
//! Requests reach user tables only as [`query::Rewritten`](postern_query::Rewritten) through
//! `Db::run`; statements of our own are a closed list ([`internal`]) that cannot name a user
//! table. Nothing here knows HTTP beyond the number of a status.

#![allow(
    dead_code,
    reason = "the request path, which uses the rest, is the next slice"
)]

mod admin;
mod connect;
mod error;
mod internal;
pub mod managed;
pub mod support;

pub use admin::Admin;
pub use error::{Error, Rejection};

/// Bytes as lower-case hex.
fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
