//! `POST /otp`, `/magiclink` and `/recover`: codes for whoever may be behind an address.
//!
//! SECURITY: the answer is always the same. Where nobody may be made, or a hook refuses the new
//! user, an unknown address gets no refusal either, since that would tell which addresses are
//! known.

use postern_db::own::OwnTx;
use postern_mail::{Address, MailKind};
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::dispatch::Dispatch;
use crate::flows::Challenge;
use crate::identifier::Identifier;
use crate::limits::Letters;
use crate::signup::{is_taken, own_identity, provider_metadata};
use crate::store::addresses::pass_time;
use crate::store::{Identity, NewIdentity, NewUser, Purpose, User};
use crate::{AuthService, Context, Result, metadata};

/// Statements that a new user costs beside the row itself.
const STATEMENTS_OF_A_NEW_USER: usize = 2;

/// A wish for a code.
#[derive(Debug)]
pub struct CodeWish {
    /// Whose.
    pub identifier: Identifier,
    /// Whether an unknown address becomes a new user.
    pub create_user: bool,
    /// What a new user says about themselves.
    pub data: Map<String, Value>,
    /// The client's PKCE challenge.
    pub challenge: Option<Challenge>,
    /// `sms` or `whatsapp`.
    pub channel: String,
}

impl AuthService {
    /// Sends a code that signs in.
    ///
    /// # Errors
    /// When this way of signing in is switched off.
    pub async fn send_code(&self, wish: &CodeWish, context: &Context) -> Result<()> {
        self.check_enabled(&wish.identifier)?;
        metadata::check_user(&wish.data)?;
        self.count_letter(Letters::SignIn, &wish.identifier, context)
            .await?;
        let may_create = wish.create_user
            && self.settings.signup.new_users.is_yes()
            // SECURITY: asked about every address, before anybody looks whether it is known, so
            // that the time of a hook tells nothing. Its refusal would tell as much: whoever is
            // known signs in all the same, and is answered like whoever was refused.
            && self
                .before_user_created(&wish.identifier, &wish.data, context)
                .await
                .is_ok();
        let found = self.find_user(&wish.identifier).await?;
        let is_new = found.is_none() && may_create;
        let tx = self.db.begin().await?;
        let user = if is_new {
            match self.create_by_code(&tx, wish, context).await {
                Ok(user) => Some(user),
                // Somebody was faster with the same address, and sent the code.
                Err(error) if is_taken(&error) => return Ok(()),
                Err(error) => return Err(error),
            }
        } else {
            pass_time(&tx, STATEMENTS_OF_A_NEW_USER).await?;
            User::lock(&tx, found.map_or_else(Uuid::new_v4, |it| it.id)).await?
        };
        let (purpose, kind) = match wish.identifier {
            Identifier::Email(_) if is_new => (Purpose::MagicLink, MailKind::ConfirmSignup),
            Identifier::Email(_) => (Purpose::MagicLink, MailKind::MagicLink),
            Identifier::Phone(_) => (Purpose::Sms, MailKind::Otp),
        };
        let what = Dispatch {
            challenge: wish.challenge.as_ref(),
            channel: &wish.channel,
            ..Dispatch::new(purpose, kind, &wish.identifier)
        };
        self.dispatch(&tx, user.as_ref(), &what, context).await?;
        tx.commit().await?;
        self.outbox.wake();
        if let (true, Some(user)) = (is_new, &user) {
            self.after_user_created(user, context);
        }
        Ok(())
    }

    /// Sends a code that signs in somebody who forgot the password.
    ///
    /// # Errors
    /// When addresses do not sign in here.
    pub async fn recover(
        &self,
        address: Address,
        challenge: Option<&Challenge>,
        context: &Context,
    ) -> Result<()> {
        let identifier = Identifier::Email(address);
        self.check_enabled(&identifier)?;
        self.count_letter(Letters::SignIn, &identifier, context)
            .await?;
        let found = self.find_user(&identifier).await?;
        let tx = self.db.begin().await?;
        let user = User::lock(&tx, found.map_or_else(Uuid::new_v4, |it| it.id)).await?;
        let what = Dispatch {
            challenge,
            ..Dispatch::new(Purpose::Recovery, MailKind::Recovery, &identifier)
        };
        self.dispatch(&tx, user.as_ref(), &what, context).await?;
        tx.commit().await?;
        self.outbox.wake();
        Ok(())
    }

    /// Makes a user who has no password.
    async fn create_by_code(&self, tx: &OwnTx, wish: &CodeWish, context: &Context) -> Result<User> {
        let mut new = NewUser {
            app_metadata: provider_metadata(&wish.identifier),
            user_metadata: wish.data.clone(),
            ..NewUser::default()
        };
        match &wish.identifier {
            Identifier::Email(address) => new.email = Some(address.as_str().into()),
            Identifier::Phone(number) => new.phone = Some(number.as_str().into()),
        }
        let user = User::insert(tx, new, context.now).await?;
        let identity: NewIdentity = own_identity(&user, &wish.identifier, false);
        Identity::link(tx, identity, context.now).await?;
        self.audit(tx, "user_signedup", &user, context).await?;
        Ok(user)
    }
}
