//! Captchas: asked for, verified, and never passed over.

use postern_testkit::{TestApp, TestAppBuilder};
use serde_json::{Value, json};

use super::kit::{PASSWORD, app};
use super::stub::{Answer, Noted, Stub};

/// A provider that takes the token `good` of our secret.
fn provider() -> Stub {
    Stub::start(|noted: &Noted| {
        let is_good = noted.field("response") == "good" && noted.field("secret") == "s3cret";
        let verdict = json!({ "success": is_good, "error-codes": ["invalid-input-response"] });
        Answer::json(&verdict)
    })
}

fn guarded(provider: &Stub) -> TestAppBuilder {
    app()
        .setting("captcha.provider", "turnstile")
        .setting("captcha.secret", "s3cret")
        .setting("captcha.verify_url", &provider.url("/siteverify"))
        .setting("outbound.allow", &provider.address)
}

fn body(email: &str, token: Option<&str>) -> Value {
    let mut body = json!({ "email": email, "password": PASSWORD });
    if let Some(token) = token {
        body["gotrue_meta_security"] = json!({ "captcha_token": token });
    }
    body
}

async fn status(app: &TestApp, path: &str, body: &Value) -> (u16, Value) {
    let reply = app.anon().post(path, body).send().await;
    (reply.status.as_u16(), reply.json())
}

#[tokio::test]
async fn a_captcha_is_verified_at_sign_up_and_sign_in() {
    let provider = provider();
    let app = guarded(&provider).start().await;
    let sign_in = "/auth/v1/token?grant_type=password";

    for path in ["/auth/v1/signup", sign_in] {
        for token in [None, Some(""), Some("bad")] {
            let (code, answer) = status(&app, path, &body("ann@example.com", token)).await;
            assert_eq!(
                (code, &answer["error_code"]),
                (400, &json!("captcha_failed")),
                "{path}"
            );
        }
        let (code, answer) = status(&app, path, &body("ann@example.com", Some("good"))).await;
        assert_eq!(code, 200, "{answer}");
    }
    let noted = provider.noted();
    assert_eq!(noted.len(), 4, "a missing token is refused without asking");
    assert_eq!(noted[0].path, "/siteverify");
    assert_eq!(noted[0].field("remoteip"), "127.0.0.1");
}

#[tokio::test]
async fn attack_18_a_token_of_another_type_is_no_token() {
    let provider = provider();
    let app = guarded(&provider).start().await;

    for wrong in [
        json!(null),
        json!(true),
        json!(["good"]),
        json!({ "captcha_token": ["good"] }),
    ] {
        let mut body = body("ann@example.com", None);
        body["gotrue_meta_security"] = wrong.clone();
        let (code, _) = status(&app, "/auth/v1/signup", &body).await;
        assert_eq!(code, 400, "{wrong}");
    }
    assert!(provider.noted().is_empty());
}

#[tokio::test]
async fn the_secret_key_is_not_asked_and_a_refresh_is_not_either() {
    let provider = provider();
    let app = guarded(&provider).start().await;

    let made = app
        .service()
        .post("/auth/v1/signup", &body("ann@example.com", None))
        .send()
        .await;
    let session = made.expect_status(200).json();
    let refreshed = super::kit::refresh(&app, &session["refresh_token"]).await;

    refreshed.expect_status(200);
    assert!(provider.noted().is_empty());
}

#[tokio::test]
async fn a_provider_that_does_not_answer_lets_nobody_pass() {
    let provider = Stub::start(|_: &Noted| Answer::json(&json!({ "success": true })).status(500));
    let app = guarded(&provider).start().await;

    let (code, _) = status(
        &app,
        "/auth/v1/signup",
        &body("ann@example.com", Some("good")),
    )
    .await;
    assert_eq!(code, 500);

    let nothing = Stub::start(|_: &Noted| Answer::json(&json!("yes")));
    let app = guarded(&nothing).start().await;
    let (code, _) = status(
        &app,
        "/auth/v1/signup",
        &body("ann@example.com", Some("good")),
    )
    .await;
    assert_eq!(code, 500);
}

#[tokio::test]
async fn a_provider_without_a_secret_is_a_wrong_configuration() {
    let started = app()
        .setting("captcha.provider", "hcaptcha")
        .try_start()
        .await;

    let message = started.err().expect("no start").to_string();
    assert!(message.contains("captcha.secret"), "{message}");
}
