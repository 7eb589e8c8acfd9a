//! The auth service over HTTP against a real Postgres: flows, refusals, attacks.

#[path = "it/kit.rs"]
mod kit;
#[path = "it/sessions.rs"]
mod sessions;
