//! The system's randomness, and the tokens and codes that are drawn from a source of it.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use postern_base::Random;

/// Bytes drawn at a time for digits: more than most codes need, so one draw suffices.
const DIGIT_BYTES: usize = 32;

/// The operating system's generator.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemRandom;

impl Random for SystemRandom {
    fn fill(&self, bytes: &mut [u8]) {
        // SECURITY: going on without randomness would hand out keys that can be guessed, so a
        // system that has none ends the request by a panic.
        getrandom::fill(bytes).expect("INVARIANT: the system's generator answers once it is up");
    }
}

/// `N` random bytes in base64url: a token for links, sessions and keys.
#[must_use]
pub fn token<const N: usize>(random: &dyn Random) -> String {
    let mut bytes = [0; N];
    random.fill(&mut bytes);
    URL_SAFE_NO_PAD.encode(bytes)
}

/// `count` random decimal digits, each value of them as likely as any other.
#[must_use]
pub fn digits(random: &dyn Random, count: usize) -> String {
    let mut text = String::with_capacity(count);
    while text.len() < count {
        let mut bytes = [0; DIGIT_BYTES];
        random.fill(&mut bytes);
        // SECURITY: 256 is no multiple of ten, so bytes from 250 up are thrown away; otherwise
        // the digits 0 to 5 would come up more often.
        let drawn = bytes.iter().filter(|byte| **byte < 250);
        let drawn = drawn.map(|byte| char::from(b'0' + byte % 10));
        text.extend(drawn.take(count - text.len()));
    }
    text
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::sync::atomic::{AtomicU8, Ordering};

    use postern_base::Random;

    use super::{SystemRandom, digits, token};

    /// Counts through all bytes, over and over: a source with a perfectly even distribution.
    struct Counting(AtomicU8);

    impl Random for Counting {
        fn fill(&self, bytes: &mut [u8]) {
            for byte in bytes {
                *byte = self.0.fetch_add(1, Ordering::Relaxed);
            }
        }
    }

    #[test]
    fn digits_have_the_length_that_was_asked_for() {
        for count in [0, 1, 6, 10, 31, 32, 33, 500] {
            let code = digits(&SystemRandom, count);

            assert_eq!(code.len(), count);
            assert!(code.bytes().all(|it| it.is_ascii_digit()), "{code}");
        }
    }

    #[test]
    fn digits_are_unbiased() {
        let even = Counting(AtomicU8::new(0));

        let code = digits(&even, 2500);

        for digit in '0'..='9' {
            let count = code.chars().filter(|it| *it == digit).count();
            assert_eq!(count, 250, "{digit}");
        }
    }

    #[test]
    fn digits_of_the_system_are_spread_evenly() {
        let code = digits(&SystemRandom, 100_000);

        for digit in '0'..='9' {
            let count = code.chars().filter(|it| *it == digit).count();
            // Ten standard deviations to either side: this fails for bias, not by bad luck.
            assert!((9_050..=10_950).contains(&count), "{digit}: {count}");
        }
    }

    #[test]
    fn tokens_are_base64url_of_their_length_and_never_repeat() {
        let tokens: HashSet<String> = (0..1_000).map(|_| token::<32>(&SystemRandom)).collect();

        assert_eq!(tokens.len(), 1_000);
        for token in tokens {
            assert_eq!(token.len(), 43);
            let fine = |it: u8| it.is_ascii_alphanumeric() || it == b'-' || it == b'_';
            assert!(token.bytes().all(fine), "{token}");
        }
    }
}
