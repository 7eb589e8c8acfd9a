//! Why a mail did not leave, sorted by what the caller can do about it.

use std::error::Error as _;
use std::io;

use lettre::transport::smtp;

use crate::clean;

/// Most characters of a server's answer that are kept for the log.
const REPLY_CHARS_MAX: usize = 200;

/// Why a mail was not sent. The texts may hold what the mail server said and the addressee's
/// address; they are for the log, never for the person who asked for the mail.
#[derive(Debug, thiserror::Error)]
pub enum SendError {
    /// No mail server is configured.
    #[error("no mail is sent, because `mail.smtp` is not configured")]
    Off,
    /// The mail server refuses this mail for good: no such mailbox, a refused sender.
    #[error("the mail server refused the mail for good ({status}): {reply}")]
    Refused {
        /// The SMTP status.
        status: u16,
        /// What the server says.
        reply: String,
    },
    /// The mail server does not let us in; no mail will leave until the settings are changed.
    #[error("the mail server refused user or password ({status}): {reply}")]
    Login {
        /// The SMTP status.
        status: u16,
        /// What the server says.
        reply: String,
    },
    /// The mail server cannot do it now.
    #[error("the mail server put the mail off ({status}): {reply}")]
    Deferred {
        /// The SMTP status.
        status: u16,
        /// What the server says.
        reply: String,
    },
    /// The mail server cannot be reached, or went away.
    #[error("the mail server cannot be reached: {why}")]
    Unreachable {
        /// What the system says.
        why: String,
    },
    /// No encrypted connection came about; nothing is ever sent over a plain one instead.
    #[error("no encrypted connection to the mail server: {why}")]
    Tls {
        /// What is wrong with the certificate or the handshake.
        why: String,
    },
    /// It took longer than the setting allows, waiting for a free connection included.
    #[error("the mail server did not take the mail within {seconds} s")]
    TimedOut {
        /// The limit.
        seconds: u64,
    },
    /// The mail itself cannot be written down.
    #[error("the mail cannot be put together: {why}")]
    Unwritable {
        /// What is wrong with it.
        why: String,
    },
}

impl SendError {
    /// Whether the same mail may get through later.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Deferred { .. } | Self::Unreachable { .. } | Self::TimedOut { .. } => true,
            // A certificate is renewed, settings are corrected: that takes a person, not a retry.
            Self::Off
            | Self::Refused { .. }
            | Self::Login { .. }
            | Self::Tls { .. }
            | Self::Unwritable { .. } => false,
        }
    }

    pub(super) fn of_smtp(error: &smtp::Error) -> Self {
        let reply = causes(error);
        let status = error.status().map_or(0, u16::from);
        if matches!(status, 530 | 534 | 535 | 538) {
            Self::Login { status, reply }
        } else if error.is_permanent() {
            Self::Refused { status, reply }
        } else if error.is_transient() {
            Self::Deferred { status, reply }
        } else if error.is_tls() || is_handshake(error) {
            Self::Tls { why: reply }
        } else if error.is_client() {
            // The server lacks what the settings ask for, such as STARTTLS or a way to log in.
            Self::Refused { status, reply }
        } else {
            Self::Unreachable { why: reply }
        }
    }
}

/// The library takes a handshake that fails for a connection that breaks. It matters, because one
/// is worth another try and the other is not.
fn is_handshake(error: &smtp::Error) -> bool {
    let mut source = error.source();
    while let Some(cause) = source {
        let inner = cause.downcast_ref().and_then(io::Error::get_ref);
        if inner.is_some_and(|it| it.is::<rustls::Error>()) {
            return true;
        }
        source = cause.source();
    }
    false
}

/// The error and what caused it, on one line.
fn causes(error: &smtp::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let cause_text = cause.to_string();
        if !text.contains(&cause_text) {
            text.push_str(": ");
            text.push_str(&cause_text);
        }
        source = cause.source();
    }
    clean::one_line(&text, REPLY_CHARS_MAX)
}
