//! The shadow where the database decides as well: comparisons run as the caller's role.

use postern_testkit::TestApp;
use serde_json::json;

use super::compared;

const ALICE: &str = "a0000000-0000-4000-8000-000000000001";

fn policy(condition: &str) -> String {
    format!(
        "table = 'public.notes'\n[columns.authenticated]\nselect = ['id', 'body']\n\
         [[allow]]\nname = 'rule'\nroles = ['authenticated']\nfor = ['select']\n\
         where = '{condition}'\n"
    )
}

#[tokio::test]
async fn rows_that_the_database_hides_are_no_difference() {
    let app = TestApp::builder()
        .migrations(include_str!("../../native/world.sql"))
        .setting("api.enforce", "both")
        .policy("public.notes.toml", &policy("rank = 1"))
        .file("candidate/public.notes.toml", &policy("rank < 9"))
        .setting("policies.shadow", "candidate")
        .setting("policies.shadow_timeout_ms", "60000")
        .start()
        .await;

    let reply = app.user(ALICE).get("/rest/v1/notes?select=id").send().await;
    assert_eq!(reply.expect_status(200).json(), json!([{"id": 1}]));
    let report = compared(&app, 1).await;

    // The candidate adds the note 2 of alice; the note 3 is bob's, and row-level security hides it.
    let difference = &report["differences"][0];
    assert_eq!(difference["kind"], "answer", "{report}");
    assert_eq!(difference["rows_added"], 1, "{report}");
    assert_eq!(difference["rows_removed"], 0, "{report}");
}
