//! What the tests of second factors share: an authenticator app, and the steps to a factor.

use postern_base::{Clock, SystemClock};
use postern_testkit::{Reply, TestApp, TestClient};
use serde_json::{Value, json};
use totp_rs::{Builder, Secret};

use super::kit::with_session;

/// A TOTP factor, as an authenticator app knows it.
pub(crate) struct App {
    /// The factor's id.
    pub(crate) id: String,
    totp: totp_rs::Totp,
}

impl App {
    /// The code at some seconds from now.
    pub(crate) fn code(&self, secs: i64) -> String {
        let at = SystemClock.now_unix_secs() + secs;
        self.totp.generate(at.cast_unsigned()).to_string()
    }
}

/// Begins with a TOTP factor.
pub(crate) async fn enrol(client: &TestClient, name: &str) -> App {
    let body = json!({ "factor_type": "totp", "friendly_name": name });
    let enrolled = client.post("/auth/v1/factors", &body).send().await;
    let enrolled = enrolled.expect_status(200).json();
    let secret = enrolled["totp"]["secret"].as_str().expect("a secret");
    let secret = Secret::try_from_base32(secret).expect("base32");
    App {
        id: text(&enrolled["id"]),
        totp: Builder::new().with_secret(secret).build().expect("a TOTP"),
    }
}

/// Asks for a factor.
pub(crate) async fn challenge(client: &TestClient, factor: &str) -> Value {
    let path = format!("/auth/v1/factors/{factor}/challenge");
    let body = json!({ "factorId": factor });
    let reply = client.post(&path, &body).send().await;
    reply.expect_status(200).json()
}

/// Answers a challenge with a code.
pub(crate) async fn answer(client: &TestClient, factor: &str, id: &Value, code: &str) -> Reply {
    let path = format!("/auth/v1/factors/{factor}/verify");
    let body = json!({ "challenge_id": id, "code": code });
    client.post(&path, &body).send().await
}

/// Asks for a TOTP factor and answers with the code at some seconds from now.
pub(crate) async fn verify(client: &TestClient, app: &App, secs: i64) -> Reply {
    let challenge = challenge(client, &app.id).await;
    answer(client, &app.id, &challenge["id"], &app.code(secs)).await
}

/// Enrols and shows a first TOTP factor; returns it with the lifted session.
pub(crate) async fn lifted(app: &TestApp, session: &Value) -> (App, Value) {
    let client = with_session(app, session);
    let factor = enrol(&client, "phone").await;
    let lifted = verify(&client, &factor, 0).await;
    (factor, lifted.expect_status(200).json())
}

/// Removes a factor.
pub(crate) async fn unenrol(client: &TestClient, factor: &str) -> Reply {
    let path = format!("/auth/v1/factors/{factor}");
    client.delete(&path).send().await
}

/// The claims of an access token, unverified.
pub(crate) fn claims(session: &Value) -> Value {
    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    let token = text(&session["access_token"]);
    let payload = token.split('.').nth(1).expect("three parts");
    let payload = URL_SAFE_NO_PAD.decode(payload).expect("base64url");
    serde_json::from_slice(&payload).expect("JSON")
}

/// The methods of an access token.
pub(crate) fn methods(session: &Value) -> Vec<String> {
    let claims = claims(session);
    let amr = claims["amr"].as_array().expect("amr");
    let mut methods: Vec<_> = amr.iter().map(|it| text(&it["method"])).collect();
    methods.sort_unstable();
    methods
}

/// The text of a JSON string.
pub(crate) fn text(value: &Value) -> String {
    value.as_str().expect("a text").to_owned()
}

/// The code of a refusal with this status.
pub(crate) fn refusal(reply: Reply, status: u16) -> String {
    text(&reply.expect_status(status).json()["error_code"])
}
