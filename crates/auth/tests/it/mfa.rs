//! Second factors: enrolling, lifting a session, removing.

use postern_testkit::TestApp;
use serde_json::json;

use super::factor_kit::{
    answer, challenge, claims, enrol, lifted, methods, refusal, text, unenrol, verify,
};
use super::kit::{app, mail_to, refresh, sign_in, sign_up, with_session};

#[tokio::test]
async fn a_totp_factor_lifts_the_session() {
    let app = app().start().await;
    let session = sign_up(&app, "ann@example.com").await;
    let client = with_session(&app, &session);
    let body = json!({ "factor_type": "totp", "friendly_name": "phone", "issuer": "Notes" });

    let enrolled = client.post("/auth/v1/factors", &body).send().await;
    let enrolled = enrolled.expect_status(200);
    let (cache, enrolled) = (
        enrolled.header("cache-control").map(String::from),
        enrolled.json(),
    );

    assert_eq!(cache.as_deref(), Some("no-store"));
    assert_eq!(enrolled["type"], "totp");
    assert_eq!(enrolled["friendly_name"], "phone");
    let totp = &enrolled["totp"];
    assert_eq!(text(&totp["secret"]).len(), 32);
    assert!(text(&totp["qr_code"]).starts_with("<svg"));
    let uri = text(&totp["uri"]);
    assert!(
        uri.starts_with("otpauth://totp/Notes:ann%40example.com?"),
        "{uri}"
    );
    assert!(uri.contains(&format!("secret={}", text(&totp["secret"]))));

    unenrol(&client, &text(&enrolled["id"]))
        .await
        .expect_status(200);
    let factor = enrol(&client, "phone").await;
    let asked = challenge(&client, &factor.id).await;
    let lifted = answer(&client, &factor.id, &asked["id"], &factor.code(0)).await;
    let lifted = lifted.expect_status(200).json();
    let mail = mail_to(&app, "ann@example.com").await;

    assert_eq!(asked["type"], "totp");
    assert_eq!(claims(&session)["aal"], "aal1");
    assert_eq!(claims(&lifted)["aal"], "aal2");
    assert_eq!(
        claims(&lifted)["session_id"],
        claims(&session)["session_id"]
    );
    assert_eq!(methods(&lifted), ["password", "totp"]);
    assert_ne!(lifted["refresh_token"], session["refresh_token"]);
    assert_eq!(lifted["user"]["factors"][0]["status"], "verified");
    assert_eq!(lifted["user"]["factors"][0]["factor_type"], "totp");
    assert_eq!(lifted["user"]["factors"][0].get("secret"), None);
    assert_eq!(mail["kind"], "mfa_enrolled");
    let next = refresh(&app, &lifted["refresh_token"]).await;
    assert_eq!(claims(&next.expect_status(200).json())["aal"], "aal2");
}

#[tokio::test]
async fn a_secret_is_stored_sealed() {
    let app = app().start().await;
    let session = sign_up(&app, "ann@example.com").await;
    lifted(&app, &session).await;

    let row = app.sql().await;
    let row = row
        .query_one("select secret from auth.mfa_factors", &[])
        .await
        .expect("the factor");

    assert!(row.get::<_, &str>(0).starts_with("pe1."));
}

#[tokio::test]
async fn a_later_sign_in_is_lifted_and_ends_those_that_are_not() {
    let app = app().start().await;
    let first = sign_up(&app, "ann@example.com").await;
    let (factor, first) = lifted(&app, &first).await;
    let second = sign_in(&app, "ann@example.com").await;
    let third = sign_in(&app, "ann@example.com").await;
    app.advance(60);

    let lifted = verify(&with_session(&app, &second), &factor, 60).await;
    let lifted = lifted.expect_status(200).json();

    assert_eq!(claims(&second)["aal"], "aal1");
    assert_eq!(claims(&lifted)["aal"], "aal2");
    let user = |session| with_session(&app, session).get("/auth/v1/user").send();
    user(&first).await.expect_status(200);
    user(&lifted).await.expect_status(200);
    assert_eq!(refusal(user(&third).await, 403), "session_not_found");
}

#[tokio::test]
async fn a_challenge_expires() {
    let app = app().setting("factors.challenge_secs", "100").start().await;
    let session = sign_up(&app, "ann@example.com").await;
    let client = with_session(&app, &session);
    let factor = enrol(&client, "phone").await;
    let early = challenge(&client, &factor.id).await;
    app.advance(100);
    let late = answer(&client, &factor.id, &early["id"], &factor.code(100)).await;
    let fresh = verify(&client, &factor, 100).await;

    assert_eq!(refusal(late, 422), "mfa_challenge_expired");
    fresh.expect_status(200);
}

#[tokio::test]
async fn a_clock_may_be_one_step_off() {
    let app = app().start().await;
    let session = sign_up(&app, "ann@example.com").await;
    let client = with_session(&app, &session);
    let factor = enrol(&client, "phone").await;

    let far = verify(&client, &factor, -90).await;
    let ahead = verify(&client, &factor, 90).await;
    // Of two tries in a row one does not meet the end of a step between code and answer.
    let mut near = verify(&client, &factor, -29).await;
    if near.status.as_u16() != 200 {
        near = verify(&client, &factor, -29).await;
    }

    assert_eq!(refusal(far, 422), "mfa_verification_failed");
    assert_eq!(refusal(ahead, 422), "mfa_verification_failed");
    near.expect_status(200);
}

#[tokio::test]
async fn names_are_told_apart_and_factors_are_few() {
    let app = app().setting("factors.per_user_max", "2").start().await;
    let session = sign_up(&app, "ann@example.com").await;
    let client = with_session(&app, &session);
    enrol(&client, "phone").await;
    let ask = |name: &str| {
        let body = json!({ "factor_type": "totp", "friendly_name": name });
        client.post("/auth/v1/factors", &body).send()
    };

    assert_eq!(refusal(ask("phone").await, 422), "mfa_factor_name_conflict");
    ask("tablet").await.expect_status(200);
    let third = ask("watch").await;
    assert_eq!(refusal(third, 422), "too_many_enrolled_mfa_factors");
    // What was begun and never shown makes room after an hour.
    app.advance(3601);
    let again = sign_in(&app, "ann@example.com").await;
    enrol(&with_session(&app, &again), "phone").await;
}

#[tokio::test]
async fn what_makes_no_sense_is_refused() {
    let app = app()
        .setting("signup.anonymous", "true")
        .setting("factors.totp", "false")
        .start()
        .await;
    let session = sign_up(&app, "ann@example.com").await;
    let client = with_session(&app, &session);
    let enrol = |kind: &str| {
        let body = json!({ "factor_type": kind });
        client.post("/auth/v1/factors", &body).send()
    };
    let nobody = uuid();

    assert_eq!(
        refusal(enrol("totp").await, 422),
        "mfa_totp_enroll_not_enabled"
    );
    assert_eq!(
        refusal(enrol("phone").await, 422),
        "mfa_phone_enroll_not_enabled"
    );
    assert_eq!(
        refusal(enrol("recovery_code").await, 400),
        "validation_failed"
    );
    assert_eq!(refusal(enrol("smell").await, 400), "validation_failed");
    assert_eq!(
        refusal(unenrol(&client, &nobody).await, 404),
        "mfa_factor_not_found"
    );
    assert_eq!(
        refusal(unenrol(&client, "me").await, 404),
        "mfa_factor_not_found"
    );

    let anonymous = app.anon().post("/auth/v1/signup", &json!({})).send().await;
    let anonymous = with_session(&app, &anonymous.expect_status(200).json());
    let body = json!({ "factor_type": "totp" });
    let refused = anonymous.post("/auth/v1/factors", &body).send().await;
    assert_eq!(refusal(refused, 403), "no_authorization");
}

#[tokio::test]
async fn nobody_reaches_the_factor_of_another() {
    let app = app().start().await;
    let ann = sign_up(&app, "ann@example.com").await;
    let (factor, _) = lifted(&app, &ann).await;
    let bob = sign_up(&app, "bob@example.com").await;
    let bob = with_session(&app, &bob);
    let path = format!("/auth/v1/factors/{}/challenge", factor.id);

    let asked = bob.post(&path, &json!({})).send().await;
    let removed = unenrol(&bob, &factor.id).await;

    assert_eq!(refusal(asked, 404), "mfa_factor_not_found");
    assert_eq!(refusal(removed, 404), "mfa_factor_not_found");
}

#[tokio::test]
async fn a_phone_factor_is_shown_by_a_texted_code() {
    let app = app()
        .setting("factors.phone", "true")
        .setting("sms.test_codes", "15550100=123456")
        .start()
        .await;
    let session = sign_up(&app, "ann@example.com").await;
    let client = with_session(&app, &session);
    let body = json!({ "factor_type": "phone", "phone": "+1 555 0100" });

    let enrolled = client.post("/auth/v1/factors", &body).send().await;
    let enrolled = enrolled.expect_status(200).json();
    let id = text(&enrolled["id"]);
    let asked = challenge(&client, &id).await;
    let wrong = answer(&client, &id, &asked["id"], "654321").await;
    let right = answer(&client, &id, &asked["id"], "123456").await;

    assert_eq!(enrolled["phone"], "15550100");
    assert_eq!(refusal(wrong, 422), "mfa_verification_failed");
    let lifted = right.expect_status(200).json();
    assert_eq!(methods(&lifted), ["mfa/phone", "password"]);
    let again = with_session(&app, &lifted);
    let again = again.post("/auth/v1/factors", &body).send().await;
    assert_eq!(refusal(again, 422), "mfa_verified_factor_exists");
}

#[tokio::test]
async fn attack_20_a_session_drops_back_with_its_last_factor() {
    let app: TestApp = app().start().await;
    let session = sign_up(&app, "ann@example.com").await;
    let (factor, session) = lifted(&app, &session).await;
    app.advance(1);
    let client = with_session(&app, &session);

    let removed = unenrol(&client, &factor.id).await.expect_status(200).json();
    let next = refresh(&app, &session["refresh_token"]).await;
    let next = next.expect_status(200).json();

    assert_eq!(removed, json!({ "id": factor.id }));
    assert_eq!(claims(&next)["aal"], "aal1");
    assert_eq!(methods(&next), ["password"]);
    assert_eq!(next["user"].get("factors"), None);
}

fn uuid() -> String {
    "7f3cf2b4-1a52-4a3c-9d0e-6a1c0f4f7f10".into()
}
