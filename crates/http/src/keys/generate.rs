//! Makes new keys out of the operating system's random numbers.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use postern_base::Secret;

use super::api_key::{PUBLISHABLE_PREFIX, SECRET_PREFIX};

/// Makes a publishable key: anonymous access, safe to ship in an app.
pub fn generate_publishable_key() -> String {
    format!("{PUBLISHABLE_PREFIX}{}", random_text::<24>())
}

/// Makes a secret key: full access, for servers only.
pub fn generate_secret_key() -> Secret<String> {
    Secret::new(format!("{SECRET_PREFIX}{}", random_text::<24>()))
}

/// Makes an HS256 secret of 256 bits, as text.
pub fn generate_jwt_secret() -> Secret<String> {
    Secret::new(random_text::<32>())
}

fn random_text<const BYTES: usize>() -> String {
    let mut bytes = [0_u8; BYTES];
    getrandom::fill(&mut bytes)
        .expect("INVARIANT: a machine without random numbers must not make keys");
    URL_SAFE_NO_PAD.encode(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_long_distinct_and_marked() {
        let (one, two) = (generate_publishable_key(), generate_publishable_key());

        assert_ne!(one, two);
        assert_eq!(one.len(), PUBLISHABLE_PREFIX.len() + 32);
        assert!(generate_secret_key().expose().starts_with("sb_secret_"));
        assert_eq!(generate_jwt_secret().expose().len(), 43);
    }
}
