//! The auth service over HTTP against a real Postgres: flows, refusals, attacks.

#[path = "it/kit.rs"]
mod kit;
#[path = "it/oauth.rs"]
mod oauth;
#[path = "it/oauth_idp.rs"]
mod oauth_idp;
#[path = "it/sessions.rs"]
mod sessions;
