//! The pieces that the formats share: `$`-separated parts, `name=value` settings, base64.

use std::ops::RangeInclusive;

use base64::Engine;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use super::error::{HashError, Kind};
use crate::caps::{DIGEST_BYTES_MAX, DIGEST_BYTES_MIN, SALT_BYTES_MAX};

/// Reads what other tools wrote: padding or none, and stray bits in the last character.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Splits at `$` into exactly `N` parts; `part` names what is missing or left over.
pub(crate) fn parts<'text, const N: usize>(
    kind: Kind,
    part: &'static str,
    text: &'text str,
) -> Result<[&'text str; N], HashError> {
    let all: Vec<&str> = text.split('$').collect();
    all.try_into()
        .map_err(|_| HashError::Malformed { kind, part })
}

/// Decodes a salt of at least `bytes_min`.
pub(crate) fn salt(kind: Kind, text: &str, bytes_min: usize) -> Result<Vec<u8>, HashError> {
    decode(kind, "salt", text, bytes_min..=SALT_BYTES_MAX)
}

/// Decodes a digest.
pub(crate) fn digest(kind: Kind, text: &str) -> Result<Vec<u8>, HashError> {
    decode(kind, "digest", text, DIGEST_BYTES_MIN..=DIGEST_BYTES_MAX)
}

/// Decodes base64 of any of the three alphabets, which differ in two characters only.
pub(crate) fn decode(
    kind: Kind,
    part: &'static str,
    text: &str,
    lengths: RangeInclusive<usize>,
) -> Result<Vec<u8>, HashError> {
    let standard: String = text
        .chars()
        .map(|char| match char {
            '-' | '.' => '+',
            '_' => '/',
            other => other,
        })
        .collect();
    let bytes = LENIENT
        .decode(standard)
        .map_err(|_| HashError::Malformed { kind, part })?;
    HashError::check_bounds(kind, part, bytes.len(), lengths)?;
    Ok(bytes)
}

/// A decimal number without sign, spaces or more digits than any bound needs.
pub(crate) fn number(
    kind: Kind,
    parameter: &'static str,
    text: &str,
    bounds: RangeInclusive<u32>,
) -> Result<u32, HashError> {
    if text.is_empty() || text.len() > 20 || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(HashError::Malformed {
            kind,
            part: parameter,
        });
    }
    let value = text.parse().unwrap_or(u32::MAX);
    HashError::check_bounds(kind, parameter, value, bounds)?;
    Ok(value)
}

/// Settings such as `m=19456,t=2,p=1`; each must be asked for, none may come twice.
pub(crate) struct Settings<'text> {
    kind: Kind,
    pairs: Vec<(&'text str, &'text str)>,
}

impl<'text> Settings<'text> {
    /// Splits the text; the order of the settings does not matter.
    pub(crate) fn parse(kind: Kind, text: &'text str) -> Result<Self, HashError> {
        let pairs = text
            .split(',')
            .map(|pair| pair.split_once('='))
            .collect::<Option<Vec<_>>>()
            .ok_or(HashError::Malformed {
                kind,
                part: "settings",
            })?;
        Ok(Self { kind, pairs })
    }

    /// Takes a setting that may be absent.
    pub(crate) fn find(&mut self, name: &str) -> Option<&'text str> {
        let index = self.pairs.iter().position(|(found, _)| *found == name)?;
        Some(self.pairs.remove(index).1)
    }

    /// Takes a number that must be there.
    pub(crate) fn number(
        &mut self,
        name: &'static str,
        bounds: RangeInclusive<u32>,
    ) -> Result<u32, HashError> {
        let text = self.find(name).ok_or(HashError::Malformed {
            kind: self.kind,
            part: name,
        })?;
        number(self.kind, name, text, bounds)
    }

    /// Refuses settings that nobody asked for: they would change the digest unknown to us.
    pub(crate) fn finish(self) -> Result<(), HashError> {
        if self.pairs.is_empty() {
            return Ok(());
        }
        Err(HashError::Malformed {
            kind: self.kind,
            part: "settings",
        })
    }
}
