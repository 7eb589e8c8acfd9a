//! Answers too long for one value: they are the same to the byte, under the same policies, and go
//! no faster than their reader.

use std::future::poll_fn;
use std::pin::Pin;
use std::time::Duration;

use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::test::TestRequest;

use crate::kit::{ALICE, BOB, Project, Reply, anon, user};

const SCHEMA: &str = "
create table public.events (id int primary key, owner uuid not null, body text, note text);
insert into public.events
  select n, case when n % 2 = 0 then 'a0000000-0000-4000-8000-000000000001'::uuid
    else 'b0000000-0000-4000-8000-000000000002' end,
    'a \"body\", with é and ' || n || E'\\n' || repeat('x', 40), case when n % 3 = 0 then 'x' end
  from generate_series(1, 20000) n;
create view public.wide as
  select n as id, repeat('w', 1000) as body from generate_series(1, 200000) n;
create view public.broken as
  select n as id, 1 / (40000 - n) as x, repeat('b', 100) as body from generate_series(1, 50000) n;
create view public.slow as
  select n as id, pg_sleep(0.01)::text as x from generate_series(1, 20000) n;
";

const EVENTS: &str = r#"
table = "public.events"
[columns.authenticated]
select = ["id", "owner", "body", "note"]
[[allow]]
name = "own"
roles = ["authenticated"]
for = ["select"]
where = "owner = auth.uid()"
"#;

/// A policy under which the signed-in see all of a view.
fn open_view(name: &str, columns: &str) -> String {
    format!(
        "table = \"public.{name}\"\n[columns.authenticated]\nselect = [{columns}]\n[[allow]]\n\
         name = \"all\"\nroles = [\"authenticated\"]\nfor = [\"select\"]\nwhere = \"true\"\n"
    )
}

async fn project(rows_max: u64) -> Project {
    let wide = open_view("wide", r#""id", "body""#);
    let broken = open_view("broken", r#""id", "x", "body""#);
    let slow = open_view("slow", r#""id", "x""#);
    let policies = [
        ("public.events.toml", EVENTS),
        ("public.wide.toml", wide.as_str()),
        ("public.broken.toml", broken.as_str()),
        ("public.slow.toml", slow.as_str()),
    ];
    Project::of(SCHEMA, &policies, |it| it.limits.rows_max = rows_max).await
}

fn alice(path: &str) -> TestRequest {
    user(ALICE, "GET", path)
}

/// The next part of a body; none at its end.
async fn part(body: &mut BoxBody) -> Option<Result<usize, String>> {
    let part = poll_fn(|context| Pin::new(&mut *body).poll_next(context)).await?;
    Some(part.map(|it| it.len()).map_err(|it| it.to_string()))
}

/// What the session of an export is doing, and since when.
async fn session(project: &Project) -> Vec<(String, String)> {
    let client = project.database().client().await;
    let rows = client
        .query(
            "select state, state_change::text from pg_stat_activity \
             where datname = current_database() and application_name = 'postern session' \
             and state <> 'idle'",
            &[],
        )
        .await
        .expect("rows");
    rows.iter().map(|row| (row.get(0), row.get(1))).collect()
}

#[actix_web::test]
async fn a_long_answer_is_the_same_to_the_byte() {
    let at_once = project(10_000).await;
    let row_by_row = project(1_000_000).await;
    let stripped = "application/vnd.pgrst.array+json;nulls=stripped";

    for (path, accept) in [
        ("/events?order=id", "application/json"),
        ("/events?select=id,note&order=id.desc", stripped),
        ("/events?select=a:id,body,note&order=id", "text/csv"),
    ] {
        let ask = |it: TestRequest| it.insert_header(("accept", accept));
        let whole = at_once.send(ask(alice(path))).await;
        let streamed = row_by_row.open(ask(alice(path))).await;
        assert_eq!(streamed.body().size(), BodySize::Stream, "{path}");
        let streamed = row_by_row.send(ask(alice(path))).await;

        assert_eq!((whole.status, streamed.status), (200, 200), "{path}");
        assert!(whole.body == streamed.body, "{path}: bodies differ");
        for name in ["content-type", "vary", "content-location"] {
            assert_eq!(whole.header(name), streamed.header(name), "{path} {name}");
        }
        assert_eq!(whole.header("content-range").as_deref(), Some("0-9999/*"));
        assert_eq!(streamed.header("content-range"), None, "not known before");
    }
}

#[actix_web::test]
async fn a_short_answer_under_a_high_limit_is_whole() {
    let project = project(1_000_000).await;

    let few = project
        .send(alice("/events?select=id&id=in.(2,4,5)&order=id"))
        .await;
    let none = project.send(alice("/events?select=id&id=lt.0")).await;
    let csv = alice("/events?select=id&id=lt.0").insert_header(("accept", "text/csv"));
    let csv = project.send(csv).await;

    assert_eq!(few.body, "[{\"id\":2}, \n {\"id\":4}]");
    assert_eq!(few.header("content-range").as_deref(), Some("0-1/*"));
    assert_eq!((none.body.as_str(), csv.body.as_str()), ("[]", "id\n"));
    assert_eq!(none.header("content-range").as_deref(), Some("*/*"));
}

#[actix_web::test]
async fn rows_of_others_are_not_sent() {
    let project = project(1_000_000).await;

    let of_alice = project.send(alice("/events?select=id&order=id")).await;
    let of_bob = project
        .send(user(BOB, "GET", "/events?select=id&order=id"))
        .await;
    let nobody = project.send(anon("GET", "/events")).await;

    let ids = |reply: &Reply| -> Vec<u64> {
        let rows: Vec<serde_json::Value> = serde_json::from_str(&reply.body).expect("rows");
        rows.iter().filter_map(|it| it["id"].as_u64()).collect()
    };
    let (of_alice, of_bob) = (ids(&of_alice), ids(&of_bob));
    assert_eq!((of_alice.len(), of_bob.len()), (10_000, 10_000));
    assert!(of_alice.iter().all(|it| it % 2 == 0));
    assert!(of_bob.iter().all(|it| it % 2 == 1));
    assert_eq!(nobody.status, 404, "{nobody:?}");
}

#[actix_web::test]
async fn what_is_counted_is_told_before_the_rows() {
    let project = project(15_000).await;
    let counted = |path: &str| alice(path).insert_header(("prefer", "count=exact"));

    let all = project.send(counted("/events")).await;
    let page = project.send(counted("/wide?select=id&offset=100000")).await;
    let beyond = project.send(counted("/events?offset=20000")).await;

    assert_eq!(all.status, 200);
    assert_eq!(all.header("content-range").as_deref(), Some("0-9999/10000"));
    assert_eq!(page.status, 206);
    let range = page.header("content-range");
    assert_eq!(range.as_deref(), Some("100000-114999/200000"));
    assert_eq!(page.body.matches("\"id\"").count(), 15_000);
    assert_eq!(beyond.status, 416, "{beyond:?}");
}

#[actix_web::test]
async fn a_limit_of_the_policy_holds() {
    let wide = open_view("wide", r#""id", "body""#) + "[limits.authenticated]\nrows = 12345\n";
    let policies = [("public.wide.toml", wide.as_str())];
    let project = Project::of(SCHEMA, &policies, |it| it.limits.rows_max = 1_000_000).await;

    let reply = project.send(alice("/wide?select=id")).await;
    let asked = project.send(alice("/wide?select=id&limit=999999")).await;

    for reply in [reply, asked] {
        assert_eq!(reply.body.matches("\"id\"").count(), 12_345);
    }
}

#[actix_web::test]
async fn rows_wait_for_their_reader_and_end_with_them() {
    let project = project(1_000_000).await;
    let answer = project.open(alice("/wide")).await;
    assert_eq!(answer.status(), 200);
    let mut body = answer.into_body();
    assert!(matches!(part(&mut body).await, Some(Ok(_))));

    // Nobody reads: the database comes to rest in the middle of 200 MB.
    let mut before = Vec::new();
    loop {
        actix_web::rt::time::sleep(Duration::from_secs(1)).await;
        let now = session(&project).await;
        assert_eq!(now.len(), 1, "{now:?}");
        if now == before {
            break;
        }
        before = now;
    }
    assert_eq!(before[0].0, "idle in transaction");

    drop(body);
    for _ in 0..300 {
        if session(&project).await.is_empty() {
            return;
        }
        actix_web::rt::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("the statement outlived its client");
}

#[actix_web::test]
async fn a_failure_on_the_way_never_looks_like_the_end() {
    let project = project(1_000_000).await;

    let at_once = project.send(alice("/broken?id=gt.39990&order=id")).await;
    let streamed = project.open(alice("/broken")).await;
    let status = streamed.status();
    let mut body = streamed.into_body();
    let mut bytes = 0;
    let end = loop {
        match part(&mut body).await {
            Some(Ok(more)) => bytes += more,
            other => break other,
        }
    };

    assert_eq!(at_once.status, 400, "before the first row it is a refusal");
    assert_eq!(status, 200);
    assert!(bytes > 1_000_000, "{bytes}");
    assert!(matches!(end, Some(Err(_))), "{end:?}");
}

#[actix_web::test]
async fn the_database_works_no_longer_than_statements_may() {
    let project = project(1_000_000).await;

    let reply = project.send(alice("/slow")).await;

    // 20,000 rows would take 200 seconds; the signed-in may use 8.
    assert_eq!(reply.status, 500, "{reply:?}");
    assert!(reply.body.contains("57014"), "{reply:?}");
}
