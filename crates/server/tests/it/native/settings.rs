//! What roles set for themselves (`ALTER ROLE … SET`), and what the login keeps for PostgREST.

use std::time::{Duration, Instant};

use postern_testkit::{TestApp, TestAppBuilder};
use serde_json::json;

use super::{ALICE, described, in_role, refusal, value};

const ROLES: &str = "
do $$
declare wanted text;
begin
  foreach wanted in array array['native_hasty', 'native_reader', 'native_sly'] loop
    begin
      execute format('create role %I nologin', wanted);
    exception when duplicate_object or unique_violation then null;
    end;
    execute format('grant %I to postern_gateway', wanted);
  end loop;
end $$;
alter role native_hasty set statement_timeout = '150ms';
alter role native_hasty set timezone = 'Asia/Tokyo';
alter role native_hasty set app.tenant = 'seven';
alter role native_hasty set work_mem = '5MB';
alter role native_reader set default_transaction_read_only = on;
alter role native_reader set default_transaction_isolation = 'serializable';
alter role native_sly set role = 'native_editor';
alter role native_sly set search_path = 'pg_catalog';
alter role native_sly set request.jwt.claims = '{\"role\":\"service_role\"}';
grant select on public.pages to native_hasty, native_reader, native_sly;
create table public.marks (id int primary key);
grant select, insert on public.marks to native_reader, native_hasty;
create function public.nap(seconds float8) returns void volatile language sql
  as 'select pg_sleep(seconds)';
";

const SETTING: &str = "/rest/v1/rpc/setting?name=";

fn with_roles() -> TestAppBuilder {
    described()
        .migrations(ROLES)
        .setting("database.session_connections", "1")
}

async fn of(app: &TestApp, role: &str, name: &str) -> serde_json::Value {
    value(&in_role(app, role), &format!("{SETTING}{name}")).await
}

/// SQL that changes what a role sets in the test's own database.
fn altered(role: &str, set: &str) -> String {
    format!(
        "do $$ begin execute format('alter role {role} in database %I set {set}', \
         current_database()); end $$"
    )
}

#[tokio::test]
async fn what_a_role_sets_is_in_force_for_its_requests_and_no_others() {
    let app = with_roles().start().await;

    for _ in 0..2 {
        assert_eq!(of(&app, "native_hasty", "timezone").await, "Asia/Tokyo");
        assert_eq!(of(&app, "native_hasty", "app.tenant").await, "seven");
        assert_eq!(of(&app, "native_hasty", "work_mem").await, "5MB");
        assert_ne!(of(&app, "native_editor", "timezone").await, "Asia/Tokyo");
        assert_ne!(of(&app, "native_editor", "app.tenant").await, "seven");
        assert_ne!(of(&app, "native_editor", "work_mem").await, "5MB");
    }
    // The request's own word counts more.
    let zone = in_role(&app, "native_hasty").get(&format!("{SETTING}timezone"));
    let zone = zone.prefer("timezone=Europe/Paris").send().await;
    assert_eq!(zone.expect_status(200).json(), "Europe/Paris");
}

#[tokio::test]
async fn a_role_may_have_a_time_limit_of_its_own() {
    let app = with_roles().start().await;
    let nap = |role: &str, seconds: f64| {
        in_role(&app, role).post("/rest/v1/rpc/nap", &json!({ "seconds": seconds }))
    };

    let cut_off = nap("native_hasty", 20.0).send().await;

    assert_eq!(cut_off.json()["code"], "57014");
    nap("native_editor", 0.3).send().await.expect_status(204);
}

#[tokio::test]
async fn a_role_may_be_kept_from_writing() {
    let app = with_roles().start().await;
    let post = |role: &str| in_role(&app, role).post("/rest/v1/marks", &json!({ "id": 1 }));

    let refused = post("native_reader").send().await;

    assert_eq!(refused.expect_status(405).json()["code"], "25006");
    post("native_hasty").send().await.expect_status(201);
    let isolation = of(&app, "native_reader", "transaction_isolation").await;
    assert_eq!(isolation, "serializable");
    let usual = of(&app, "native_editor", "transaction_isolation").await;
    assert_eq!(usual, "read committed");
}

#[tokio::test]
async fn what_a_request_is_told_is_nothing_that_a_role_sets() {
    let app = with_roles().start().await;
    let sly = in_role(&app, "native_sly");

    assert_eq!(value(&sly, "/rest/v1/rpc/who").await, "native_sly");
    let path = of(&app, "native_sly", "search_path").await;
    assert_eq!(path, r#""public","extensions""#);
    let claims = of(&app, "native_sly", "request.jwt.claims").await;
    let claims: serde_json::Value =
        serde_json::from_str(claims.as_str().expect("text")).expect("JSON");
    assert_eq!(
        (&claims["sub"], &claims["role"]),
        (&json!(ALICE), &json!("native_sly"))
    );
    let notes = refusal(&sly, "/rest/v1/notes?select=id").await;
    assert_eq!(notes, (403, "42501".into()));
}

#[tokio::test]
async fn settings_are_read_again_when_somebody_says_so() {
    let app = with_roles().start().await;
    let sql = app.sql().await;
    let change = altered("native_editor", "app.tenant = ''eight''");
    sql.batch_execute(&change).await.expect("altered");

    sql.batch_execute("notify pgrst, 'reload config'")
        .await
        .expect("told");

    let deadline = Instant::now() + Duration::from_secs(60);
    while of(&app, "native_editor", "app.tenant").await != "eight" {
        assert!(Instant::now() < deadline, "it was not read");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test]
async fn what_the_login_keeps_for_postgrest_is_taken_over() {
    let rows = altered("postern_gateway", "pgrst.db_max_rows = ''1''");
    let end = altered("postern_gateway", "pgrst.db_tx_end = ''rollback''");
    let app = described().arranged(&rows).arranged(&end).start().await;
    let pages = "/rest/v1/pages?select=id&order=id";
    let editor = in_role(&app, "native_editor");

    assert_eq!(value(&editor, pages).await, json!([{"id": 1}]));
    let patch = editor.patch("/rest/v1/pages?id=eq.1", &json!({ "title": "x" }));
    patch.send().await.expect_status(204);
    let title = "/rest/v1/pages?select=title&id=eq.1";
    assert_eq!(value(&editor, title).await, json!([{"title": "home"}]));

    let app = described()
        .arranged(&rows)
        .setting("limits.rows_max", "5")
        .start()
        .await;
    let both = value(&in_role(&app, "native_editor"), pages).await;
    assert_eq!(both, json!([{"id": 1}, {"id": 2}]));
}

#[tokio::test]
async fn a_setting_of_the_login_that_cannot_be_is_told_of_at_the_start() {
    let rows = altered("postern_gateway", "pgrst.db_max_rows = ''all''");

    let started = described().arranged(&rows).try_start().await;

    let error = started.err().expect("refused").to_string();
    assert!(error.contains("pgrst.db_max_rows"), "{error}");
    // Policy files do not share the word with the database: it is not asked.
    let policies = TestApp::builder().arranged(&rows);
    policies.start().await;
}
