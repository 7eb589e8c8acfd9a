//! What the tests of passkeys share: the steps of both ceremonies.

use postern_testkit::{Reply, TestApp, TestClient};
use serde_json::{Value, json};

use super::authenticator::Authenticator;
use super::kit::with_session;

/// The four endpoints.
pub(crate) const BEGIN: &str = "/auth/v1/passkeys/registration/options";
pub(crate) const FINISH: &str = "/auth/v1/passkeys/registration/verify";
pub(crate) const BEGIN_SIGN_IN: &str = "/auth/v1/passkeys/authentication/options";
pub(crate) const SIGN_IN: &str = "/auth/v1/passkeys/authentication/verify";

/// Begins a ceremony.
pub(crate) async fn begin(client: &TestClient, path: &str) -> Value {
    let reply = client.post(path, &json!({})).send().await;
    reply.expect_status(200).json()
}

/// Ends a ceremony.
pub(crate) async fn finish(client: &TestClient, path: &str, id: &Value, made: &Value) -> Reply {
    let body = json!({ "challenge_id": id, "credential": made });
    client.post(path, &body).send().await
}

/// Registers a passkey.
pub(crate) async fn register(client: &TestClient, authenticator: &mut Authenticator) -> Reply {
    let begun = begin(client, BEGIN).await;
    let made = authenticator.create(&begun["options"]);
    finish(client, FINISH, &begun["challenge_id"], &made).await
}

/// Signs in with a passkey.
pub(crate) async fn sign_in_by(app: &TestApp, authenticator: &mut Authenticator) -> Reply {
    let anon = app.anon();
    let begun = begin(&anon, BEGIN_SIGN_IN).await;
    let used = authenticator.get(&begun["options"]);
    finish(&anon, SIGN_IN, &begun["challenge_id"], &used).await
}

/// A user's session and the authenticator that holds the user's first passkey.
pub(crate) async fn registered(app: &TestApp, session: &Value) -> Authenticator {
    let mut authenticator = Authenticator::new();
    register(&with_session(app, session), &mut authenticator)
        .await
        .expect_status(200);
    authenticator
}
