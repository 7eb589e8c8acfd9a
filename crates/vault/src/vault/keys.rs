//! The keys that are derived from one master key, by HKDF with SHA-256.

use aws_lc_rs::aead::{AES_256_GCM, LessSafeKey, UnboundKey};
use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::hkdf::{HKDF_SHA256, KeyType, Prk, Salt};
use aws_lc_rs::hmac;

use super::MAC_BYTES;
use crate::MasterKey;

/// Sets our derivations apart from any other use that the operator makes of the same key.
const SALT: &[u8] = b"postern.vault.v1";
const SEAL_INFO: &[u8] = b"seal";
/// INVARIANT: no other `info` starts with it, so that no purpose can name another use's key.
const MAC_INFO: &[u8] = b"mac:";
const SEAL_KEY_BYTES: usize = 32;
/// Length of a key id in hex digits.
pub(super) const KEY_ID_DIGITS: usize = 8;

/// What one master key comes to.
pub(super) struct DerivedKeys {
    pub(super) id: String,
    pub(super) sealing: LessSafeKey,
    root: Prk,
}

impl DerivedKeys {
    pub(super) fn derive(master_key: &MasterKey) -> Self {
        let root = Salt::new(HKDF_SHA256, SALT).extract(master_key.bytes());
        let mut key = [0; SEAL_KEY_BYTES];
        root.expand(&[SEAL_INFO], SealKeyLength)
            .and_then(|derived| derived.fill(&mut key))
            .expect("INVARIANT: HKDF yields 32 bytes");
        let sealing =
            UnboundKey::new(&AES_256_GCM, &key).expect("INVARIANT: a key of AES-256 has 32 bytes");
        Self {
            id: key_id(&key),
            sealing: LessSafeKey::new(sealing),
            root,
        }
    }

    pub(super) fn mac(&self, purpose: &str, message: &[u8]) -> [u8; MAC_BYTES] {
        let info = [MAC_INFO, purpose.as_bytes()];
        let key = self
            .root
            .expand(&info, hmac::HMAC_SHA256)
            .expect("INVARIANT: HKDF yields 32 bytes");
        let tag = hmac::sign(&hmac::Key::from(key), message);
        let mut mac = [0; MAC_BYTES];
        mac.copy_from_slice(tag.as_ref());
        mac
    }
}

struct SealKeyLength;

impl KeyType for SealKeyLength {
    fn len(&self) -> usize {
        SEAL_KEY_BYTES
    }
}

fn key_id(key: &[u8]) -> String {
    let hash = digest(&SHA256, key);
    let bytes = hash.as_ref().iter().take(KEY_ID_DIGITS / 2);
    bytes.map(|byte| format!("{byte:02x}")).collect()
}
