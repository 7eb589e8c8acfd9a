//! Why a stored hash was refused, and the names of the kinds.

use std::ops::RangeInclusive;

use crate::caps::HASH_TEXT_BYTES_MAX;

/// The algorithm of a hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Argon2id, the kind that we write.
    Argon2id,
    /// Argon2i, imported.
    Argon2i,
    /// bcrypt, imported.
    Bcrypt,
    /// scrypt, imported.
    Scrypt,
    /// Firebase's scrypt, imported.
    FirebaseScrypt,
    /// PBKDF2 with HMAC, imported.
    Pbkdf2,
}

impl std::fmt::Display for Kind {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(match self {
            Self::Argon2id => "argon2id",
            Self::Argon2i => "argon2i",
            Self::Bcrypt => "bcrypt",
            Self::Scrypt => "scrypt",
            Self::FirebaseScrypt => "fbscrypt",
            Self::Pbkdf2 => "pbkdf2",
        })
    }
}

/// Why a hash, or the configured cost of new ones, cannot be used; shows no part of a hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HashError {
    /// No format that we read begins like this.
    #[error(
        "the password hash is of no known kind; expected `argon2id`, `argon2i`, `bcrypt`, \
         `scrypt`, `fbscrypt` or `pbkdf2`"
    )]
    UnknownKind,
    /// The text is longer than any hash is.
    #[error("the password hash is longer than {HASH_TEXT_BYTES_MAX} bytes")]
    TooLong,
    /// A part is missing, is no base64 or no number, or is one too many.
    #[error("the `{part}` of the {kind} hash is missing or malformed")]
    Malformed {
        /// The algorithm.
        kind: Kind,
        /// The name of the part.
        part: &'static str,
    },
    /// A number or a length is beyond what we compute.
    #[error("the `{parameter}` of the {kind} hash is out of bounds; expected {min} to {max}")]
    OutOfBounds {
        /// The algorithm.
        kind: Kind,
        /// The name of the number.
        parameter: &'static str,
        /// The least that we accept.
        min: u64,
        /// The most that we accept.
        max: u64,
    },
    /// Each number is in bounds, but together they cost too much.
    #[error("the {kind} hash would take too much memory or time to verify")]
    TooCostly {
        /// The algorithm.
        kind: Kind,
    },
}

impl HashError {
    /// Refuses a number outside of `bounds`.
    pub(crate) fn check_bounds<N: Copy + PartialOrd + TryInto<u64>>(
        kind: Kind,
        parameter: &'static str,
        value: N,
        bounds: RangeInclusive<N>,
    ) -> Result<(), Self> {
        if bounds.contains(&value) {
            return Ok(());
        }
        let number = |bound: &N| (*bound).try_into().unwrap_or(u64::MAX);
        Err(Self::OutOfBounds {
            kind,
            parameter,
            min: number(bounds.start()),
            max: number(bounds.end()),
        })
    }
}
