//! What a user is found by: an e-mail address or a phone number, parsed and normalised.

use postern_mail::Address;

use crate::{Error, Result};

/// Digits of a number with its country code, by E.164.
const PHONE_DIGITS: std::ops::RangeInclusive<usize> = 7..=15;

/// An address or a number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Identifier {
    /// An e-mail address.
    Email(Address),
    /// A phone number.
    Phone(Phone),
}

/// A phone number in E.164, kept without the plus sign as Supabase does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Phone(String);

impl Phone {
    /// Reads a number; spaces, hyphens, dots and brackets between digits are left out.
    ///
    /// # Errors
    /// When it is no number with a country code.
    pub fn parse(text: &str) -> Result<Self> {
        let refused = || Error::invalid("Invalid phone number format (E.164 required)");
        let digits: String = text
            .strip_prefix('+')
            .unwrap_or(text)
            .chars()
            .filter(|it| !matches!(it, ' ' | '-' | '.' | '(' | ')'))
            .collect();
        let is_number = digits.bytes().all(|it| it.is_ascii_digit()) && !digits.starts_with('0');
        if !is_number || !PHONE_DIGITS.contains(&digits.len()) {
            return Err(refused());
        }
        Ok(Self(digits))
    }

    /// The digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Identifier {
    /// Reads the fields of a request, of which exactly one may be there.
    ///
    /// # Errors
    /// When none or both are there, or the one makes no sense.
    pub fn parse(email: Option<&str>, phone: Option<&str>) -> Result<Self> {
        let given = |it: Option<&str>| it.is_some_and(|it| !it.is_empty());
        match (given(email), given(phone)) {
            (true, true) => Err(Error::invalid(
                "Only an email address or phone number should be provided",
            )),
            (true, false) => parse_email(email.unwrap_or_default()).map(Self::Email),
            (false, true) => Phone::parse(phone.unwrap_or_default()).map(Self::Phone),
            (false, false) => Err(Error::invalid("missing email or phone")),
        }
    }

    /// The text that limits and logs count by.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Email(address) => address.as_str(),
            Self::Phone(number) => number.as_str(),
        }
    }
}

/// Reads an e-mail address.
///
/// # Errors
/// When it is none that we take.
pub fn parse_email(text: &str) -> Result<Address> {
    Address::parse(text)
        .map_err(|_| Error::invalid("Unable to validate email address: invalid format"))
}
