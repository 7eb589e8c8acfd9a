//! A new address or number: begun here, done when it is proved.
//!
//! SECURITY: whether somebody else has the address is told only to who proves to own it, or where
//! nothing needs proof and it shows in any case. Otherwise a decoy goes out, and the change is
//! never confirmed.

use postern_base::codes::auth as codes;
use postern_db::own::OwnTx;
use postern_mail::MailKind;
use uuid::Uuid;

use super::Changes;
use crate::bearer::Caller;
use crate::dispatch::Dispatch;
use crate::identifier::{Identifier, parse_email};
use crate::limits::Letters;
use crate::store::{Code, Purpose, User};
use crate::verify::{Mover, email_exists, phone_exists};
use crate::{AuthService, Context, Error, Result};

impl AuthService {
    /// Counts the letters of a change, before anything is looked up.
    pub(super) async fn count_changes(
        &self,
        user: &User,
        changes: &Changes,
        context: &Context,
    ) -> Result<()> {
        for identifier in changes.identifiers() {
            let is_mail = matches!(identifier, Identifier::Email(_));
            if self.is_autoconfirmed(&identifier) && !(is_mail && self.needs_both(user)) {
                continue;
            }
            self.count_letter(Letters::Change, &identifier, context)
                .await?;
            if let Some(current) = user.email.as_deref()
                && is_mail
                && self.needs_both(user)
            {
                let current = Identifier::Email(parse_email(current)?);
                self.count_letter(Letters::Change, &current, context)
                    .await?;
            }
        }
        Ok(())
    }

    /// Begins a change of address, or does it where nothing needs proof; returns the sessions
    /// that ended.
    pub(super) async fn change_email(
        &self,
        tx: &OwnTx,
        user: &mut User,
        changes: &Changes,
        caller: &Caller,
        context: &Context,
    ) -> Result<Vec<Uuid>> {
        let Some(new) = changes.email.clone() else {
            return Ok(Vec::new());
        };
        let is_taken = User::has_email(tx, new.as_str()).await?;
        let to = Identifier::Email(new.clone());
        let both = self.needs_both(user);
        if self.is_autoconfirmed(&to) && !both {
            if is_taken {
                return Err(email_exists());
            }
            let mover = Mover::Session(caller.session.id);
            let change = self.move_to_address(tx, user, new, mover, context).await?;
            return Ok(change.ended);
        }
        user.email_change = Some(new.as_str().to_owned());
        user.email_change_confirm_status = 0;
        user.email_change_sent_at = Some(context.now);
        user.save(tx, context.now).await?;
        Code::void(tx, user.id, Purpose::EmailChangeCurrent).await?;
        Code::void(tx, user.id, Purpose::EmailChangeNew).await?;
        if both && let Some(current) = user.email.as_deref() {
            let current = Identifier::Email(parse_email(current)?);
            let what = Dispatch {
                challenge: changes.challenge.as_ref(),
                ..Dispatch::new(
                    Purpose::EmailChangeCurrent,
                    MailKind::EmailChangeCurrent,
                    &current,
                )
            };
            self.dispatch(tx, Some(user), &what, context).await?;
        }
        let what = Dispatch {
            challenge: changes.challenge.as_ref(),
            ..Dispatch::new(Purpose::EmailChangeNew, MailKind::EmailChangeNew, &to)
        };
        let reader = Some(&*user).filter(|_| !is_taken);
        self.dispatch(tx, reader, &what, context).await?;
        Ok(Vec::new())
    }

    /// Begins a change of number, or does it where nothing needs proof; see
    /// [`Self::change_email`].
    pub(super) async fn change_phone(
        &self,
        tx: &OwnTx,
        user: &mut User,
        changes: &Changes,
        caller: &Caller,
        context: &Context,
    ) -> Result<Vec<Uuid>> {
        let Some(new) = changes.phone.clone() else {
            return Ok(Vec::new());
        };
        let is_taken = User::has_phone(tx, new.as_str()).await?;
        let to = Identifier::Phone(new.clone());
        if self.is_autoconfirmed(&to) {
            if is_taken {
                return Err(phone_exists());
            }
            let mover = Mover::Session(caller.session.id);
            let change = self.move_to_number(tx, user, new, mover, context).await?;
            return Ok(change.ended);
        }
        user.phone_change = Some(new.as_str().to_owned());
        user.phone_change_sent_at = Some(context.now);
        user.save(tx, context.now).await?;
        Code::void(tx, user.id, Purpose::PhoneChange).await?;
        let what = Dispatch {
            channel: &changes.channel,
            ..Dispatch::new(Purpose::PhoneChange, MailKind::Otp, &to)
        };
        let reader = Some(&*user).filter(|_| !is_taken);
        self.dispatch(tx, reader, &what, context).await?;
        Ok(Vec::new())
    }

    /// Sends the caller a nonce that proves presence once more.
    ///
    /// # Errors
    /// When the caller has no proved address or number, or asks too often.
    pub async fn reauthenticate(&self, caller: &Caller, context: &Context) -> Result<()> {
        let to = super::identifier_of(&caller.user).ok_or_else(|| {
            Error::invalid("Reauthentication requires the user to have an email or a phone number")
        })?;
        match &to {
            Identifier::Email(_) if caller.user.email_confirmed_at.is_none() => {
                return Err(Error::new(
                    &codes::EMAIL_NOT_CONFIRMED,
                    "Please verify your email first.",
                ));
            }
            Identifier::Phone(_) if caller.user.phone_confirmed_at.is_none() => {
                return Err(Error::new(
                    &codes::PHONE_NOT_CONFIRMED,
                    "Please verify your phone first.",
                ));
            }
            _ => {}
        }
        self.count_letter(Letters::Reauthentication, &to, context)
            .await?;
        let tx = self.db.begin().await?;
        let user = User::lock(&tx, caller.user.id).await?;
        let what = Dispatch::new(Purpose::Reauthentication, MailKind::Reauthentication, &to);
        self.dispatch(&tx, user.as_ref(), &what, context).await?;
        tx.commit().await?;
        self.outbox.wake();
        Ok(())
    }
}
