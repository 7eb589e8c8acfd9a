//! What a proof changes: an address is confirmed, or taken over from a change that was begun.

use postern_db::own::OwnTx;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::{Change, Mover};
use crate::identifier::{Identifier, Phone, parse_email};
use crate::mfa::has_second_factor;
use crate::proofs::expired;
use crate::signup::own_identity;
use crate::store::{Code, Identity, Purpose, User};
use crate::{AuthService, Context, Result};

/// The present address has confirmed a change; a bit of `email_change_confirm_status`.
pub(crate) const CURRENT_DONE: i16 = 1;
/// The new address has.
pub(crate) const NEW_DONE: i16 = 2;

impl AuthService {
    /// Does what a code is for; the user's row is locked, and saved here.
    pub(super) async fn confirm(
        &self,
        tx: &OwnTx,
        user: &mut User,
        code: &Code,
        context: &Context,
    ) -> Result<Change> {
        match code.purpose {
            Purpose::Signup | Purpose::Invite => {
                self.confirm_own(tx, user, &code.sent_to, context).await?;
                Ok(Change::default())
            }
            Purpose::MagicLink | Purpose::Recovery | Purpose::Sms => {
                let change = self.claim(tx, user, &code.sent_to, context).await?;
                self.confirm_own(tx, user, &code.sent_to, context).await?;
                Ok(change)
            }
            Purpose::EmailChangeCurrent | Purpose::EmailChangeNew => {
                self.confirm_email_change(tx, user, code, context).await
            }
            Purpose::PhoneChange => self.confirm_phone_change(tx, user, code, context).await,
            // It is typed into the change that it allows, never here.
            Purpose::Reauthentication => Err(expired()),
        }
    }

    /// SECURITY: whoever signs in by a proof of the address did not thereby vouch for a password
    /// that somebody set before; see [`Self::adopt_unverified`]. A user who was made by a code
    /// has nothing that could be a stranger's, and keeps what was said at the time.
    ///
    /// An account that a setting had confirmed is emptied as well, unless a second factor or a
    /// proof of the other kind guards it: a mailbox or telephone alone must not take these away.
    /// It then stays unproved.
    async fn claim(
        &self,
        tx: &OwnTx,
        user: &mut User,
        sent_to: &str,
        context: &Context,
    ) -> Result<Change> {
        let is_number = user.phone.as_deref() == Some(sent_to);
        if user.is_confirmed() {
            let is_first_proof = match is_number {
                true => user.is_phone_unproved,
                false => user.is_email_unproved && user.email.as_deref() == Some(sent_to),
            };
            if !is_first_proof
                || user.has_proved_email()
                || user.has_proved_phone()
                || has_second_factor(tx, user.id).await?
            {
                return Ok(Change::default());
            }
            return self.adopted(tx, user, is_number, context).await;
        }
        let own = user.id.to_string();
        let identities = Identity::of_user_in(tx, user.id).await?;
        let is_strange =
            user.encrypted_password.is_some() || identities.iter().any(|it| it.provider_id != own);
        if !is_strange {
            return Ok(Change::default());
        }
        self.adopted(tx, user, is_number, context).await
    }

    async fn adopted(
        &self,
        tx: &OwnTx,
        user: &mut User,
        is_number: bool,
        context: &Context,
    ) -> Result<Change> {
        if is_number {
            // Nobody has proved the address: it is the stranger's as well.
            (user.email, user.email_confirmed_at) = (None, None);
        }
        Ok(Change {
            ended: self.adopt_unverified(tx, user, context).await?,
            is_half: false,
        })
    }

    /// Confirms the address or number that the user has.
    async fn confirm_own(
        &self,
        tx: &OwnTx,
        user: &mut User,
        sent_to: &str,
        context: &Context,
    ) -> Result<()> {
        let identifier = if user.email.as_deref() == Some(sent_to) {
            user.email_confirmed_at.get_or_insert(context.now);
            if user.is_email_unproved {
                // What guards the account outweighs this proof; see `claim`.
                return Ok(());
            }
            Identifier::Email(parse_email(sent_to)?)
        } else if user.phone.as_deref() == Some(sent_to) {
            user.phone_confirmed_at.get_or_insert(context.now);
            if user.is_phone_unproved {
                return Ok(());
            }
            Identifier::Phone(Phone::parse(sent_to)?)
        } else {
            // The user has moved on since the code was sent.
            return Err(expired());
        };
        self.keep_own(tx, user, &identifier, Mover::Proof, context)
            .await?;
        note_provider(&mut user.app_metadata, &identifier);
        user.save(tx, context.now).await
    }

    async fn confirm_email_change(
        &self,
        tx: &OwnTx,
        user: &mut User,
        code: &Code,
        context: &Context,
    ) -> Result<Change> {
        let is_current = code.purpose == Purpose::EmailChangeCurrent;
        let expected = if is_current {
            &user.email
        } else {
            &user.email_change
        };
        if expected.as_deref() != Some(code.sent_to.as_str()) {
            return Err(expired());
        }
        let new = user.email_change.as_deref().ok_or_else(expired)?;
        let new = parse_email(new)?;
        user.email_change_confirm_status |= if is_current { CURRENT_DONE } else { NEW_DONE };
        let needed = if self.needs_both(user) {
            CURRENT_DONE | NEW_DONE
        } else {
            NEW_DONE
        };
        if user.email_change_confirm_status & needed != needed {
            user.save(tx, context.now).await?;
            return Ok(Change {
                is_half: true,
                ended: Vec::new(),
            });
        }
        self.move_to_address(tx, user, new, Mover::Proof, context)
            .await
    }

    /// Whether a change of the user's address must be confirmed at both: an address that was
    /// never proved has no say. Confirming new users by themselves does not change that
    /// (attack 34).
    pub(crate) fn needs_both(&self, user: &User) -> bool {
        let has_current = user.email.is_some() && user.email_confirmed_at.is_some();
        self.settings.signup.double_email_change.is_yes() && has_current
    }

    async fn confirm_phone_change(
        &self,
        tx: &OwnTx,
        user: &mut User,
        code: &Code,
        context: &Context,
    ) -> Result<Change> {
        if user.phone_change.as_deref() != Some(code.sent_to.as_str()) {
            return Err(expired());
        }
        let number = Phone::parse(&code.sent_to)?;
        self.move_to_number(tx, user, number, Mover::Proof, context)
            .await
    }

    /// Notes an address or number in the user's own identity, and whether it is proved.
    pub(super) async fn keep_own(
        &self,
        tx: &OwnTx,
        user: &User,
        identifier: &Identifier,
        mover: Mover,
        context: &Context,
    ) -> Result<()> {
        let (provider, field, proof) = names(identifier);
        let is_proved = mover == Mover::Proof;
        let own: Uuid = user.id;
        let identities = Identity::of_user_in(tx, own).await?;
        let known = identities
            .into_iter()
            .find(|it| it.provider == provider && it.provider_id == own.to_string());
        let Some(known) = known else {
            let identity = own_identity(user, identifier, is_proved);
            return Identity::link(tx, identity, context.now).await;
        };
        let mut data = known.data;
        data.insert(field.into(), json!(identifier.as_str()));
        data.insert(proof.into(), json!(is_proved));
        Identity::refresh(tx, known.id, data, context.now).await
    }
}

/// Adds `email` or `phone` to the ways in which the user is known.
pub(super) fn note_provider(app_metadata: &mut Map<String, Value>, identifier: &Identifier) {
    let (provider, ..) = names(identifier);
    app_metadata
        .entry("provider")
        .or_insert_with(|| json!(provider));
    let known = app_metadata.entry("providers").or_insert_with(|| json!([]));
    if let Value::Array(known) = known
        && !known.contains(&json!(provider))
    {
        known.push(json!(provider));
    }
}

/// Provider, field of the identity, and the field that says that it is proved.
fn names(identifier: &Identifier) -> (&'static str, &'static str, &'static str) {
    match identifier {
        Identifier::Email(_) => ("email", "email", "email_verified"),
        Identifier::Phone(_) => ("phone", "phone", "phone_verified"),
    }
}
