//! Secrets out of the system's own randomness.

/// Makes a text of letters and digits, each drawn evenly from 62.
///
/// SECURITY: bytes of 248 and above are thrown away, else some letters would be likelier.
pub(super) fn text(length: usize) -> String {
    const ALPHABET: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    let mut text = String::with_capacity(length);
    let mut bytes = [0_u8; 64];
    while text.len() < length {
        getrandom::fill(&mut bytes)
            .expect("INVARIANT: a system without randomness cannot run a server with secrets");
        let letters = bytes.iter().filter(|byte| **byte < 248);
        let missing = length - text.len();
        text.extend(
            letters
                .take(missing)
                .map(|byte| char::from(ALPHABET[usize::from(byte % 62)])),
        );
    }
    text
}

#[cfg(test)]
mod tests {
    #[test]
    fn texts_have_their_length_and_differ() {
        assert_eq!(super::text(100).len(), 100);
        assert_ne!(super::text(32), super::text(32));
    }
}
