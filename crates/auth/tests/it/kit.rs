//! What the tests of the auth service share: a server with users, and their mailbox.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use postern_testkit::{TestApp, TestAppBuilder, TestClient};
use serde_json::{Value, json};

/// A password that all rules accept.
pub(crate) const PASSWORD: &str = "correct-horse-battery";

/// A server whose new users are confirmed at once.
pub(crate) fn app() -> TestAppBuilder {
    TestApp::builder()
        .auth()
        .setting("signup.email_autoconfirm", "true")
}

/// A server whose new users confirm by mail.
pub(crate) fn app_with_mail() -> TestAppBuilder {
    TestApp::builder().auth()
}

/// Signs a new user up; the answer is a session where addresses need no proof.
pub(crate) async fn sign_up(app: &TestApp, email: &str) -> Value {
    let body = json!({ "email": email, "password": PASSWORD });
    let reply = app.anon().post("/auth/v1/signup", &body).send().await;
    reply.expect_status(200).json()
}

/// Signs a user in by password.
pub(crate) async fn sign_in(app: &TestApp, email: &str) -> Value {
    let body = json!({ "email": email, "password": PASSWORD });
    let path = "/auth/v1/token?grant_type=password";
    let reply = app.anon().post(path, &body).send().await;
    reply.expect_status(200).json()
}

/// A client with a session's access token.
pub(crate) fn with_session(app: &TestApp, session: &Value) -> TestClient {
    let token = session["access_token"].as_str().expect("an access token");
    app.anon().with_token(token)
}

/// Refreshes a session.
pub(crate) async fn refresh(app: &TestApp, token: &Value) -> postern_testkit::Reply {
    let body = json!({ "refresh_token": token });
    let path = "/auth/v1/token?grant_type=refresh_token";
    app.anon().post(path, &body).send().await
}

/// How often a test looks for what comes a moment later, with a [`moment`] between two looks:
/// half a minute and more, because the machine may be busy with something else.
pub(crate) const LOOKS: usize = 1200;

/// The pause between two looks.
pub(crate) async fn moment() {
    tokio::time::sleep(Duration::from_millis(25)).await;
}

/// The newest mail to an address, as the dev mailbox lists it; waits until it is there.
pub(crate) async fn mail_to(app: &TestApp, address: &str) -> Value {
    newest(app, address, 1).await
}

/// The newest mail of a kind to an address; waits until it is there.
pub(crate) async fn mail_of(app: &TestApp, address: &str, kind: &str) -> Value {
    for _ in 0..LOOKS {
        let mails = mails_to(app, address).await;
        if let Some(mail) = mails.into_iter().find(|it| it["kind"] == kind) {
            return mail;
        }
        moment().await;
    }
    panic!("no mail of kind {kind} to {address}");
}

/// The newest mail to an address, as soon as there are so many.
///
/// Several carriers deliver at once, so that two letters which wait at the same time arrive in
/// either order: the newest is the last one that was asked for only if those before it had
/// arrived by then.
pub(crate) async fn newest(app: &TestApp, address: &str, count: usize) -> Value {
    for _ in 0..LOOKS {
        let mails = mails_to(app, address).await;
        if mails.len() >= count {
            return mails[0].clone();
        }
        moment().await;
    }
    panic!("no {count} mails to {address}");
}

/// Waits until no letter is under way any more, for tests of letters that must not come.
pub(crate) async fn all_sent(app: &TestApp) {
    let sql = app.sql().await;
    for _ in 0..LOOKS {
        let waiting = "select count(*) from postern.outbox where failed_at is null";
        let row = sql.query_one(waiting, &[]).await.expect("a count");
        if row.get::<_, i64>(0) == 0 {
            return;
        }
        moment().await;
    }
    panic!("letters are left");
}

/// All mails to an address, newest first.
pub(crate) async fn mails_to(app: &TestApp, address: &str) -> Vec<Value> {
    let path = format!("/_dev/mailbox.json?to={address}");
    let reply = app.anon().get(&path).send().await;
    let list = reply.expect_status(200).json();
    list.as_array().cloned().unwrap_or_default()
}

/// The claims of a session's access token, which nobody verifies here.
pub(crate) fn claims(session: &Value) -> Value {
    let token = session["access_token"].as_str().expect("an access token");
    let payload = token.split('.').nth(1).expect("a payload");
    let bytes = URL_SAFE_NO_PAD.decode(payload).expect("base64url");
    serde_json::from_slice(&bytes).expect("JSON")
}
