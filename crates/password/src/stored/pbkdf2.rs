//! PBKDF2 with HMAC (RFC 8018), as three communities write it.
//!
//! ```text
//! PHC:     "$pbkdf2-sha256$i=" rounds [",l=" bytes] "$" salt "$" hash
//! Passlib: "$pbkdf2-sha256$" rounds "$" salt "$" hash       (SHA-1 is called plain "pbkdf2")
//! Django:  "pbkdf2_sha256$" rounds "$" salt text "$" hash   (the salt is not base64)
//! ```

use pbkdf2::pbkdf2_hmac;
use pbkdf2::sha2::{Sha256, Sha512};
use sha1::Sha1;

use super::error::{HashError, Kind};
use super::fields::{self, Settings};
use crate::caps::{PBKDF2_ROUNDS_MAX, SALT_BYTES_MAX};

const KIND: Kind = Kind::Pbkdf2;

/// Everything of a PBKDF2 hash but the digest.
#[derive(Clone)]
pub(crate) struct Recipe {
    function: Function,
    rounds: u32,
    salt: Vec<u8>,
}

/// The hash function under the HMAC.
#[derive(Clone, Copy)]
enum Function {
    Sha1,
    Sha256,
    Sha512,
}

/// Reads what follows the name, which says function and community.
pub(super) fn parse(id: &str, text: &str) -> Result<(super::Recipe, Vec<u8>), HashError> {
    let function = match id {
        "pbkdf2" | "pbkdf2-sha1" | "pbkdf2_sha1" => Function::Sha1,
        "pbkdf2-sha256" | "pbkdf2_sha256" => Function::Sha256,
        "pbkdf2-sha512" | "pbkdf2_sha512" => Function::Sha512,
        _ => return Err(HashError::UnknownKind),
    };
    let [settings, salt, digest] = fields::parts(KIND, "parts", text)?;
    let digest = fields::digest(KIND, digest)?;
    let rounds = rounds(settings, digest.len())?;
    // Rounds are spent on each block of output anew.
    let blocks = u64::try_from(digest.len().div_ceil(function.block_bytes())).unwrap_or(u64::MAX);
    if u64::from(rounds) * blocks > u64::from(PBKDF2_ROUNDS_MAX) {
        return Err(HashError::TooCostly { kind: KIND });
    }
    let salt = if id.starts_with("pbkdf2_") {
        HashError::check_bounds(KIND, "salt", salt.len(), 1..=SALT_BYTES_MAX)?;
        salt.as_bytes().to_vec()
    } else {
        fields::salt(KIND, salt, 1)?
    };
    Ok((
        super::Recipe::Pbkdf2(Recipe {
            function,
            rounds,
            salt,
        }),
        digest,
    ))
}

/// The bare number of Passlib and Django, or the settings of a PHC string.
fn rounds(text: &str, digest_bytes: usize) -> Result<u32, HashError> {
    if !text.contains('=') {
        return fields::number(KIND, "i", text, 1..=PBKDF2_ROUNDS_MAX);
    }
    let mut settings = Settings::parse(KIND, text)?;
    let rounds = settings.number("i", 1..=PBKDF2_ROUNDS_MAX)?;
    if let Some(length) = settings.find("l")
        && length != digest_bytes.to_string()
    {
        return Err(HashError::Malformed {
            kind: KIND,
            part: "l",
        });
    }
    settings.finish()?;
    Ok(rounds)
}

impl Recipe {
    /// The digest of a password.
    pub(super) fn derive(&self, password: &[u8], length: usize) -> Vec<u8> {
        let mut digest = vec![0; length];
        let run = match self.function {
            Function::Sha1 => pbkdf2_hmac::<Sha1>,
            Function::Sha256 => pbkdf2_hmac::<Sha256>,
            Function::Sha512 => pbkdf2_hmac::<Sha512>,
        };
        run(password, &self.salt, self.rounds, &mut digest);
        digest
    }
}

impl Function {
    /// Bytes of one block of output.
    fn block_bytes(self) -> usize {
        match self {
            Self::Sha1 => 20,
            Self::Sha256 => 32,
            Self::Sha512 => 64,
        }
    }
}
