//! JSON web tokens: taking them apart, verifying them, checking their claims, making our own.
//!
//! The signature is checked before the payload is looked at, and the payload's times are checked
//! by our own clock. Of the header only `alg`, `kid`, `typ` and `crit` are read; `jwk`, `jku`,
//! `x5u` and `x5c` are never looked at (RFC 8725, section 3.10).

mod claims;
mod make;
mod verify;

pub(crate) use claims::{ClaimRules, lifetime};
pub use make::{MintError, legacy_key, mint, user_claims};
pub(crate) use verify::{KID_BYTES_MAX, verify};
