//! Mail: addresses, templates in the user's language, the ways out, and the pages links open.
//!
//! This crate knows nothing of accounts. It is told whom to write to and with which values, and
//! says whether the mail left the house. Three things are decided here and nowhere else: which
//! text is an address ([`Address`]), what a template may see ([`Values`]), and that no value ends
//! up as a header, as markup or as a template of its own.

mod address;
mod clean;
mod dev_mailbox;
mod header;
mod kind;
mod mail;
pub mod pages;
mod templates;
mod transport;
mod values;

pub use address::{Address, AddressError};
pub use dev_mailbox::{DevMailbox, KeptMail};
pub use header::{Header, HeaderError};
pub use kind::MailKind;
pub use mail::Mail;
pub use templates::{DEFAULT_LOCALE, Rendered, TemplateError, TemplateFile, Templates};
pub use transport::{
    Security, SendError, SettingWarning, SettingsError, Smtp, SmtpSettings, Transport,
};
pub use values::Values;
