//! New passwords are looked up among leaked ones, and an unreachable list means what was chosen.

use std::time::Duration;

use postern_testkit::TestApp;
use serde_json::json;

use super::kit::{PASSWORD, app, sign_up};
use super::stub::{Answer, Noted, Stub};

/// What the list holds of the tests' password: the SHA-1 without its first five digits.
const SUFFIX: &str = "9FF44A9A1A4105F4BAE6FE809715E0A0A84";
const PREFIX: &str = "/F9797";

fn list(body: String, status: u16) -> Stub {
    Stub::start(move |_: &Noted| Answer {
        status,
        kind: "text/plain",
        body: body.clone(),
        delay: Duration::ZERO,
    })
}

async fn app_with(list: &Stub, check: &str) -> TestApp {
    app()
        .setting("outbound.allow", &list.address)
        .setting("passwords.leaked_url", &format!("http://{}", list.address))
        .setting("passwords.leaked_check", check)
        .start()
        .await
}

#[tokio::test]
async fn a_leaked_password_is_refused_and_never_sent() {
    let list = list(format!("{SUFFIX}:3730\r\n"), 200);
    let app = app_with(&list, "fail-closed").await;
    let body = json!({ "email": "ann@example.com", "password": PASSWORD });

    let reply = app.anon().post("/auth/v1/signup", &body).send().await;

    let reply = reply.expect_status(422).json();
    assert_eq!(reply["error_code"], "weak_password");
    assert_eq!(reply["weak_password"]["reasons"], json!(["pwned"]));
    let asked = list.noted();
    assert_eq!(asked[0].path, PREFIX);
    assert!(!asked[0].head.contains(PASSWORD) && !asked[0].head.contains(SUFFIX));
}

#[tokio::test]
async fn a_password_that_did_not_leak_is_taken() {
    let list = list("0018A45C4D1DEF81644B54AB7F969B88D65:3\r\n".into(), 200);
    let app = app_with(&list, "fail-closed").await;

    sign_up(&app, "ann@example.com").await;
}

#[tokio::test]
async fn a_list_that_does_not_answer_means_what_was_chosen() {
    let list = list(String::new(), 500);
    let closed = app_with(&list, "fail-closed").await;
    let open = app_with(&list, "fail-open").await;
    let body = json!({ "email": "ann@example.com", "password": PASSWORD });

    let refused = closed.anon().post("/auth/v1/signup", &body).send().await;

    refused.expect_status(500);
    sign_up(&open, "ann@example.com").await;
}
