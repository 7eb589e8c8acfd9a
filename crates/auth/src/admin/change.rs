//! What an admin wants an account to be, and bringing a row there.

use postern_base::Secret;
use postern_mail::Address;
use postern_password::StoredHash;
use serde_json::{Map, Value, json};
use time::OffsetDateTime;
use uuid::Uuid;

use super::Ban;
use crate::identifier::Phone;
use crate::store::User;
use crate::wire::timestamp;
use crate::{AuthService, Error, Result, metadata};

/// A password that an admin gives.
#[derive(Debug)]
pub enum NewPassword {
    /// In clear.
    Plain(Secret<String>),
    /// As a hash that another system made.
    Hash(String),
}

impl NewPassword {
    /// Takes a hash of one of the kinds that can be verified.
    ///
    /// # Errors
    /// When it is of no such kind, or would cost too much (attack 73).
    pub fn parse_hash(text: &str) -> Result<Self> {
        StoredHash::parse(text).map_err(|error| Error::invalid(error.to_string()))?;
        Ok(Self::Hash(text.to_owned()))
    }
}

/// What an admin wants; what is absent stays as it is.
#[derive(Debug, Default)]
pub struct UserWish {
    /// The id of a new user.
    pub id: Option<Uuid>,
    /// The address.
    pub email: Option<Address>,
    /// The number.
    pub phone: Option<Phone>,
    /// The password.
    pub password: Option<NewPassword>,
    /// Whether the address counts as proved.
    pub email_confirm: bool,
    /// Whether the number counts as proved.
    pub phone_confirm: bool,
    /// What the user says about themselves; merged.
    pub user_metadata: Option<Map<String, Value>>,
    /// What the project knows about the user; merged.
    pub app_metadata: Option<Map<String, Value>>,
    /// The role of the user's tokens; see [`super::parse_role`].
    pub role: Option<String>,
    /// The ban.
    pub ban: Option<Ban>,
}

/// What a change touched, beyond the row.
#[derive(Debug, Default)]
pub(super) struct Touched {
    /// Before and after, fit for the audit log.
    pub(super) changes: Map<String, Value>,
    /// What the account is entered with: others who know the old must be out.
    pub(super) credentials: bool,
    /// What tokens say.
    pub(super) claims: bool,
    /// Whether the user may come in.
    pub(super) ban: bool,
}

impl AuthService {
    /// The hash of a password that an admin gives.
    pub(super) async fn hash_of(&self, password: Option<&NewPassword>) -> Result<Option<String>> {
        match password {
            None => Ok(None),
            Some(NewPassword::Plain(plain)) => Ok(Some(self.passwords.hash(plain).await?)),
            Some(NewPassword::Hash(hash)) => Ok(Some(hash.clone())),
        }
    }
}

impl UserWish {
    /// Brings a user there; the caller writes the row.
    ///
    /// # Errors
    /// When the metadata would be too large.
    pub(super) fn apply(
        &self,
        user: &mut User,
        hash: Option<String>,
        now: OffsetDateTime,
    ) -> Result<Touched> {
        let mut touched = Touched::default();
        self.apply_addresses(user, &mut touched, now);
        if hash.is_some() {
            user.encrypted_password = hash;
            touched.credentials = true;
            touched.note("password", json!("(set)"), json!("(set anew)"));
        }
        if let Some(role) = &self.role
            && *role != user.role
        {
            touched.note("role", json!(user.role), json!(role));
            touched.claims = true;
            user.role.clone_from(role);
        }
        self.apply_metadata(user, &mut touched)?;
        if let Some(ban) = self.ban {
            let until = ban.until(now);
            touched.ban = until != user.banned_until;
            if touched.ban {
                let text = |it: Option<OffsetDateTime>| json!(it.map(timestamp));
                touched.note("banned_until", text(user.banned_until), text(until));
            }
            user.banned_until = until;
        }
        Ok(touched)
    }

    fn apply_addresses(&self, user: &mut User, touched: &mut Touched, now: OffsetDateTime) {
        if let Some(email) = &self.email
            && user.email.as_deref() != Some(email.as_str())
        {
            touched.note("email", json!(user.email), json!(email.as_str()));
            touched.credentials = true;
            user.email = Some(email.as_str().into());
            user.is_email_unproved = false;
            // A change that the user began would lead away from what the admin decided.
            user.email_change = None;
            user.email_change_confirm_status = 0;
        }
        if let Some(phone) = &self.phone
            && user.phone.as_deref() != Some(phone.as_str())
        {
            touched.note("phone", json!(user.phone), json!(phone.as_str()));
            touched.credentials = true;
            user.phone = Some(phone.as_str().into());
            user.is_phone_unproved = false;
            user.phone_change = None;
        }
        if self.email_confirm && user.email.is_some() && user.email_confirmed_at.is_none() {
            touched.note("email_confirmed", json!(false), json!(true));
            user.email_confirmed_at = Some(now);
        }
        if self.email_confirm {
            // The operator's word stands for a proof.
            user.is_email_unproved = false;
        }
        if self.phone_confirm && user.phone.is_some() && user.phone_confirmed_at.is_none() {
            touched.note("phone_confirmed", json!(false), json!(true));
            user.phone_confirmed_at = Some(now);
        }
        if self.phone_confirm {
            user.is_phone_unproved = false;
        }
        if user.is_anonymous && user.is_confirmed() {
            touched.note("is_anonymous", json!(true), json!(false));
            touched.claims = true;
            user.is_anonymous = false;
        }
    }

    fn apply_metadata(&self, user: &mut User, touched: &mut Touched) -> Result<()> {
        if let Some(changes) = &self.user_metadata {
            touched.note_keys("user_metadata", changes);
            metadata::merge(&mut user.user_metadata, changes.clone());
            metadata::check_user(&user.user_metadata)?;
        }
        if let Some(changes) = &self.app_metadata {
            let before = user.app_metadata.clone();
            metadata::merge(&mut user.app_metadata, changes.clone());
            metadata::check_app(&user.app_metadata)?;
            if before != user.app_metadata {
                touched.note_keys("app_metadata", changes);
                touched.claims = true;
            }
        }
        Ok(())
    }
}

impl Touched {
    fn note(&mut self, field: &str, before: Value, after: Value) {
        let change = Map::from_iter([("before".into(), before), ("after".into(), after)]);
        self.changes.insert(field.into(), Value::Object(change));
    }

    /// Metadata may hold anything; the log keeps the names of the keys and not what they say.
    fn note_keys(&mut self, field: &str, changes: &Map<String, Value>) {
        let keys: Vec<_> = changes.keys().collect();
        self.changes.insert(field.into(), json!({ "keys": keys }));
    }
}
