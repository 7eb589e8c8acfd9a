//! `POST /policy/v1/can`: what the real request would tell, and no more.

use postern_testkit::{TestApp, TestClient};
use serde_json::{Value, json};

const ANNA: &str = "aaaaaaaa-0000-4000-8000-000000000001";
const BORIS: &str = "bbbbbbbb-0000-4000-8000-000000000002";

const TABLES: &str = "
    create table public.todos (
      id bigint generated always as identity primary key,
      user_id uuid not null,
      title text not null,
      secret text,
      rank int
    );
    insert into public.todos (user_id, title, secret, rank)
    values ('aaaaaaaa-0000-4000-8000-000000000001', 'a', 'x', 1),
           ('bbbbbbbb-0000-4000-8000-000000000002', 'b', 'y', 2);
    create table public.unlisted (id int primary key);";

const POLICY: &str = "
table = 'public.todos'
[columns.authenticated]
select = ['id', 'user_id', 'title']
insert = ['title', 'rank']
update = ['title', 'rank']
[preset.insert]
user_id = 'auth.uid()'
[[allow]]
name = 'own'
roles = ['authenticated']
for = ['select', 'insert', 'update', 'delete']
where = 'user_id = auth.uid()'
[[require]]
name = 'small'
for = ['insert', 'update']
check = '''rank IS NULL
  OR (rank <= 10 AND date_trunc(CASE WHEN rank = 0 THEN 'nothing' ELSE 'day' END, now()) IS NOT NULL)'''
";

async fn app() -> TestApp {
    let app = TestApp::builder().migrations(TABLES);
    app.policy("public.todos.toml", POLICY).start().await
}

/// The whole answer as text.
async fn can(client: &TestClient, question: Value) -> String {
    let reply = client.post("/policy/v1/can", &question).send().await;
    reply.expect_status(200).json().to_string()
}

const YES: &str = r#"{"allowed":true}"#;
const NO: &str = r#"{"allowed":false}"#;

#[tokio::test]
async fn rows_are_judged_by_the_rules_of_the_caller() {
    let app = app().await;
    let anna = app.user(ANNA);
    for verb in ["select", "update", "delete"] {
        let own = json!({"table": "todos", "verb": verb, "pk": {"id": 1}});
        let other = json!({"table": "public.todos", "verb": verb, "pk": {"id": 2}});
        assert_eq!(can(&anna, own).await, YES, "{verb}");
        assert_eq!(can(&anna, other).await, NO, "{verb}");
    }
    let update = |rank: i64| json!({"table": "todos", "verb": "update", "pk": {"id": 1}, "row": {"rank": rank}});
    assert_eq!(can(&anna, update(5)).await, YES);
    assert_eq!(can(&anna, update(50)).await, NO);
    let insert = |rank: i64| json!({"table": "todos", "verb": "insert", "row": {"title": "n", "rank": rank}});
    assert_eq!(can(&anna, insert(5)).await, YES);
    assert_eq!(can(&anna, insert(50)).await, NO);
    assert_eq!(can(&app.anon(), insert(5)).await, NO);
    assert_eq!(
        can(&app.service(), update(50)).await,
        YES,
        "no rule holds for the secret key"
    );
}

#[tokio::test]
async fn verbs_and_columns_are_judged_without_a_row() {
    let app = app().await;
    let anna = app.user(ANNA);
    let ask =
        |verb: &str, columns: &[&str]| json!({"table": "todos", "verb": verb, "columns": columns});

    assert_eq!(can(&anna, ask("select", &["id", "title"])).await, YES);
    assert_eq!(can(&anna, ask("select", &["secret"])).await, NO);
    assert_eq!(can(&anna, ask("update", &["title"])).await, YES);
    assert_eq!(can(&anna, ask("update", &["user_id"])).await, NO);
    assert_eq!(can(&anna, ask("insert", &["title"])).await, YES);
    assert_eq!(can(&anna, ask("insert", &["secret"])).await, NO);
    assert_eq!(can(&app.anon(), ask("select", &[])).await, NO);
}

#[tokio::test]
async fn hidden_missing_and_refused_give_the_same_bytes() {
    let app = app().await;
    let boris = app.user(BORIS);
    let questions = [
        json!({"table": "todos", "verb": "select", "pk": {"id": 1}}),
        json!({"table": "todos", "verb": "select", "pk": {"id": 999}}),
        json!({"table": "todos", "verb": "update", "pk": {"id": 1}, "row": {"title": "n"}}),
        // The check fails with an error for this value, on any row that it is made for.
        json!({"table": "todos", "verb": "update", "pk": {"id": 1}, "row": {"rank": 0}}),
        json!({"table": "todos", "verb": "update", "pk": {"id": 2}, "row": {"rank": 0}}),
        json!({"table": "todos", "verb": "update", "pk": {"id": 999}, "row": {"rank": 0}}),
        json!({"table": "todos", "verb": "update", "pk": {"id": 2}, "row": {"rank": "many"}}),
        json!({"table": "todos", "verb": "delete", "pk": {"secret": "y"}}),
        json!({"table": "todos", "verb": "delete", "pk": {"nothing": "y"}}),
        json!({"table": "todos", "verb": "delete", "pk": {"id": "x' or true --"}}),
        json!({"table": "todos", "verb": "delete", "pk": {"id=gt.0&or": "1"}}),
        json!({"table": "unlisted", "verb": "select"}),
        json!({"table": "nowhere", "verb": "select"}),
        json!({"table": "pg_catalog.pg_authid", "verb": "select"}),
        json!({"table": "todos\" or true", "verb": "select"}),
    ];

    for question in questions {
        assert_eq!(can(&boris, question.clone()).await, NO, "{question}");
    }
}

#[tokio::test]
async fn nothing_is_written_and_malformed_questions_are_refused() {
    let app = app().await;
    let anna = app.user(ANNA);
    for question in [
        json!({"table": "todos", "verb": "insert", "row": {"title": "new"}}),
        json!({"table": "todos", "verb": "update", "pk": {"id": 1}, "row": {"title": "new"}}),
        json!({"table": "todos", "verb": "delete", "pk": {"id": 1}}),
    ] {
        assert_eq!(can(&anna, question).await, YES);
    }
    let rows = app.sql().await;
    let rows = rows.query_one(
        "select count(*), string_agg(title, ',' order by id) from public.todos",
        &[],
    );
    let rows = rows.await.expect("the rows are there");
    assert_eq!((rows.get::<_, i64>(0), rows.get::<_, &str>(1)), (2, "a,b"));

    for question in [
        json!({"table": "todos"}),
        json!({"table": "todos", "verb": "truncate"}),
        json!({"table": "todos", "verb": "select", "role": "service_role"}),
        json!([]),
    ] {
        let reply = anna.post("/policy/v1/can", &question).send().await;
        assert_eq!(reply.status.as_u16(), 400, "{question}");
    }
    let reply = anna.get("/policy/v1/can").send().await;
    assert!(reply.status.is_client_error());
}
