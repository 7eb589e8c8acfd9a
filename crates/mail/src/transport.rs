//! The ways a mail leaves the house: SMTP, the dev mailbox, or not at all.

mod error;
mod message;
mod settings;
mod smtp;

use std::sync::Arc;

use crate::{DevMailbox, Mail};

pub use error::SendError;
pub use settings::{Security, SettingWarning, SettingsError, SmtpSettings};
pub use smtp::Smtp;

/// Where mails go.
#[derive(Clone)]
pub enum Transport {
    /// To a mail server.
    Smtp(Arc<Smtp>),
    /// Into the mailbox that developers look at.
    DevMailbox(Arc<DevMailbox>),
    /// Nowhere: no mail server is configured.
    Off,
}

impl Transport {
    /// Sends one mail, and returns when the next server has taken it.
    ///
    /// # Errors
    /// Says whether it is worth trying again; see [`SendError::is_transient`].
    pub async fn send(&self, mail: &Mail) -> Result<(), SendError> {
        match self {
            Self::Smtp(smtp) => smtp.send(mail).await,
            Self::DevMailbox(mailbox) => {
                mailbox.keep(mail);
                Ok(())
            }
            Self::Off => Err(SendError::Off),
        }
    }

    /// Whether a mail could leave at all.
    pub fn is_on(&self) -> bool {
        !matches!(self, Self::Off)
    }

    /// What it is called in logs and in the console.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Smtp(_) => "smtp",
            Self::DevMailbox(_) => "dev mailbox",
            Self::Off => "off",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{SendError, Transport};
    use crate::{Address, Mail};

    #[tokio::test]
    async fn without_a_transport_no_mail_is_sent() {
        let mail = Mail {
            to: Address::parse("ada@example.com").unwrap(),
            subject: String::new(),
            text: String::new(),
            html: String::new(),
            headers: Vec::new(),
            kind: None,
            code: None,
            link: None,
        };

        let error = Transport::Off.send(&mail).await.unwrap_err();

        assert!(matches!(error, SendError::Off));
        assert!(!error.is_transient());
        assert!(!Transport::Off.is_on());
    }
}
