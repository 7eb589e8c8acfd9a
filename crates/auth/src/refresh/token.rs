//! Refresh tokens: a session, a counter, and a proof that we made them.
//!
//! No row per token: `1 | session id (16) | counter (8) | HMAC-SHA256 (16) | checksum (4)`,
//! base64url. The checksum tells a mangled token from a forged one before the database is asked.
//! The form follows the second version of Supabase's.

use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use postern_base::Secret;
use sha2::{Digest, Sha256};
use uuid::Uuid;

const VERSION: u8 = 1;
const MAC_BYTES: usize = 16;
const SIGNED_BYTES: usize = 1 + 16 + 8;
const TOKEN_BYTES: usize = SIGNED_BYTES + MAC_BYTES + 4;
/// Characters of a token in base64url.
const TOKEN_CHARS: usize = TOKEN_BYTES / 3 * 4;
const _: () = assert!(TOKEN_BYTES.is_multiple_of(3), "no padding is ever needed");

/// A refresh token, taken apart and not yet believed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RefreshToken {
    /// The session that it claims to be of.
    pub session: Uuid,
    /// Which of the session's tokens it claims to be.
    pub counter: i64,
    signed: [u8; SIGNED_BYTES],
    mac: [u8; MAC_BYTES],
}

impl RefreshToken {
    /// Makes a session's token.
    pub(crate) fn make(session: Uuid, counter: i64, key: &Secret<Vec<u8>>) -> String {
        let mut bytes = Vec::with_capacity(TOKEN_BYTES);
        bytes.push(VERSION);
        bytes.extend_from_slice(session.as_bytes());
        bytes.extend_from_slice(&counter.to_be_bytes());
        let mac = mac_of(key, &bytes);
        bytes.extend_from_slice(&mac);
        let checksum = Sha256::digest(&bytes);
        bytes.extend_from_slice(&checksum[..4]);
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// Takes a token apart; nothing when it is none of ours or was mangled.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        if text.len() != TOKEN_CHARS {
            return None;
        }
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let (body, checksum) = bytes.split_at_checked(TOKEN_BYTES - 4)?;
        if body[0] != VERSION || Sha256::digest(body)[..4] != *checksum {
            return None;
        }
        Some(Self {
            session: Uuid::from_slice(&body[1..17]).ok()?,
            counter: i64::from_be_bytes(body[17..SIGNED_BYTES].try_into().ok()?),
            signed: body[..SIGNED_BYTES].try_into().ok()?,
            mac: body[SIGNED_BYTES..].try_into().ok()?,
        })
    }

    /// Whether the token was made with this key.
    pub(crate) fn is_made_with(&self, key: &Secret<Vec<u8>>) -> bool {
        postern_vault::same(&mac_of(key, &self.signed), &self.mac)
    }
}

fn mac_of(key: &Secret<Vec<u8>>, message: &[u8]) -> [u8; MAC_BYTES] {
    let key = hmac::Key::new(hmac::HMAC_SHA256, key.expose());
    let mut mac = [0; MAC_BYTES];
    mac.copy_from_slice(&hmac::sign(&key, message).as_ref()[..MAC_BYTES]);
    mac
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(byte: u8) -> Secret<Vec<u8>> {
        Secret::new(vec![byte; 32])
    }

    #[test]
    fn a_token_says_what_it_was_made_of() {
        let session = Uuid::from_u128(7);

        let token = RefreshToken::parse(&RefreshToken::make(session, 41, &key(1)));

        let token = token.expect("a token");
        assert_eq!((token.session, token.counter), (session, 41));
        assert!(token.is_made_with(&key(1)));
        assert!(!token.is_made_with(&key(2)));
    }

    #[test]
    fn attack_09_a_cut_or_flipped_token_is_no_token() {
        let token = RefreshToken::make(Uuid::from_u128(7), 41, &key(1));

        for length in 0..token.len() {
            assert_eq!(RefreshToken::parse(&token[..length]), None);
        }
        for index in 0..token.len() {
            let mut flipped = token.clone().into_bytes();
            flipped[index] = if flipped[index] == b'A' { b'B' } else { b'A' };
            let flipped = String::from_utf8(flipped).expect("ASCII");
            let believed = RefreshToken::parse(&flipped).is_some_and(|it| it.is_made_with(&key(1)));
            assert!(!believed, "{flipped}");
        }
    }

    #[test]
    fn attack_09_a_forged_token_is_well_formed_and_not_believed() {
        let forged = RefreshToken::make(Uuid::from_u128(7), 42, &key(2));

        let forged = RefreshToken::parse(&forged).expect("its checksum is right");

        assert!(!forged.is_made_with(&key(1)));
    }
}
