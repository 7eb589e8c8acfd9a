//! Who is asking. Made in one place from verified claims, carried by value through the request.

use crate::{Claims, RoleName};

/// The caller of a request.
#[derive(Clone, Debug)]
pub enum Identity {
    /// No user token: the `anon` role.
    Anonymous(Claims),
    /// A user token; the policy bundle decides which of its roles the claims reach.
    User(Claims),
    /// The holder of the secret key: policies do not apply, and each use is audited.
    Service(Claims),
}

/// How far the key that signed a token is trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trust {
    /// The project's own secret or key: its tokens may carry `service_role`.
    Project,
    /// A foreign issuer's key: its tokens are users at most.
    Foreign,
}

impl Identity {
    /// Makes the identity of a verified token.
    ///
    /// SECURITY: the only way from claims to `Service`; a foreign issuer cannot reach it, and only
    /// the top-level `role` claim counts (metadata is the user's to write).
    ///
    /// # Errors
    /// Returns the role's name when a foreign issuer's token claims `service_role`.
    pub fn from_verified(claims: Claims, trust: Trust) -> Result<Self, String> {
        match (claims.role(), trust) {
            (Some(RoleName::SERVICE), Trust::Project) => Ok(Self::Service(claims)),
            (Some(RoleName::SERVICE), Trust::Foreign) => Err(RoleName::SERVICE.into()),
            (Some(RoleName::ANON), _) => Ok(Self::Anonymous(claims)),
            (None, _) => Ok(Self::Anonymous(claims.as_role(RoleName::ANON))),
            (Some(_), _) => Ok(Self::User(claims)),
        }
    }

    /// The caller without any token.
    pub fn anonymous() -> Self {
        Self::Anonymous(Claims::anonymous())
    }

    /// The holder of the opaque secret key.
    pub fn service() -> Self {
        Self::Service(Claims::with_role(RoleName::SERVICE))
    }

    /// The verified claims.
    pub fn claims(&self) -> &Claims {
        match self {
            Self::Anonymous(claims) | Self::User(claims) | Self::Service(claims) => claims,
        }
    }

    /// Whether policies do not apply to this caller.
    pub fn is_service(&self) -> bool {
        matches!(self, Self::Service(_))
    }

    /// Whether the caller showed no user token.
    pub fn is_anonymous(&self) -> bool {
        matches!(self, Self::Anonymous(_))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_foreign_issuer_cannot_make_a_service_identity() {
        let claims = Claims::with_role("service_role");

        assert!(
            Identity::from_verified(claims.clone(), Trust::Project).is_ok_and(|it| it.is_service())
        );
        assert!(Identity::from_verified(claims, Trust::Foreign).is_err());
    }

    #[test]
    fn a_token_without_a_role_is_anonymous() {
        let claims = Claims::new(serde_json::Map::new());

        assert!(Identity::from_verified(claims, Trust::Project).is_ok_and(|it| it.is_anonymous()));
    }
}
