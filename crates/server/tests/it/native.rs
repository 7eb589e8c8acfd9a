//! `enforce = "native"`: roles, grants and row-level security of the database decide.

mod both;
mod dialect;
mod lists;
mod roles;
mod rows;
mod settings;
mod tools;

use postern_testkit::{TestApp, TestAppBuilder, TestClient};
use serde_json::{Value, json};

const ALICE: &str = "a0000000-0000-4000-8000-000000000001";
const BOB: &str = "b0000000-0000-4000-8000-000000000002";

fn described() -> TestAppBuilder {
    TestApp::builder()
        .migrations(include_str!("../native/world.sql"))
        .setting("api.enforce", "native")
}

async fn world() -> TestApp {
    described().start().await
}

/// A world with one connection, so that whatever a request leaves meets the next one.
async fn narrow_world() -> TestApp {
    let one = described().setting("database.session_connections", "1");
    one.start().await
}

fn in_role(app: &TestApp, role: &str) -> TestClient {
    app.caller(json!({ "sub": ALICE, "role": role }))
}

/// The JSON of an answer that must be a success.
async fn value(client: &TestClient, path: &str) -> Value {
    client.get(path).send().await.expect_status(200).json()
}

/// Status and code of a refusal.
async fn refusal(client: &TestClient, path: &str) -> (u16, String) {
    let reply = client.get(path).send().await;
    let code = reply.json()["code"].as_str().unwrap_or_default().to_owned();
    (reply.status.as_u16(), code)
}
