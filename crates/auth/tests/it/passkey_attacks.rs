//! Attacks on passkeys and WebAuthn factors, by the numbers that the threat model gives them.

use futures_util::future::join_all;
use postern_testkit::{Reply, TestClient};
use serde_json::{Value, json};

use super::authenticator::Authenticator;
use super::factor_kit::{challenge, claims, lifted, methods, refusal, text};
use super::kit::{app, sign_in, sign_up, with_session};
use super::passkey_kit::{
    BEGIN, BEGIN_SIGN_IN, FINISH, SIGN_IN, begin, finish, register, registered, sign_in_by,
};

/// Answers a challenge of a WebAuthn factor.
async fn answer(client: &TestClient, factor: &str, asked: &Value, made: &Value) -> Reply {
    let path = format!("/auth/v1/factors/{factor}/verify");
    let body = json!({
        "challenge_id": asked["id"],
        "webauthn": { "type": asked["webauthn"]["type"], "credential_response": made },
    });
    client.post(&path, &body).send().await
}

/// Asks for a WebAuthn factor; returns the challenge and the options.
async fn ask(client: &TestClient, factor: &str) -> (Value, Value) {
    let asked = challenge(client, factor).await;
    let options = asked["webauthn"]["credential_options"]["publicKey"].clone();
    (asked, options)
}

#[tokio::test]
async fn a_key_is_a_second_factor() {
    let app = app().start().await;
    let session = sign_up(&app, "ann@example.com").await;
    let client = with_session(&app, &session);
    let body = json!({ "factor_type": "webauthn", "friendly_name": "key" });
    let enrolled = client.post("/auth/v1/factors", &body).send().await;
    let enrolled = enrolled.expect_status(200).json();
    let id = text(&enrolled["id"]);
    // Beside a password, having the key is enough.
    let mut key = Authenticator::new().without_verification();

    let (made, options) = ask(&client, &id).await;
    let first = answer(&client, &id, &made, &key.create(&options)).await;
    let again = sign_in(&app, "ann@example.com").await;
    let client = with_session(&app, &again);
    let (asked, options) = ask(&client, &id).await;
    let second = answer(&client, &id, &asked, &key.get(&options)).await;
    let second = second.expect_status(200).json();
    key.counter = 0;
    let (copied, options) = ask(&client, &id).await;
    let copied = answer(&client, &id, &copied, &key.get(&options)).await;
    let (moved, options) = ask(&client, &id).await;
    key.counter = 10;
    key.origin = "http://localhost.evil.example:3000".into();
    let moved = answer(&client, &id, &moved, &key.get(&options)).await;

    assert_eq!(made["webauthn"]["type"], "create");
    assert_eq!(claims(&first.expect_status(200).json())["aal"], "aal2");
    assert_eq!(asked["webauthn"]["type"], "request");
    assert_eq!(
        options["allowCredentials"].as_array().map(Vec::len),
        Some(1)
    );
    assert_eq!(methods(&second), ["mfa/webauthn", "password"]);
    assert_eq!(refusal(copied, 422), "mfa_verification_failed");
    assert_eq!(refusal(moved, 422), "mfa_verification_failed");
}

#[tokio::test]
async fn attack_14_a_new_passkey_ends_all_other_sessions() {
    let app = app().start().await;
    let other = sign_up(&app, "ann@example.com").await;
    let session = sign_in(&app, "ann@example.com").await;

    registered(&app, &session).await;

    let user = |session| with_session(&app, session).get("/auth/v1/user").send();
    user(&session).await.expect_status(200);
    assert_eq!(refusal(user(&other).await, 403), "session_not_found");
}

#[tokio::test]
async fn attack_15_a_hundred_parallel_uses_of_one_ceremony_sign_in_once() {
    let app = app().start().await;
    let session = sign_up(&app, "ann@example.com").await;
    let mut authenticator = registered(&app, &session).await;
    let anon = app.anon();
    let begun = begin(&anon, BEGIN_SIGN_IN).await;
    let used = authenticator.get(&begun["options"]);

    let uses = (0..100).map(|_| finish(&anon, SIGN_IN, &begun["challenge_id"], &used));
    let replies = join_all(uses).await;

    let count = |status| {
        replies
            .iter()
            .filter(|it| it.status.as_u16() == status)
            .count()
    };
    assert_eq!((count(200), count(404)), (1, 99));
}

#[tokio::test]
async fn attack_20_a_session_of_one_factor_adds_and_removes_no_passkey() {
    let app = app().start().await;
    let session = sign_up(&app, "ann@example.com").await;
    let mut authenticator = registered(&app, &session).await;
    let signed_in = sign_in_by(&app, &mut authenticator).await;
    let owner = with_session(&app, &signed_in.expect_status(200).json());
    let list = owner.get("/auth/v1/passkeys").send().await;
    let path = format!("/auth/v1/passkeys/{}", text(&list.json()[0]["id"]));
    let thief = sign_in(&app, "ann@example.com").await;
    let thief = with_session(&app, &thief);

    let added = thief.post(BEGIN, &json!({})).send().await;
    let factor = json!({ "factor_type": "totp" });
    let enrolled = thief.post("/auth/v1/factors", &factor).send().await;
    let removed = thief.delete(&path).send().await;

    assert_eq!(refusal(added, 403), "insufficient_aal");
    assert_eq!(refusal(enrolled, 403), "insufficient_aal");
    assert_eq!(refusal(removed, 403), "insufficient_aal");
}

#[tokio::test]
async fn attack_20_a_ceremony_begun_before_the_factor_needs_a_lifted_session() {
    let app = app().start().await;
    let first = sign_up(&app, "ann@example.com").await;
    let client = with_session(&app, &first);
    let begun = begin(&client, BEGIN).await;
    // The same session is lifted and drops back, so that it lives on at one factor.
    let (factor, lifted) = lifted(&app, &first).await;
    let owner = with_session(&app, &lifted);
    let drop_back = "update auth.sessions set aal = 'aal1', factor_id = null";
    app.sql()
        .await
        .execute(drop_back, &[])
        .await
        .expect("a session");

    let made = Authenticator::new().create(&begun["options"]);
    let refused = finish(&owner, FINISH, &begun["challenge_id"], &made).await;

    assert!(!factor.id.is_empty());
    assert_eq!(refusal(refused, 403), "insufficient_aal");
}

#[tokio::test]
async fn a_copy_of_a_passkey_is_noticed_by_its_counter() {
    let app = app().start().await;
    let session = sign_up(&app, "ann@example.com").await;
    let mut authenticator = registered(&app, &session).await;
    authenticator.counter = 41;
    sign_in_by(&app, &mut authenticator)
        .await
        .expect_status(200);

    authenticator.counter = 41;
    let same = sign_in_by(&app, &mut authenticator).await;
    authenticator.counter = 7;
    let older = sign_in_by(&app, &mut authenticator).await;
    authenticator.counter = 42;
    let newer = sign_in_by(&app, &mut authenticator).await;

    assert_eq!(refusal(same, 422), "webauthn_verification_failed");
    assert_eq!(refusal(older, 422), "webauthn_verification_failed");
    newer.expect_status(200);
}

#[tokio::test]
async fn what_a_passkey_was_not_made_for_is_refused() {
    let app = app().start().await;
    let ann = sign_up(&app, "ann@example.com").await;
    let bob = sign_up(&app, "bob@example.com").await;
    let bob_client = with_session(&app, &bob);
    let register_as = async |mut odd: Authenticator| {
        let reply = register(&bob_client, &mut odd).await;
        assert_eq!(refusal(reply, 422), "webauthn_verification_failed");
    };
    register_as(Authenticator::new().without_verification()).await;
    for (origin, rp_id) in [
        ("https://evil.example", "localhost"),
        ("http://localhost:3001", "localhost"),
        ("http://localhost:3000", "evil.example"),
    ] {
        let mut odd = Authenticator::new();
        odd.origin = origin.into();
        odd.rp_id = rp_id.into();
        register_as(odd).await;
    }

    let mut authenticator = registered(&app, &ann).await;
    for change in [
        (|it| it.origin = "https://evil.example".into()) as fn(&mut Authenticator),
        |it| it.rp_id = "evil.example".into(),
        |it| it.flags = 0x01,
        |it| it.flags = 0x04,
        |it| it.claim_user(&json!("AAAAAAAAAAAAAAAAAAAAAA")),
        |it| it.claim_user(&Value::Null),
    ] {
        let (origin, rp_id) = (authenticator.origin.clone(), authenticator.rp_id.clone());
        let flags = authenticator.flags;
        change(&mut authenticator);
        let refused = sign_in_by(&app, &mut authenticator).await;
        assert_eq!(refusal(refused, 422), "webauthn_verification_failed");
        (authenticator.origin, authenticator.rp_id) = (origin, rp_id);
        authenticator.flags = flags;
    }
}

#[tokio::test]
async fn a_ceremony_belongs_to_who_began_it() {
    let app = app().start().await;
    let ann = sign_up(&app, "ann@example.com").await;
    let bob = sign_up(&app, "bob@example.com").await;
    let (ann, bob) = (with_session(&app, &ann), with_session(&app, &bob));
    let begun = begin(&ann, BEGIN).await;
    let made = Authenticator::new().create(&begun["options"]);

    let stolen = finish(&bob, FINISH, &begun["challenge_id"], &made).await;
    let mixed = finish(&app.anon(), SIGN_IN, &begun["challenge_id"], &made).await;
    let own = finish(&ann, FINISH, &begun["challenge_id"], &made).await;

    assert_eq!(refusal(stolen, 404), "webauthn_challenge_not_found");
    assert_eq!(refusal(mixed, 404), "webauthn_challenge_not_found");
    own.expect_status(200);
}
