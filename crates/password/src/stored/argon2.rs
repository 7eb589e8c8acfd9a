//! Argon2id and Argon2i (RFC 9106) in the PHC string format.
//!
//! ```text
//! ("argon2id" | "argon2i") ["$v=" ("16" | "19")] "$m=" num ",t=" num ",p=" num "$" salt "$" hash
//! ```
//! A hash without `v` is of version 16, as the reference implementation has it. Argon2d is
//! refused: it leaks through timing and nobody should have stored passwords with it.

use argon2::{Algorithm, Argon2, Error, Version};

use super::ARGON2ID_SALT_BYTES;
use super::error::{HashError, Kind};
use super::fields::{self, Settings};
use crate::caps::{ARGON2_LANES_MAX, ARGON2_MEMORY_KIB_MAX, ARGON2_PASSES_MAX};
use crate::hasher::WorkError;
use crate::params::Params;

/// Shortest salt that Argon2 takes.
const SALT_BYTES_MIN: usize = 8;

/// Everything of an Argon2 hash but the digest.
#[derive(Clone)]
pub(crate) struct Recipe {
    kind: Kind,
    version: Version,
    params: Params,
    salt: Vec<u8>,
}

/// Reads what follows the name of the algorithm.
pub(super) fn parse(id: &str, text: &str) -> Result<(super::Recipe, Vec<u8>), HashError> {
    let kind = if id == "argon2i" {
        Kind::Argon2i
    } else {
        Kind::Argon2id
    };
    let (version, text) = match text.strip_prefix("v=") {
        None => (Version::V0x10, text),
        Some(versioned) => match versioned.split_once('$') {
            Some(("16", rest)) => (Version::V0x10, rest),
            Some(("19", rest)) => (Version::V0x13, rest),
            _ => return Err(HashError::Malformed { kind, part: "v" }),
        },
    };
    let [settings, salt, digest] = fields::parts(kind, "parts", text)?;

    let mut settings = Settings::parse(kind, settings)?;
    let memory_kib = settings.number("m", 1..=ARGON2_MEMORY_KIB_MAX)?;
    let passes = settings.number("t", 1..=ARGON2_PASSES_MAX)?;
    let lanes = settings.number("p", 1..=ARGON2_LANES_MAX)?;
    settings.finish()?;

    let params = Params::parse(kind, memory_kib, passes, lanes)?;
    let salt = fields::salt(kind, salt, SALT_BYTES_MIN)?;
    let recipe = Recipe {
        kind,
        version,
        params,
        salt,
    };
    Ok((super::Recipe::Argon2(recipe), fields::digest(kind, digest)?))
}

impl Recipe {
    /// The recipe of a hash that we write today.
    pub(super) fn current(params: Params, salt: Vec<u8>) -> Self {
        Self {
            kind: Kind::Argon2id,
            version: Version::V0x13,
            params,
            salt,
        }
    }

    /// Argon2id or Argon2i.
    pub(super) fn kind(&self) -> Kind {
        self.kind
    }

    /// Whether a hash written today would have the same settings.
    pub(super) fn is_current(&self, params: &Params) -> bool {
        self.kind == Kind::Argon2id
            && self.version == Version::V0x13
            && self.params == *params
            && self.salt.len() >= ARGON2ID_SALT_BYTES
    }

    /// The digest of a password.
    pub(super) fn derive(&self, password: &[u8], length: usize) -> Result<Vec<u8>, WorkError> {
        let algorithm = match self.kind {
            Kind::Argon2i => Algorithm::Argon2i,
            _ => Algorithm::Argon2id,
        };
        let (m, t, p) = (
            self.params.memory_kib(),
            self.params.passes(),
            self.params.lanes(),
        );
        let params = argon2::Params::new(m, t, p, Some(length))
            .expect("INVARIANT: Params and the bounds of a digest are within Argon2's own");
        let mut digest = vec![0; length];
        match Argon2::new(algorithm, self.version, params).hash_password_into(
            password,
            &self.salt,
            &mut digest,
        ) {
            Ok(()) => Ok(digest),
            Err(Error::OutOfMemory) => Err(WorkError::OutOfMemory),
            Err(other) => unreachable!("INVARIANT: parse refused what Argon2 refuses: {other}"),
        }
    }
}
