//! The shadow: candidate policies are tried on real requests, and change no answer.

mod both;
mod candidates;

use std::time::{Duration, Instant};

use postern_testkit::{TestApp, TestAppBuilder, TestClient};
use serde_json::{Value, json};

const ANNA: &str = "aaaaaaaa-0000-4000-8000-000000000001";

const TABLES: &str = "
    create table public.todos (id int primary key, user_id uuid, title text);
    insert into public.todos values (1, 'aaaaaaaa-0000-4000-8000-000000000001', 'mine'),
                                    (2, null, 'nobody''s'), (3, null, 'a third');
    create function public.touch() returns int volatile language sql
        as $$ insert into public.todos values (99, null, 'touched') returning 1 $$;";

const FUNCTIONS: &str =
    "[function.\"public.touch()\"]\nroles = [\"authenticated\"]\nmode = \"trusted\"\n";

fn policy(condition: &str, verbs: &str) -> String {
    format!(
        "table = 'public.todos'\n[columns.authenticated]\nselect = ['id', 'title']\n\
         insert = ['id', 'user_id', 'title']\nupdate = ['title']\n[[allow]]\nname = 'rule'\n\
         roles = ['authenticated']\nfor = [{verbs}]\nwhere = '{condition}'\n"
    )
}

const OWN: &str = "user_id = auth.uid()";
const ALL_VERBS: &str = "'select', 'insert', 'update', 'delete'";

fn described(candidate: &str) -> TestAppBuilder {
    TestApp::builder()
        .migrations(TABLES)
        .policy("public.todos.toml", &policy(OWN, ALL_VERBS))
        .file("candidate/public.todos.toml", candidate)
        .setting("policies.shadow", "candidate")
        .setting("policies.shadow_timeout_ms", "60000")
}

async fn report(app: &TestApp) -> Value {
    let reply = app.service().get("/policy/v1/shadow").send().await;
    reply.expect_status(200).json()
}

/// The report once as many requests were compared.
async fn compared(app: &TestApp, count: u64) -> Value {
    let started = Instant::now();
    loop {
        let report = report(app).await;
        let requests = &report["requests"];
        let of = |name: &str| requests[name].as_u64().unwrap_or_default();
        let done = of("equal") + of("different") + of("not_evaluated") + of("failed");
        if done >= count {
            return report;
        }
        assert!(started.elapsed() < Duration::from_secs(60), "{report}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

async fn titles(client: &TestClient) -> Value {
    let reply = client.get("/rest/v1/todos?select=title").send().await;
    reply.expect_status(200).json()
}

#[tokio::test]
async fn rows_that_a_candidate_adds_are_counted_and_not_shown() {
    let app = described(&policy("true", ALL_VERBS)).start().await;
    let anna = app.user(ANNA);

    assert_eq!(titles(&anna).await, json!([{"title": "mine"}]));
    let report = compared(&app, 1).await;

    assert_eq!(
        report["differences"],
        json!([{
            "method": "GET", "name": "public.todos", "role": "authenticated", "kind": "answer",
            "reason": null, "count": 1, "rows_added": 2, "rows_removed": 0,
            "columns_added": [], "columns_removed": [],
        }])
    );
    let text = report.to_string();
    assert!(!text.contains("mine") && !text.contains(ANNA), "{text}");
    let metrics = app.anon().get("/metrics").send().await.text;
    let line = "postern_shadow_requests_total{outcome=\"different\"} 1";
    assert!(metrics.contains(line), "{metrics}");
}

#[tokio::test]
async fn equal_answers_of_other_conditions_are_no_difference() {
    let candidate = policy("user_id = auth.uid() AND id > 0", ALL_VERBS);
    let app = described(&candidate).start().await;
    let anna = app.user(ANNA);

    for _ in 0..3 {
        titles(&anna).await;
    }
    let report = compared(&app, 3).await;

    assert_eq!(report["requests"]["equal"], json!(3));
    assert_eq!(report["differences"], json!([]));
}

#[tokio::test]
async fn columns_and_verbs_that_a_candidate_takes_away_are_told() {
    let candidate = policy(OWN, "'select'").replace("['id', 'title']", "['id']");
    let app = described(&candidate).start().await;
    let anna = app.user(ANNA);

    anna.get("/rest/v1/todos").send().await.expect_status(200);
    titles(&anna).await;
    let patch = anna.patch("/rest/v1/todos?id=eq.1", &json!({"title": "new"}));
    patch.send().await.expect_status(204);
    let report = compared(&app, 3).await;

    let all = report["differences"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    let told: Vec<_> = all
        .iter()
        .map(|it| {
            json!([
                it["method"],
                it["kind"],
                it["reason"],
                it["columns_removed"]
            ])
        })
        .collect();
    assert_eq!(
        told,
        [
            json!(["GET", "refused", "42703", []]),
            json!(["GET", "answer", null, ["title"]]),
            json!(["PATCH", "refused", "42501", []]),
        ]
    );
}

#[tokio::test]
async fn an_insert_is_asked_about_and_made_once() {
    let app = described(&policy("id > 100", ALL_VERBS)).start().await;
    let anna = app.user(ANNA);

    let row = json!({"id": 50, "user_id": ANNA, "title": "fifty"});
    let made = anna.post("/rest/v1/todos", &row).send().await;
    made.expect_status(201);
    let foreign = json!({"id": 150, "user_id": null, "title": "not mine"});
    let refused = anna.post("/rest/v1/todos", &foreign).send().await;
    refused.expect_status(403);
    let report = compared(&app, 2).await;

    let all = report["differences"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    let kinds: Vec<_> = all.iter().map(|it| it["kind"].clone()).collect();
    assert_eq!(kinds, ["refused", "allowed"], "{report}");
    let rows = app.sql().await;
    let rows = rows
        .query_one("select count(*) from public.todos", &[])
        .await;
    assert_eq!(rows.expect("it is there").get::<_, i64>(0), 4);
}

#[tokio::test]
async fn updates_deletes_and_calls_are_judged_by_their_plan_and_never_repeated() {
    let open = policy("true", ALL_VERBS);
    let builder = described(&open)
        .policy("functions.toml", FUNCTIONS)
        .file("candidate/functions.toml", FUNCTIONS);
    let app = builder.start().await;
    let anna = app.user(ANNA);

    let patch = anna.patch("/rest/v1/todos?id=gte.1", &json!({"title": "new"}));
    patch.send().await.expect_status(204);
    let delete = anna.delete("/rest/v1/todos?id=eq.1").send().await;
    delete.expect_status(204);
    let call = anna.post("/rest/v1/rpc/touch", &json!({})).send().await;
    call.expect_status(200);
    let report = compared(&app, 3).await;

    let all = report["differences"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    let told: Vec<_> = all
        .iter()
        .map(|it| json!([it["method"], it["kind"], it["reason"]]))
        .collect();
    assert_eq!(
        told,
        [
            json!(["DELETE", "not_evaluated", "write"]),
            json!(["PATCH", "not_evaluated", "write"]),
        ]
    );
    let sql = app.sql().await;
    let ids = sql
        .query("select id from public.todos order by id", &[])
        .await;
    let ids: Vec<i32> = ids
        .expect("they are there")
        .iter()
        .map(|it| it.get(0))
        .collect();
    assert_eq!(ids, [2, 3, 99]);
}
