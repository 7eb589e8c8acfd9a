//! A persona as the identity that a verified token would make.

use postern_base::{Claims, Identity, RoleName, Trust};
use postern_policy::{Bundle, Persona};
use serde_json::{Map, json};

use crate::Error;

/// The identity of a persona under a bundle: for a role that has a condition, the token names the
/// role that it rests on.
///
/// # Errors
/// When no token could say this.
pub fn identity(persona: &Persona, bundle: &Bundle) -> Result<Identity, Error> {
    let role = RoleName::new(persona.role.as_str());
    let has_condition = bundle
        .roles()
        .any(|(name, definition)| *name == role && definition.when.is_some());
    let token_role = match has_condition {
        true => bundle.role_chain(&role).pop().unwrap_or(role),
        false => role,
    };
    let mut claims = Map::new();
    claims.insert("role".into(), json!(token_role.as_str()));
    if let Some(sub) = &persona.sub {
        claims.insert("sub".into(), json!(sub));
    }
    claims.extend(persona.claims.clone());
    Identity::from_verified(Claims::new(claims), Trust::Project).map_err(Error::Question)
}
