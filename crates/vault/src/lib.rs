//! Sealing of stored secrets, keyed hashes, randomness and constant-time comparison.
//!
//! Everything hangs on one master key that the operator holds. Keys for sealing and for each
//! purpose of [`Vault::mac`] are derived from it, so that no two uses share a key. This crate
//! does no I/O but the system's randomness; where sealed values and hashes are stored is the
//! caller's matter. It does not hash passwords: a low-entropy secret needs a slow hash.

mod compare;
mod error;
mod master_key;
mod random;
mod vault;

pub use compare::same;
pub use error::Error;
pub use master_key::MasterKey;
pub use random::{SystemRandom, digits, token};
pub use vault::{MAC_BYTES, Vault};
