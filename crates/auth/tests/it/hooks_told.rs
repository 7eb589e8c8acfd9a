//! Hooks that hear of something: of new users, and of tries at second factors.

use postern_testkit::TestApp;
use serde_json::{Value, json};

use super::factor_kit::{answer, challenge, claims, enrol, refusal, verify};
use super::hooks::{hooked, is_signed};
use super::kit::{app, app_with_mail, refresh, sign_up, with_session};
use super::stub::{Answer, Noted, Stub};

const CREATED: [&str; 2] = [
    "hooks.after_user_created",
    "hooks.after_user_created_secrets",
];
const FACTOR_TRIED: [&str; 2] = [
    "hooks.mfa_verification_attempt",
    "hooks.mfa_verification_attempt_secrets",
];

#[tokio::test]
async fn a_hook_hears_of_each_new_user_and_nobody_waits_for_it() {
    // What it answers changes nothing: the user is there.
    let stub = Stub::start(|_: &Noted| Answer::json(&json!({ "error": {} })).status(500));
    let app = hooked(app_with_mail(), CREATED, &stub).start().await;

    sign_up(&app, "ann@example.com").await;
    stub.wait_for(1).await;
    // A sign-up for a taken address makes nobody.
    sign_up(&app, "ann@example.com").await;
    let body = json!({ "email": "bob@example.com" });
    let by_code = app.anon().post("/auth/v1/otp", &body).send().await;
    by_code.expect_status(200);
    let body = json!({ "email": "cay@example.com" });
    let by_admin = app
        .service()
        .post("/auth/v1/admin/users", &body)
        .send()
        .await;
    let by_admin = by_admin.expect_status(200).json();

    let noted = stub.wait_for(3).await;
    assert!(noted.iter().all(is_signed));
    let mut told: Vec<Value> = noted.iter().map(|it| it.json()["user"].clone()).collect();
    // The hook is told in the background, so in any order.
    told.sort_by_key(|it| it["email"].to_string());
    let emails: Vec<_> = told.iter().map(|it| &it["email"]).collect();
    assert_eq!(
        emails,
        ["ann@example.com", "bob@example.com", "cay@example.com"]
    );
    assert_eq!(told[2]["id"], by_admin["id"]);
    let metadata = noted[0].json()["metadata"].clone();
    assert_eq!(metadata["name"], "after-user-created");
}

/// A server whose hook decides about right factors.
async fn deciding(decision: &'static str) -> (TestApp, Stub) {
    let stub = Stub::start(move |_: &Noted| {
        Answer::json(&json!({ "decision": decision, "message": "Not from this country" }))
    });
    let app = hooked(app(), FACTOR_TRIED, &stub).start().await;
    (app, stub)
}

#[tokio::test]
async fn a_hook_hears_of_tries_at_factors_and_lets_right_ones_pass() {
    let (app, stub) = deciding("continue").await;
    let session = sign_up(&app, "ann@example.com").await;
    let client = with_session(&app, &session);
    let factor = enrol(&client, "phone").await;
    let asked = challenge(&client, &factor.id).await;

    let wrong = answer(&client, &factor.id, &asked["id"], "none").await;
    stub.wait_for(1).await;
    let right = verify(&client, &factor, 0).await;

    assert_eq!(refusal(wrong, 422), "mfa_verification_failed");
    let right = right.expect_status(200).json();
    assert_eq!(claims(&right)["aal"], "aal2");
    let noted = stub.noted();
    assert!(noted.iter().all(is_signed));
    let told: Vec<Value> = noted.iter().map(Noted::json).collect();
    assert_eq!(told.len(), 2);
    for (told, valid) in told.iter().zip([false, true]) {
        assert_eq!(told["user_id"], session["user"]["id"]);
        assert_eq!(told["factor_id"], factor.id.as_str());
        assert_eq!(told["factor_type"], "totp");
        assert_eq!(told["valid"], valid);
        assert_eq!(told["metadata"]["name"], "mfa-verification-attempt");
    }
}

#[tokio::test]
async fn a_hook_refuses_a_right_factor_and_the_session_stays_as_it_was() {
    let (app, stub) = deciding("reject").await;
    let session = sign_up(&app, "ann@example.com").await;
    let client = with_session(&app, &session);
    let factor = enrol(&client, "phone").await;

    let refused = verify(&client, &factor, 0).await;
    let next = refresh(&app, &session["refresh_token"]).await;
    let user = client.get("/auth/v1/user").send().await;

    let refused = refused.expect_status(403).json();
    assert_eq!(refused["error_code"], "mfa_verification_rejected");
    assert_eq!(refused["msg"], "Not from this country");
    let next = next.expect_status(200).json();
    assert_eq!(claims(&next)["aal"], "aal1");
    let user = user.expect_status(200).json();
    assert_eq!(user["factors"][0]["status"], "unverified");
    assert_eq!(stub.noted().len(), 1);
}

#[tokio::test]
async fn a_hook_that_does_not_decide_lets_no_factor_pass() {
    let (app, _stub) = deciding("perhaps").await;
    let session = sign_up(&app, "ann@example.com").await;
    let client = with_session(&app, &session);
    let factor = enrol(&client, "phone").await;

    let refused = verify(&client, &factor, 0).await;

    assert_eq!(refusal(refused, 500), "hook_payload_invalid_content_type");
    let next = refresh(&app, &session["refresh_token"]).await;
    assert_eq!(claims(&next.expect_status(200).json())["aal"], "aal1");
}
