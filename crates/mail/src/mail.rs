//! One mail, ready to be sent.

use std::fmt;

use postern_base::Secret;

use crate::{Address, Header, MailKind};

/// A mail to one person, as text and as HTML.
#[derive(Clone)]
pub struct Mail {
    /// Who gets it.
    pub to: Address,
    /// One line; anything that is no visible character is replaced on the way out.
    pub subject: String,
    /// The plain text.
    pub text: String,
    /// The same as HTML.
    pub html: String,
    /// Headers beside those that every mail has.
    pub headers: Vec<Header>,
    /// The occasion; the dev mailbox shows it.
    pub kind: Option<MailKind>,
    /// The code in the mail; the dev mailbox shows it.
    pub code: Option<Secret<String>>,
    /// The link in the mail; the dev mailbox shows it.
    pub link: Option<Secret<String>>,
}

/// Subject and bodies hold codes and links, so debug output says only that they are there.
impl fmt::Debug for Mail {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Mail")
            .field("to", &self.to)
            .field("kind", &self.kind)
            .field("text_bytes", &self.text.len())
            .field("html_bytes", &self.html.len())
            .finish_non_exhaustive()
    }
}
