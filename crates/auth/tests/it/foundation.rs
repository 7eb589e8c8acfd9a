//! What all flows rely on: locks in one order, bodies without NUL, answers that nobody keeps.

use std::time::Duration;

use serde_json::json;

use crate::kit::{PASSWORD, app, refresh, sign_in, sign_up, with_session};

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

#[tokio::test]
async fn attack_11_a_ban_that_is_over_lets_the_user_in_again() {
    let app = app().start().await;
    let session = sign_up(&app, "ann@example.com").await;
    let user = session["user"]["id"].as_str().expect("an id");
    let sql = app.sql().await;
    let ban = format!(
        "update auth.users set banned_until = now() + interval '1 hour' where id = '{user}'"
    );
    sql.batch_execute(&ban).await.expect("an update");

    let rest = || with_session(&app, &session).get("/auth/v1/user").send();
    let mut status = 0;
    for _ in 0..100 {
        status = rest().await.status.as_u16();
        if status == 403 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(status, 403, "the ban was not heard of");
    app.advance(3 * 3600);
    let again = sign_in(&app, "ann@example.com").await;

    let reply = with_session(&app, &again).get("/auth/v1/user").send().await;
    reply.expect_status(200);
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
