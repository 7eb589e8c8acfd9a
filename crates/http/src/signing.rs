//! The project's own key pairs: making them, signing with them, publishing their public halves.
//!
//! A key lives through four states: standby (published, so that every verifier knows it before
//! the first token), in use, previous (its tokens are still good), revoked (they are not). Private
//! halves come in and go out as PKCS#8 only, for whoever seals them; they are never printed.

mod key;
mod ring;

use serde_json::Value;

pub use key::SigningKey;
pub use ring::KeyRing;

/// What the project signs its access tokens with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Algorithm {
    /// ECDSA on P-256: what every client can verify.
    #[default]
    Es256,
    /// Ed25519: smaller and faster, where all verifiers know it.
    EdDsa,
}

impl Algorithm {
    /// The name that a token's header and a JWK carry.
    pub fn name(self) -> &'static str {
        match self {
            Self::Es256 => "ES256",
            Self::EdDsa => "EdDSA",
        }
    }

    /// Reads the name that [`Self::name`] writes.
    pub fn parse(name: &str) -> Option<Self> {
        match name {
            "ES256" => Some(Self::Es256),
            "EdDSA" => Some(Self::EdDsa),
            _ => None,
        }
    }
}

/// Where a key is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyState {
    /// Published, but nothing is signed with it yet.
    Standby,
    /// The one that signs.
    InUse,
    /// Signs no more; what it signed is good until it expires.
    Previous,
    /// Nothing that it signed is good.
    Revoked,
}

/// A public key of the project's own.
#[derive(Clone, Debug)]
pub struct ProjectKey {
    /// The public JWK, with `kid` and `alg`.
    pub jwk: Value,
    /// Where it is in its life.
    pub state: KeyState,
}
