//! Who calls: a signed-in user with a live session, or the holder of the secret key.

use actix_web::http::header::HeaderMap;
use postern_base::codes::auth as codes;
use postern_base::{Claims, Identity};
use postern_http::AuthError;
use uuid::Uuid;

use crate::impersonation::not_the_user;
use crate::store::{Session, User};
use crate::{AuthService, Context, Error, Result};

/// A signed-in user.
#[derive(Clone, Debug)]
pub struct Caller {
    /// The user.
    pub user: User,
    /// The session of the token.
    pub session: Session,
    /// The token's claims.
    pub claims: Claims,
}

impl AuthService {
    /// Finds out which user calls.
    ///
    /// SECURITY: an admin who acts for a user is not the user: whatever changes an account asks
    /// here, and [`reader`](Self::reader) is for what only shows it.
    ///
    /// # Errors
    /// When there is no token of a user, user or session are gone, or an admin acts for the user.
    pub async fn caller(&self, headers: &HeaderMap, context: &Context) -> Result<Caller> {
        let caller = self.reader(headers, context).await?;
        if caller.actor().is_some() {
            return Err(not_the_user());
        }
        Ok(caller)
    }

    /// Finds out which user calls, or who acts for which user.
    ///
    /// # Errors
    /// When there is no token of a user, or user or session are gone.
    pub async fn reader(&self, headers: &HeaderMap, context: &Context) -> Result<Caller> {
        let token = bearer(headers).ok_or_else(no_authorization)?;
        if token.starts_with("sb_") {
            return Err(no_authorization());
        }
        let claims = self
            .authenticator
            .verify_user(token)
            .map_err(|error| bad_jwt(&error))?;
        let id = claims.uid().ok_or_else(|| bad_claim("sub"))?;
        let session = claims
            .as_value()
            .get("session_id")
            .and_then(|it| it.as_str());
        let session: Uuid = session
            .and_then(|it| it.parse().ok())
            .ok_or_else(|| bad_claim("session_id"))?;
        let user = User::find(&self.db, id).await?.ok_or_else(|| {
            let message = "User from sub claim in JWT does not exist";
            Error::new(&codes::USER_NOT_FOUND, message).with_status(403)
        })?;
        let session = Session::find(&self.db, session).await?;
        let session = session
            .filter(|it| it.user_id == user.id)
            .ok_or_else(session_not_found)?;
        if self.has_expired(&session, context.now) {
            return Err(session_not_found());
        }
        self.check_ban(&user, context.now)
            .map_err(|error| error.with_status(403))?;
        Ok(Caller {
            user,
            session,
            claims,
        })
    }

    /// Whether the holder of the secret key calls, whom limits and captchas are not for.
    pub fn is_admin(&self, headers: &HeaderMap) -> bool {
        matches!(
            self.authenticator.authenticate(headers),
            Ok(Identity::Service(_))
        )
    }

    /// Lets only the holder of the secret key pass.
    ///
    /// # Errors
    /// When somebody else calls.
    pub fn check_admin(&self, headers: &HeaderMap) -> Result<()> {
        match self.authenticator.authenticate(headers) {
            Ok(Identity::Service(_)) => Ok(()),
            Ok(Identity::Anonymous(_)) if bearer(headers).is_none() => Err(no_authorization()),
            Ok(_) => Err(Error::new(&codes::NOT_ADMIN, "User not allowed")),
            Err(error) => Err(bad_jwt(&error)),
        }
    }
}

/// The token of the `Authorization` header.
pub(crate) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let header = headers.get("authorization")?.to_str().ok()?;
    let (scheme, token) = header.split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
}

fn no_authorization() -> Error {
    Error::new(
        &codes::NO_AUTHORIZATION,
        "This endpoint requires a valid Bearer token",
    )
}

/// The session of the token has ended.
pub(crate) fn session_not_found() -> Error {
    let message = "Session from session_id claim in JWT does not exist";
    Error::new(&codes::SESSION_NOT_FOUND, message)
}

fn bad_claim(claim: &str) -> Error {
    Error::new(
        &codes::BAD_JWT,
        format!("invalid claim: missing {claim} claim"),
    )
}

fn bad_jwt(error: &AuthError) -> Error {
    use postern_http::ClaimsFault;
    if let AuthError::Claims(ClaimsFault::Revoked) = error {
        return session_not_found();
    }
    let message = format!("invalid JWT: unable to parse or verify signature, {error}");
    Error::new(&codes::BAD_JWT, message)
}
