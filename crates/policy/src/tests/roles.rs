//! Which role a caller has.

use postern_base::{Claims, Identity, RoleName, Trust};
use serde_json::json;

use super::loaded;

const ROLES: &str = r#"
[roles.admin]
inherits = "moderator"
when = "auth.jwt() #>> '{app_metadata,role}' = 'admin'"
[roles.moderator]
inherits = "authenticated"
[roles.kiosk]
inherits = "anon"
when = "auth.jwt() ->> 'kiosk' = 'yes'"
"#;

#[track_caller]
fn check(claims: &serde_json::Value, expected: Option<&str>) {
    let bundle = loaded(&[("_shared.toml", ROLES)]).bundle;
    let claims = Claims::new(claims.as_object().expect("an object").clone());
    let identity = Identity::from_verified(claims, Trust::Project).expect("an identity");
    let role = bundle.role_of(&identity);
    assert_eq!(role.as_ref().map(RoleName::as_str), expected);
}

#[test]
fn the_first_role_whose_condition_holds_is_taken() {
    let admin = json!({ "role": "admin" });
    check(&json!({ "role": "authenticated" }), Some("authenticated"));
    check(
        &json!({ "role": "authenticated", "app_metadata": admin }),
        Some("admin"),
    );
    check(
        &json!({ "role": "moderator", "app_metadata": admin }),
        Some("admin"),
    );
    check(&json!({ "role": "moderator" }), Some("moderator"));
}

#[test]
fn a_token_cannot_name_a_role_past_its_condition() {
    check(&json!({ "role": "admin" }), None);
    check(&json!({ "role": "nobody" }), None);
    check(&json!({ "role": "postgres" }), None);
    let admin = json!({ "role": "admin" });
    check(&json!({ "role": "nobody", "app_metadata": admin }), None);
}

#[test]
fn anonymous_callers_reach_only_what_inherits_anon() {
    let admin = json!({ "role": "admin" });
    check(&json!({}), Some("anon"));
    check(&json!({ "app_metadata": admin }), Some("anon"));
    check(&json!({ "role": "anon", "kiosk": "yes" }), Some("kiosk"));
}

#[test]
fn metadata_of_a_strange_shape_denies() {
    let odd = json!({ "role": ["admin"] });
    check(
        &json!({ "role": "authenticated", "app_metadata": odd }),
        None,
    );
    let none = json!({ "role": null });
    check(
        &json!({ "role": "authenticated", "app_metadata": none }),
        Some("authenticated"),
    );
}

#[test]
fn the_service_identity_has_no_policy_role() {
    check(&json!({ "role": "service_role" }), None);
}
