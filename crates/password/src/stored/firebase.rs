//! Firebase's scrypt, in the form that Supabase imports.
//!
//! ```text
//! "$fbscrypt$v=1,n=" num ",r=" num ",p=" num ",ss=" separator ",sk=" key "$" salt "$" hash
//! ```
//! scrypt over the password with the salt and the project's salt separator gives a key; AES-256
//! in counter mode from zero encrypts the project's signer key with it, and that is the digest
//! (firebase/scrypt). `n` is the logarithm. The signer key is a secret of the Firebase project.

use aes::Aes256;
use aes::cipher::{KeyIvInit, StreamCipher};
use ctr::Ctr128BE;
use postern_base::Secret;

use super::error::{HashError, Kind};
use super::fields::{self, Settings};
use super::scrypt::Cost;
use crate::caps::{DIGEST_BYTES_MAX, DIGEST_BYTES_MIN, SALT_BYTES_MAX};

/// Bytes of the key that scrypt makes for AES-256.
const KEY_BYTES: usize = 32;

/// Everything of a Firebase hash but the digest.
#[derive(Clone)]
pub(crate) struct Recipe {
    cost: Cost,
    /// The account's salt followed by the project's separator.
    salt: Vec<u8>,
    signer_key: Secret<Vec<u8>>,
}

/// Reads what follows `$fbscrypt$`.
pub(super) fn parse(text: &str) -> Result<(super::Recipe, Vec<u8>), HashError> {
    let kind = Kind::FirebaseScrypt;
    let missing = |part| HashError::Malformed { kind, part };
    let [settings, salt, digest] = fields::parts(kind, "parts", text)?;

    let mut settings = Settings::parse(kind, settings)?;
    settings.number("v", 1..=1)?;
    let cost = Cost::take(kind, "n", &mut settings)?;
    let separator = settings.find("ss").unwrap_or_default();
    let separator = fields::decode(kind, "ss", separator, 0..=SALT_BYTES_MAX)?;
    let signer_key = settings.find("sk").ok_or(missing("sk"))?;
    let signer_key = fields::decode(kind, "sk", signer_key, DIGEST_BYTES_MIN..=DIGEST_BYTES_MAX)?;
    settings.finish()?;

    let mut salt = fields::salt(kind, salt, 1)?;
    salt.extend(separator);
    let digest = fields::digest(kind, digest)?;
    // The digest is the encrypted signer key; of another length, it could match no password.
    if digest.len() != signer_key.len() {
        return Err(missing("digest"));
    }
    let recipe = Recipe {
        cost,
        salt,
        signer_key: Secret::new(signer_key),
    };
    Ok((super::Recipe::Firebase(recipe), digest))
}

impl Recipe {
    /// The signer key, encrypted with what scrypt makes of the password.
    pub(super) fn derive(&self, password: &[u8]) -> Vec<u8> {
        let mut key = [0; KEY_BYTES];
        key.copy_from_slice(&self.cost.derive(password, &self.salt, KEY_BYTES));
        let mut cipher = Ctr128BE::<Aes256>::new(&key.into(), &[0; 16].into());
        let mut digest = self.signer_key.expose().clone();
        cipher.apply_keystream(&mut digest);
        digest
    }
}
