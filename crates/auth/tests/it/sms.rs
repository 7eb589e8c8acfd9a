//! Text messages: what each vendor is sent, tries again, and what a bad account stops.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use postern_testkit::{TestApp, TestAppBuilder};
use serde_json::{Value, json};

use super::kit::{PASSWORD, app, sign_in, sign_up};
use super::stub::{Answer, Noted, Stub};

const NUMBER: &str = "+1 555 010 0123";

/// A server whose texts go to the stub.
fn texting(vendor: &str, stub: &Stub) -> TestAppBuilder {
    app()
        .setting("signup.phone", "true")
        .setting("auth.site_name", "Notes")
        .setting("sms.vendor", vendor)
        .setting("sms.account", "AC123")
        .setting("sms.secret", "s3cret")
        .setting("sms.sender", "+15550199")
        .setting("sms.url", &stub.url(""))
        .setting("outbound.allow", &stub.address)
}

async fn sign_up_by_phone(app: &TestApp) -> Value {
    let body = json!({ "phone": NUMBER, "password": PASSWORD });
    let reply = app.anon().post("/auth/v1/signup", &body).send().await;
    reply.expect_status(200).json()
}

fn accepting() -> Stub {
    Stub::start(|_: &Noted| {
        Answer::json(&json!({ "sid": "SM1", "messages": [{ "status": "0" }] })).status(201)
    })
}

/// The six digits at the end of a message.
fn code_of(words: &str) -> String {
    let prefix = "Your code for Notes is ";
    let code = words.strip_prefix(prefix).expect("the template");
    assert!(
        code.len() == 6 && code.bytes().all(|it| it.is_ascii_digit()),
        "{words}"
    );
    code.into()
}

#[tokio::test]
async fn twilio_is_sent_a_form_in_our_name() {
    let stub = accepting();
    let app = texting("twilio", &stub).start().await;

    sign_up_by_phone(&app).await;
    let sent = stub.wait_for(1).await.remove(0);

    assert_eq!(sent.path, "/2010-04-01/Accounts/AC123/Messages.json");
    let expected = format!("Basic {}", STANDARD.encode("AC123:s3cret"));
    assert_eq!(sent.header("authorization"), expected);
    assert_eq!(
        sent.header("content-type"),
        "application/x-www-form-urlencoded"
    );
    assert_eq!(sent.field("To"), "+15550100123");
    assert_eq!(sent.field("From"), "+15550199");
    code_of(&sent.field("Body"));
}

#[tokio::test]
async fn twilio_verify_is_told_our_code() {
    let stub = accepting();
    let app = texting("twilio-verify", &stub)
        .setting("sms.sender", "VA1")
        .start()
        .await;

    sign_up_by_phone(&app).await;
    let sent = stub.wait_for(1).await.remove(0);

    assert_eq!(sent.path, "/v2/Services/VA1/Verifications");
    assert_eq!(sent.field("Channel"), "sms");
    assert_eq!(sent.field("CustomCode").len(), 6);
}

#[tokio::test]
async fn vonage_is_sent_a_form_with_key_and_secret() {
    let stub = accepting();
    let app = texting("vonage", &stub).start().await;

    sign_up_by_phone(&app).await;
    let sent = stub.wait_for(1).await.remove(0);

    assert_eq!(sent.path, "/sms/json");
    assert_eq!(sent.field("api_key"), "AC123");
    assert_eq!(sent.field("api_secret"), "s3cret");
    assert_eq!(sent.field("to"), "15550100123");
    code_of(&sent.field("text"));
}

#[tokio::test]
async fn message_bird_is_sent_a_form_with_an_access_key() {
    let stub = accepting();
    let app = texting("messagebird", &stub).start().await;

    sign_up_by_phone(&app).await;
    let sent = stub.wait_for(1).await.remove(0);

    assert_eq!(sent.path, "/messages");
    assert_eq!(sent.header("authorization"), "AccessKey s3cret");
    assert_eq!(sent.field("recipients"), "15550100123");
    code_of(&sent.field("body"));
}

#[tokio::test]
async fn any_address_may_be_sent_signed_json() {
    let stub = Stub::start(|_: &Noted| Answer::json(&json!({})));
    let app = texting("http", &stub)
        .setting("sms.url", &stub.url("/texts"))
        .setting("sms.secret", "v1,whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
        .start()
        .await;

    sign_up_by_phone(&app).await;
    let sent = stub.wait_for(1).await.remove(0);

    let told = sent.json();
    assert_eq!(sent.path, "/texts");
    assert!(sent.header("webhook-signature").starts_with("v1,"));
    assert_eq!(told["phone"], "15550100123");
    assert_eq!(told["otp"], code_of(told["text"].as_str().expect("words")));
}

#[tokio::test]
async fn a_vendor_that_is_down_is_asked_again() {
    let count = std::sync::atomic::AtomicUsize::new(0);
    let stub = Stub::start(move |_: &Noted| {
        let tries = count.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        Answer::json(&json!({})).status(if tries == 0 { 503 } else { 201 })
    });
    let app = texting("twilio", &stub).start().await;

    sign_up_by_phone(&app).await;
    let first = stub.wait_for(1).await.remove(0);
    app.advance(60);
    let second = stub.wait_for(2).await.remove(1);

    assert_eq!(first.field("Body"), second.field("Body"));
}

#[tokio::test]
async fn a_hook_sends_texts_in_the_place_of_a_vendor() {
    let stub = Stub::start(|_: &Noted| Answer::json(&json!({})));
    let app = app()
        .setting("signup.phone", "true")
        .setting("hooks.send_sms", &stub.url("/hook"))
        .setting(
            "hooks.send_sms_secrets",
            "v1,whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        )
        .setting("outbound.allow", &stub.address)
        .start()
        .await;

    let user = sign_up_by_phone(&app).await;
    let told = stub.wait_for(1).await.remove(0).json();

    assert_eq!(told["user"]["id"], user["id"]);
    assert_eq!(told["user"]["phone"], "15550100123");
    assert_eq!(told["sms"]["otp"].as_str().map(str::len), Some(6));
}

#[tokio::test]
async fn a_test_number_gets_no_text() {
    let stub = accepting();
    let app = texting("twilio", &stub)
        .setting("sms.test_codes", "15550100123=424242")
        .start()
        .await;

    sign_up_by_phone(&app).await;
    let other = json!({ "phone": "+15550100999", "password": PASSWORD });
    app.anon()
        .post("/auth/v1/signup", &other)
        .send()
        .await
        .expect_status(200);
    let sent = stub.wait_for(1).await;

    assert_eq!(sent.len(), 1);
    assert_eq!(sent[0].field("To"), "+15550100999");
}

#[tokio::test]
async fn attack_75_a_bad_vendor_does_not_stop_sign_in() {
    for (key, value) in [
        ("sms.account", ""),
        ("sms.secret", ""),
        ("sms.sender", ""),
        ("sms.url", "not an address"),
    ] {
        let stub = accepting();
        let app = texting("twilio", &stub).setting(key, value).start().await;

        sign_up(&app, "ann@example.com").await;
        sign_in(&app, "ann@example.com").await;
        sign_up_by_phone(&app).await;

        assert!(stub.noted().is_empty());
    }
}
