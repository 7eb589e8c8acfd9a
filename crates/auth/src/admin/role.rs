//! The role that a user's tokens carry.

use crate::{Error, Result};

/// Longest name of a role in bytes, as Postgres has it.
const ROLE_BYTES_MAX: usize = 63;
/// Roles that stand above policies, or belong to a service; no user may have one (attack 10).
const RESERVED: &[&str] = &[
    "service_role",
    "postgres",
    "authenticator",
    "dashboard_user",
    "pgbouncer",
    "pgsodium_keyholder",
    "root",
    "public",
    "none",
];
/// What the names of other roles of that sort begin with.
const RESERVED_PREFIXES: &[&str] = &["supabase_", "postern_", "pg_", "pgsodium", "rds_"];

/// Reads a role that a user may be given; `authenticated` when it is empty.
///
/// # Errors
/// When it is no name, or the name of a role that stands above policies.
pub fn parse_role(text: &str) -> Result<String> {
    if text.is_empty() {
        return Ok("authenticated".into());
    }
    let mut letters = text.chars();
    let begins = letters.next();
    let is_name = begins.is_some_and(|it| it.is_ascii_alphabetic() || it == '_')
        && letters.all(|it| it.is_ascii_alphanumeric() || matches!(it, '_' | '-'));
    if !is_name || text.len() > ROLE_BYTES_MAX {
        return Err(Error::invalid("role must be the name of a role"));
    }
    // SECURITY: names of roles are compared without case, because whoever reads the token
    // later may do so.
    let lower = text.to_ascii_lowercase();
    let is_reserved = RESERVED.contains(&lower.as_str())
        || RESERVED_PREFIXES.iter().any(|it| lower.starts_with(it));
    if is_reserved {
        let message = format!("The role {lower} cannot be given to a user");
        return Err(Error::invalid(message));
    }
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::parse_role;

    #[test]
    fn attack_10_roles_above_policies_cannot_be_given() {
        for role in [
            "service_role",
            "SERVICE_ROLE",
            "postgres",
            "supabase_admin",
            "supabase_auth_admin",
            "pg_read_all_data",
            "postern_gateway",
            "authenticator",
            "a b",
            "a\"b",
            "a;drop",
            "ä",
            &"x".repeat(64),
        ] {
            assert!(parse_role(role).is_err(), "{role}");
        }
        for role in ["editor", "authenticated", "anon", "team-lead", "_x1"] {
            assert_eq!(parse_role(role).expect("a role"), role);
        }
        assert_eq!(parse_role("").expect("a role"), "authenticated");
    }
}
