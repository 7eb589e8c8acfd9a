//! From a proved user to a session and its tokens.
//!
//! Every sign-in begins a new session with a new id (attack 19). The access token says how and
//! how surely the user was authenticated; the refresh token is made from the session's own key.

use std::fmt::Display;

use postern_base::Secret;
use postern_base::limits::CLOCK_SKEW_SECS;
use postern_db::own;
use postern_db::own::{Own, OwnTx};
use serde::Serialize;
use serde_json::{Map, Value, json};
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use crate::refresh::RefreshToken;
use crate::store::{Aal, AmrEntry, Factor, Identity, Session, User};
use crate::wire::UserOut;
use crate::{AuthService, Context, Error, Result};

/// How long to wait at a time for the second after a change of the user's role.
const FRESH_SECOND_WAIT: std::time::Duration = std::time::Duration::from_millis(50);
/// How often: two seconds in all, for a database whose clock is ahead.
const FRESH_SECOND_WAITS_MAX: usize = 40;
/// Up to which second a user's tokens are refused.
const OUTDATED: Own =
    own!("select at_unix_secs from postern.revocations where kind = 'stale' and subject = $1");
/// Bytes of a session's key for refresh tokens.
const SESSION_KEY_BYTES: usize = 32;

/// How a user was authenticated.
#[derive(Clone, Debug)]
pub(crate) struct SignIn<'a> {
    /// The method as `amr` spells it: `password`, `otp`, `oauth`, …
    pub method: &'a str,
    /// The provider, where one vouched.
    pub provider: Option<&'a str>,
    /// How sure that is; a passkey that verified the user counts twice.
    pub aal: Aal,
}

impl<'a> SignIn<'a> {
    /// A sign-in by one factor.
    pub(crate) fn by(method: &'a str) -> Self {
        Self {
            method,
            provider: None,
            aal: Aal::Aal1,
        }
    }
}

/// What a client gets that has signed in; also the answer's form on the wire.
#[derive(Clone, Debug, Serialize)]
pub struct TokenPair {
    /// The JWT for all services.
    pub access_token: String,
    /// Always `bearer`.
    pub token_type: &'static str,
    /// Seconds until the access token expires.
    pub expires_in: i64,
    /// The same as a time in seconds since the Unix epoch.
    pub expires_at: i64,
    /// What the next pair is asked for with.
    pub refresh_token: String,
    /// Whose session it is.
    pub user: UserOut,
    /// The provider's own access token, after OAuth.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub provider_token: Option<String>,
    /// The provider's own refresh token, after OAuth.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub provider_refresh_token: Option<String>,
    /// That the password would not be accepted today, and why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub weak_password: Option<Value>,
}

/// A session that was begun in a transaction; its tokens are made after the commit.
#[derive(Clone, Debug)]
pub(crate) struct Begun {
    /// The session.
    pub session: Session,
    /// Whose it is.
    pub user: User,
    /// How the user was authenticated.
    pub methods: Vec<AmrEntry>,
    /// Sessions that ended because this one began.
    pub ended: Vec<Uuid>,
}

impl AuthService {
    /// Begins a session for a user who has been proved, inside the flow's own transaction.
    ///
    /// # Errors
    /// When the user is banned, or the database refuses.
    pub(crate) async fn begin_session(
        &self,
        tx: &OwnTx,
        mut user: User,
        how: &SignIn<'_>,
        context: &Context,
    ) -> Result<Begun> {
        self.check_ban(&user, context.now)?;
        let id = Uuid::new_v4();
        let mut key = [0; SESSION_KEY_BYTES];
        self.random.fill(&mut key);
        let session = Session {
            id,
            user_id: user.id,
            created_at: context.now,
            factor_id: None,
            aal: how.aal,
            not_after: self
                .settings
                .sessions
                .timebox_secs
                .map(|secs| context.now + Duration::seconds(secs)),
            refreshed_at: Some(context.now),
            user_agent: Some(context.user_agent.clone()),
            ip: Some(context.ip),
            sealed_key: Some(self.vault.seal(&key_context(id), &key)),
            counter: 0,
            late_parent: None,
        };
        let ended = if self.settings.sessions.single_per_user.is_yes() {
            Session::end_all(tx, user.id, None).await?
        } else {
            Vec::new()
        };
        session.insert(tx, context).await?;
        session
            .note_method(tx, how.method, how.provider, context.now)
            .await?;
        user.last_sign_in_at = Some(context.now);
        user.save(tx, context.now).await?;
        let methods = session.methods(tx).await?;
        Ok(Begun {
            session,
            user,
            methods,
            ended,
        })
    }

    /// Makes the tokens of a session that was begun and committed.
    ///
    /// # Errors
    /// When a token cannot be signed, or a hook refuses.
    pub(crate) async fn token_pair(&self, begun: Begun, context: &Context) -> Result<TokenPair> {
        self.revoke_here(&begun.ended);
        self.check_sign_in(&begun, context).await?;
        let about: [own::Value<'_>; 1] = [&begun.user.id];
        let [identities, factors, outdated] = self
            .db
            .query_each([
                (Identity::OF_USER, &about),
                (Factor::OF_USER, &about),
                (OUTDATED, &about),
            ])
            .await?;
        let user = UserOut::read(&begun.user, &identities, &factors);
        let outdated = outdated.first().map(|row| row.get("at_unix_secs"));
        let issued = self.issued_at(outdated, context.now).await;
        let lifetime = self.settings.sessions.access_token_secs;
        let claims = self.claims(&begun, issued, lifetime);
        let claims = self.customised(claims, &begun, context).await?;
        let access_token = self
            .keys
            .ring()?
            .sign(&claims)
            .map_err(|error| Error::internal("The token could not be signed", error))?;
        Ok(TokenPair {
            access_token,
            token_type: "bearer",
            expires_in: lifetime,
            expires_at: issued + lifetime,
            refresh_token: self.refresh_token(&begun.session)?,
            user,
            provider_token: None,
            provider_refresh_token: None,
            weak_password: None,
        })
    }

    /// The second that a token of a user made now says it was issued in.
    pub(crate) async fn issued_for(&self, user: Uuid, now: OffsetDateTime) -> Result<i64> {
        let row = self.db.query_opt(OUTDATED, &[&user]).await?;
        let outdated = row.map(|row| row.get("at_unix_secs"));
        Ok(self.issued_at(outdated, now).await)
    }

    /// The second that a token made now says it was issued in: behind the one up to which the
    /// user's tokens are refused, or a user whose role changed in this very second would be given
    /// a token that nobody takes. It waits for that second to pass, since many verifiers refuse a
    /// token that comes from the future.
    async fn issued_at(&self, outdated: Option<i64>, now: OffsetDateTime) -> i64 {
        let now = now.unix_timestamp();
        let Some(outdated) = outdated else {
            return now;
        };
        let fresh = outdated + 1;
        for _ in 0..FRESH_SECOND_WAITS_MAX {
            if self.clock.now_unix_secs() >= fresh {
                break;
            }
            tokio::time::sleep(FRESH_SECOND_WAIT).await;
        }
        fresh.clamp(now, now + CLOCK_SKEW_SECS)
    }

    /// Refuses a banned user. Only callers who have proved who they are get to hear it: a ban
    /// must not tell strangers that an account exists.
    pub(crate) fn check_ban(&self, user: &User, now: OffsetDateTime) -> Result<()> {
        if user.is_banned(now) {
            return Err(Error::new(
                &postern_base::codes::auth::USER_BANNED,
                "User is banned",
            ));
        }
        Ok(())
    }

    /// The session's current refresh token.
    pub(crate) fn refresh_token(&self, session: &Session) -> Result<String> {
        let key = self.session_key(session)?;
        Ok(RefreshToken::make(session.id, session.counter, &key))
    }

    /// The key that a session's refresh tokens are made with.
    pub(crate) fn session_key(&self, session: &Session) -> Result<Secret<Vec<u8>>> {
        let sealed = session
            .sealed_key
            .as_deref()
            .ok_or_else(|| Error::internal("The session has no key", "no key"))?;
        Ok(self.vault.open(&key_context(session.id), sealed)?)
    }

    /// What a session's tokens say before the project's hook has a say.
    pub(crate) fn claims(&self, begun: &Begun, issued: i64, lifetime: i64) -> Map<String, Value> {
        let (user, session) = (&begun.user, &begun.session);
        let claims = json!({
            "iss": self.own_url("").trim_end_matches('/'),
            "sub": user.id.to_string(),
            "aud": user.aud,
            "exp": issued + lifetime,
            "iat": issued,
            "email": user.email.as_deref().unwrap_or_default(),
            "phone": user.phone.as_deref().unwrap_or_default(),
            "app_metadata": user.app_metadata,
            "user_metadata": user.user_metadata,
            "role": user.role,
            "aal": session.aal.as_str(),
            "amr": begun.methods,
            "session_id": session.id.to_string(),
            "is_anonymous": user.is_anonymous,
        });
        match claims {
            Value::Object(claims) => claims,
            _ => Map::new(),
        }
    }
}

/// Where a session's key is sealed for.
pub(crate) fn key_context(session: impl Display) -> String {
    format!("sessions|refresh_token_hmac_key|{session}")
}
