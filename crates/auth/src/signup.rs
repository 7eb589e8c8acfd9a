//! `POST /signup`: a new user by address, by number, or without any proof.
//!
//! SECURITY: where addresses must be confirmed, an address that is taken is answered like a new
//! one, with a made-up user and after the same work; its owner gets no other mail than before.

mod made_up;

use postern_base::Secret;
use postern_base::codes::auth as codes;
use postern_db::own::OwnTx;
use postern_mail::MailKind;
use postern_password::Verdict;
use serde_json::{Map, Value, json};

use crate::dispatch::Dispatch;
use crate::flows::Challenge;
use crate::hooks::Newcomer;
use crate::identifier::Identifier;
use crate::limits::Letters;
use crate::session::{Begun, SignIn, TokenPair};
use crate::store::addresses::pass_time;
use crate::store::{Identity, NewIdentity, NewUser, Purpose, User};
use crate::wire::UserOut;
use crate::{AuthService, Context, Error, Result, metadata};

/// What somebody signs up with.
#[derive(Debug)]
pub struct NewAccount {
    /// By what the user is found.
    pub identifier: Identifier,
    /// The password.
    pub password: Secret<String>,
    /// What the user says about themselves.
    pub data: Map<String, Value>,
    /// The client's PKCE challenge.
    pub challenge: Option<Challenge>,
    /// `sms` or `whatsapp`.
    pub channel: String,
}

/// What a sign-up is answered with.
#[derive(Debug)]
pub enum SignedUp {
    /// The user is signed in at once.
    In(Box<TokenPair>),
    /// The address must be confirmed first.
    ToConfirm(Box<UserOut>),
}

impl AuthService {
    /// Signs a new user up.
    ///
    /// # Errors
    /// When signing up is switched off, the password is weak, or a hook refuses.
    pub async fn sign_up(&self, account: NewAccount, context: &Context) -> Result<SignedUp> {
        self.check_signup_allowed(&account.identifier)?;
        metadata::check_user(&account.data)?;
        self.check_new_password(&account.password, account.identifier.as_str())
            .await?;
        let confirmed = self.is_autoconfirmed(&account.identifier);
        if !confirmed {
            self.count_letter(Letters::Confirmation, &account.identifier, context)
                .await?;
        }
        // Asked before anybody looks whether the address is taken: neither the hook's answer nor
        // its time tells it then.
        self.before_user_created(&account.identifier, &account.data, context)
            .await?;
        if let Some(user) = self.find_user(&account.identifier).await? {
            return self.sign_up_again(user, &account, context).await;
        }
        let hash = self.passwords.hash(&account.password).await?;
        let tx = self.db.begin().await?;
        let made = User::insert(
            &tx,
            new_user(&account, hash, confirmed, context),
            context.now,
        );
        let mut user = match made.await {
            Ok(user) => user,
            // Somebody was faster, with the same address: the answer is as if they had been.
            Err(error) if is_taken(&error) => {
                drop(tx);
                let user = self.find_user(&account.identifier).await?;
                let user = user.ok_or(error)?;
                return self.sign_up_again(user, &account, context).await;
            }
            Err(error) => return Err(error),
        };
        // A setting confirms addresses and numbers, and proves none (attack 22).
        let identity = own_identity(&user, &account.identifier, false);
        Identity::link(&tx, identity, context.now).await?;
        self.audit(&tx, "user_signedup", &user, context).await?;
        if confirmed {
            let how = SignIn::by("password");
            let begun = self.begin_session(&tx, user, &how, context).await?;
            tx.commit().await?;
            self.after_user_created(&begun.user, context);
            return self.signed_up(begun, context).await;
        }
        self.send_confirmation(&tx, Some(&user), &account, context)
            .await?;
        tx.commit().await?;
        self.outbox.wake();
        self.after_user_created(&user, context);
        user.confirmation_sent_at = Some(context.now);
        let identities = Identity::of_user(&self.db, user.id).await?;
        let user = UserOut::new(&user, &identities, &[]);
        Ok(SignedUp::ToConfirm(Box::new(user)))
    }

    /// Makes a user who has proved nothing yet, and signs in.
    ///
    /// # Errors
    /// When that is switched off, or a hook refuses.
    pub async fn sign_up_anonymously(
        &self,
        data: Map<String, Value>,
        context: &Context,
    ) -> Result<TokenPair> {
        let signup = &self.settings.signup;
        if !signup.new_users.is_yes() {
            return Err(signup_disabled());
        }
        if !signup.anonymous.is_yes() {
            return Err(Error::new(
                &codes::ANONYMOUS_PROVIDER_DISABLED,
                "Anonymous sign-ins are disabled",
            ));
        }
        metadata::check_user(&data)?;
        let newcomer = Newcomer {
            identifier: None,
            provider: "anonymous",
            data: &data,
        };
        self.before_newcomer(newcomer, context).await?;
        let new = NewUser {
            user_metadata: data,
            is_anonymous: true,
            ..NewUser::default()
        };
        let tx = self.db.begin().await?;
        let user = User::insert(&tx, new, context.now).await?;
        let begun = self
            .begin_session(&tx, user, &SignIn::by("anonymous"), context)
            .await?;
        self.audit(&tx, "user_signedup", &begun.user, context)
            .await?;
        tx.commit().await?;
        self.after_user_created(&begun.user, context);
        self.token_pair(begun, context).await
    }

    /// Refuses where new users, or this way of signing in, are switched off.
    pub(crate) fn check_signup_allowed(&self, identifier: &Identifier) -> Result<()> {
        if !self.settings.signup.new_users.is_yes() {
            return Err(signup_disabled());
        }
        self.check_enabled(identifier)
    }

    /// Whether an address or number needs no proof here.
    pub(crate) fn is_autoconfirmed(&self, identifier: &Identifier) -> bool {
        match identifier {
            Identifier::Email(_) => self.settings.signup.email_autoconfirm.is_yes(),
            Identifier::Phone(_) => self.settings.signup.phone_autoconfirm.is_yes(),
        }
    }

    async fn signed_up(&self, begun: Begun, context: &Context) -> Result<SignedUp> {
        let pair = self.token_pair(begun, context).await?;
        Ok(SignedUp::In(Box::new(pair)))
    }

    /// Sends the code that confirms a new account.
    async fn send_confirmation(
        &self,
        tx: &OwnTx,
        user: Option<&User>,
        account: &NewAccount,
        context: &Context,
    ) -> Result<()> {
        let what = Dispatch {
            challenge: account.challenge.as_ref(),
            channel: &account.channel,
            ..Dispatch::new(
                Purpose::Signup,
                MailKind::ConfirmSignup,
                &account.identifier,
            )
        };
        self.dispatch(tx, user, &what, context).await
    }

    /// Answers a sign-up for an address that is taken, with as much work as for a new one.
    ///
    /// SECURITY: the letter may be asked for by the one and opened by the other. An account that
    /// waits for its confirmation and is signed up for with two passwords keeps neither: its
    /// owner sets one after the confirmation (attack 22).
    async fn sign_up_again(
        &self,
        user: User,
        account: &NewAccount,
        context: &Context,
    ) -> Result<SignedUp> {
        if self.is_autoconfirmed(&account.identifier) {
            // Nothing to hide: whether the address is taken shows in any case.
            return Err(Error::new(
                &codes::USER_ALREADY_EXISTS,
                "User already registered",
            ));
        }
        let waiting = !user.is_confirmed();
        let stored = user.encrypted_password.as_deref().filter(|_| waiting);
        let verdict = self.passwords.verify(&account.password, stored).await?;
        let tx = self.db.begin().await?;
        let user = User::lock(&tx, user.id).await?;
        let mut user = user.filter(|it| waiting && !it.is_confirmed());
        match (&mut user, verdict) {
            (Some(user), Verdict::Mismatch) if user.encrypted_password.is_some() => {
                user.encrypted_password = None;
                user.save(&tx, context.now).await?;
            }
            _ => pass_time(&tx, 1).await?,
        }
        // A provider's identity that waits here may be a stranger's as well.
        let waiting = user.as_ref().map_or_else(uuid::Uuid::new_v4, |it| it.id);
        Identity::unlink_foreign(&tx, waiting).await?;
        self.send_confirmation(&tx, user.as_ref(), account, context)
            .await?;
        tx.commit().await?;
        self.outbox.wake();
        let user = self.made_up(account, context).await?;
        Ok(SignedUp::ToConfirm(Box::new(user)))
    }
}

fn new_user(account: &NewAccount, hash: String, confirmed: bool, context: &Context) -> NewUser {
    let now = confirmed.then_some(context.now);
    let mut new = NewUser {
        encrypted_password: Some(hash),
        user_metadata: account.data.clone(),
        app_metadata: provider_metadata(&account.identifier),
        ..NewUser::default()
    };
    match &account.identifier {
        Identifier::Email(address) => {
            new.email = Some(address.as_str().into());
            new.email_confirmed_at = now;
            new.is_email_unproved = confirmed;
        }
        Identifier::Phone(number) => {
            new.phone = Some(number.as_str().into());
            new.phone_confirmed_at = now;
            new.is_phone_unproved = confirmed;
        }
    }
    new
}

/// `provider` and `providers` of a user known by address or number.
pub(crate) fn provider_metadata(identifier: &Identifier) -> Map<String, Value> {
    let provider = match identifier {
        Identifier::Email(_) => "email",
        Identifier::Phone(_) => "phone",
    };
    let mut metadata = Map::new();
    metadata.insert("provider".into(), json!(provider));
    metadata.insert("providers".into(), json!([provider]));
    metadata
}

/// The identity of a user known by address or number: its subject is the user's own id.
pub(crate) fn own_identity(user: &User, identifier: &Identifier, is_proved: bool) -> NewIdentity {
    let mut data = user.user_metadata.clone();
    data.insert("sub".into(), json!(user.id));
    let (provider, proof) = match identifier {
        Identifier::Email(address) => {
            data.insert("email".into(), json!(address.as_str()));
            data.remove("phone");
            ("email", "email_verified")
        }
        Identifier::Phone(number) => {
            data.insert("phone".into(), json!(number.as_str()));
            // What the user says is no proof: this is what accounts are linked by.
            data.remove("email");
            ("phone", "phone_verified")
        }
    };
    data.insert("email_verified".into(), json!(false));
    data.insert("phone_verified".into(), json!(false));
    data.insert(proof.into(), json!(is_proved));
    NewIdentity {
        user_id: user.id,
        provider: provider.into(),
        provider_id: user.id.to_string(),
        data,
    }
}

/// Whether the database refused because the address or number is taken.
pub(crate) fn is_taken(error: &Error) -> bool {
    let constraint = error
        .inner()
        .and_then(|inner| inner.downcast_ref::<postern_db::Error>())
        .and_then(postern_db::Error::constraint);
    matches!(
        constraint,
        Some("users_email_partial_key" | "users_phone_key")
    )
}

/// Where nobody may sign up.
pub(crate) fn signup_disabled() -> Error {
    Error::new(
        &codes::SIGNUP_DISABLED,
        "Signups not allowed for this instance",
    )
}
