//! Places where the project has a say: what is called there may add, change or refuse.
//!
//! A hook is an address that takes signed JSON or a function in the database. Hooks that decide are
//! waited for and fail closed. Hooks that only hear of something are told in the background, so
//! that the time of an answer tells strangers nothing (attack 38): a wrong password is told only
//! where an account is.

mod call;
mod carrier;
mod claims;
mod signature;
mod target;

use serde_json::{Map, Value, json};
use uuid::Uuid;

pub(crate) use call::{HookCaller, Message, Occasion};
pub use signature::SigningKeys;
pub use target::{HookError, HookPoint, HookTarget};

use crate::identifier::Identifier;
use crate::refresh::RefreshToken;
use crate::session::Begun;
use crate::store::{Session, User};
use crate::wire::{UserOut, timestamp};
use crate::{AuthService, Context, Error, Result};
use postern_base::codes::auth as codes;

/// Somebody who is about to become a user.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Newcomer<'a> {
    /// The address or number, where there is one.
    pub(crate) identifier: Option<&'a Identifier>,
    /// `email`, `phone`, `anonymous` or an identity provider.
    pub(crate) provider: &'a str,
    /// What they or their provider say about them.
    pub(crate) data: &'a Map<String, Value>,
}

/// A tried factor, as hooks hear of it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TriedFactor<'a> {
    /// Whose it is.
    pub(crate) user: Uuid,
    /// Which one.
    pub(crate) factor: Uuid,
    /// `totp`, `phone` or `webauthn`.
    pub(crate) kind: &'a str,
}

impl AuthService {
    /// Lets the project refuse a new user.
    pub(crate) async fn before_user_created(
        &self,
        identifier: &Identifier,
        data: &Map<String, Value>,
        context: &Context,
    ) -> Result<()> {
        let provider = match identifier {
            Identifier::Email(_) => "email",
            Identifier::Phone(_) => "phone",
        };
        let newcomer = Newcomer {
            identifier: Some(identifier),
            provider,
            data,
        };
        self.before_newcomer(newcomer, context).await
    }

    /// Lets the project refuse a new user who may have no address yet.
    pub(crate) async fn before_newcomer(
        &self,
        newcomer: Newcomer<'_>,
        context: &Context,
    ) -> Result<()> {
        if !self.hooks.has(HookPoint::BeforeUserCreated) {
            return Ok(());
        }
        let payload = json!({ "user": newcomer.payload(context) });
        let asked = self.ask_hook(HookPoint::BeforeUserCreated, payload, context);
        asked.await.map(drop)
    }

    /// Tells the project of a new user; call it after the commit.
    pub(crate) fn after_user_created(&self, user: &User, context: &Context) {
        let point = HookPoint::AfterUserCreated;
        self.hooks
            .tell(point, json!({ "user": user_payload(user) }), context.into());
    }

    /// Lets the project refuse a sign-in whose password was right.
    pub(crate) async fn check_verified_password(
        &self,
        user: &User,
        context: &Context,
    ) -> Result<()> {
        let payload = json!({ "user_id": user.id, "valid": true });
        let asked = self.ask_hook(HookPoint::PasswordVerificationAttempt, payload, context);
        let Some(answer) = asked.await? else {
            return Ok(());
        };
        if answer["decision"] == "reject" && answer["should_logout_user"] == true {
            let tx = self.db.begin().await?;
            let ended = Session::end_all(&tx, user.id, None).await?;
            tx.commit().await?;
            self.revoke_here(&ended);
        }
        let otherwise = "Further password verification attempts will be rejected.";
        decision(&answer, &codes::INVALID_CREDENTIALS, otherwise)
    }

    /// Tells the project of a wrong password; nobody waits for it.
    pub(crate) fn tell_wrong_password(&self, user: &User, context: &Context) {
        let payload = json!({ "user_id": user.id, "valid": false });
        let point = HookPoint::PasswordVerificationAttempt;
        self.hooks.tell(point, payload, context.into());
    }

    /// Lets the project refuse a second factor that was right.
    pub(crate) async fn check_verified_factor(
        &self,
        tried: TriedFactor<'_>,
        context: &Context,
    ) -> Result<()> {
        let asked = self.ask_hook(
            HookPoint::MfaVerificationAttempt,
            tried.payload(true),
            context,
        );
        let Some(answer) = asked.await? else {
            return Ok(());
        };
        let otherwise = "Further MFA verification attempts will be rejected.";
        decision(&answer, &codes::MFA_VERIFICATION_REJECTED, otherwise)
    }

    /// Tells the project of a wrong second factor; nobody waits for it.
    pub(crate) fn tell_wrong_factor(&self, tried: TriedFactor<'_>, context: &Context) {
        let point = HookPoint::MfaVerificationAttempt;
        self.hooks.tell(point, tried.payload(false), context.into());
    }

    /// Lets the project refuse a sign-in of any method; a refused one ends before anybody gets
    /// its tokens.
    pub(crate) async fn check_sign_in(&self, begun: &Begun, context: &Context) -> Result<()> {
        let session = &begun.session;
        // Tokens are also made for sessions that went on; a new one has never been refreshed and
        // was made in this very request.
        let is_new = session.counter == 0 && session.created_at == context.now;
        if !is_new || !self.hooks.has(HookPoint::BeforeSignIn) {
            return Ok(());
        }
        let payload = json!({
            "user": user_payload(&begun.user),
            "session_id": session.id,
            "authentication_method": latest_method(begun),
            "aal": session.aal.as_str(),
            "user_agent": context.user_agent,
        });
        let Err(refused) = self
            .ask_hook(HookPoint::BeforeSignIn, payload, context)
            .await
        else {
            return Ok(());
        };
        let tx = self.db.begin().await?;
        let ended = Session::end(&tx, session.id).await?;
        tx.commit().await?;
        self.revoke_here(&ended);
        Err(refused)
    }

    /// Lets the project refuse a refresh; a refused one leaves the session as it was.
    pub(crate) async fn check_refresh(
        &self,
        token: &RefreshToken,
        context: &Context,
    ) -> Result<()> {
        if !self.hooks.has(HookPoint::BeforeTokenRefresh) {
            return Ok(());
        }
        // What is not a live session's own token is refused in the course of things.
        let Some(session) = Session::find(&self.db, token.session).await? else {
            return Ok(());
        };
        if !token.is_made_with(&self.session_key(&session)?) {
            return Ok(());
        }
        let Some(user) = User::find(&self.db, session.user_id).await? else {
            return Ok(());
        };
        let payload = json!({ "user": user_payload(&user), "session_id": session.id });
        self.ask_hook(HookPoint::BeforeTokenRefresh, payload, context)
            .await
            .map(drop)
    }

    /// Lets the project add claims to an access token.
    pub(crate) async fn customised(
        &self,
        claims: Map<String, Value>,
        begun: &Begun,
        context: &Context,
    ) -> Result<Map<String, Value>> {
        if !self.hooks.has(HookPoint::CustomAccessToken) {
            return Ok(claims);
        }
        let method = match begun.session.counter {
            0 => latest_method(begun),
            _ => "token_refresh",
        };
        let payload = json!({
            "user_id": begun.user.id,
            "claims": claims,
            "authentication_method": method,
        });
        match self
            .ask_hook(HookPoint::CustomAccessToken, payload, context)
            .await?
        {
            Some(answer) => claims::merged(&claims, &answer),
            None => Ok(claims),
        }
    }

    async fn ask_hook(
        &self,
        point: HookPoint,
        payload: Value,
        context: &Context,
    ) -> Result<Option<Value>> {
        self.hooks.call(point, payload, &context.into()).await
    }
}

impl TriedFactor<'_> {
    fn payload(self, valid: bool) -> Value {
        json!({
            "user_id": self.user,
            "factor_id": self.factor,
            "factor_type": self.kind,
            "valid": valid,
        })
    }
}

impl From<&Context> for Occasion {
    fn from(context: &Context) -> Self {
        Self {
            ip_address: context.ip.to_string(),
            now: context.now,
        }
    }
}

/// What `continue` and `reject` mean; anything else is no decision, and lets nobody pass.
fn decision(
    answer: &Value,
    code: &'static postern_base::codes::Code,
    otherwise: &'static str,
) -> Result<()> {
    match answer["decision"].as_str() {
        Some("continue") => Ok(()),
        Some("reject") => {
            let message = answer["message"].as_str().filter(|it| !it.is_empty());
            let message = message.map_or_else(|| otherwise.to_owned(), ToOwned::to_owned);
            Err(Error::new(code, message).with_status(403))
        }
        _ => Err(Error::new(
            &codes::HOOK_PAYLOAD_INVALID,
            "A hook's decision is neither `continue` nor `reject`",
        )
        .with_status(500)),
    }
}

fn latest_method(begun: &Begun) -> &str {
    let latest = begun.methods.iter().max_by_key(|it| it.timestamp);
    latest.map_or("", |it| it.method.as_str())
}

/// A user as hooks read it: as the API answers, without what takes further statements.
fn user_payload(user: &User) -> Value {
    json!(UserOut::new(user, &[], &[]))
}

impl Newcomer<'_> {
    /// A user who has no id yet.
    fn payload(self, context: &Context) -> Value {
        let (email, phone) = match self.identifier {
            Some(Identifier::Email(address)) => (address.as_str(), ""),
            Some(Identifier::Phone(number)) => ("", number.as_str()),
            None => ("", ""),
        };
        let is_anonymous = self.provider == "anonymous";
        let app_metadata = if is_anonymous {
            json!({})
        } else {
            json!({ "provider": self.provider, "providers": [self.provider] })
        };
        json!({
            "id": Uuid::nil(),
            "aud": "authenticated",
            "role": "authenticated",
            "email": email,
            "phone": phone,
            "app_metadata": app_metadata,
            "user_metadata": self.data,
            "identities": [],
            "created_at": timestamp(context.now),
            "updated_at": timestamp(context.now),
            "is_anonymous": is_anonymous,
        })
    }
}
