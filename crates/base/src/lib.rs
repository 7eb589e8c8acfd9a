//! Names, identities, claims, secrets, limits and error codes that every floor shares.
//!
//! This crate does no I/O and knows neither tokio nor actix: it holds the nouns of the house
//! (docs/GLOSSARY.md) and nothing that acts on them.

mod claims;
mod clock;
pub mod codes;
mod identity;
pub mod limits;
mod names;
mod random;
mod secret;

pub use claims::Claims;
pub use clock::{Clock, SystemClock};
pub use identity::{Identity, Trust};
pub use names::{FunctionName, RelationName, RoleName};
pub use random::Random;
pub use secret::Secret;
