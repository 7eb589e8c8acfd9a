//! The data API: PostgREST's dialect under `/rest/v1`, as the Supabase clients speak it.
//!
//! One request is read aloud in `routes`: extract, authenticate, parse, plan, rewrite, run, shape.
//! Grammar, names and policies are `query`'s, connections are `db`'s; here live the negotiation of
//! schemas and media types, bodies and their limits, statuses and headers. [`RestService`] holds
//! no HTTP types: the console and the tests call it as well.

mod address;
mod allow;
mod body;
mod can;
mod failure;
mod media;
pub mod openapi;
mod profile;
mod reply;
mod routes;
mod saved;
mod service;
mod session;
mod shadow;
mod timing;
mod told;

pub use can::{CanAnswer, CanQuestion, CanVerb};
pub use failure::Failure;
pub use routes::routes;
pub use saved::{Asked, SavedQueries};
pub use service::{
    Enforce, OpenApi, Outcome, Plans, RestParts, RestService, RestSettings, Snapshot, TxEnd,
};
pub use shadow::{Candidate, ShadowSettings};
