//! A mail address that names one mailbox and is written in one way only.
//!
//! Accounts are found by their address, so two spellings of one address must not exist, and no
//! spelling may be read as two addresses by anybody on the way. The grammar is therefore smaller
//! than RFC 5321 allows: no quoted local parts, comments, display names, address literals or
//! dotless domains, and an ASCII local part. International domains are kept in their ASCII form.
//! What is odd is refused; nothing is repaired but the case of letters.

mod domain;
mod error;
#[cfg(test)]
mod tests;

use std::fmt;

use email_address::{EmailAddress, Options};

pub use error::AddressError;

/// Longest address in bytes (RFC 5321, 4.5.3.1.3 without the angle brackets).
const ADDRESS_BYTES_MAX: usize = 254;
/// Longest local part in bytes (RFC 5321, 4.5.3.1.1).
const LOCAL_BYTES_MAX: usize = 64;

/// One mail address in its normal form: ASCII, lower case.
///
/// `Display` shows it, because it is going to be sent somewhere; `Debug` hides the local part,
/// because debug output ends up in logs.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Address {
    text: String,
    /// Where the `@` stands.
    at: usize,
}

impl Address {
    /// Reads an address as a person typed it.
    ///
    /// # Errors
    /// Says what to change; the message never repeats the input.
    pub fn parse(text: &str) -> Result<Self, AddressError> {
        if text.is_empty() {
            return Err(AddressError::Empty);
        }
        if text.len() > ADDRESS_BYTES_MAX {
            return Err(AddressError::TooLong);
        }
        check_characters(text)?;
        let (local, domain) = split(text)?;
        check_local(local)?;
        let domain = domain::normalise(domain)?;
        let text = format!("{}@{domain}", local.to_ascii_lowercase());
        // The ASCII form of a domain can be longer than what was typed.
        if text.len() > ADDRESS_BYTES_MAX {
            return Err(AddressError::TooLong);
        }
        check_once_more(&text)?;
        let at = local.len();
        Ok(Self { text, at })
    }

    /// The whole address.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// What stands before the `@`.
    pub fn local(&self) -> &str {
        &self.text[..self.at]
    }

    /// What stands after the `@`, in its ASCII form.
    pub fn domain(&self) -> &str {
        &self.text[self.at + 1..]
    }
}

/// Refuses what no part of an address may hold, so that the finer checks see plain text.
fn check_characters(text: &str) -> Result<(), AddressError> {
    if text.chars().any(char::is_control) {
        return Err(AddressError::ControlCharacter);
    }
    if text.chars().any(char::is_whitespace) {
        return Err(AddressError::Space);
    }
    if text.contains(['＠', '﹫']) {
        return Err(AddressError::LooksLikeAt);
    }
    if text.contains(['"', '\\']) {
        return Err(AddressError::Quoted);
    }
    if text.contains([',', ';']) {
        return Err(AddressError::Several);
    }
    if text.contains(['<', '>', '(', ')', ':']) {
        return Err(AddressError::DisplayName);
    }
    Ok(())
}

fn split(text: &str) -> Result<(&str, &str), AddressError> {
    let (local, domain) = text.split_once('@').ok_or(AddressError::NoAt)?;
    if domain.contains('@') {
        return Err(AddressError::Several);
    }
    Ok((local, domain))
}

fn check_local(local: &str) -> Result<(), AddressError> {
    if local.is_empty() {
        return Err(AddressError::NoLocalPart);
    }
    if !local.is_ascii() {
        return Err(AddressError::LocalNotAscii);
    }
    if local.len() > LOCAL_BYTES_MAX {
        return Err(AddressError::LocalTooLong);
    }
    if local.starts_with('.') || local.ends_with('.') || local.contains("..") {
        return Err(AddressError::LocalDots);
    }
    let allowed =
        |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~.".contains(&byte);
    if !local.bytes().all(allowed) {
        return Err(AddressError::LocalCharacter);
    }
    Ok(())
}

/// A second grammar, written by somebody else, has to agree with ours.
fn check_once_more(text: &str) -> Result<(), AddressError> {
    let options = Options::default()
        .with_required_tld()
        .without_domain_literal()
        .without_display_text();
    EmailAddress::parse_with_options(text, options)
        .map(drop)
        .map_err(|_| AddressError::Malformed)
}

impl fmt::Display for Address {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Address(…@{})", self.domain())
    }
}
