//! `grant_type=password`: an address or number and a password for a session.
//!
//! SECURITY: an unknown account costs a hash as well, and is answered in the same words as a wrong
//! password (attack 38). Whether the account is banned or not yet confirmed is told only after the
//! password was right.

use postern_base::Secret;
use postern_base::codes::auth as codes;
use postern_db::own::OwnTx;
use postern_password::{Rehash, Verdict};

use crate::identifier::Identifier;
use crate::limits::Tried;
use crate::session::{SignIn, TokenPair};
use crate::store::User;
use crate::{AuthService, Context, Error, Result};

/// How often a password is compared when its stored hash changes at the same time.
const COMPARED_MAX: usize = 3;
/// When to come back where it changed more often, in seconds.
const RETRY_AFTER_SECS: u64 = 1;

impl AuthService {
    /// Signs in with a password.
    ///
    /// # Errors
    /// When address and password do not belong together, or the account may not sign in.
    pub async fn sign_in_with_password(
        &self,
        identifier: &Identifier,
        password: &Secret<String>,
        context: &Context,
    ) -> Result<TokenPair> {
        self.check_enabled(identifier)?;
        let counted = self.count_try(Tried::Password, identifier, context).await?;
        let found = self.find_user(identifier).await?;
        let stored = found
            .as_ref()
            .and_then(|it| it.encrypted_password.as_deref());
        let verdict = self.passwords.verify(password, stored).await?;
        let (Some(user), Verdict::Match { rehash }) = (&found, verdict) else {
            if let Some(user) = &found {
                self.tell_wrong_password(user, context);
            }
            return Err(invalid_credentials());
        };
        self.proved(counted, context).await?;
        let fresh = self.rehashed(password, rehash).await?;
        self.check_verified_password(user, context).await?;
        let (tx, locked) = self.lock_with_password(user, password, fresh).await?;
        self.check_ban(&locked, context.now)?;
        check_confirmed(&locked, identifier)?;
        let how = SignIn::by("password");
        let begun = self.begin_session(&tx, locked, &how, context).await?;
        self.audit(&tx, "login", &begun.user, context).await?;
        tx.commit().await?;
        let mut pair = self.token_pair(begun, context).await?;
        pair.weak_password = self.weakness_note(password, identifier).await;
        Ok(pair)
    }

    /// Locks a user whose password was right. A hash takes long and is not waited for with the
    /// row locked, so that the stored one may have changed since: then the password is compared
    /// with that. Of parallel first sign-ins of an imported user one stores a hash of ours, and
    /// the others' password is as right as before.
    async fn lock_with_password(
        &self,
        user: &User,
        password: &Secret<String>,
        mut fresh: Option<String>,
    ) -> Result<(OwnTx, User)> {
        let mut compared = user.encrypted_password.clone();
        for _ in 0..COMPARED_MAX {
            let tx = self.db.begin().await?;
            let locked = User::lock(&tx, user.id).await?;
            let mut locked = locked.ok_or_else(invalid_credentials)?;
            if locked.encrypted_password == compared {
                if fresh.is_some() {
                    locked.encrypted_password = fresh;
                }
                return Ok((tx, locked));
            }
            drop(tx);
            compared = locked.encrypted_password;
            let verdict = self.passwords.verify(password, compared.as_deref());
            let Verdict::Match { rehash } = verdict.await? else {
                return Err(invalid_credentials());
            };
            fresh = self.rehashed(password, rehash).await?;
        }
        Err(Error::busy(RETRY_AFTER_SECS))
    }

    /// The hash that a password is stored as from now on, where the stored one is not of ours.
    async fn rehashed(&self, password: &Secret<String>, rehash: Rehash) -> Result<Option<String>> {
        Ok(match rehash {
            Rehash::Needed => Some(self.passwords.hash(password).await?),
            Rehash::NotNeeded => None,
        })
    }

    /// Finds the user of an address or number.
    pub(crate) async fn find_user(&self, identifier: &Identifier) -> Result<Option<User>> {
        match identifier {
            Identifier::Email(address) => User::find_by_email(&self.db, address.as_str()).await,
            Identifier::Phone(number) => User::find_by_phone(&self.db, number.as_str()).await,
        }
    }

    /// Refuses a way of signing in that is switched off.
    pub(crate) fn check_enabled(&self, identifier: &Identifier) -> Result<()> {
        let signup = &self.settings.signup;
        match identifier {
            Identifier::Email(_) if !signup.email.is_yes() => Err(Error::new(
                &codes::EMAIL_PROVIDER_DISABLED,
                "Email logins are disabled",
            )),
            Identifier::Phone(_) if !signup.phone.is_yes() => Err(Error::new(
                &codes::PHONE_PROVIDER_DISABLED,
                "Phone logins are disabled",
            )),
            _ => Ok(()),
        }
    }
}

fn check_confirmed(user: &User, identifier: &Identifier) -> Result<()> {
    match identifier {
        Identifier::Email(_) if user.email_confirmed_at.is_none() => Err(Error::new(
            &codes::EMAIL_NOT_CONFIRMED,
            "Email not confirmed",
        )),
        Identifier::Phone(_) if user.phone_confirmed_at.is_none() => Err(Error::new(
            &codes::PHONE_NOT_CONFIRMED,
            "Phone not confirmed",
        )),
        _ => Ok(()),
    }
}

/// The one answer to whatever is wrong with address and password.
pub(crate) fn invalid_credentials() -> Error {
    Error::new(&codes::INVALID_CREDENTIALS, "Invalid login credentials")
}
