//! A person of another system, in this one's words.

use postern_mail::Address;
use serde_json::{Map, Value};
use time::OffsetDateTime;
use uuid::Uuid;

use super::fields::{Record, text};
use crate::identifier::Phone;
use crate::metadata;

/// A person, checked.
#[derive(Clone, Debug, Default)]
pub struct Person {
    /// The id here.
    pub id: Uuid,
    /// The role of the tokens; `authenticated` when empty.
    pub role: String,
    /// The address, normalised.
    pub email: Option<String>,
    /// The number.
    pub phone: Option<String>,
    /// A hash that can be verified.
    pub hash: Option<String>,
    /// When the address was proved.
    pub email_confirmed_at: Option<OffsetDateTime>,
    /// When the number was proved.
    pub phone_confirmed_at: Option<OffsetDateTime>,
    /// When the person was invited.
    pub invited_at: Option<OffsetDateTime>,
    /// The last sign-in.
    pub last_sign_in_at: Option<OffsetDateTime>,
    /// When the account was made.
    pub created_at: Option<OffsetDateTime>,
    /// The ban.
    pub banned_until: Option<OffsetDateTime>,
    /// Whether the person is banned without an end.
    pub is_banned: bool,
    /// When the account was deleted softly.
    pub deleted_at: Option<OffsetDateTime>,
    /// What the project knows about the person.
    pub app_metadata: Map<String, Value>,
    /// What the person says.
    pub user_metadata: Map<String, Value>,
    /// Whether the account comes from single sign-on; others may then have the same address.
    pub is_sso: bool,
    /// Whether the person has proved nothing.
    pub is_anonymous: bool,
    /// Whether the address was confirmed by a setting alone; see [`crate::export`].
    pub is_email_unproved: bool,
    /// Whether the number was.
    pub is_phone_unproved: bool,
    /// Through whom the person is known; those of address and number are made when absent.
    pub identities: Vec<PersonIdentity>,
}

/// An identity at a provider.
#[derive(Clone, Debug)]
pub struct PersonIdentity {
    /// Whose it is.
    pub user: Uuid,
    /// The provider.
    pub provider: String,
    /// The subject there.
    pub subject: String,
    /// What the provider says.
    pub data: Map<String, Value>,
    /// The last sign-in through it.
    pub last_sign_in_at: Option<OffsetDateTime>,
    /// When it was linked.
    pub created_at: Option<OffsetDateTime>,
}

impl Person {
    /// Takes address and number from fields of a record.
    pub(super) fn take_addresses(
        &mut self,
        record: &Record,
        email: &str,
        phone: &str,
    ) -> Result<(), String> {
        if let Some(email) = text(record, email) {
            let address = Address::parse(email)
                .map_err(|error| format!("the e-mail address cannot be used: {error}"))?;
            self.email = Some(address.as_str().into());
        }
        if let Some(phone) = text(record, phone) {
            let number = Phone::parse(phone).map_err(|error| error.message().to_owned())?;
            self.phone = Some(number.as_str().into());
        }
        Ok(())
    }

    /// Refuses what no account could be.
    pub(super) fn check(self) -> Result<Self, String> {
        let is_known = self.email.is_some() || self.phone.is_some() || !self.identities.is_empty();
        if !is_known && !self.is_anonymous && self.deleted_at.is_none() {
            return Err("it has neither an address nor a number nor a provider".into());
        }
        metadata::check_user(&self.user_metadata).map_err(|error| error.message().to_owned())?;
        metadata::check_app(&self.app_metadata).map_err(|error| error.message().to_owned())?;
        Ok(self)
    }

    /// Adds to what the person says, unless something is said already.
    pub(super) fn say(&mut self, name: &str, said: Option<&str>) {
        if let Some(said) = said
            && !self.user_metadata.contains_key(name)
        {
            self.user_metadata.insert(name.into(), said.into());
        }
    }
}
