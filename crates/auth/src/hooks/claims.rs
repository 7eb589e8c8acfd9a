//! What a hook may do to an access token: add claims and shape metadata, but not say who somebody
//! is, for whom the token is, how long it lives or how surely the user was authenticated.

use postern_base::codes::auth as codes;
use serde_json::{Map, Value};

use crate::{Error, Result};

/// Claims that stay as they were; a hook may leave them out of its answer.
const RESERVED: &[&str] = &[
    "iss",
    "sub",
    "aud",
    "exp",
    "iat",
    "nbf",
    "jti",
    "role",
    "aal",
    "amr",
    "session_id",
    "is_anonymous",
    "client_id",
    "scope",
    "act",
];
/// Claims that a hook may take out or empty, to keep them from third parties, and not change.
const REMOVABLE: &[&str] = &["email", "phone"];

/// Takes a hook's claims over.
///
/// SECURITY: a changed reserved claim refuses the token instead of being passed over, so that the
/// hook's author hears of it (attack 10).
///
/// # Errors
/// When the answer holds no claims, or changes a reserved one.
pub(super) fn merged(ours: &Map<String, Value>, answer: &Value) -> Result<Map<String, Value>> {
    let Some(Value::Object(theirs)) = answer.get("claims") else {
        return Err(refused("claims: a hook must return them as an object"));
    };
    let mut merged = theirs.clone();
    for name in RESERVED {
        match (ours.get(*name), theirs.get(*name)) {
            (Some(own), None) => {
                merged.insert((*name).into(), own.clone());
            }
            (own, given) if own == given => {}
            _ => return Err(refused(&format!("{name}: a hook must not change it"))),
        }
    }
    for name in REMOVABLE {
        let given = theirs.get(*name);
        let is_empty = given.is_none_or(|it| it.is_null() || it == "");
        if !is_empty && given != ours.get(*name) {
            return Err(refused(&format!("{name}: a hook must not change it")));
        }
    }
    Ok(merged)
}

fn refused(reason: &str) -> Error {
    let message = "output claims do not conform to the expected schema";
    Error::new(&codes::HOOK_PAYLOAD_INVALID, format!("{message}: {reason}")).with_status(500)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn ours() -> Map<String, Value> {
        let claims = json!({
            "iss": "us", "sub": "ann", "aud": "authenticated", "exp": 2, "iat": 1,
            "role": "authenticated", "aal": "aal1", "session_id": "s", "amr": [],
            "email": "ann@example.com", "phone": "", "is_anonymous": false, "app_metadata": {},
        });
        claims.as_object().expect("an object").clone()
    }

    fn with(name: &str, value: Value) -> Result<Map<String, Value>> {
        let mut theirs = ours();
        theirs.insert(name.into(), value);
        merged(&ours(), &json!({ "claims": theirs }))
    }

    #[test]
    fn claims_may_be_added_and_metadata_shaped() {
        let merged = with("plan", json!("gold")).expect("claims");
        assert_eq!(merged["plan"], "gold");

        let merged = with("app_metadata", json!({ "admin": true })).expect("claims");
        assert_eq!(merged["app_metadata"]["admin"], true);
    }

    #[test]
    fn attack_10_reserved_claims_stay() {
        for name in RESERVED.iter().chain(REMOVABLE) {
            assert!(with(name, json!("service_role")).is_err(), "{name}");
        }
    }

    #[test]
    fn what_is_left_out_is_put_back_or_gone() {
        let answer = json!({ "claims": { "sub": "ann", "plan": "gold" } });

        let merged = merged(&ours(), &answer).expect("claims");

        assert_eq!(merged["role"], "authenticated");
        assert_eq!(merged["exp"], 2);
        assert!(!merged.contains_key("email"));
        assert!(!merged.contains_key("app_metadata"));
    }

    #[test]
    fn no_claims_are_no_token() {
        for answer in [
            json!({}),
            json!({ "claims": [] }),
            json!({ "claims": null }),
        ] {
            assert!(merged(&ours(), &answer).is_err());
        }
    }
}
