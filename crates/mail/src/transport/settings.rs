//! How to reach a mail server, and which of these settings mail can do without.

use std::net::IpAddr;
use std::time::Duration;

use postern_base::Secret;

use crate::header::HEADERS_MAX;
use crate::{Address, Header, HeaderError, clean};

/// Longest sender name in characters.
const NAME_CHARS_MAX: usize = 100;

/// How the connection to the mail server is encrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Security {
    /// It starts in the clear and must change to TLS before anything is said (port 587).
    Starttls,
    /// It is TLS from the first byte (port 465).
    Tls,
    /// It is never encrypted; passwords are sent to this machine only.
    None,
}

/// A mail server and what is written on every mail.
#[derive(Clone, Debug)]
pub struct SmtpSettings {
    /// The server's name; its certificate must bear it.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// The user to log in as; without one, nobody logs in.
    pub user: Option<String>,
    /// That user's password.
    pub password: Option<Secret<String>>,
    /// How the connection is encrypted.
    pub security: Security,
    /// The certificate authority to trust beside the system's, as PEM.
    pub authority_pem: Option<String>,
    /// The sender's address.
    pub from: Address,
    /// The sender's name.
    pub from_name: Option<String>,
    /// Headers on every mail, such as `Reply-To`.
    pub headers: Vec<(String, String)>,
    /// How long one mail may take.
    pub timeout: Duration,
}

/// A setting without which no mail can be sent is wrong.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// No name of a machine.
    #[error("`{0}` is not the name of a mail server")]
    Host(String),
    /// A password without a user, or the other way round.
    #[error("`user` and `password` of the mail server belong together; one of them is missing")]
    HalfALogin,
    /// A password that everybody on the way could read.
    #[error(
        "with `security = \"none\"` the password would cross the network in the clear; use \
         `starttls` or `tls`"
    )]
    PasswordInTheClear,
    /// No certificate.
    #[error("the certificate authority of the mail server is no PEM certificate: {0}")]
    Authority(String),
}

/// A setting that was left out because it is wrong. Sign-in must not stop for it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SettingWarning {
    /// The sender's name.
    #[error(
        "`from_name` is empty, longer than 100 characters or holds control characters; mails are \
         sent without a name"
    )]
    FromName,
    /// One header.
    #[error("{0}; mails are sent without it")]
    Header(HeaderError),
}

impl SmtpSettings {
    /// Checks the settings without which nothing works.
    pub(super) fn check(&self) -> Result<(), SettingsError> {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-._:".contains(&byte);
        if self.host.is_empty() || !self.host.bytes().all(allowed) {
            return Err(SettingsError::Host(clean::one_line(
                &self.host,
                NAME_CHARS_MAX,
            )));
        }
        if self.user.is_some() != self.password.is_some() {
            return Err(SettingsError::HalfALogin);
        }
        let in_the_clear = self.security == Security::None && self.password.is_some();
        if in_the_clear && !is_this_machine(&self.host) {
            return Err(SettingsError::PasswordInTheClear);
        }
        let authority = self.authority_pem.as_deref();
        if authority.is_some_and(|pem| !pem.contains("-----BEGIN CERTIFICATE-----")) {
            return Err(SettingsError::Authority("it holds no certificate".into()));
        }
        Ok(())
    }

    /// The sender's name, if it can be written.
    pub(super) fn sender_name(&self, warnings: &mut Vec<SettingWarning>) -> Option<String> {
        let name = self.from_name.as_deref()?.trim();
        let fits = !name.is_empty() && name.chars().count() <= NAME_CHARS_MAX;
        if fits && !clean::has_invisible(name) {
            return Some(name.to_owned());
        }
        warnings.push(SettingWarning::FromName);
        None
    }

    /// The headers that can be written.
    pub(super) fn checked_headers(&self, warnings: &mut Vec<SettingWarning>) -> Vec<Header> {
        let mut headers = Vec::new();
        for (name, value) in &self.headers {
            let header = if headers.len() < HEADERS_MAX {
                Header::parse(name, value)
            } else {
                Err(HeaderError::TooMany(clean::one_line(name, NAME_CHARS_MAX)))
            };
            match header {
                Ok(header) => headers.push(header),
                Err(error) => warnings.push(SettingWarning::Header(error)),
            }
        }
        headers
    }
}

fn is_this_machine(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost")
        || host.parse::<IpAddr>().is_ok_and(|it| it.is_loopback())
}
