//! The text form `pe1.<key id>.<nonce>.<sealed bytes>`.

use aws_lc_rs::aead::NONCE_LEN;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::keys::KEY_ID_DIGITS;
use crate::Error;

const VERSION: &str = "pe1";

/// The parts of a sealed value, not yet opened.
pub(super) struct Sealed<'a> {
    pub(super) key_id: &'a str,
    pub(super) nonce: [u8; NONCE_LEN],
    pub(super) bytes: Vec<u8>,
}

pub(super) fn print(key_id: &str, nonce: &[u8], bytes: &[u8]) -> String {
    let nonce = URL_SAFE_NO_PAD.encode(nonce);
    let bytes = URL_SAFE_NO_PAD.encode(bytes);
    format!("{VERSION}.{key_id}.{nonce}.{bytes}")
}

pub(super) fn parse(text: &str) -> Result<Sealed<'_>, Error> {
    let parts: Vec<&str> = text.splitn(5, '.').collect();
    let [VERSION, key_id, nonce, bytes] = parts[..] else {
        return Err(Error::Malformed);
    };
    let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    if key_id.len() != KEY_ID_DIGITS || !key_id.bytes().all(is_digit) {
        return Err(Error::Malformed);
    }
    let decode = |part: &str| URL_SAFE_NO_PAD.decode(part).map_err(|_| Error::Malformed);
    let nonce = decode(nonce)?.try_into().map_err(|_| Error::Malformed)?;
    let bytes = decode(bytes)?;
    Ok(Sealed {
        key_id,
        nonce,
        bytes,
    })
}
