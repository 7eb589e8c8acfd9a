//! The project's own key pairs: bound to their ids, swapped at once, beside secrets and issuers.

use postern_base::Identity;
use postern_http::signing::{Algorithm, KeyState, ProjectKey, SigningKey};
use postern_http::{AuthError, ClaimsFault, DecodeFault, KeyError};
use serde_json::json;

use crate::kit::{
    PROJECT_ISSUER, Project, SUB, Signer, claims, issuer, key_pair, project_of, public,
    session_token, signed, with_header,
};

#[test]
fn tokens_of_each_state_but_revoked_are_good() {
    let keys = [
        key_pair("standby"),
        key_pair("now"),
        key_pair("old"),
        key_pair("stolen"),
    ];
    let project = project_of(&keys[1]);
    let states = [
        KeyState::Standby,
        KeyState::InUse,
        KeyState::Previous,
        KeyState::Revoked,
    ];
    let published: Vec<_> = keys
        .iter()
        .zip(states)
        .map(|(key, it)| public(key, it))
        .collect();

    project
        .auth
        .set_project_keys(&published)
        .expect("usable keys");

    for key in &keys[..3] {
        let identity = project
            .bearer(&session_token(key, json!({})))
            .expect("accepted");
        assert!(matches!(identity, Identity::User(_)), "{key:?}");
    }
    project.refuses(&session_token(&keys[3], json!({})), "PGRST301");
    assert!(
        project.bearer(&signed(&claims(json!({})))).is_ok(),
        "the secret stays"
    );
}

#[actix_web::test]
async fn a_revoked_key_is_out_at_once_and_a_refresh_keeps_the_others() {
    let foreign = Signer::p256();
    let (old, new) = (
        key_pair("old"),
        SigningKey::generate(Algorithm::EdDsa, "new").expect("a key"),
    );
    let project = Project::with(|it| {
        it.project_issuer = Some(PROJECT_ISSUER.into());
        it.issuers.push(issuer(foreign.jwks()));
    });
    let both = [
        public(&old, KeyState::Previous),
        public(&new, KeyState::InUse),
    ];
    project.auth.set_project_keys(&both).expect("usable keys");
    let (by_old, by_new) = (
        session_token(&old, json!({})),
        session_token(&new, json!({})),
    );
    let by_issuer = foreign.sign(&claims(json!({})), None);
    for token in [&by_old, &by_new, &by_issuer] {
        assert!(project.bearer(token).is_ok());
    }

    let revoked = [
        public(&old, KeyState::Revoked),
        public(&new, KeyState::InUse),
    ];
    project
        .auth
        .set_project_keys(&revoked)
        .expect("usable keys");

    project.refuses(&by_old, "PGRST301");
    project.auth.refresh().await.expect("refreshed");
    project.refuses(&by_old, "PGRST301");
    for token in [&by_new, &by_issuer] {
        assert!(project.bearer(token).is_ok());
    }
}

#[test]
fn an_unchanged_set_keeps_the_tokens_that_were_verified() {
    let key = key_pair("k1");
    let project = project_of(&key);
    let token = session_token(&key, json!({}));
    assert!(project.bearer(&token).is_ok());

    let same = [public(&key, KeyState::Previous)];
    project.auth.set_project_keys(&same).expect("usable keys");

    assert!(project.bearer(&token).is_ok());
    assert_eq!(project.auth.cached_tokens(), 1);
}

#[test]
fn attack_04_a_key_pair_is_bound_to_its_id_and_algorithm() {
    let key = key_pair("k1");
    let project = project_of(&key);
    let other_id = SigningKey::from_pkcs8(Algorithm::Es256, "k2", &key.to_pkcs8().expect("DER"))
        .expect("a key");
    let token = session_token(&key, json!({}));
    let (_, rest) = token.split_once('.').expect("three parts");

    assert!(project.bearer(&token).is_ok());
    project.refuses(&session_token(&other_id, json!({})), "PGRST301");
    // With another header, and with the public key as HMAC secret.
    let nameless = with_header(&json!({ "alg": "ES256" }), &json!({}), "x");
    let header = nameless.split('.').next().expect("a header");
    project.refuses(&format!("{header}.{rest}"), "PGRST301");
    let public = key.public_jwk().to_string();
    let confused = json!({ "alg": "HS256", "kid": "k1" });
    project.refuses(
        &with_header(&confused, &claims(json!({})), &public),
        "PGRST301",
    );
}

#[test]
fn attack_04_a_key_pair_verifies_no_token_that_does_not_name_it() {
    let signer = Signer::p256();
    let project = Project::with(|it| it.project_issuer = Some(PROJECT_ISSUER.into()));
    let keys = [ProjectKey {
        jwk: signer.jwk.clone(),
        state: KeyState::InUse,
    }];
    project.auth.set_project_keys(&keys).expect("usable keys");
    let claims = claims(json!({ "iss": PROJECT_ISSUER, "aud": "authenticated" }));

    assert!(project.bearer(&signer.sign(&claims, Some("k1"))).is_ok());
    project.refuses(&signer.sign(&claims, None), "PGRST301");
}

#[test]
fn attack_06_tokens_of_a_key_pair_name_the_project_and_its_users() {
    let key = key_pair("k1");
    let project = project_of(&key);

    for wrong in [
        json!({ "iss": "https://other.example.com/auth/v1" }),
        json!({ "iss": null }),
        json!({ "aud": "some-client" }),
        json!({ "aud": null }),
        json!({ "aud": [] }),
    ] {
        project.refuses(&session_token(&key, wrong), "PGRST303");
    }
    let several = session_token(&key, json!({ "aud": ["x", "authenticated"] }));
    assert!(project.bearer(&several).is_ok());
}

#[test]
fn attack_07_a_key_pairs_other_tokens_are_no_access_tokens() {
    let key = key_pair("k1");
    let project = project_of(&key);
    let claims = claims(json!({ "iss": PROJECT_ISSUER, "aud": "authenticated" }));
    let claims = claims.as_object().expect("an object");

    for typ in ["hook+jwt", "logout+jwt", "link+jwt", ""] {
        project.refuses(&key.sign(claims, typ).expect("a token"), "PGRST301");
    }
    assert!(
        project
            .bearer(&key.sign(claims, "JWT").expect("a token"))
            .is_ok()
    );
}

#[test]
fn attack_10_a_session_never_reaches_the_service_role() {
    let key = key_pair("k1");
    let project = project_of(&key);

    let token = session_token(&key, json!({ "role": "service_role" }));

    project.refuses(&token, "PGRST303");
}

#[test]
fn says_why_a_users_token_is_refused() {
    let key = key_pair("k1");
    let project = project_of(&key);
    let stranger = session_token(&key_pair("k1"), json!({}));
    let anonymous = session_token(&key, json!({ "role": "anon" }));
    let nobody = session_token(&key, json!({ "sub": "not-a-uuid" }));
    let foreign = Signer::p256();
    let trusting = Project::trusting(foreign.jwks());
    let token = session_token(&key, json!({}));

    let claims = project.auth.verify_user(&token).expect("a user");
    assert_eq!(claims.sub(), Some(SUB));
    let why = |token: &str| project.auth.verify_user(token).expect_err("refused");
    assert_eq!(why(&stranger), AuthError::Decode(DecodeFault::NoKey));
    assert_eq!(why(&anonymous), AuthError::Claims(ClaimsFault::NotAUser));
    assert_eq!(why(&nobody), AuthError::Claims(ClaimsFault::NotAUser));
    let theirs = foreign.sign(&crate::kit::claims(json!({})), None);
    assert!(trusting.bearer(&theirs).is_ok());
    assert_eq!(
        trusting.auth.verify_user(&theirs).expect_err("refused"),
        AuthError::Claims(ClaimsFault::NotAUser)
    );
    project.clock.forward(2 * 3600);
    assert_eq!(why(&token), AuthError::Claims(ClaimsFault::Expired));
}

#[test]
fn keys_that_cannot_be_used_change_nothing() {
    let key = key_pair("k1");
    let project = project_of(&key);
    let change = |name: &str, value: serde_json::Value| {
        let mut wrong = public(&key, KeyState::InUse);
        wrong.jwk[name] = value;
        project.auth.set_project_keys(&[wrong])
    };

    for (name, value) in [
        ("kid", json!(null)),
        ("kid", json!("")),
        ("alg", json!("RS256")),
        ("use", json!("enc")),
        ("crv", json!("P-384")),
        ("d", json!("c2VjcmV0")),
        ("x", json!(7)),
    ] {
        let refused = change(name, value);
        assert!(matches!(refused, Err(KeyError::Own { .. })), "{name}");
    }
    let twice = [
        public(&key, KeyState::InUse),
        public(&key, KeyState::Previous),
    ];
    assert!(project.auth.set_project_keys(&twice).is_err());
    assert!(project.bearer(&session_token(&key, json!({}))).is_ok());
}
