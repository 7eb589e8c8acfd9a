//! One recovery code: how it is drawn, spelled and read.

use postern_base::Random;
use uuid::Uuid;

/// Random bytes of a code: sixteen characters.
const CODE_BYTES: usize = 10;
/// Small letters and digits without those that look like another (Crockford's).
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// Draws a code.
pub(crate) fn new(random: &dyn Random) -> String {
    let mut bytes = [0; CODE_BYTES];
    random.fill(&mut bytes);
    base32(ALPHABET, &bytes)
}

/// A code is bound to its user, so that it fits nobody else.
pub(crate) fn message(user: Uuid, code: &str) -> Vec<u8> {
    format!("{user}|{code}").into_bytes()
}

/// A code as it was made, however it was typed.
pub(crate) fn canonical(typed: &str) -> String {
    let mut canonical = String::new();
    for character in typed.chars().take(100) {
        match character.to_ascii_lowercase() {
            '-' => {}
            it if it.is_whitespace() => {}
            'o' => canonical.push('0'),
            'i' | 'l' => canonical.push('1'),
            it => canonical.push(it),
        }
    }
    canonical
}

/// Five bits a character, most significant first, without padding.
pub(crate) fn base32(alphabet: &[u8; 32], bytes: &[u8]) -> String {
    let mut text = String::new();
    let (mut bits, mut held) = (0_u16, 0);
    for byte in bytes {
        bits = bits << 8 | u16::from(*byte);
        held += 8;
        while held >= 5 {
            held -= 5;
            text.push(char::from(alphabet[usize::from(bits >> held & 31)]));
        }
        // What is left over are less than five bits.
        bits &= 31;
    }
    if held > 0 {
        text.push(char::from(alphabet[usize::from(bits << (5 - held) & 31)]));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{ALPHABET, base32, canonical};

    #[test]
    fn base32_is_that_of_the_rfc() {
        let rfc = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
        for (bytes, text) in [
            ("", ""),
            ("f", "MY"),
            ("fo", "MZXQ"),
            ("foo", "MZXW6"),
            ("foob", "MZXW6YQ"),
            ("fooba", "MZXW6YTB"),
            ("foobar", "MZXW6YTBOI"),
        ] {
            assert_eq!(base32(rfc, bytes.as_bytes()), text);
        }
    }

    #[test]
    fn a_code_has_sixteen_characters_of_which_none_looks_like_another() {
        assert_eq!(base32(ALPHABET, &[0xff; 10]).len(), 16);
        assert_eq!(canonical(" K4M9-x7qp-2ab8-ht3z\n"), "k4m9x7qp2ab8ht3z");
        assert_eq!(canonical("OIL0"), "0110");
    }
}
