//! Candidates come, change and have errors, and none of it concerns those who are served.

use std::time::{Duration, Instant};

use postern_testkit::TestApp;
use serde_json::{Value, json};

use super::{ALL_VERBS, ANNA, OWN, compared, described, policy, report, titles};

/// The report once it says so.
async fn until(app: &TestApp, says: impl Fn(&Value) -> bool) -> Value {
    let started = Instant::now();
    loop {
        let report = report(app).await;
        if says(&report) {
            return report;
        }
        assert!(started.elapsed() < Duration::from_secs(60), "{report}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test]
async fn a_wrong_candidate_is_reported_and_stops_nobody() {
    let app = described("table = 'public.todoes'").start().await;

    assert_eq!(titles(&app.user(ANNA)).await, json!([{"title": "mine"}]));
    let report = report(&app).await;

    assert_eq!(report["candidate"], json!(null));
    assert!(report["errors"].to_string().contains("todoes"), "{report}");
    assert_eq!(report["requests"]["seen"], json!(0));
}

#[tokio::test]
async fn a_folder_that_is_not_there_is_an_error_and_no_empty_candidate() {
    let builder = described(&policy("true", ALL_VERBS));
    let app = builder.setting("policies.shadow", "nowhere").start().await;

    assert_eq!(titles(&app.user(ANNA)).await, json!([{"title": "mine"}]));
    let report = report(&app).await;

    assert_eq!(report["candidate"], json!(null));
    assert!(
        report["errors"].to_string().contains("no such folder"),
        "{report}"
    );
}

#[tokio::test]
async fn a_candidate_is_read_again_when_it_changes_and_counted_afresh() {
    let app = described(&policy("true", ALL_VERBS)).start().await;
    let anna = app.user(ANNA);
    titles(&anna).await;
    let first = compared(&app, 1).await;

    app.write_file("candidate/public.todos.toml", "table = 'public.todoes'");
    until(&app, |it| it["candidate"].is_null()).await;
    app.write_file(
        "candidate/public.todos.toml",
        &policy("user_id IS NULL", ALL_VERBS),
    );
    let second = until(&app, |it| it["candidate"].is_string()).await;
    assert_ne!(first["candidate"], second["candidate"]);
    assert_eq!(second["differences"], json!([]));
    assert_eq!(titles(&anna).await, json!([{"title": "mine"}]));
    let third = compared(&app, 1).await;

    let difference = &third["differences"][0];
    assert_eq!(difference["rows_added"], 2, "{third}");
    assert_eq!(difference["rows_removed"], 1, "{third}");
}

#[tokio::test]
async fn of_many_requests_a_share_is_compared() {
    let builder = described(&policy(OWN, ALL_VERBS));
    let app = builder
        .setting("policies.shadow_percent", "50")
        .start()
        .await;
    let anna = app.user(ANNA);

    for _ in 0..4 {
        titles(&anna).await;
    }
    let report = compared(&app, 2).await;

    assert_eq!(report["requests"]["seen"], json!(4));
    assert_eq!(report["requests"]["equal"], json!(2));
}

#[tokio::test]
async fn what_is_too_large_to_be_kept_is_counted_as_dropped() {
    let app = described(&policy("true", ALL_VERBS)).start().await;

    let row = json!({"id": 50, "user_id": ANNA, "title": "x".repeat(70_000)});
    let made = app.user(ANNA).post("/rest/v1/todos", &row).send().await;
    made.expect_status(201);
    let report = until(&app, |it| it["requests"]["seen"] == 1).await;

    assert_eq!(report["requests"]["dropped"], json!(1));
    assert_eq!(report["differences"], json!([]));
}

#[tokio::test]
async fn the_secret_key_is_not_compared_and_nobody_else_reads_the_report() {
    let app = described(&policy("true", ALL_VERBS)).start().await;

    titles(&app.service()).await;
    assert_eq!(report(&app).await["requests"]["seen"], json!(0));
    for client in [app.anon(), app.user(ANNA)] {
        let hidden = client.get("/policy/v1/shadow").send().await;
        let missing = client.get("/policy/v1/shadows").send().await;
        assert_eq!(hidden.status.as_u16(), 404);
        assert_eq!(hidden.text, missing.text);
    }
}
