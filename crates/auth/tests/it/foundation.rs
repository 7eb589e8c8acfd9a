//! What all flows rely on: locks in one order, bodies without NUL, answers that nobody keeps.

use postern_testkit::TestClient;
use serde_json::json;

use crate::admin::app_with_notes;
use crate::kit::{LOOKS, PASSWORD, app, moment, refresh, sign_in, sign_up, with_session};

#[tokio::test]
async fn refreshes_and_sign_ins_of_one_user_do_not_wait_for_each_other() {
    let app = app()
        .setting("sessions.single_per_user", "true")
        .start()
        .await;
    sign_up(&app, "ann@example.com").await;

    for _ in 0..5 {
        let session = sign_in(&app, "ann@example.com").await;
        let token = &session["refresh_token"];
        let (refreshed, _, _) = tokio::join!(
            refresh(&app, token),
            sign_in(&app, "ann@example.com"),
            sign_in(&app, "ann@example.com"),
        );
        let status = refreshed.status.as_u16();
        assert!(
            status == 200 || status == 400,
            "{status}: {}",
            refreshed.text
        );
    }
}

#[tokio::test]
async fn a_body_with_nul_is_refused() {
    let app = app().start().await;
    let bodies = [
        json!({ "email": "nul@example.com", "password": PASSWORD, "data": { "a": ["\u{0}"] } }),
        json!({ "email": "nul\u{0}@example.com", "password": PASSWORD }),
    ];

    for body in bodies {
        let reply = app.anon().post("/auth/v1/signup", &body).send().await;
        assert_eq!(reply.status.as_u16(), 400, "{}", reply.text);
    }
}

#[tokio::test]
async fn answers_with_users_and_tokens_are_not_kept() {
    let app = app().start().await;
    let session = sign_up(&app, "ann@example.com").await;

    let user = with_session(&app, &session)
        .get("/auth/v1/user")
        .send()
        .await;
    assert_eq!(user.header("cache-control"), Some("no-store"));
    let keys = app
        .anon()
        .get("/auth/v1/.well-known/jwks.json")
        .send()
        .await;
    assert_eq!(keys.header("cache-control"), Some("public, max-age=600"));
}

#[tokio::test]
async fn a_session_that_came_with_an_import_has_no_refresh_token() {
    let app = app().start().await;
    let session = sign_up(&app, "ann@example.com").await;
    let sql = app.sql().await;
    let strip = "update auth.sessions set refresh_token_hmac_key = null";
    sql.batch_execute(strip).await.expect("an update");

    let reply = refresh(&app, &session["refresh_token"])
        .await
        .expect_status(400);

    assert_eq!(reply.json()["error_code"], "refresh_token_not_found");
}

/// Whether the data API refuses a caller before long. It looks at no user and no session: it has
/// to hear from the database of what somebody else changed there.
async fn is_refused_soon(client: &TestClient) -> bool {
    for _ in 0..LOOKS {
        let reply = client.get("/rest/v1/notes").send().await;
        if reply.status.as_u16() == 401 {
            return true;
        }
        moment().await;
    }
    false
}

#[tokio::test]
async fn attack_11_a_session_that_ended_elsewhere_is_heard_of() {
    let app = app_with_notes().await;
    let session = sign_up(&app, "ann@example.com").await;
    let client = with_session(&app, &session);
    client.get("/rest/v1/notes").send().await.expect_status(200);

    // As another gateway does it, or somebody by hand.
    let sql = app.sql().await;
    let end = "delete from auth.sessions";
    sql.batch_execute(end).await.expect("deleted");

    assert!(is_refused_soon(&client).await, "the end was not heard of");
}

#[tokio::test]
async fn attack_11_a_ban_by_hand_is_heard_of_and_ends_with_its_time() {
    let app = app_with_notes().await;
    let session = sign_up(&app, "ann@example.com").await;
    let user = session["user"]["id"].as_str().expect("an id");
    let client = with_session(&app, &session);
    client.get("/rest/v1/notes").send().await.expect_status(200);
    let sql = app.sql().await;
    let ban = format!(
        "update auth.users set banned_until = now() + interval '1 hour' where id = '{user}'"
    );
    sql.batch_execute(&ban).await.expect("an update");

    assert!(is_refused_soon(&client).await, "the ban was not heard of");
    app.advance(3 * 3600);
    let again = sign_in(&app, "ann@example.com").await;

    let again = with_session(&app, &again);
    again.get("/rest/v1/notes").send().await.expect_status(200);
    again.get("/auth/v1/user").send().await.expect_status(200);
}

#[tokio::test]
async fn metadata_that_no_token_could_carry_is_refused() {
    let app = app().start().await;
    let session = sign_up(&app, "ann@example.com").await;
    let large = json!({ "a": "x".repeat(20_000) });

    let body = json!({ "email": "bob@example.com", "password": PASSWORD, "data": large });
    let new = app.anon().post("/auth/v1/signup", &body).send().await;
    let body = json!({ "email": "bob@example.com", "data": large });
    let by_code = app.anon().post("/auth/v1/otp", &body).send().await;
    let client = with_session(&app, &session);
    let change = json!({ "data": large });
    let change = client.put("/auth/v1/user", &change).send().await;

    for reply in [new, by_code, change] {
        assert_eq!(reply.status.as_u16(), 400, "{}", reply.text);
    }
}
