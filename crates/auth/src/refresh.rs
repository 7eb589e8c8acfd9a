//! `grant_type=refresh_token`: the next pair of tokens of a session.
//!
//! The current token moves the session on. The one before it is answered with the current one:
//! the answer to it may have been lost, or two tabs asked at once. Anything older was used before,
//! so somebody else has a copy: the session ends. The same holds when the token before the
//! current one comes late twice in a row, which happens when two holders take turns.

mod token;

use postern_base::codes::auth as codes;
use postern_db::own::OwnTx;
use time::{Duration, OffsetDateTime};

pub(crate) use token::RefreshToken;

use crate::session::{Begun, TokenPair};
use crate::store::{Session, User};
use crate::{AuthService, Context, Error, Result};

/// What a refresh token that may be believed stands for.
enum Turn {
    /// It is the current one.
    Next,
    /// It is the one before, shortly after the current one was made.
    InGrace,
    /// It is the one before, later.
    LostAnswer,
    /// It was used long ago.
    Reused,
}

impl AuthService {
    /// Answers a refresh token with the session's next pair of tokens.
    ///
    /// # Errors
    /// When the token is unknown or was used, or the session or its user may go on no longer.
    pub async fn refresh(&self, token: &str, context: &Context) -> Result<TokenPair> {
        let token = RefreshToken::parse(token).ok_or_else(not_found)?;
        self.check_refresh(&token, context).await?;
        let (tx, user, mut session) = self.lock_session(&token).await?;
        if token.counter > session.counter {
            return Err(not_found());
        }
        self.check_ban(&user, context.now)?;
        let turn = self.turn(&token, &session, context.now);
        if matches!(turn, Turn::Reused) {
            let ended = Session::end(&tx, session.id).await?;
            self.audit(&tx, "token_revoked", &user, context).await?;
            tx.commit().await?;
            self.revoke_here(&ended);
            return Err(Error::new(
                &codes::REFRESH_TOKEN_ALREADY_USED,
                "Invalid Refresh Token: Already Used",
            ));
        }
        if self.has_expired(&session, context.now) {
            let ended = Session::end(&tx, session.id).await?;
            tx.commit().await?;
            self.revoke_here(&ended);
            return Err(Error::new(
                &codes::SESSION_EXPIRED,
                "Invalid Refresh Token: Session Expired",
            ));
        }
        match turn {
            Turn::Next => session.advance(&tx, context).await?,
            Turn::LostAnswer => session.note_late_parent(&tx).await?,
            Turn::InGrace | Turn::Reused => {}
        }
        let methods = session.methods(&tx).await?;
        if !matches!(turn, Turn::InGrace) {
            self.audit(&tx, "token_refreshed", &user, context).await?;
        }
        tx.commit().await?;
        let begun = Begun {
            session,
            user,
            methods,
            ended: Vec::new(),
        };
        self.token_pair(begun, context).await
    }

    /// Finds the session of a token that we made, and locks it with its user.
    ///
    /// The user first, as everywhere: a sign-in locks the user and then ends sessions, and two
    /// transactions that lock in different orders wait for each other.
    async fn lock_session(&self, token: &RefreshToken) -> Result<(OwnTx, User, Session)> {
        let session = Session::find(&self.db, token.session).await?;
        // A session that came with an import has no key of ours, and no token of ours either.
        let session = session.filter(|it| it.sealed_key.is_some());
        let session = session.ok_or_else(not_found)?;
        if !token.is_made_with(&self.session_key(&session)?) {
            return Err(not_found());
        }
        let tx = self.db.begin().await?;
        let user = User::lock(&tx, session.user_id).await?;
        let user = user.ok_or_else(not_found)?;
        let session = Session::lock(&tx, session.id).await?;
        Ok((tx, user, session.ok_or_else(not_found)?))
    }

    fn turn(&self, token: &RefreshToken, session: &Session, now: OffsetDateTime) -> Turn {
        if token.counter == session.counter {
            return Turn::Next;
        }
        if token.counter + 1 != session.counter {
            return Turn::Reused;
        }
        let grace = Duration::seconds(self.settings.sessions.reuse_interval_secs);
        let in_grace = session.refreshed_at.is_some_and(|it| now - it <= grace);
        match session.late_parent {
            _ if in_grace => Turn::InGrace,
            Some(late) if late + 1 == token.counter => Turn::Reused,
            _ => Turn::LostAnswer,
        }
    }

    /// Whether the session has reached one of its limits.
    pub(crate) fn has_expired(&self, session: &Session, now: OffsetDateTime) -> bool {
        let limits = &self.settings.sessions;
        let over = |start: OffsetDateTime, secs: Option<i64>| {
            secs.is_some_and(|secs| now >= start + Duration::seconds(secs))
        };
        session.not_after.is_some_and(|end| now >= end)
            || over(session.created_at, limits.timebox_secs)
            || over(
                session.refreshed_at.unwrap_or(session.created_at),
                limits.inactivity_secs,
            )
    }
}

fn not_found() -> Error {
    Error::new(
        &codes::REFRESH_TOKEN_NOT_FOUND,
        "Invalid Refresh Token: Refresh Token Not Found",
    )
}
