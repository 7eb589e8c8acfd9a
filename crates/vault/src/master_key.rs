//! The one key that the operator holds, as text and as bytes.

use base64::Engine;
use base64::alphabet::{STANDARD, URL_SAFE};
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use postern_base::{Random, Secret};

use crate::Error;

/// Length of a master key in bytes.
pub(crate) const MASTER_KEY_BYTES: usize = 32;

const ANY_PADDING: GeneralPurposeConfig =
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
const BASE64: GeneralPurpose = GeneralPurpose::new(&STANDARD, ANY_PADDING);
const BASE64_URL: GeneralPurpose = GeneralPurpose::new(&URL_SAFE, ANY_PADDING);

/// The 32 bytes from which every key of the vault is derived.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MasterKey(Secret<[u8; MASTER_KEY_BYTES]>);

impl MasterKey {
    /// Reads 64 hex digits, or 32 bytes in either alphabet of base64, padded or not.
    ///
    /// White space around it is ignored, because files end in a line break. Errors never quote
    /// the text.
    pub fn parse(text: &Secret<String>) -> Result<Self, Error> {
        let text = text.expose().trim();
        let bytes = if text.len() == MASTER_KEY_BYTES * 2 {
            from_hex(text).ok_or(Error::MasterKeyShape)?
        } else {
            from_base64(text).ok_or(Error::MasterKeyShape)?
        };
        // SECURITY: zeros and the like come from examples and placeholders, never from a source
        // of randomness; to start with one would seal everything with a key that anybody knows.
        if bytes.iter().all(|byte| *byte == bytes[0]) {
            return Err(Error::MasterKeyWeak);
        }
        Ok(Self(Secret::new(bytes)))
    }

    /// Draws a new key.
    pub fn generate(random: &dyn Random) -> Self {
        let mut bytes = [0; MASTER_KEY_BYTES];
        random.fill(&mut bytes);
        Self(Secret::new(bytes))
    }

    /// The key as the hex digits that [`Self::parse`] reads, for the file it is kept in.
    #[must_use]
    pub fn to_text(&self) -> Secret<String> {
        let digits = self.bytes().iter().map(|byte| format!("{byte:02x}"));
        Secret::new(digits.collect())
    }

    pub(crate) fn bytes(&self) -> &[u8; MASTER_KEY_BYTES] {
        self.0.expose()
    }
}

fn from_hex(text: &str) -> Option<[u8; MASTER_KEY_BYTES]> {
    let mut bytes = [0; MASTER_KEY_BYTES];
    for (byte, pair) in bytes.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
        *byte = hex_digit(pair[0])? << 4 | hex_digit(pair[1])?;
    }
    Some(bytes)
}

fn hex_digit(digit: u8) -> Option<u8> {
    let value = char::from(digit).to_digit(16)?;
    u8::try_from(value).ok()
}

fn from_base64(text: &str) -> Option<[u8; MASTER_KEY_BYTES]> {
    let decoded = BASE64.decode(text).or_else(|_| BASE64_URL.decode(text));
    decoded.ok()?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use postern_base::Secret;

    use super::MasterKey;
    use crate::{Error, SystemRandom};

    const HEX: &str = "00fbff0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d";

    fn parse(text: &str) -> Result<MasterKey, Error> {
        MasterKey::parse(&Secret::new(text.to_owned()))
    }

    #[test]
    fn hex_and_both_alphabets_of_base64_name_the_same_key() {
        let key = parse(HEX).expect("hex");

        for text in [
            "00FBFF0102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D",
            "APv/AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0=",
            "APv/AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0",
            "APv_AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0=",
            "  APv_AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0\n",
        ] {
            assert_eq!(parse(text), Ok(key.clone()), "{text}");
        }
    }

    #[test]
    fn other_lengths_and_alphabets_are_refused() {
        let not_hex = format!("zz{}", &HEX[2..]);
        for text in ["", "hunter2", &HEX[2..], &not_hex, "AAEC", &"ä".repeat(32)] {
            assert_eq!(parse(text), Err(Error::MasterKeyShape), "{text}");
        }
    }

    #[test]
    fn a_key_of_one_repeated_byte_is_refused() {
        assert_eq!(parse(&"00".repeat(32)), Err(Error::MasterKeyWeak));
        assert_eq!(parse(&"7a".repeat(32)), Err(Error::MasterKeyWeak));
    }

    #[test]
    fn a_new_key_survives_its_text() {
        let key = MasterKey::generate(&SystemRandom);

        assert_eq!(MasterKey::parse(&key.to_text()), Ok(key.clone()));
        assert_ne!(key, MasterKey::generate(&SystemRandom));
    }

    #[test]
    fn debug_output_hides_the_key() {
        let shown = format!("{:?}", parse(HEX).expect("hex"));

        assert_eq!(shown, "MasterKey(Secret(…))");
    }
}
