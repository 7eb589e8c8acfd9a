//! Passkeys: registering, signing in, managing.

use serde_json::json;

use super::authenticator::Authenticator;
use super::factor_kit::{claims, methods, refusal, text};
use super::kit::{app, mail_to, refresh, sign_up, with_session};
use super::passkey_kit::{
    BEGIN, BEGIN_SIGN_IN, FINISH, SIGN_IN, begin, finish, register, registered, sign_in_by,
};

#[tokio::test]
async fn a_passkey_is_registered_and_signs_in() {
    let app = app().start().await;
    let session = sign_up(&app, "ann@example.com").await;
    let client = with_session(&app, &session);
    let mut authenticator = Authenticator::new();

    let begun = begin(&client, BEGIN).await;
    let made = authenticator.create(&begun["options"]);
    let passkey = finish(&client, FINISH, &begun["challenge_id"], &made).await;
    let passkey = passkey.expect_status(200).json();
    let mail = mail_to(&app, "ann@example.com").await;
    let anon = app.anon();
    let asked = begin(&anon, BEGIN_SIGN_IN).await;
    let used = authenticator.get(&asked["options"]);
    let signed_in = finish(&anon, SIGN_IN, &asked["challenge_id"], &used).await;
    let signed_in = signed_in.expect_status(200).json();

    let options = &begun["options"];
    assert_eq!(options["rp"]["id"], "localhost");
    assert_eq!(options["user"]["name"], "ann@example.com");
    let selection = &options["authenticatorSelection"];
    assert_eq!(selection["residentKey"], "required");
    assert_eq!(selection["userVerification"], "required");
    assert!(begun["expires_at"].is_i64());
    assert!(passkey["id"].is_string() && passkey["created_at"].is_string());
    assert_eq!(mail["kind"], "passkey_added");
    assert_eq!(asked["options"]["rpId"], "localhost");
    assert_eq!(asked["options"]["allowCredentials"], json!([]));
    assert_eq!(signed_in["user"]["email"], "ann@example.com");
    assert_eq!(claims(&signed_in)["aal"], "aal2");
    assert_eq!(methods(&signed_in), ["passkey"]);
    assert_ne!(
        claims(&signed_in)["session_id"],
        claims(&session)["session_id"]
    );
}

#[tokio::test]
async fn the_session_that_registered_one_is_lifted_with_its_next_token() {
    let app = app().start().await;
    let session = sign_up(&app, "ann@example.com").await;
    registered(&app, &session).await;

    let next = refresh(&app, &session["refresh_token"]).await;
    let next = next.expect_status(200).json();

    assert_eq!(claims(&next)["aal"], "aal2");
    assert_eq!(methods(&next), ["passkey", "password"]);
    // So a second one may follow.
    registered(&app, &next).await;
}

#[tokio::test]
async fn passkeys_are_listed_renamed_and_removed() {
    let app = app().start().await;
    let session = sign_up(&app, "ann@example.com").await;
    let mut authenticator = registered(&app, &session).await;
    let signed_in = sign_in_by(&app, &mut authenticator).await;
    let signed_in = signed_in.expect_status(200).json();
    let client = with_session(&app, &signed_in);

    let list = client.get("/auth/v1/passkeys").send().await;
    let list = list.expect_status(200).json();
    let path = format!("/auth/v1/passkeys/{}", text(&list[0]["id"]));
    let name = |name: &str| {
        client
            .patch(&path, &json!({ "friendly_name": name }))
            .send()
    };
    let renamed = name("Laptop").await.expect_status(200).json();
    let too_long = name(&"x".repeat(121)).await;
    let removed = client.delete(&path).send().await;
    let twice = client.delete(&path).send().await;
    let left = client.get("/auth/v1/passkeys").send().await;
    let gone = sign_in_by(&app, &mut authenticator).await;

    assert!(list[0]["last_used_at"].is_string());
    assert_eq!(renamed["friendly_name"], "Laptop");
    assert_eq!(renamed["id"], list[0]["id"]);
    assert_eq!(refusal(too_long, 400), "validation_failed");
    assert_eq!(removed.expect_status(204).text, "");
    assert_eq!(refusal(twice, 404), "webauthn_credential_not_found");
    assert_eq!(left.expect_status(200).json(), json!([]));
    assert_eq!(refusal(gone, 422), "webauthn_verification_failed");
}

#[tokio::test]
async fn a_ceremony_expires() {
    let app = app().setting("factors.challenge_secs", "100").start().await;
    let session = sign_up(&app, "ann@example.com").await;
    let mut authenticator = registered(&app, &session).await;
    let anon = app.anon();
    let begun = begin(&anon, BEGIN_SIGN_IN).await;
    let used = authenticator.get(&begun["options"]);

    app.advance(100);
    let late = finish(&anon, SIGN_IN, &begun["challenge_id"], &used).await;
    let again = finish(&anon, SIGN_IN, &begun["challenge_id"], &used).await;

    assert_eq!(refusal(late, 422), "webauthn_challenge_expired");
    assert_eq!(refusal(again, 404), "webauthn_challenge_not_found");
    sign_in_by(&app, &mut authenticator)
        .await
        .expect_status(200);
}

#[tokio::test]
async fn passkeys_are_few_and_belong_to_one_user() {
    let app = app().setting("factors.per_user_max", "1").start().await;
    let ann = sign_up(&app, "ann@example.com").await;
    let mut authenticator = registered(&app, &ann).await;
    let bob = sign_up(&app, "bob@example.com").await;

    let second = with_session(&app, &ann)
        .post(BEGIN, &json!({}))
        .send()
        .await;
    let taken = register(&with_session(&app, &bob), &mut authenticator).await;

    assert_eq!(refusal(second, 422), "too_many_passkeys");
    assert_eq!(refusal(taken, 422), "webauthn_credential_exists");
}

#[tokio::test]
async fn anonymous_users_have_none() {
    let app = app().setting("signup.anonymous", "true").start().await;
    let anonymous = app.anon().post("/auth/v1/signup", &json!({})).send().await;
    let anonymous = anonymous.expect_status(200).json();

    let refused = with_session(&app, &anonymous).post(BEGIN, &json!({}));
    let stranger = app.anon().post(BEGIN, &json!({})).send().await;

    assert_eq!(refusal(refused.send().await, 403), "no_authorization");
    assert_eq!(refusal(stranger, 401), "no_authorization");
}

#[tokio::test]
async fn they_can_be_switched_off() {
    let app = app().setting("factors.passkeys", "false").start().await;
    let session = sign_up(&app, "ann@example.com").await;

    let registering = with_session(&app, &session).post(BEGIN, &json!({}));
    let signing_in = app.anon().post(BEGIN_SIGN_IN, &json!({})).send().await;

    assert_eq!(refusal(registering.send().await, 404), "passkey_disabled");
    assert_eq!(refusal(signing_in, 404), "passkey_disabled");
}

#[tokio::test]
async fn a_banned_user_does_not_sign_in() {
    let app = app().start().await;
    let session = sign_up(&app, "ann@example.com").await;
    let mut authenticator = registered(&app, &session).await;
    let path = format!("/auth/v1/admin/users/{}", text(&session["user"]["id"]));
    let ban = json!({ "ban_duration": "24h" });
    app.service()
        .put(&path, &ban)
        .send()
        .await
        .expect_status(200);

    let refused = sign_in_by(&app, &mut authenticator).await;

    assert_eq!(refusal(refused, 400), "user_banned");
}
