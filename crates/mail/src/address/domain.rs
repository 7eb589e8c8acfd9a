//! The domain of an address, brought into its ASCII form or refused.
//!
//! UTS 46 turns many spellings into one name: full-width letters, the ideographic full stop,
//! letters in circles. A person types none of these, an attacker does, so a spelling that changes
//! by more than its case is refused instead of repaired.

use idna::uts46::{AsciiDenyList, DnsLength, Hyphens, Uts46};

use super::AddressError;

/// The domain in lower-case ASCII.
pub(super) fn normalise(domain: &str) -> Result<String, AddressError> {
    if domain.is_empty() {
        return Err(AddressError::NoDomain);
    }
    if domain.ends_with('.') {
        return Err(AddressError::TrailingDot);
    }
    if domain.starts_with('[') || is_number(domain) {
        return Err(AddressError::Number);
    }
    if !domain.is_ascii() {
        check_spelling(domain)?;
        check_alphabets(domain)?;
    }
    let ascii = Uts46::new()
        .to_ascii(
            domain.as_bytes(),
            AsciiDenyList::STD3,
            Hyphens::CheckFirstLast,
            DnsLength::Verify,
        )
        .map_err(|_| AddressError::Domain)?;
    if !ascii.contains('.') {
        return Err(AddressError::Dotless);
    }
    if is_number(&ascii) {
        return Err(AddressError::Number);
    }
    // Punycode typed by hand must meet the same rules as what it stands for.
    if domain.is_ascii() && ascii.contains("xn--") {
        check_alphabets(&to_unicode(&ascii)?)?;
    }
    Ok(ascii.into_owned())
}

/// No top-level domain is a number, but the last part of an IPv4 address is.
fn is_number(domain: &str) -> bool {
    let last = domain.rsplit('.').next().unwrap_or(domain);
    let hexadecimal = last
        .strip_prefix("0x")
        .is_some_and(|it| it.bytes().all(|byte| byte.is_ascii_hexdigit()));
    hexadecimal || last.bytes().all(|byte| byte.is_ascii_digit())
}

fn to_unicode(domain: &str) -> Result<String, AddressError> {
    let (unicode, valid) = Uts46::new().to_unicode(
        domain.as_bytes(),
        AsciiDenyList::STD3,
        Hyphens::CheckFirstLast,
    );
    match valid {
        Ok(()) => Ok(unicode.into_owned()),
        Err(_) => Err(AddressError::Domain),
    }
}

/// What comes out of the mapping must be what went in, apart from the case of letters.
fn check_spelling(domain: &str) -> Result<(), AddressError> {
    if to_unicode(domain)? == domain.to_lowercase() {
        Ok(())
    } else {
        Err(AddressError::UnusualForm)
    }
}

/// Latin letters share no label with letters of alphabets that have look-alikes of them.
fn check_alphabets(domain: &str) -> Result<(), AddressError> {
    let mixed = |label: &str| {
        label.chars().any(is_latin) && label.chars().any(looks_like_latin)
            || label.chars().any(is_cyrillic) && label.chars().any(is_greek)
    };
    if domain.split('.').any(mixed) {
        return Err(AddressError::MixedAlphabets);
    }
    Ok(())
}

fn is_latin(letter: char) -> bool {
    letter.is_ascii_alphabetic() || matches!(letter, '\u{c0}'..='\u{24f}' | '\u{1e00}'..='\u{1eff}')
}

fn is_cyrillic(letter: char) -> bool {
    matches!(letter, '\u{400}'..='\u{52f}' | '\u{1c80}'..='\u{1c8f}' | '\u{2de0}'..='\u{2dff}'
        | '\u{a640}'..='\u{a69f}')
}

fn is_greek(letter: char) -> bool {
    matches!(letter, '\u{370}'..='\u{3ff}' | '\u{1f00}'..='\u{1fff}')
}

fn looks_like_latin(letter: char) -> bool {
    // Phonetic letters, Armenian, Georgian, Cherokee and Lisu have look-alikes too.
    is_cyrillic(letter)
        || is_greek(letter)
        || matches!(letter, '\u{250}'..='\u{2af}' | '\u{530}'..='\u{58f}' | '\u{10a0}'..='\u{10ff}'
            | '\u{13a0}'..='\u{13ff}' | '\u{a4d0}'..='\u{a4ff}' | '\u{ab70}'..='\u{abbf}')
}
