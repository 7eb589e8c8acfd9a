//! New hashes: Argon2id with the configured cost, and the decoy for accounts that do not exist.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use postern_base::{Random, Secret};

use crate::caps::PASSWORD_BYTES_MAX;
use crate::params::Params;
use crate::prepare::prepare;
use crate::stored::{ARGON2ID_DIGEST_BYTES, ARGON2ID_SALT_BYTES, StoredHash, Verdict};

/// Why a password could not be hashed or verified; never says anything about the account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WorkError {
    /// The password is beyond what any rule may allow.
    #[error("the password is longer than {PASSWORD_BYTES_MAX} bytes")]
    PasswordTooLong,
    /// The memory that the hash needs is not there; the caller may try again later.
    #[error("there is not enough memory to hash a password now")]
    OutOfMemory,
}

/// Makes new hashes and verifies stored ones, with one cost for all of them.
#[derive(Clone)]
pub struct Hasher {
    params: Params,
    random: Arc<dyn Random>,
    decoy: Arc<StoredHash>,
}

impl Hasher {
    /// Prepares the decoy; cheap, nothing is hashed yet.
    pub fn new(params: Params, random: Arc<dyn Random>) -> Self {
        let decoy = Arc::new(draw_decoy(params, random.as_ref()));
        Self {
            params,
            random,
            decoy,
        }
    }

    /// The cost of new hashes.
    pub fn params(&self) -> &Params {
        &self.params
    }

    /// Hashes a new password to a PHC string with a fresh salt.
    pub fn hash(&self, password: &Secret<String>) -> Result<Secret<String>, WorkError> {
        if password.expose().len() > PASSWORD_BYTES_MAX {
            return Err(WorkError::PasswordTooLong);
        }
        let mut salt = [0; ARGON2ID_SALT_BYTES];
        self.random.fill(&mut salt);
        let recipe = crate::stored::argon2id(self.params, salt.to_vec());
        let digest = recipe.derive(prepare(password.expose()).as_bytes(), ARGON2ID_DIGEST_BYTES)?;
        Ok(Secret::new(format!(
            "$argon2id$v=19$m={},t={},p={}${}${}",
            self.params.memory_kib(),
            self.params.passes(),
            self.params.lanes(),
            STANDARD_NO_PAD.encode(salt),
            STANDARD_NO_PAD.encode(digest),
        )))
    }

    /// Verifies a password; a match says whether [`Hasher::hash`] should replace the hash now.
    pub fn verify(
        &self,
        stored: &StoredHash,
        password: &Secret<String>,
    ) -> Result<Verdict, WorkError> {
        stored.verify(password, &self.params)
    }

    /// A hash that no password matches and that costs as much as a real one.
    ///
    /// SECURITY: verify against it when there is no account or no password, and throw the verdict
    /// away; otherwise the time of the answer tells who has an account. It costs what our own
    /// hashes cost: accounts whose imported hash was not replaced yet still differ.
    pub fn decoy(&self) -> &StoredHash {
        &self.decoy
    }
}

impl std::fmt::Debug for Hasher {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Hasher")
            .field("params", &self.params)
            .finish_non_exhaustive()
    }
}

/// Draws the digest instead of computing it, so nobody knows a password for it.
fn draw_decoy(params: Params, random: &dyn Random) -> StoredHash {
    let mut salt = [0; ARGON2ID_SALT_BYTES];
    let mut digest = [0; ARGON2ID_DIGEST_BYTES];
    random.fill(&mut salt);
    random.fill(&mut digest);
    StoredHash::of_argon2id(params, salt.to_vec(), digest.to_vec())
}
