//! Tests of the crate from the outside: keys, tokens, the attacks on them, the middleware.

#[path = "it/attacks.rs"]
mod attacks;
#[path = "it/edge.rs"]
mod edge;
#[path = "it/fetch.rs"]
mod fetch;
#[path = "it/forgeries.rs"]
mod forgeries;
#[path = "it/identities.rs"]
mod identities;
#[path = "it/kit.rs"]
mod kit;
#[path = "it/project_keys.rs"]
mod project_keys;
#[path = "it/revocations.rs"]
mod revocations;
#[path = "it/wire.rs"]
mod wire;
