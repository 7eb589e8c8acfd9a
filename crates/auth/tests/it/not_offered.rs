//! Postern signs people in for its own services; it is no provider for others. What such a
//! provider could be attacked by is not there.

use postern_testkit::TestApp;
use reqwest::Method;
use serde_json::json;

use crate::kit::{app, sign_up};

/// Codes of refusals that say that there is nothing, or nothing for this caller.
const REFUSALS: &[&str] = &[
    "not_found",
    "feature_disabled",
    "not_admin",
    "no_authorization",
];

/// Whoever asks, there is nothing.
async fn expect_absent(app: &TestApp, method: Method, path: &str) {
    let session = sign_up(app, &format!("{}@example.com", method.as_str())).await;
    let token = session["access_token"].as_str().expect("a token");
    let body = json!({
        "grant_type": "authorization_code", "code": "c", "client_id": "x", "scope": "admin",
        "redirect_uris": ["javascript:alert(1)"], "response_type": "token", "action": "approve",
    });
    for client in [app.anon(), app.anon().with_token(token), app.service()] {
        let reply = client
            .request(method.clone(), path)
            .json(&body)
            .send()
            .await;
        let code = reply.json()["error_code"].clone();
        let is_refusal = REFUSALS.iter().any(|it| code == *it);
        assert!(is_refusal, "{path}: {} {}", reply.status, reply.text);
    }
}

#[tokio::test]
async fn attack_39_there_are_no_authorisation_codes_to_use_twice() {
    let app = app().start().await;
    expect_absent(&app, Method::POST, "/auth/v1/oauth/token").await;
    let body = json!({ "code": "c", "client_id": "x", "redirect_uri": "https://x.example" });
    let path = "/auth/v1/token?grant_type=authorization_code";
    let reply = app.anon().post(path, &body).send().await;
    assert_eq!(reply.status.as_u16(), 400, "{}", reply.text);
}

#[tokio::test]
async fn attack_40_there_are_no_clients_whose_codes_could_be_taken() {
    let app = app().start().await;
    expect_absent(&app, Method::GET, "/auth/v1/user/oauth/grants").await;
    let clients = app
        .service()
        .get("/auth/v1/admin/oauth/clients")
        .send()
        .await;
    assert_eq!(clients.expect_status(200).json(), json!({ "clients": [] }));
}

#[tokio::test]
async fn attack_41_no_parameter_brings_an_implicit_flow() {
    let app = app().start().await;
    let query = "response_type=token%20id_token&response_mode=fragment&client_id=x";
    let path = format!("/auth/v1/oauth/authorize?{query}");
    expect_absent(&app, Method::GET, &path).await;
}

#[tokio::test]
async fn attack_42_nobody_registers_a_client() {
    let app = app().start().await;
    expect_absent(&app, Method::POST, "/auth/v1/oauth/clients/register").await;
    expect_absent(&app, Method::PUT, "/auth/v1/admin/oauth/clients").await;
}

#[tokio::test]
async fn attack_43_there_are_no_device_codes() {
    let app = app().start().await;
    expect_absent(&app, Method::POST, "/auth/v1/oauth/device_authorization").await;
}
