//! Seals what must come back in plain, and hashes with a key what need not.
//!
//! A sealed value is `pe1.<key id>.<nonce>.<sealed bytes>`: AES-256-GCM under a key derived from
//! the master key, a random 96-bit nonce, both parts in base64url. The key id is the first eight
//! hex digits of the SHA-256 of the derived key. A random nonce bounds one key to some 2^32
//! values, far beyond what one project's secrets come to.
//!
//! The first master key seals; the older ones only open, so a key is rotated by putting a new one
//! in front and sealing again what [`Vault::is_current`] denies.

mod keys;
mod sealed;
#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::Arc;

use aws_lc_rs::aead::{Aad, NONCE_LEN, Nonce};
use postern_base::{Random, Secret};

use crate::{Error, MasterKey, same};
use keys::DerivedKeys;
use sealed::Sealed;

/// Length of a keyed hash in bytes.
pub const MAC_BYTES: usize = 32;

/// Seals and opens stored secrets, and makes keyed hashes.
pub struct Vault {
    current: DerivedKeys,
    older: Vec<DerivedKeys>,
    random: Arc<dyn Random>,
}

impl Vault {
    /// A vault with one master key.
    #[must_use]
    pub fn new(master_key: &MasterKey, random: Arc<dyn Random>) -> Self {
        Self::with_older_keys(master_key, &[], random)
    }

    /// A vault that seals with `master_key` and also opens what the older keys sealed.
    #[must_use]
    pub fn with_older_keys(
        master_key: &MasterKey,
        older: &[MasterKey],
        random: Arc<dyn Random>,
    ) -> Self {
        Self {
            current: DerivedKeys::derive(master_key),
            older: older.iter().map(DerivedKeys::derive).collect(),
            random,
        }
    }

    /// Seals `plain` for one place, named as `table|column|row id`.
    ///
    /// SECURITY: the context is authenticated, so a sealed value that somebody copies into
    /// another row does not open there. It must not depend on anything a client can choose.
    #[must_use]
    pub fn seal(&self, context: &str, plain: &[u8]) -> String {
        let mut nonce = [0; NONCE_LEN];
        self.random.fill(&mut nonce);
        let mut bytes = plain.to_vec();
        let aad = additional_data(context, &self.current);
        self.current
            .sealing
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), aad, &mut bytes)
            .expect("INVARIANT: AES-GCM seals anything below 64 GiB");
        sealed::print(&self.current.id, &nonce, &bytes)
    }

    /// Opens what [`Self::seal`] made for the same context.
    pub fn open(&self, context: &str, text: &str) -> Result<Secret<Vec<u8>>, Error> {
        let Sealed {
            key_id,
            nonce,
            mut bytes,
        } = sealed::parse(text)?;
        let keys = self.keys().find(|keys| keys.id == key_id);
        let keys = keys.ok_or_else(|| Error::UnknownKey {
            key_id: key_id.to_owned(),
        })?;
        let nonce = Nonce::assume_unique_for_key(nonce);
        let plain = keys
            .sealing
            .open_in_place(nonce, additional_data(context, keys), &mut bytes)
            .map_err(|_| Error::Refused)?;
        let length = plain.len();
        bytes.truncate(length);
        Ok(Secret::new(bytes))
    }

    /// Whether a value was sealed with the current master key; otherwise seal it again.
    #[must_use]
    pub fn is_current(&self, text: &str) -> bool {
        sealed::parse(text).is_ok_and(|sealed| sealed.key_id == self.current.id)
    }

    /// The id that values sealed from now on carry.
    #[must_use]
    pub fn key_id(&self) -> &str {
        &self.current.id
    }

    /// A keyed hash (HMAC-SHA-256) of `message`, with a key of its own for each purpose.
    #[must_use]
    pub fn mac(&self, purpose: &str, message: &[u8]) -> [u8; MAC_BYTES] {
        self.current.mac(purpose, message)
    }

    /// The hash under every master key, the current one first: what a stored one may equal.
    #[must_use]
    pub fn macs(&self, purpose: &str, message: &[u8]) -> Vec<[u8; MAC_BYTES]> {
        self.keys().map(|keys| keys.mac(purpose, message)).collect()
    }

    /// Whether `mac` is the hash of `message` under any master key, in constant time.
    #[must_use]
    pub fn mac_matches(&self, purpose: &str, message: &[u8], mac: &[u8]) -> bool {
        let candidates = self.macs(purpose, message);
        candidates.iter().any(|candidate| same(candidate, mac))
    }

    fn keys(&self) -> impl Iterator<Item = &DerivedKeys> {
        std::iter::once(&self.current).chain(&self.older)
    }
}

impl fmt::Debug for Vault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Vault")
            .field("key_id", &self.current.id)
            .finish_non_exhaustive()
    }
}

/// The key id has a fixed length, so the two parts cannot be cut in another place.
fn additional_data(context: &str, keys: &DerivedKeys) -> Aad<String> {
    Aad::from(format!("{context}|{}", keys.id))
}
