//! Attack 11: whoever was banned, deleted, demoted or signed out is out with the next call, even
//! though the token was verified and kept a moment ago; and nobody else is.

use postern_http::{AuthError, ClaimsFault};
use serde_json::json;
use uuid::Uuid;

use crate::kit::{
    NOW, PUBLISHABLE, Project, SESSION, SUB, Signer, claims, key_pair, project_of, session_token,
    signed,
};

fn id(text: &str) -> Uuid {
    text.parse().expect("a UUID")
}

const OTHER_SESSION: &str = "5e550000-0000-4000-8000-000000000002";
const OTHER_USER: &str = "b7e0f3a2-0000-4000-8000-000000000002";

#[track_caller]
fn refused_as(project: &Project, token: &str, fault: ClaimsFault) {
    let error = project.bearer(token).expect_err("refused");
    assert_eq!(error, AuthError::Claims(fault));
    assert_eq!(error.code().code, "PGRST303");
    assert_eq!(error.code().status, 401);
    assert!(
        error
            .challenge()
            .is_some_and(|it| it.contains("invalid_token"))
    );
}

#[test]
fn attack_11_an_ended_session_is_out_with_the_next_call() {
    let key = key_pair("k1");
    let project = project_of(&key);
    let ended = session_token(&key, json!({}));
    let later = session_token(&key, json!({ "iat": NOW + 1 }));
    let other = session_token(&key, json!({ "session_id": OTHER_SESSION }));
    for token in [&ended, &other] {
        assert!(project.bearer(token).is_ok());
    }

    project.auth.revocations().revoke_session(id(SESSION));

    refused_as(&project, &ended, ClaimsFault::Revoked);
    refused_as(&project, &later, ClaimsFault::Revoked);
    assert!(project.auth.verify_user(&ended).is_err());
    assert!(project.bearer(&other).is_ok(), "another session goes on");
    assert!(project.ask(&[("apikey", PUBLISHABLE)]).is_ok());
}

#[test]
fn attack_11_a_banned_or_deleted_user_is_out_with_the_next_call() {
    let key = key_pair("k1");
    let project = project_of(&key);
    let banned = session_token(&key, json!({}));
    let by_hand = signed(&claims(json!({})));
    let other = session_token(
        &key,
        json!({ "sub": OTHER_USER, "session_id": OTHER_SESSION }),
    );
    for token in [&banned, &by_hand, &other] {
        assert!(project.bearer(token).is_ok());
    }

    project.auth.revocations().revoke_user(id(SUB));

    refused_as(&project, &banned, ClaimsFault::Revoked);
    refused_as(&project, &by_hand, ClaimsFault::Revoked);
    assert!(project.bearer(&other).is_ok(), "another user goes on");

    project.auth.revocations().restore_user(id(SUB));

    assert!(project.bearer(&banned).is_ok());
}

#[test]
fn attack_11_a_demoted_user_needs_a_newer_token() {
    let key = key_pair("k1");
    let project = project_of(&key);
    let before = session_token(&key, json!({ "app_metadata": { "role": "admin" } }));
    let after = session_token(&key, json!({ "iat": NOW + 1 }));
    let other = session_token(&key, json!({ "sub": OTHER_USER }));
    let undated = signed(&claims(json!({})));
    for token in [&before, &after, &other, &undated] {
        assert!(project.bearer(token).is_ok());
    }

    project.auth.revocations().outdate_user(id(SUB), NOW);

    refused_as(&project, &before, ClaimsFault::Outdated);
    refused_as(&project, &undated, ClaimsFault::Outdated);
    assert!(project.bearer(&after).is_ok());
    assert!(project.bearer(&other).is_ok());
}

#[test]
fn attack_11_a_revoked_token_is_no_api_key_either() {
    let project = Project::new();
    let key = signed(&claims(json!({ "role": "service_role" })));
    assert!(project.ask(&[("apikey", &key)]).is_ok());

    project.auth.revocations().revoke_user(id(SUB));

    let error = project.ask(&[("apikey", &key)]).expect_err("refused");
    assert_eq!(error, AuthError::UnknownKey);
}

#[test]
fn ids_of_a_foreign_issuer_are_not_ours_to_revoke() {
    let signer = Signer::p256();
    let project = Project::trusting(signer.jwks());
    let token = signer.sign(&claims(json!({ "session_id": SESSION })), None);

    project.auth.revocations().revoke_session(id(SESSION));
    project.auth.revocations().revoke_user(id(SUB));

    assert!(project.bearer(&token).is_ok());
}
