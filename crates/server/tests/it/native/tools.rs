//! `/policy/v1/can` and saved queries where the database decides, alone or beside policy files.

use postern_testkit::{TestApp, TestClient};
use serde_json::{Value, json};

use super::{ALICE, BOB, described, in_role, refusal, value};

const NOTES: &str = "-- roles: authenticated, native_editor
-- param least: int4 = 0
select n.id, n.body from notes n where n.rank >= :least order by n.id";

const SECRETS: &str = "-- roles: authenticated
select n.secret from notes n";

const POLICY: &str = r#"
table = "public.notes"
[columns.authenticated]
select = ["id", "body", "rank"]
insert = ["id", "body", "secret"]
[[allow]]
name = "low ranks"
roles = ["authenticated"]
for = ["select", "insert"]
where = "rank < 2 OR rank IS NULL"
"#;

async fn native() -> TestApp {
    described()
        .file("queries/notes.sql", NOTES)
        .file("queries/secrets.sql", SECRETS)
        .start()
        .await
}

async fn both() -> TestApp {
    let app = TestApp::builder()
        .migrations(include_str!("../../native/world.sql"))
        .setting("api.enforce", "both")
        .policy("public.notes.toml", POLICY)
        .file("queries/notes.sql", &NOTES.replace(", native_editor", ""));
    app.start().await
}

async fn can(client: &TestClient, question: Value) -> Value {
    let reply = client.post("/policy/v1/can", &question).send().await;
    reply.expect_status(200).json()["allowed"].clone()
}

#[tokio::test]
async fn saved_queries_stand_under_row_level_security_and_grants() {
    let app = native().await;
    let query = "/rest/v1/query/notes";

    assert_eq!(
        value(&app.user(ALICE), query).await,
        json!([{"id": 1, "body": "of alice"}, {"id": 2, "body": "of alice too"}])
    );
    assert_eq!(
        value(&app.user(ALICE), &format!("{query}?least=2")).await,
        json!([{"id": 2, "body": "of alice too"}])
    );
    assert_eq!(
        value(&app.user(BOB), query).await,
        json!([{"id": 3, "body": "of bob"}])
    );
    // The column is granted to nobody, and the database says so.
    let secrets = refusal(&app.user(ALICE), "/rest/v1/query/secrets").await;
    assert_eq!(secrets, (403, "42501".into()));
}

#[tokio::test]
async fn saved_queries_are_for_the_roles_that_they_name() {
    let app = native().await;

    let forbidden = app.anon().get("/rest/v1/query/notes").send().await;
    let missing = app.anon().get("/rest/v1/query/nothing").send().await;

    assert_eq!(forbidden.status.as_u16(), 404);
    assert_eq!(forbidden.text, missing.text);
    for role in ["native_boss", "native_stranger"] {
        let (status, _) = refusal(&in_role(&app, role), "/rest/v1/query/notes").await;
        assert!([401, 403, 404].contains(&status), "{role}: {status}");
    }
}

#[tokio::test]
async fn a_read_is_asked_of_the_database_and_a_write_by_its_rights() {
    let app = native().await;
    let (alice, bob) = (app.user(ALICE), app.user(BOB));
    let read = |id: i32| json!({"table": "notes", "verb": "select", "pk": {"id": id}});

    assert_eq!(can(&alice, read(1)).await, true);
    assert_eq!(can(&bob, read(1)).await, false);
    assert_eq!(can(&bob, read(99)).await, false);
    let verb =
        |verb: &str, column: &str| json!({"table": "notes", "verb": verb, "columns": [column]});
    assert_eq!(can(&alice, verb("select", "body")).await, true);
    assert_eq!(can(&alice, verb("select", "secret")).await, false);
    assert_eq!(can(&alice, verb("update", "body")).await, true);
    assert_eq!(can(&alice, verb("update", "secret")).await, false);
    assert_eq!(
        can(&alice, json!({"table": "nothing", "verb": "select"})).await,
        false
    );
    assert_eq!(
        can(&app.anon(), json!({"table": "notes", "verb": "delete"})).await,
        false
    );
}

#[tokio::test]
async fn a_write_of_a_row_cannot_be_asked_whatever_the_table() {
    let app = native().await;
    let alice = app.user(ALICE);
    let mut told = Vec::new();

    for table in ["notes", "nothing", "pg_catalog.pg_authid"] {
        for verb in ["update", "delete"] {
            let question = json!({"table": table, "verb": verb, "pk": {"id": 1}});
            let reply = alice.post("/policy/v1/can", &question).send().await;
            if table.contains('.') {
                assert_eq!(reply.expect_status(200).json(), json!({"allowed": false}));
            } else {
                told.push(reply.expect_status(400).text);
            }
        }
    }

    assert!(told[0].contains("PGRST127"), "{told:?}");
    assert!(told.iter().all(|it| *it == told[0]), "{told:?}");
}

#[tokio::test]
async fn policy_files_and_the_database_decide_together() {
    let app = both().await;
    let alice = app.user(ALICE);

    assert_eq!(
        value(&alice, "/rest/v1/query/notes").await,
        json!([{"id": 1, "body": "of alice"}])
    );
    assert_eq!(
        value(&app.user(BOB), "/rest/v1/query/notes").await,
        json!([])
    );
    let read = |id: i32| json!({"table": "notes", "verb": "select", "pk": {"id": id}});
    assert_eq!(can(&alice, read(1)).await, true);
    // The file hides the note 2, row-level security the note 3.
    assert_eq!(can(&alice, read(2)).await, false);
    assert_eq!(can(&alice, read(3)).await, false);
    let insert = |row: Value| json!({"table": "notes", "verb": "insert", "row": row});
    assert_eq!(
        can(&alice, insert(json!({"id": 40, "body": "x"}))).await,
        true
    );
    // The file grants the column, the database does not.
    let secret = json!({"id": 40, "body": "x", "secret": "y"});
    assert_eq!(can(&alice, insert(secret)).await, false);
}
