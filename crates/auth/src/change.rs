//! `PUT /user`: what signed-in users change about themselves.
//!
//! SECURITY: only what is named in [`Changes`] can be changed; role, metadata of the project,
//! confirmations and bans cannot (attack 21). A user who has a second factor needs a session that
//! was lifted by one for everything that lets somebody in (attack 20).

mod address;
mod password;

use postern_base::Secret;
use postern_base::codes::auth as codes;
use postern_db::own::OwnTx;
use postern_mail::Address;
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::bearer::{Caller, session_not_found};
use crate::flows::Challenge;
use crate::identifier::{Identifier, Phone, parse_email};
use crate::store::addresses::is_live;
use crate::store::{Aal, User};
use crate::{AuthService, Context, Error, Result, UserOut, metadata};

/// What is to be changed; what is absent stays.
#[derive(Debug, Default)]
pub struct Changes {
    /// The new address.
    pub email: Option<Address>,
    /// The new number.
    pub phone: Option<Phone>,
    /// The new password.
    pub password: Option<Secret<String>>,
    /// The present password.
    pub current_password: Option<Secret<String>>,
    /// What `reauthenticate` sent.
    pub nonce: Option<String>,
    /// Metadata to be merged; `null` removes a key.
    pub data: Option<Map<String, Value>>,
    /// The client's PKCE challenge.
    pub challenge: Option<Challenge>,
    /// `sms` or `whatsapp`.
    pub channel: String,
}

impl Changes {
    /// Drops what is so already.
    fn without_what_is(mut self, user: &User) -> Self {
        let email = self.email.as_ref().map(Address::as_str);
        if email == user.email.as_deref() {
            self.email = None;
        }
        let phone = self.phone.as_ref().map(Phone::as_str);
        if phone == user.phone.as_deref() {
            self.phone = None;
        }
        self
    }

    /// Whether it decides about who gets in.
    fn is_grave(&self) -> bool {
        self.email.is_some() || self.phone.is_some() || self.password.is_some()
    }
}

impl AuthService {
    /// Changes the caller's own account; the answer is the account as it is now.
    ///
    /// # Errors
    /// When a change is not allowed, or needs more proof than the session has.
    pub async fn change_user(
        &self,
        caller: &Caller,
        changes: Changes,
        context: &Context,
    ) -> Result<UserOut> {
        let changes = changes.without_what_is(&caller.user);
        self.check_change(caller, &changes).await?;
        let password = self.new_password(caller, &changes, context).await?;
        self.count_changes(&caller.user, &changes, context).await?;
        let tx = self.db.begin().await?;
        let user = User::lock(&tx, caller.user.id).await?;
        let mut user = user.ok_or_else(session_not_found)?;
        // Somebody may have ended it while the password was hashed.
        if !is_live(&tx, caller.session.id).await? {
            return Err(session_not_found());
        }
        let mut ended: Vec<Uuid> = Vec::new();
        if let Some(data) = &changes.data {
            merge(&mut user.user_metadata, data);
            metadata::check_user(&user.user_metadata)?;
        }
        if let Some(password) = password {
            let others = self.set_password(&tx, &mut user, password, caller, context);
            ended.extend(others.await?);
        }
        user.save(&tx, context.now).await?;
        ended.extend(
            self.change_addresses(&tx, &mut user, &changes, caller, context)
                .await?,
        );
        self.audit(&tx, "user_modified", &user, context).await?;
        tx.commit().await?;
        self.outbox.wake();
        self.revoke_here(&ended);
        self.changed_user(user.id).await
    }

    /// What needs no proof comes first: it voids the codes that were sent before.
    async fn change_addresses(
        &self,
        tx: &OwnTx,
        user: &mut User,
        changes: &Changes,
        caller: &Caller,
        context: &Context,
    ) -> Result<Vec<Uuid>> {
        let mut ended = Vec::new();
        let phone_first = self.settings.signup.phone_autoconfirm.is_yes();
        if phone_first {
            ended.extend(
                self.change_phone(tx, user, changes, caller, context)
                    .await?,
            );
        }
        ended.extend(
            self.change_email(tx, user, changes, caller, context)
                .await?,
        );
        if !phone_first {
            ended.extend(
                self.change_phone(tx, user, changes, caller, context)
                    .await?,
            );
        }
        Ok(ended)
    }

    /// The row as it is now, with what statements beside the flow wrote to it.
    async fn changed_user(&self, id: Uuid) -> Result<UserOut> {
        let user = User::find(&self.db, id).await?;
        self.user_out(&user.ok_or_else(session_not_found)?).await
    }

    async fn check_change(&self, caller: &Caller, changes: &Changes) -> Result<()> {
        for identifier in changes.identifiers() {
            self.check_enabled(&identifier)?;
        }
        if changes.is_grave()
            && caller.session.aal < Aal::Aal2
            && self.has_verified_factor(&caller.user).await?
        {
            return Err(Error::new(
                &codes::INSUFFICIENT_AAL,
                "AAL2 session is required to update email or password when MFA is enabled.",
            ));
        }
        Ok(())
    }
}

impl Changes {
    fn identifiers(&self) -> Vec<Identifier> {
        let email = self.email.clone().map(Identifier::Email);
        let phone = self.phone.clone().map(Identifier::Phone);
        email.into_iter().chain(phone).collect()
    }
}

/// By what a user is found, if by anything.
fn identifier_of(user: &User) -> Option<Identifier> {
    let email = user.email.as_deref().and_then(|it| parse_email(it).ok());
    let phone = user.phone.as_deref().and_then(|it| Phone::parse(it).ok());
    email
        .map(Identifier::Email)
        .or_else(|| phone.map(Identifier::Phone))
}

/// Merges metadata: keys are set, and removed by `null`.
fn merge(metadata: &mut Map<String, Value>, data: &Map<String, Value>) {
    for (key, value) in data {
        if value.is_null() {
            metadata.remove(key);
        } else {
            metadata.insert(key.clone(), value.clone());
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Map, Value, json};

    use super::merge;

    #[test]
    fn null_removes_a_key_and_others_stay() {
        let object = |it: Value| it.as_object().cloned().unwrap_or_else(Map::new);
        let mut metadata = object(json!({ "a": 1, "b": { "c": 2 }, "d": 3 }));

        merge(
            &mut metadata,
            &object(json!({ "a": null, "b": 4, "e": [] })),
        );

        assert_eq!(metadata, object(json!({ "b": 4, "d": 3, "e": [] })));
    }
}
