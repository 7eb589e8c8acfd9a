//! Somebody whom a provider names and nobody here knows yet.

use postern_db::own;
use postern_db::own::OwnTx;
use postern_mail::MailKind;

use super::account::{Found, meanwhile};
use super::profile::Profile;
use crate::hooks::{HookPoint, Newcomer};
use crate::identifier::{Identifier, parse_email};
use crate::signup::{is_taken, signup_disabled};
use crate::store::{NewUser, Purpose, User};
use crate::{AuthService, Context, Result};

/// Whether a new user may be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Welcome {
    /// The project has nothing against it, or has no say.
    Given,
    /// The project was not asked, because the user seemed to be known.
    NotAsked,
}

impl AuthService {
    /// Lets the project refuse whoever would be a new user. It is asked before a transaction
    /// begins, which would hold a connection for as long as the answer takes.
    pub(super) async fn welcome(&self, profile: &Profile, context: &Context) -> Result<Welcome> {
        if !self.hooks.has(HookPoint::BeforeUserCreated) {
            return Ok(Welcome::Given);
        }
        let known = own!(
            "select 1 where exists (select 1 from auth.identities \
             where provider = $1 and provider_id = $2) \
             or exists (select 1 from auth.users \
             where email = $3 and not is_sso_user and deleted_at is null)"
        );
        let about: [postern_db::own::Value<'_>; 3] =
            [&profile.provider, &profile.sub, &profile.email];
        let is_known = self.db.query_opt(known, &about).await?.is_some();
        let may_be_made =
            self.settings.signup.new_users.is_yes() && self.may_make_without_email(profile);
        if is_known || !may_be_made {
            return Ok(Welcome::NotAsked);
        }
        let email = profile.email.as_deref().map(parse_email).transpose()?;
        let identifier = email.map(Identifier::Email);
        let newcomer = Newcomer {
            identifier: identifier.as_ref(),
            provider: &profile.provider,
            data: &profile.data,
        };
        self.before_newcomer(newcomer, context).await?;
        Ok(Welcome::Given)
    }

    /// Makes the user of a profile that nobody has.
    pub(super) async fn new_user(
        &self,
        tx: &OwnTx,
        profile: &Profile,
        welcome: Welcome,
        context: &Context,
    ) -> Result<Found> {
        if !self.settings.signup.new_users.is_yes() {
            return Err(signup_disabled());
        }
        if welcome == Welcome::NotAsked {
            // Whoever was found before is gone: nobody asked about somebody new.
            return Err(meanwhile());
        }
        let is_proved =
            profile.is_email_verified || self.settings.signup.email_autoconfirm.is_yes();
        let is_confirmed = is_proved && profile.email.is_some();
        let new = NewUser {
            email: profile.email.clone(),
            email_confirmed_at: is_confirmed.then_some(context.now),
            is_email_unproved: is_confirmed && !profile.is_email_verified,
            ..NewUser::default()
        };
        let made = User::insert(tx, new, context.now).await;
        let mut user = made.map_err(|error| match is_taken(&error) {
            true => meanwhile(),
            false => error,
        })?;
        self.attach(tx, &mut user, profile, context).await?;
        self.audit(tx, "user_signedup", &user, context).await?;
        if is_proved || user.email.is_none() {
            return Ok(Found::Proved(Box::new(user), Vec::new()));
        }
        self.send_proof(tx, &mut user, context).await?;
        Ok(Found::Unproved)
    }

    /// Sends the mail that proves an account's address.
    pub(super) async fn send_proof(
        &self,
        tx: &OwnTx,
        user: &mut User,
        context: &Context,
    ) -> Result<()> {
        if !self.mail_pause_is_over(user.confirmation_sent_at, context.now) {
            let decoy = crate::outbox::Letter::Decoy;
            return self.outbox.write(tx, &decoy, context.now).await;
        }
        let to = user.email.clone().unwrap_or_default();
        user.confirmation_sent_at = Some(context.now);
        user.save(tx, context.now).await?;
        let at = (None, context.now);
        let proof = self
            .make_proof(tx, user.id, Purpose::Signup, &to, at)
            .await?;
        self.mail_proof(tx, MailKind::ConfirmSignup, user, &proof, context)
            .await
    }
}
