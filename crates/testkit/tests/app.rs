//! The real server on a free port, as different callers.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use postern_testkit::{TestApp, TestAppBuilder};
use serde_json::json;

const ALICE: &str = "a11ce000-0000-4000-8000-000000000001";
const BOB: &str = "b0b00000-0000-4000-8000-000000000002";

const MIGRATIONS: &str = "
    create table notes (
        id int primary key, owner_id uuid not null, text text not null
    );
    insert into notes values
        (1, 'a11ce000-0000-4000-8000-000000000001', 'from Alice'),
        (2, 'b0b00000-0000-4000-8000-000000000002', 'from Bob');
";

const POLICY: &str = r#"
    table = "public.notes"
    [columns.authenticated]
    select = ["id", "text"]
    insert = ["id", "text"]
    [preset.insert]
    owner_id = "auth.uid()"
    [[allow]]
    name = "own rows"
    roles = ["authenticated"]
    for = ["select", "insert"]
    where = "owner_id = auth.uid()"
"#;

fn notes() -> TestAppBuilder {
    TestApp::builder()
        .migrations(MIGRATIONS)
        .policy("public.notes.toml", POLICY)
}

#[tokio::test]
async fn callers_see_what_the_policy_says() {
    let app = notes().start().await;

    let alice = app
        .user(ALICE)
        .get("/rest/v1/notes?select=id,text")
        .send()
        .await;
    let bob = app.user(BOB).get("/rest/v1/notes?select=id").send().await;
    let service = app
        .service()
        .get("/rest/v1/notes?select=id&order=id")
        .send()
        .await;
    let anon = app.anon().get("/rest/v1/notes").send().await;
    let missing = app.anon().get("/rest/v1/notez").send().await;

    assert_eq!(
        alice.expect_status(200).json(),
        json!([{ "id": 1, "text": "from Alice" }])
    );
    assert_eq!(bob.expect_status(200).json(), json!([{ "id": 2 }]));
    assert_eq!(
        service.expect_status(200).json(),
        json!([{ "id": 1 }, { "id": 2 }])
    );
    assert_eq!(anon.status, missing.status);
    assert_eq!(anon.text, missing.text.replace("notez", "notes"));
}

#[tokio::test]
async fn what_a_caller_writes_is_in_the_database() {
    let app = notes().start().await;

    let body = json!({ "id": 3, "text": "another" });
    let reply = app.user(BOB).post("/rest/v1/notes", &body).send().await;

    assert_eq!(reply.expect_status(201).text, "");
    let sql = "select owner_id::text from notes where id = 3";
    let row = app.sql().await.query_one(sql, &[]).await.unwrap();
    assert_eq!(row.get::<_, String>(0), BOB);
}

#[tokio::test]
async fn a_start_with_a_broken_policy_is_refused() {
    let broken = POLICY.replace("owner_id = auth.uid()", "ower_id = auth.uid()");

    let refused = TestApp::builder()
        .migrations(MIGRATIONS)
        .policy("public.notes.toml", &broken)
        .try_start()
        .await;

    let message = refused.err().map(|it| it.to_string()).unwrap_or_default();
    assert!(message.contains("ower_id"), "{message}");
}

#[tokio::test]
async fn settings_reach_the_server() {
    let app = notes().setting("limits.rows_max", "1").start().await;

    let reply = app.service().get("/rest/v1/notes?select=id").send().await;

    assert_eq!(reply.json().as_array().map(Vec::len), Some(1));
}
