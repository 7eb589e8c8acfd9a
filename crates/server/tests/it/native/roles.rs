//! Which role a request runs as, and that nothing of it stays.

use postern_testkit::TestApp;
use serde_json::json;

use super::{ALICE, described, in_role, narrow_world, refusal, value, world};

const WHO: &str = "/rest/v1/rpc/who";
const CLAIMS: &str = "/rest/v1/rpc/setting?name=request.jwt.claims";
const TRACE: &str = "/rest/v1/rpc/setting?name=app.trace";

#[tokio::test]
async fn a_request_runs_as_the_role_of_its_token() {
    let app = world().await;

    assert_eq!(value(&app.anon(), WHO).await, "anon");
    assert_eq!(value(&app.user(ALICE), WHO).await, "authenticated");
    assert_eq!(
        value(&in_role(&app, "native_editor"), WHO).await,
        "native_editor"
    );
    assert_eq!(value(&app.service(), WHO).await, "service_role");
}

#[tokio::test]
async fn the_anonymous_role_can_be_another() {
    let app = described().setting("api.anon_role", "native_editor");
    let app = app.start().await;

    assert_eq!(value(&app.anon(), WHO).await, "native_editor");
    assert_eq!(
        value(&app.anon(), CLAIMS).await,
        json!(r#"{"role":"native_editor"}"#)
    );
}

#[tokio::test]
async fn an_anonymous_role_that_is_not_there_is_told_of_at_the_start() {
    let started = described()
        .setting("api.anon_role", "native_nobody")
        .try_start()
        .await;

    let error = started.err().expect("refused").to_string();
    assert!(
        error.contains("role native_nobody cannot be taken"),
        "{error}"
    );
}

#[tokio::test]
async fn roles_that_no_caller_may_have_are_refused() {
    let app = world().await;

    for (role, expected) in [
        ("native_nobody", (401, "22023")),
        ("native_stranger", (403, "42501")),
        ("native_boss", (403, "42501")),
        ("postern_gateway", (403, "42501")),
        ("none", (403, "42501")),
        ("pg_read_all_data", (403, "42501")),
    ] {
        let client = in_role(&app, role);
        for path in [WHO, "/rest/v1/pages", "/rest/v1/notes"] {
            let (status, code) = refusal(&client, path).await;
            assert_eq!((status, code.as_str()), expected, "{role} on {path}");
        }
    }
    let reply = in_role(&app, "native_boss")
        .get("/rest/v1/pages")
        .send()
        .await;
    assert_eq!(
        reply.json()["message"],
        "permission denied to set role \"native_boss\""
    );
}

#[tokio::test]
async fn neither_role_nor_settings_reach_the_next_request() {
    let app = narrow_world().await;
    let editor = in_role(&app, "native_editor");

    let left = editor
        .post("/rest/v1/rpc/leave_traces", &json!({}))
        .send()
        .await;
    left.expect_status(200);
    assert_nothing_stays(&app).await;

    let failed = editor.post("/rest/v1/rpc/fail", &json!({})).send().await;
    assert_eq!(failed.expect_status(400).json()["code"], "P0001");
    assert_nothing_stays(&app).await;

    let refused = refusal(&in_role(&app, "native_boss"), "/rest/v1/pages").await;
    assert_eq!(refused.0, 403);
    assert_nothing_stays(&app).await;
}

async fn assert_nothing_stays(app: &TestApp) {
    let anon = app.anon();
    assert_eq!(value(&anon, WHO).await, "anon");
    // A setting of one's own is empty, not unknown, once a connection has seen it.
    assert_ne!(value(&anon, TRACE).await, "left");
    assert_eq!(value(&anon, CLAIMS).await, json!(r#"{"role":"anon"}"#));
    assert_eq!(
        value(&anon, "/rest/v1/pages?select=id").await,
        json!([{"id": 1}])
    );
}

#[tokio::test]
async fn sql_sees_the_request() {
    let app = world().await;
    let client = app.user(ALICE).with_header("x-asked-by", "a test");

    for (name, expected) in [
        ("request.method", "GET"),
        ("request.path", "/rpc/setting"),
        ("request.jwt.claim.sub", ALICE),
        ("transaction_read_only", "on"),
        ("search_path", r#""public","extensions""#),
    ] {
        let path = format!("/rest/v1/rpc/setting?name={name}");
        assert_eq!(value(&client, &path).await, expected, "{name}");
    }
    let headers = value(&client, "/rest/v1/rpc/setting?name=request.headers").await;
    let headers: serde_json::Value =
        serde_json::from_str(headers.as_str().expect("text")).expect("JSON");
    assert_eq!(headers["x-asked-by"], "a test");
}
