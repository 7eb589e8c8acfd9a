//! A stored hash: parsed once, bounded by [`crate::caps`], verified without surprises.
//!
//! Each kind of hash has its file in `stored/` that knows how it is written and how a password
//! becomes its digest; what they share is here.

mod argon2;
mod bcrypt;
mod error;
mod fields;
mod firebase;
mod pbkdf2;
mod scrypt;

pub use error::{HashError, Kind};

use postern_base::Secret;
use subtle::ConstantTimeEq;

use crate::caps::{HASH_TEXT_BYTES_MAX, PASSWORD_BYTES_MAX};
use crate::hasher::WorkError;
use crate::params::Params;
use crate::prepare::prepare;

/// Bytes of salt in our own hashes.
pub(crate) const ARGON2ID_SALT_BYTES: usize = 16;
/// Bytes of digest in our own hashes.
pub(crate) const ARGON2ID_DIGEST_BYTES: usize = 32;

/// The hash of somebody's password, ours or imported.
///
/// No `Display`, no `PartialEq` and a `Debug` that shows the kind alone: keep the text that it was
/// parsed from.
#[derive(Clone)]
pub struct StoredHash {
    recipe: Recipe,
    digest: Vec<u8>,
}

/// What a verification found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The password is the right one.
    Match {
        /// Whether to replace the hash while the password is at hand.
        rehash: Rehash,
    },
    /// The password is a wrong one.
    Mismatch,
}

/// Whether a matching hash is still what we would write today.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rehash {
    /// Hash the password anew and store that.
    Needed,
    /// Leave the hash as it is.
    NotNeeded,
}

/// How a password becomes a digest, salt included.
#[derive(Clone)]
pub(crate) enum Recipe {
    Argon2(argon2::Recipe),
    Bcrypt(bcrypt::Recipe),
    Scrypt(scrypt::Recipe),
    Firebase(firebase::Recipe),
    Pbkdf2(pbkdf2::Recipe),
}

impl StoredHash {
    /// Reads a hash in one of the formats of the crate documentation.
    ///
    /// Whatever is accepted can be verified within the caps; nothing here panics or allocates
    /// more than the text is long.
    pub fn parse(text: &str) -> Result<Self, HashError> {
        if text.len() > HASH_TEXT_BYTES_MAX {
            return Err(HashError::TooLong);
        }
        if !text.is_ascii() {
            return Err(HashError::UnknownKind);
        }
        let (id, rest) = match text.strip_prefix('$') {
            Some(phc) => phc.split_once('$'),
            None => text
                .split_once('$')
                .filter(|(id, _)| id.starts_with("pbkdf2_")),
        }
        .ok_or(HashError::UnknownKind)?;
        let (recipe, digest) = match id {
            "argon2id" | "argon2i" => argon2::parse(id, rest)?,
            "2a" | "2b" | "2y" => bcrypt::parse(rest)?,
            "scrypt" => scrypt::parse(rest)?,
            "fbscrypt" => firebase::parse(rest)?,
            _ => pbkdf2::parse(id, rest)?,
        };
        Ok(Self { recipe, digest })
    }

    /// Which algorithm made it.
    pub fn kind(&self) -> Kind {
        match &self.recipe {
            Recipe::Argon2(recipe) => recipe.kind(),
            Recipe::Bcrypt(_) => Kind::Bcrypt,
            Recipe::Scrypt(_) => Kind::Scrypt,
            Recipe::Firebase(_) => Kind::FirebaseScrypt,
            Recipe::Pbkdf2(_) => Kind::Pbkdf2,
        }
    }

    /// Verifies a password; `current` is the cost of the hashes that we write today.
    ///
    /// Slow on purpose: run it where it blocks nobody. An error is not a wrong password and must
    /// not count as one.
    pub fn verify(
        &self,
        password: &Secret<String>,
        current: &Params,
    ) -> Result<Verdict, WorkError> {
        let raw = password.expose().as_str();
        if raw.len() > PASSWORD_BYTES_MAX {
            return Ok(Verdict::Mismatch);
        }
        let prepared = prepare(raw);
        if self.matches(prepared.as_bytes())? {
            return Ok(Verdict::Match {
                rehash: self.rehash(current),
            });
        }
        // A hash over other bytes than we would hash today always wants replacing.
        if raw != prepared && self.matches(raw.as_bytes())? {
            return Ok(Verdict::Match {
                rehash: Rehash::Needed,
            });
        }
        Ok(Verdict::Mismatch)
    }

    /// A hash of our own kind from its parts.
    pub(crate) fn of_argon2id(params: Params, salt: Vec<u8>, digest: Vec<u8>) -> Self {
        Self {
            recipe: argon2id(params, salt),
            digest,
        }
    }

    fn matches(&self, password: &[u8]) -> Result<bool, WorkError> {
        let digest = self.recipe.derive(password, self.digest.len())?;
        Ok(digest.ct_eq(&self.digest).into())
    }

    fn rehash(&self, current: &Params) -> Rehash {
        match &self.recipe {
            Recipe::Argon2(recipe)
                if recipe.is_current(current) && self.digest.len() == ARGON2ID_DIGEST_BYTES =>
            {
                Rehash::NotNeeded
            }
            _ => Rehash::Needed,
        }
    }
}

impl std::fmt::Debug for StoredHash {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "StoredHash({})", self.kind())
    }
}

impl Recipe {
    /// The digest of a password, `length` bytes of it where the algorithm lets us choose.
    pub(crate) fn derive(&self, password: &[u8], length: usize) -> Result<Vec<u8>, WorkError> {
        match self {
            Self::Argon2(recipe) => recipe.derive(password, length),
            Self::Bcrypt(recipe) => Ok(recipe.derive(password)),
            Self::Scrypt(recipe) => Ok(recipe.derive(password, length)),
            Self::Firebase(recipe) => Ok(recipe.derive(password)),
            Self::Pbkdf2(recipe) => Ok(recipe.derive(password, length)),
        }
    }
}

/// The recipe of our own hashes.
pub(crate) fn argon2id(params: Params, salt: Vec<u8>) -> Recipe {
    Recipe::Argon2(argon2::Recipe::current(params, salt))
}

#[cfg(test)]
mod tests;
