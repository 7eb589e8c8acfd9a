//! Requests that would cost more than any answer is worth: refused or ended, and the next caller
//! is served as ever.

use futures_util::future::join_all;
use postern_testkit::{TestApp, TestClient};
use serde_json::json;

use super::super::leaks::world::{ALICE, described};
use super::wire::exchange;

/// Longer addresses are beyond what the tests' client sends.
const CLIENT_BYTES_MAX: usize = 60_000;

const SQL: &str = "
create function public.nap() returns int language plpgsql
  as $$ begin perform pg_sleep(3600); return 1; end $$;
insert into public.records (owner_id, title) values
  ('a11ce000-0000-4000-8000-000000000001', repeat('ab', 2000) || '!');
";

const FUNCTIONS: &str = "
[function.\"public.nap()\"]
roles = ['authenticated']
mode = 'trusted'
";

async fn app() -> TestApp {
    described()
        .migrations(SQL)
        .policy("functions.toml", FUNCTIONS)
        .setting("database.statement_timeout_user_ms", "1000")
        .start()
        .await
}

/// More requests at once than there are connections, each answered.
async fn pool_is_alive(client: &TestClient) {
    let reads = (0..30).map(|_| client.get("/rest/v1/records?select=id&id=eq.1").send());
    for reply in join_all(reads).await {
        assert_eq!(reply.expect_status(200).json(), json!([{ "id": 1 }]));
    }
    let write = client.patch("/rest/v1/records?id=eq.1", &json!({ "amount": "12" }));
    write.send().await.expect_status(204);
}

fn nested(open: &str, inner: &str, close: &str, depth: usize) -> String {
    format!("{}{inner}{}", open.repeat(depth), close.repeat(depth))
}

#[tokio::test]
async fn attack_70_requests_without_measure_are_refused() {
    let app = app().await;
    let alice = app.user(ALICE);
    let columns = |count: usize| {
        let columns: Vec<_> = (0..count).map(|n| format!("c{n}:id")).collect();
        columns.join(",")
    };
    let numbers = |count: usize| vec!["1"; count].join(",");
    for query in [
        format!(
            "or={}",
            nested("(and", "(id.eq.1,id.eq.2)", ",id.eq.1)", 11)
        ),
        format!("or={}", nested("(not.and", "(id.eq.1)", ")", 1_000)),
        format!("or=({}", "and(".repeat(1_500)),
        format!("select={}", columns(1_000)),
        format!("select={}", columns(10_000)),
        format!("id=in.({})", numbers(1_000_000)),
        format!("id=in.({})", numbers(20_000)),
        format!("id=eq.any.{{{}}}", numbers(1_000_000)),
        format!("select=id{}", ",tags(id)".repeat(200)),
        format!("select={}", nested("records(id,", "id", ")", 30)),
        format!("select=id,doc{}", "->x".repeat(5_000)),
        format!("order={}", numbers(5_000).replace('1', "id")),
        format!("select=id{}", "&id=eq.1".repeat(1_500)),
        format!("select=id{}", "&id=not.not.not.eq.1".repeat(300)),
    ] {
        let path = format!("/rest/v1/records?{query}");
        let shown = query.get(..60).unwrap_or(&query);
        if path.len() > CLIENT_BYTES_MAX {
            let request = format!("GET {path} HTTP/1.1\r\nhost: x\r\n\r\n");
            let (answer, _) = exchange(&app, request.into_bytes()).await;
            assert!(!answer.contains("HTTP/1.1 2"), "{shown}: {answer}");
            continue;
        }
        let reply = alice.get(&path).send().await;
        assert!(
            reply.status.is_client_error(),
            "{shown}: {} {}",
            reply.status,
            reply.text
        );
    }
    pool_is_alive(&alice).await;
}

#[tokio::test]
async fn attack_70_bodies_without_measure_are_refused() {
    let app = app().await;
    let alice = app.user(ALICE);
    let post = async |path: &str, body: String| {
        let request = alice.request("POST".parse().expect("a verb"), path);
        request.body("application/json", body).send().await
    };
    let deep = nested("[", "1", "]", 10_000);
    let objects = nested("{\"a\":", "1", "}", 10_000);
    let keys: Vec<_> = (0..10_000).map(|n| format!("\"k{n}\":1")).collect();
    let keys = format!("{{{}}}", keys.join(","));
    let padding = " ".repeat(11 * 1024 * 1024);
    for body in [
        deep.clone(),
        objects.clone(),
        keys,
        padding,
        "[".repeat(100_000),
    ] {
        for path in ["/rest/v1/records", "/rest/v1/rpc/nap", "/policy/v1/can"] {
            let reply = post(path, body.clone()).await;
            let shown = body.get(..20).unwrap_or_default();
            assert!(
                reply.status.is_client_error(),
                "{path} {shown}: {}",
                reply.text
            );
        }
    }
    for value in [deep, objects] {
        let body = format!("{{\"title\": \"t\", \"doc\": {value}}}");
        assert!(
            post("/rest/v1/records", body)
                .await
                .status
                .is_client_error()
        );
    }
    pool_is_alive(&alice).await;
}

#[tokio::test]
async fn attack_70_slow_patterns_and_functions_end_and_free_their_connections() {
    let app = app().await;
    let alice = app.user(ALICE);
    // Back references make Postgres try; the text is long enough to try for hours.
    let slow = "/rest/v1/records?select=id&title=match.^(a|b|ab)*(a|b|ab)*(a|b|ab)*%5C1%5C2%5C3%5C3%5C2%5C1c$";
    let patterns = (0..12).map(|_| alice.get(slow).send());
    let naps = (0..12).map(|_| alice.post("/rest/v1/rpc/nap", &json!({})).send());
    let quick = (0..12).map(|_| alice.get("/rest/v1/records?select=id&id=eq.1").send());

    let (patterns, naps, quick) = tokio::join!(join_all(patterns), join_all(naps), join_all(quick));

    for reply in naps {
        assert!(reply.status.is_server_error(), "{}", reply.text);
        let code = reply.json()["code"].clone();
        assert!(
            [json!("57014"), json!("PGRST003")].contains(&code),
            "{code}"
        );
    }
    for reply in patterns {
        assert!(
            reply.status == 200 || reply.status.is_server_error(),
            "{}",
            reply.text
        );
    }
    for reply in quick {
        assert!(
            matches!(reply.status.as_u16(), 200 | 503 | 504),
            "{}",
            reply.text
        );
    }
    pool_is_alive(&alice).await;
    let left = "select count(*) from pg_stat_activity where datname = current_database() \
                and state = 'active' and query like '%nap%' and pid <> pg_backend_pid()";
    let sql = app.sql().await;
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(30);
    while sql
        .query_one(left, &[])
        .await
        .expect("activity")
        .get::<_, i64>(0)
        > 0
    {
        assert!(std::time::Instant::now() < deadline, "a nap goes on");
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
}
