//! From who a provider says somebody is to a user of ours.
//!
//! SECURITY: a user is found by provider and subject. By address only when both sides have proved
//! it: the provider vouches for it now, and the account's owner proved it before. An account that
//! never proved its address is emptied first (attack 22), and an address that nobody vouches for
//! finds nobody (attack 23).

use postern_db::own::OwnTx;
use postern_mail::MailKind;
use serde_json::{Value, json};
use time::Duration;
use uuid::Uuid;

use postern_base::codes::auth as codes;

use super::config::Provider;
use super::newcomer::Welcome;
use super::profile::Profile;
use crate::id_token::by_provider;
use crate::service::tell_time;
use crate::session::TokenPair;
use crate::store::{Identity, NewIdentity, User};
use crate::{AuthService, Context, Error, Result};

/// A user whom a provider has proved, or an account that must prove its address first.
pub(super) enum Found {
    /// May come in. Sessions of a stranger may have ended on the way.
    Proved(Box<User>, Vec<Uuid>),
    /// Must open a mail first.
    Unproved,
}

impl AuthService {
    /// Signs in as the user whom a provider's word stands for.
    ///
    /// # Errors
    /// When the user is banned, new users are not let in, or the address must be proved first.
    pub(crate) async fn enter(
        &self,
        provider: &Provider,
        profile: &Profile,
        context: &Context,
    ) -> Result<TokenPair> {
        let welcome = self.welcome(profile, context).await?;
        let tx = self.db.begin().await?;
        match self.find_or_make(&tx, profile, welcome, context).await? {
            Found::Unproved => {
                tx.commit().await?;
                self.outbox.wake();
                Err(needs_verification(provider))
            }
            Found::Proved(user, ended) => {
                let how = by_provider(provider);
                let begun = self.begin_session(&tx, *user, &how, context).await?;
                self.audit(&tx, "login", &begun.user, context).await?;
                tx.commit().await?;
                self.outbox.wake();
                self.revoke_here(&ended);
                if begun.user.created_at == context.now {
                    self.after_user_created(&begun.user, context);
                }
                self.token_pair(begun, context).await
            }
        }
    }

    /// Finds the user of a profile, or makes one.
    pub(super) async fn find_or_make(
        &self,
        tx: &OwnTx,
        profile: &Profile,
        welcome: Welcome,
        context: &Context,
    ) -> Result<Found> {
        if !self.may_make_without_email(profile) {
            return Err(Error::new(
                &codes::EMAIL_ADDRESS_NOT_PROVIDED,
                "Error getting user email from external provider",
            ));
        }
        let (provider, sub) = (profile.provider.as_str(), profile.sub.as_str());
        if let Some(owner) = Identity::owner(tx, provider, sub).await? {
            // Users are locked before what belongs to them, here as everywhere.
            let user = User::lock(tx, owner).await?.ok_or_else(meanwhile)?;
            let identity = Identity::find(tx, provider, sub).await?;
            let identity = identity.filter(|it| it.user_id == owner);
            let identity = identity.ok_or_else(meanwhile)?;
            return self.known(tx, (user, identity.id), profile, context).await;
        }
        let email = profile.email.as_deref();
        let same_address = match email {
            Some(email) => User::lock_by_email(tx, email).await?,
            None => None,
        };
        match same_address {
            None => self.new_user(tx, profile, welcome, context).await,
            Some(_) if !profile.is_email_verified => {
                // Told like a new address: whether there is an account is nobody's business.
                let decoy = crate::outbox::Letter::Decoy;
                self.outbox.write(tx, &decoy, context.now).await?;
                Ok(Found::Unproved)
            }
            Some(user) if user.has_proved_email() => self.join(tx, user, profile, context).await,
            // The number is proved and the address is not: neither side may take the other.
            Some(user) if user.has_proved_phone() => {
                let decoy = crate::outbox::Letter::Decoy;
                self.outbox.write(tx, &decoy, context.now).await?;
                self.audit(tx, "identity_refused", &user, context).await?;
                Ok(Found::Unproved)
            }
            Some(user) => self.take_over(tx, user, profile, context).await,
        }
    }

    /// The user of an identity that is linked already.
    async fn known(
        &self,
        tx: &OwnTx,
        (mut user, identity): (User, Uuid),
        profile: &Profile,
        context: &Context,
    ) -> Result<Found> {
        self.check_ban(&user, context.now)?;
        Identity::refresh(tx, identity, profile.data.clone(), context.now).await?;
        let is_same = user.email.is_some() && user.email == profile.email;
        if user.is_email_unproved && is_same && profile.is_email_verified {
            // Nobody else was let in under this address: see `find_or_make`.
            user.is_email_unproved = false;
            user.save(tx, context.now).await?;
        }
        if user.is_confirmed() || user.email.is_none() {
            return Ok(Found::Proved(Box::new(user), Vec::new()));
        }
        if is_same && profile.is_email_verified {
            // The provider vouches for the address by now. What others put in meanwhile goes.
            return self.take_over(tx, user, profile, context).await;
        }
        self.send_proof(tx, &mut user, context).await?;
        Ok(Found::Unproved)
    }

    /// Both sides have proved the address: the account gets one more way in.
    async fn join(
        &self,
        tx: &OwnTx,
        mut user: User,
        profile: &Profile,
        context: &Context,
    ) -> Result<Found> {
        self.check_ban(&user, context.now)?;
        self.add_identity(tx, &mut user, profile, context).await?;
        Ok(Found::Proved(Box::new(user), Vec::new()))
    }

    /// The first proof of an address empties the account that waited under it.
    async fn take_over(
        &self,
        tx: &OwnTx,
        mut user: User,
        profile: &Profile,
        context: &Context,
    ) -> Result<Found> {
        self.check_ban(&user, context.now)?;
        let ended = self.adopt_unverified(tx, &mut user, context).await?;
        user.email_confirmed_at = Some(context.now);
        self.attach(tx, &mut user, profile, context).await?;
        Ok(Found::Proved(Box::new(user), ended))
    }

    /// Links a profile to a user who has others, and tells the user.
    pub(crate) async fn add_identity(
        &self,
        tx: &OwnTx,
        user: &mut User,
        profile: &Profile,
        context: &Context,
    ) -> Result<()> {
        self.attach(tx, user, profile, context).await?;
        self.audit(tx, "identity_linked", user, context).await?;
        self.notify_of_identity(
            tx,
            MailKind::IdentityLinked,
            (user, &profile.provider),
            context,
        )
        .await
    }

    /// Writes to a user that a way to sign in came or went.
    pub(crate) async fn notify_of_identity(
        &self,
        tx: &OwnTx,
        kind: MailKind,
        (user, provider): (&User, &str),
        context: &Context,
    ) -> Result<()> {
        let Some(to) = user
            .email
            .clone()
            .filter(|_| user.email_confirmed_at.is_some())
        else {
            return Ok(());
        };
        let mut letter = self.letter(kind, user, &to, context);
        letter.provider = Some(provider.to_owned());
        self.mail_notice(tx, letter, context).await
    }

    /// Stores the identity and what follows from it, and saves the user.
    pub(super) async fn attach(
        &self,
        tx: &OwnTx,
        user: &mut User,
        profile: &Profile,
        context: &Context,
    ) -> Result<()> {
        let identity = NewIdentity {
            user_id: user.id,
            provider: profile.provider.clone(),
            provider_id: profile.sub.clone(),
            data: profile.data.clone(),
        };
        Identity::link(tx, identity, context.now)
            .await
            .map_err(|error| match is_linked(&error) {
                true => already_linked(),
                false => error,
            })?;
        if profile.is_email_verified && profile.email == user.email {
            user.is_email_unproved = false;
        }
        for (name, value) in &profile.data {
            // What the user says about themselves is not overwritten.
            user.user_metadata
                .entry(name.clone())
                .or_insert_with(|| value.clone());
        }
        self.save_providers(tx, user, context).await
    }

    /// Brings `provider` and `providers` up to date with the identities, and saves the user.
    pub(crate) async fn save_providers(
        &self,
        tx: &OwnTx,
        user: &mut User,
        context: &Context,
    ) -> Result<()> {
        let mut names: Vec<String> = Vec::new();
        for identity in Identity::of_user_in(tx, user.id).await? {
            if !names.contains(&identity.provider) {
                names.push(identity.provider);
            }
        }
        let first = user.app_metadata.get("provider").and_then(Value::as_str);
        let first = first.filter(|it| names.iter().any(|name| name == it));
        let first = first.map(str::to_owned).or_else(|| names.first().cloned());
        user.app_metadata.insert("provider".into(), json!(first));
        user.app_metadata.insert("providers".into(), json!(names));
        // Tokens of this very second are made after the change.
        tell_time(tx, context.now - Duration::SECOND).await?;
        user.save(tx, context.now).await
    }

    pub(super) fn may_make_without_email(&self, profile: &Profile) -> bool {
        let provider = self.settings.providers.get(&profile.provider);
        profile.email.is_some() || provider.is_some_and(|it| it.email_optional.is_yes())
    }
}

/// Whether the database refused because the identity is somebody's.
fn is_linked(error: &Error) -> bool {
    let constraint = error
        .inner()
        .and_then(|inner| inner.downcast_ref::<postern_db::Error>())
        .and_then(postern_db::Error::constraint);
    constraint == Some("identities_provider_id_provider_unique")
}

/// Another request changed the same account.
pub(super) fn meanwhile() -> Error {
    Error::new(
        &codes::CONFLICT,
        "The account changed a moment ago; try again",
    )
}

/// The identity is linked already.
pub(crate) fn already_linked() -> Error {
    Error::new(
        &codes::IDENTITY_ALREADY_EXISTS,
        "Identity is already linked",
    )
}

/// The provider's word about the address does not count.
pub(super) fn needs_verification(provider: &Provider) -> Error {
    let name = provider.name();
    Error::new(
        &codes::PROVIDER_EMAIL_NEEDS_VERIFICATION,
        format!(
            "Unverified email with {name}. A confirmation email has been sent to your {name} email"
        ),
    )
}
