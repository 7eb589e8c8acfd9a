//! What grants and row-level security let through, by every verb.

use postern_testkit::TestClient;
use serde_json::{Value, json};

use super::{ALICE, BOB, in_role, refusal, value, world};

#[tokio::test]
async fn rows_are_those_of_row_level_security() {
    let app = world().await;
    let ids = "/rest/v1/notes?select=id&order=id";

    assert_eq!(
        value(&app.user(ALICE), ids).await,
        json!([{"id": 1}, {"id": 2}])
    );
    assert_eq!(value(&app.user(BOB), ids).await, json!([{"id": 3}]));
    assert_eq!(refusal(&app.anon(), ids).await, (401, "42501".into()));
    assert_eq!(
        value(&app.anon(), "/rest/v1/pages?select=id").await,
        json!([{"id": 1}])
    );
    let editor = in_role(&app, "native_editor");
    assert_eq!(
        value(&editor, "/rest/v1/pages?select=id&order=id").await,
        json!([{"id": 1}, {"id": 2}])
    );
    let served = value(&app.service(), "/rest/v1/notes?select=id,secret&id=eq.3").await;
    assert_eq!(served, json!([{"id": 3, "secret": "hidden"}]));
}

#[tokio::test]
async fn a_column_without_a_grant_is_refused_by_the_database() {
    let app = world().await;
    let alice = app.user(ALICE);

    for path in [
        "/rest/v1/notes",
        "/rest/v1/notes?select=*",
        "/rest/v1/notes?select=secret",
        "/rest/v1/notes?select=id&secret=eq.hidden",
        "/rest/v1/notes?select=id&order=secret",
        "/rest/v1/comments?select=id,notes(secret)",
    ] {
        assert_eq!(refusal(&alice, path).await, (403, "42501".into()), "{path}");
    }
    let reply = alice.get("/rest/v1/notes").send().await;
    assert_eq!(reply.json()["message"], "permission denied for table notes");
    assert_eq!(
        value(&alice, "/rest/v1/notes?select=id,body&id=eq.1").await,
        json!([{"id": 1, "body": "of alice"}])
    );
}

#[tokio::test]
async fn embeds_views_and_counts_stand_under_the_same_rules() {
    let app = world().await;
    let alice = app.user(ALICE);

    assert_eq!(
        value(&alice, "/rest/v1/notes?select=id,comments(body)&order=id").await,
        json!([{"id": 1, "comments": [{"body": "first"}]}, {"id": 2, "comments": []}])
    );
    assert_eq!(
        value(&alice, "/rest/v1/comments?select=body,...notes(note:body)").await,
        json!([{"body": "first", "note": "of alice"}])
    );
    assert_eq!(
        value(&alice, "/rest/v1/own_notes?select=id&order=id").await,
        json!([{"id": 1}, {"id": 2}])
    );
    let all = value(&alice, "/rest/v1/all_bodies").await;
    assert_eq!(all.as_array().map(Vec::len), Some(3), "its owner's rights");
    let counted = alice.get("/rest/v1/notes?select=id").prefer("count=exact");
    assert_eq!(counted.send().await.header("content-range"), Some("0-1/2"));
}

#[tokio::test]
async fn functions_of_rows_run_with_the_callers_rights() {
    let app = world().await;
    let alice = app.user(ALICE);
    let editor = in_role(&app, "native_editor");
    let path = "/rest/v1/pages?select=id,shout,others(id),next(title)&shout=neq.x&order=id";

    assert_eq!(
        value(&alice, path).await,
        json!([{"id": 1, "shout": "HOME", "others": [], "next": null}])
    );
    assert_eq!(
        value(&editor, path).await,
        json!([
            {"id": 1, "shout": "HOME", "others": [{"id": 2}], "next": {"title": "soon"}},
            {"id": 2, "shout": "SOON", "others": [{"id": 1}], "next": null},
        ])
    );
    // The row of a note has a column that users may not read; and one function is not theirs.
    for path in [
        "/rest/v1/notes?select=id,first_letter",
        "/rest/v1/notes?select=id&first_letter=eq.h",
        "/rest/v1/pages?select=hush",
    ] {
        assert_eq!(refusal(&alice, path).await, (403, "42501".into()), "{path}");
    }
}

#[tokio::test]
async fn estimates_are_asked_for_in_the_callers_role() {
    let app = world().await;
    let planned = |client: &TestClient, table: &str| {
        let path = format!("/rest/v1/{table}?select=id");
        client.get(&path).prefer("count=planned").send()
    };

    let pages = planned(&app.anon(), "pages").await;
    assert_eq!(pages.header("preference-applied"), Some("count=planned"));
    let range = pages.header("content-range").unwrap_or_default();
    assert!(
        range.starts_with("0-0/") && !range.ends_with('*'),
        "{range}"
    );
    let refused = planned(&app.anon(), "notes").await;
    assert_eq!(refused.status.as_u16(), 401);
}

#[tokio::test]
async fn writes_stand_under_row_level_security() {
    let app = world().await;
    let (alice, bob) = (app.user(ALICE), app.user(BOB));
    let returning = "return=representation";

    let made = alice.post(
        "/rest/v1/notes?select=id,owner",
        &json!({"id": 10, "body": "new"}),
    );
    let made = made.prefer(returning).send().await.expect_status(201);
    assert_eq!(made.json(), json!([{"id": 10, "owner": ALICE}]));
    let body = json!({"body": "stolen"});
    let whole = bob
        .patch("/rest/v1/notes?id=eq.10", &body)
        .prefer(returning);
    // All columns would be returned, and one of them is not granted.
    whole.send().await.expect_status(403);
    let narrow = bob
        .patch("/rest/v1/notes?id=eq.10&select=id", &body)
        .prefer(returning);
    assert_eq!(narrow.send().await.expect_status(200).json(), json!([]));
    let gone = alice
        .delete("/rest/v1/notes?id=eq.10&select=id,body")
        .prefer(returning);
    let gone = gone.send().await.expect_status(200);
    assert_eq!(gone.json(), json!([{"id": 10, "body": "new"}]));

    let foreign = alice.post(
        "/rest/v1/comments",
        &json!({"id": 9, "note_id": 3, "body": "x"}),
    );
    assert_eq!(
        foreign.send().await.expect_status(403).json()["code"],
        "42501"
    );
    let column = alice.post(
        "/rest/v1/notes",
        &json!({"id": 11, "body": "x", "secret": "mine"}),
    );
    column.send().await.expect_status(403);
}

#[tokio::test]
async fn an_upsert_tells_inserts_from_updates_without_the_right_to_read_all() {
    let app = world().await;
    let upsert = async |rows: Value| {
        let sent = app.user(ALICE).post("/rest/v1/notes?select=id,body", &rows);
        let preferences = "resolution=merge-duplicates,return=representation";
        sent.prefer(preferences).send().await
    };

    let merged = upsert(json!([{"id": 1, "body": "merged"}]))
        .await
        .expect_status(200);
    assert_eq!(merged.json(), json!([{"id": 1, "body": "merged"}]));
    let both = upsert(json!([{"id": 1, "body": "a"}, {"id": 20, "body": "b"}])).await;
    both.expect_status(201);
    let hidden = upsert(json!([{"id": 3, "body": "stolen"}]))
        .await
        .expect_status(403);
    assert_eq!(hidden.json()["code"], "42501");
}

#[tokio::test]
async fn errors_are_as_postgres_gives_them() {
    let app = world().await;
    let alice = app.user(ALICE);

    let taken = alice.post(
        "/rest/v1/comments",
        &json!({"id": 1, "note_id": 1, "body": "x"}),
    );
    let taken = taken.send().await.expect_status(409);
    assert_eq!(taken.json()["code"], "23505");
    // Under row-level security Postgres itself leaves the key out.
    assert_eq!(taken.json()["details"], json!(null));
    let missing = alice
        .get("/rest/v1/nothere")
        .send()
        .await
        .expect_status(404);
    assert_eq!(missing.json()["code"], "PGRST205");
    let row = json!({"id": 7, "owner": BOB, "body": "x", "rank": 99});
    let check = app.service().post("/rest/v1/notes", &row).send().await;
    let check = check.expect_status(400).json();
    assert_eq!(check["code"], "23514");
    let details = check["details"].as_str().unwrap_or_default();
    assert!(details.contains("Failing row contains"), "{check}");
}

#[tokio::test]
async fn functions_have_the_rights_of_their_caller_unless_they_say_otherwise() {
    let app = world().await;
    let (alice, editor) = (app.user(ALICE), in_role(&app, "native_editor"));

    assert_eq!(value(&alice, "/rest/v1/rpc/count_notes").await, json!(2));
    assert_eq!(
        value(&alice, "/rest/v1/rpc/count_all_notes").await,
        json!(3)
    );
    let count = refusal(&app.anon(), "/rest/v1/rpc/count_notes").await;
    assert_eq!(count, (401, "42501".into()));
    let hidden = refusal(&alice, "/rest/v1/rpc/hidden").await;
    assert_eq!(hidden, (403, "42501".into()));
    let read_only = refusal(&editor, "/rest/v1/rpc/touch_page?page=1").await;
    assert_eq!(read_only, (405, "25006".into()));
    let stable = editor
        .post("/rest/v1/rpc/stable_write", &json!({}))
        .send()
        .await;
    assert!(stable.status.is_client_error() || stable.status.is_server_error());
    let path = "/rest/v1/rpc/touch_page?select=title";
    let touched = editor.post(path, &json!({"page": 1})).send().await;
    assert_eq!(
        touched.expect_status(200).json(),
        json!([{"title": "home!"}])
    );
}

#[tokio::test]
async fn long_answers_stand_under_the_same_rules() {
    let app = super::described()
        .migrations(
            "create table public.events (id int primary key, owner uuid, body text);
             insert into public.events select n,
               case when n % 2 = 0 then 'a0000000-0000-4000-8000-000000000001'::uuid end,
               repeat('x', 50) from generate_series(1, 30000) n;
             alter table public.events enable row level security;
             grant select (id, owner) on public.events to authenticated;
             create policy own on public.events to authenticated
               using (owner = (select auth.uid()));",
        )
        .setting("limits.rows_max", "1000000")
        .start()
        .await;
    let alice = app.user(ALICE);

    let rows = value(&alice, "/rest/v1/events?select=id").await;
    let ids: Vec<_> = rows.as_array().expect("rows").iter().collect();
    assert_eq!(ids.len(), 15_000);
    assert!(
        ids.iter()
            .all(|it| it["id"].as_u64().is_some_and(|id| id % 2 == 0))
    );
    assert_eq!(
        value(&app.user(BOB), "/rest/v1/events?select=id").await,
        json!([])
    );
    let hidden = refusal(&alice, "/rest/v1/events?select=body").await;
    assert_eq!(hidden, (403, "42501".into()));
    let nobody = refusal(&app.anon(), "/rest/v1/events?select=id").await;
    assert_eq!(nobody, (401, "42501".into()));
    // The sessions are as clean as before.
    assert_eq!(
        value(&alice, "/rest/v1/notes?select=id&order=id").await,
        json!([{"id": 1}, {"id": 2}])
    );
}
