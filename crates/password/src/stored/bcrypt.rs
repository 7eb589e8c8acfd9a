//! bcrypt, for verification only: `$2b$<cost>$<22 characters of salt><31 of digest>`.
//!
//! `2a`, `2b` and `2y` are computed alike, as in today's libraries; they differ in bugs of old
//! implementations that concern hardly any password.
//!
//! Only the first 72 bytes of a password count, and the zero byte that ends a shorter one. That
//! is what the hash was made from, so it is what we verify; longer passwords match and are then
//! hashed anew as a whole.

use base64::Engine;
use base64::alphabet;
use base64::engine::{GeneralPurpose, GeneralPurposeConfig};

use super::error::{HashError, Kind};
use super::fields;
use crate::caps::BCRYPT_COST_MAX;

/// Bytes of a password that bcrypt reads.
const PASSWORD_BYTES: usize = 72;
/// Lowest cost that bcrypt knows.
const COST_MIN: u32 = 4;
/// Characters of the salt.
const SALT_CHARS: usize = 22;
/// Characters of salt and digest together.
const TAIL_CHARS: usize = 53;
/// Bytes of the digest; the algorithm makes 24, the format drops the last.
const DIGEST_BYTES: usize = 23;

/// Old tools left random bits in the last character of the salt; they mean nothing.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::BCRYPT,
    GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(base64::engine::DecodePaddingMode::RequireNone),
);

/// Everything of a bcrypt hash but the digest.
#[derive(Clone)]
pub(crate) struct Recipe {
    cost: u32,
    salt: [u8; 16],
}

/// Reads what follows `$2b$`.
pub(super) fn parse(text: &str) -> Result<(super::Recipe, Vec<u8>), HashError> {
    let kind = Kind::Bcrypt;
    let [cost, tail] = fields::parts(kind, "parts", text)?;
    if cost.len() != 2 {
        return Err(HashError::Malformed { kind, part: "cost" });
    }
    let cost = fields::number(kind, "cost", cost, COST_MIN..=BCRYPT_COST_MAX)?;
    // The text is ASCII throughout, so that every index is a character's.
    if tail.len() != TAIL_CHARS {
        return Err(HashError::Malformed {
            kind,
            part: "digest",
        });
    }
    let (salt, digest) = tail.split_at(SALT_CHARS);
    let salt = decode("salt", salt)?;
    let digest: [u8; DIGEST_BYTES] = decode("digest", digest)?;
    Ok((
        super::Recipe::Bcrypt(Recipe { cost, salt }),
        digest.to_vec(),
    ))
}

impl Recipe {
    /// The digest of the part of a password that bcrypt reads.
    pub(super) fn derive(&self, password: &[u8]) -> Vec<u8> {
        let mut key = password[..password.len().min(PASSWORD_BYTES)].to_vec();
        if key.len() < PASSWORD_BYTES {
            key.push(0);
        }
        bcrypt::bcrypt(self.cost, self.salt, &key)[..DIGEST_BYTES].to_vec()
    }
}

fn decode<const N: usize>(part: &'static str, text: &str) -> Result<[u8; N], HashError> {
    let malformed = HashError::Malformed {
        kind: Kind::Bcrypt,
        part,
    };
    let bytes = BASE64.decode(text).map_err(|_| malformed)?;
    bytes.try_into().map_err(|_| malformed)
}
