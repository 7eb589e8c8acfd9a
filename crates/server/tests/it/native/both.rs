//! `enforce = "both"`: what either the policy files or the database hides is hidden.

use postern_testkit::{TestApp, TestClient};
use serde_json::json;

use super::{ALICE, BOB, in_role, refusal, value};

const POLICY: &str = r#"
table = "public.notes"
[columns.authenticated]
select = ["id", "body", "rank"]
insert = ["id", "body", "rank"]
update = ["body", "rank"]
[[allow]]
name = "low ranks"
roles = ["authenticated"]
for = ["select", "insert", "update", "delete"]
where = "rank < 2 OR rank IS NULL"
"#;

async fn world() -> TestApp {
    let app = TestApp::builder()
        .migrations(include_str!("../../native/world.sql"))
        .setting("api.enforce", "both");
    app.policy("public.notes.toml", POLICY).start().await
}

async fn ids(client: &TestClient) -> serde_json::Value {
    value(client, "/rest/v1/notes?select=id&order=id").await
}

#[tokio::test]
async fn rows_must_pass_both() {
    let app = world().await;

    // Row-level security leaves alice the notes 1 and 2, the file leaves everybody the note 1.
    assert_eq!(ids(&app.user(ALICE)).await, json!([{"id": 1}]));
    assert_eq!(ids(&app.user(BOB)).await, json!([]));
}

#[tokio::test]
async fn columns_and_tables_must_be_granted_by_both() {
    let app = world().await;
    let alice = app.user(ALICE);

    // The database grants `owner`, the file does not: it does not exist.
    let owner = refusal(&alice, "/rest/v1/notes?select=owner").await;
    assert_eq!(owner, (400, "42703".into()));
    // The database grants comments, and no file speaks of them.
    assert_eq!(
        refusal(&alice, "/rest/v1/comments").await,
        (404, "PGRST205".into())
    );
    assert_eq!(
        value(&alice, "/rest/v1/notes?id=eq.1").await,
        json!([{"id": 1, "body": "of alice", "rank": 1}])
    );
}

#[tokio::test]
async fn writes_must_pass_both() {
    let app = world().await;
    let alice = app.user(ALICE);
    let returning = "return=representation";

    let made = alice.post("/rest/v1/notes", &json!({"id": 30, "body": "x", "rank": 1}));
    let made = made.prefer(returning).send().await.expect_status(201);
    assert_eq!(made.json(), json!([{"id": 30, "body": "x", "rank": 1}]));
    let high = alice.post("/rest/v1/notes", &json!({"id": 31, "body": "x", "rank": 5}));
    assert_eq!(high.send().await.expect_status(403).json()["code"], "42501");
    let foreign = app
        .user(BOB)
        .patch("/rest/v1/notes?id=eq.30", &json!({"body": "stolen"}));
    let foreign = foreign.prefer(returning).send().await.expect_status(200);
    assert_eq!(foreign.json(), json!([]));
    let gone = alice.delete("/rest/v1/notes?id=eq.30").prefer(returning);
    gone.send().await.expect_status(200);
}

#[tokio::test]
async fn roles_are_those_that_both_know() {
    let app = world().await;

    for role in ["native_boss", "native_stranger", "native_editor"] {
        let (status, _) = refusal(&in_role(&app, role), "/rest/v1/notes").await;
        assert!([401, 403].contains(&status), "{role}: {status}");
    }
}
