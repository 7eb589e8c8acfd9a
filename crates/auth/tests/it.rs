//! The auth service over HTTP against a real Postgres: flows, refusals, attacks.

#[path = "it/admin.rs"]
mod admin;
#[path = "it/audit.rs"]
mod audit;
#[path = "it/codes.rs"]
mod codes;
#[path = "it/kit.rs"]
mod kit;
#[path = "it/sessions.rs"]
mod sessions;
#[path = "it/verify.rs"]
mod verify;
