//! A mail header that somebody else than this crate chose.

use crate::clean;

/// Longest value in characters; a line of a mail holds no more than 998 bytes.
const VALUE_CHARS_MAX: usize = 500;
/// Longest name in bytes.
const NAME_BYTES_MAX: usize = 60;
/// Most headers of one mail; more are dropped.
pub(crate) const HEADERS_MAX: usize = 20;

/// Headers that are ours: they say who writes to whom, when, and what the body is.
const OURS: [&str; 13] = [
    "from",
    "sender",
    "to",
    "cc",
    "bcc",
    "subject",
    "date",
    "message-id",
    "mime-version",
    "return-path",
    "received",
    "auto-submitted",
    "dkim-signature",
];

/// One additional header, checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    name: String,
    value: String,
}

/// Why a header is not sent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HeaderError {
    /// No header name.
    #[error("`{0}` is not the name of a header; letters, digits and dashes are")]
    Name(String),
    /// A header that this crate writes itself.
    #[error("the header `{0}` is always written by Postern and cannot be set")]
    Ours(String),
    /// A value that would break the line.
    #[error("the value of the header `{0}` holds a line break or another control character")]
    Value(String),
    /// A value that does not fit.
    #[error("the value of the header `{0}` is longer than 500 characters")]
    TooLong(String),
    /// One too many.
    #[error("the header `{0}` is more than the 20 that one mail may have")]
    TooMany(String),
}

impl Header {
    /// Checks name and value.
    ///
    /// # Errors
    /// Refuses names that are ours and everything that could start a second header.
    pub fn parse(name: &str, value: &str) -> Result<Self, HeaderError> {
        let shown = clean::one_line(name, NAME_BYTES_MAX);
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        if name.is_empty() || name.len() > NAME_BYTES_MAX || !name.bytes().all(allowed) {
            return Err(HeaderError::Name(shown));
        }
        let lower = name.to_ascii_lowercase();
        if OURS.contains(&lower.as_str())
            || lower.starts_with("content-")
            || lower.starts_with("resent-")
        {
            return Err(HeaderError::Ours(shown));
        }
        if clean::has_invisible(value) {
            return Err(HeaderError::Value(shown));
        }
        if value.chars().count() > VALUE_CHARS_MAX {
            return Err(HeaderError::TooLong(shown));
        }
        Ok(Self {
            name: name.to_owned(),
            value: value.to_owned(),
        })
    }

    /// The name as it was given.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The value, not encoded yet.
    pub fn value(&self) -> &str {
        &self.value
    }
}

#[cfg(test)]
mod tests {
    use super::{Header, HeaderError};

    #[test]
    fn takes_headers_that_change_nothing_of_ours() {
        for (name, value) in [
            ("X-Campaign", "sign in"),
            ("Reply-To", "support@example.com"),
            ("List-Unsubscribe", "<https://example.com/u>"),
            ("X-Greeting", "Grüße"),
        ] {
            assert!(Header::parse(name, value).is_ok(), "{name}");
        }
    }

    #[test]
    fn attack_37_refuses_headers_that_address_or_enclose() {
        for name in [
            "Bcc",
            "to",
            "FROM",
            "Subject",
            "Content-Type",
            "Resent-To",
            "Date",
        ] {
            assert_eq!(
                Header::parse(name, "x"),
                Err(HeaderError::Ours(name.into()))
            );
        }
    }

    #[test]
    fn attack_37_refuses_names_and_values_that_break_lines() {
        for name in ["X-A\r\nBcc", "X A", "X-A:", "", "X-Ä"] {
            assert!(
                matches!(Header::parse(name, "x"), Err(HeaderError::Name(_))),
                "{name:?}"
            );
        }
        for value in [
            "a\r\nBcc: eve@evil.example",
            "a\nb",
            "a\rb",
            "a\0b",
            "a\u{2028}b",
        ] {
            assert!(
                matches!(Header::parse("X-A", value), Err(HeaderError::Value(_))),
                "{value:?}"
            );
        }
    }
}
