//! The one form of a password that is hashed, counted and looked up.
//!
//! RFC 8265, `OpaqueString`: every Unicode space becomes U+0020, then NFC. That profile also
//! refuses control characters; we do not, because a refusal would lock out imported accounts.

use std::borrow::Cow;

use unicode_normalization::UnicodeNormalization;

/// Brings a password into the form of RFC 8265; ASCII is in it already.
pub(crate) fn prepare(password: &str) -> Cow<'_, str> {
    if password.is_ascii() {
        return Cow::Borrowed(password);
    }
    Cow::Owned(password.chars().map(space_to_ascii).nfc().collect())
}

/// Maps the characters of the Unicode category Zs to the ASCII space.
fn space_to_ascii(char: char) -> char {
    match char {
        '\u{a0}' | '\u{1680}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}' | '\u{3000}' => {
            ' '
        }
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::prepare;

    #[test]
    fn composes_accents_and_maps_spaces() {
        assert_eq!(prepare("cafe\u{301}\u{a0}noir"), "caf\u{e9} noir");
        assert_eq!(prepare("plain ascii"), "plain ascii");
    }

    #[test]
    fn keeps_characters_that_only_look_alike() {
        assert_eq!(prepare("\u{ff21}\u{2460}"), "\u{ff21}\u{2460}");
    }
}
