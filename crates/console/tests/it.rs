//! The console over HTTP, on a real Postgres.

#[path = "it/access.rs"]
mod access;
#[path = "it/attacks.rs"]
mod attacks;
#[path = "it/kit.rs"]
mod kit;
#[path = "it/pages.rs"]
mod pages;
#[path = "it/sessions.rs"]
mod sessions;
#[path = "it/setup.rs"]
mod setup;
