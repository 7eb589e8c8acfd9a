//! Why a caller is refused, in PostgREST's words.

use postern_base::codes::{self, Code};

/// A refusal before any table is thought of.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AuthError {
    /// The `apikey` is not one of the project's.
    #[error("Invalid API key")]
    UnknownKey,
    /// There is no `apikey`, and the settings ask for one.
    #[error("No API key found in request")]
    KeyMissing,
    /// The caller is anonymous, and the settings refuse that.
    #[error("Anonymous access is disabled")]
    AnonymousOff,
    /// A token was sent, but there is nothing to verify it with.
    #[error("Server lacks JWT secret")]
    NoSecret,
    /// The token cannot be decoded, or its signature is wrong.
    #[error(transparent)]
    Decode(#[from] DecodeFault),
    /// The token's claims are not acceptable.
    #[error(transparent)]
    Claims(#[from] ClaimsFault),
}

/// What is wrong with a token's form or signature.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecodeFault {
    /// `Authorization: Bearer` with nothing behind it.
    #[error("Empty JWT is sent in Authorization header")]
    Empty,
    /// It has not three parts.
    #[error("Expected 3 parts in JWT; got {0}")]
    Parts(usize),
    /// It is longer than the limit.
    #[error("The JWT is too long")]
    TooLong,
    /// Its header is not what a token's header is.
    #[error("JWT couldn't be decoded")]
    Malformed,
    /// Its algorithm is none of those that are verified.
    #[error("Wrong or unsupported encoding algorithm")]
    Algorithm,
    /// No key verifies it.
    #[error("No suitable key or wrong key type")]
    NoKey,
    /// No key has the id that it names; the issuer may have a newer one.
    #[error("No suitable key or wrong key type")]
    UnknownKeyId,
    /// It is a token, but not an access token.
    #[error("Unsupported token type")]
    TokenType,
}

/// What is wrong with a verified token's claims.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ClaimsFault {
    /// `exp` is past.
    #[error("JWT expired")]
    Expired,
    /// There is no `exp`, and there must be one.
    #[error("The JWT has no 'exp' claim")]
    NoExpiry,
    /// `nbf` is to come.
    #[error("JWT not yet valid")]
    NotYetValid,
    /// `iat` is to come.
    #[error("JWT issued at future")]
    IssuedInFuture,
    /// It is for somebody else.
    #[error("JWT not in audience")]
    Audience,
    /// It is from somebody else.
    #[error("JWT not from the expected issuer")]
    Issuer,
    /// A foreign issuer's token claims the service role.
    #[error("The JWT's role is not one that its issuer may give")]
    RoleNotAllowed,
    /// Its session was ended, or its user was banned or deleted.
    #[error("JWT revoked")]
    Revoked,
    /// Its user's role or metadata changed after it was issued; a newer token says what holds.
    #[error("JWT is out of date")]
    Outdated,
    /// It is not the token of one of the project's users, and only such a token will do.
    #[error("The JWT is not that of a user of this project")]
    NotAUser,
    /// The payload is no JSON object.
    #[error("Parsing claims failed")]
    Unreadable,
    /// A time is no number.
    #[error("The JWT '{0}' claim must be a number")]
    NotANumber(&'static str),
    /// `aud` is neither text nor a list of texts.
    #[error("The JWT 'aud' claim must be a string or an array of strings")]
    AudienceType,
}

impl AuthError {
    /// The registered code, which carries the HTTP status.
    pub fn code(&self) -> &'static Code {
        match self {
            Self::UnknownKey | Self::KeyMissing => &codes::UNAUTHORIZED_KEY,
            Self::AnonymousOff => &codes::ANONYMOUS_OFF,
            Self::NoSecret => &codes::NO_SECRET,
            Self::Decode(_) => &codes::JWT,
            Self::Claims(_) => &codes::JWT_CLAIMS,
        }
    }

    /// More about it, for the body's `details`.
    pub fn details(&self) -> Option<&'static str> {
        match self {
            Self::Decode(DecodeFault::NoKey | DecodeFault::UnknownKeyId) => {
                Some("None of the keys was able to decode the JWT")
            }
            _ => None,
        }
    }

    /// The way out, for the body's `hint`.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::UnknownKey => Some("Double check the project's publishable or secret key."),
            Self::Claims(ClaimsFault::Revoked) => Some("Sign in again."),
            Self::Claims(ClaimsFault::Outdated) => Some("Refresh the session."),
            Self::KeyMissing => Some("Send the project's publishable key in the `apikey` header."),
            _ => None,
        }
    }

    /// The `WWW-Authenticate` header, on refusals that a better token would lift.
    pub fn challenge(&self) -> Option<String> {
        match self {
            Self::NoSecret => None,
            Self::Decode(_) | Self::Claims(_) => Some(format!(
                "Bearer error=\"invalid_token\", error_description=\"{self}\""
            )),
            _ => Some("Bearer".into()),
        }
    }
}
