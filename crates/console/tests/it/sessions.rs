//! Signing in and out, how long it lasts, and what it opens.

use postern_testkit::TestClient;
use serde_json::json;

use crate::it::kit;
use crate::it::kit::{Browser, OWNER, PASSWORD};

#[tokio::test]
async fn a_session_is_a_strict_cookie_and_a_new_one_each_time() {
    let app = kit::app().start().await;
    let owner = kit::owner(&app).await;
    let browser = Browser::new(&app);
    let fields = [("email", OWNER), ("password", PASSWORD)];

    let reply = browser
        .post("/console/login", &fields)
        .await
        .expect_status(303);

    let cookie = reply.header("set-cookie").expect("a cookie");
    assert!(cookie.starts_with("postern_console="), "{cookie}");
    assert!(
        cookie.ends_with("; Path=/; HttpOnly; SameSite=Strict"),
        "{cookie}"
    );
    assert!(!cookie.starts_with(owner.cookie.as_deref().expect("a cookie")));
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_address_are_told_alike() {
    let app = kit::app().start().await;
    kit::owner(&app).await;
    let browser = Browser::new(&app);
    let told = async |email: &str| {
        let fields = [("email", email), ("password", "wrong-horse-battery")];
        let reply = browser
            .post("/console/login", &fields)
            .await
            .expect_status(400);
        assert_eq!(reply.header("set-cookie"), None);
        reply.text.replace(email, "EMAIL")
    };

    let (known, unknown) = (told(OWNER).await, told("nobody@shop.example").await);

    assert_eq!(known, unknown);
}

#[tokio::test]
async fn a_session_ends_by_idling_by_signing_out_and_by_a_ban() {
    let app = kit::app().start().await;
    let owner = kit::owner(&app).await;
    let viewer = kit::admin(&app, &owner, "viewer").await;
    let editor = kit::admin(&app, &owner, "editor").await;

    viewer.post("/console/logout", &[]).await.expect_status(303);
    viewer.get("/console").await.expect_status(303);
    let ban = [("email", "editor@shop.example")];
    owner
        .post("/console/settings/admins/ban", &ban)
        .await
        .expect_status(303);
    editor.get("/console").await.expect_status(303);
    app.advance(11 * 3600);
    owner.get("/console").await.expect_status(200);
    app.advance(11 * 3600);
    owner.get("/console").await.expect_status(200);
    app.advance(12 * 3600 + 1);
    owner.get("/console").await.expect_status(303);
}

#[tokio::test]
async fn a_banned_admin_is_told_no_more_than_a_stranger() {
    let app = kit::app().start().await;
    let owner = kit::owner(&app).await;
    let second = [("email", "second@shop.example"), ("role", "owner")];
    owner
        .post("/console/settings/admins", &second)
        .await
        .expect_status(200);
    let ban = [("email", OWNER)];
    owner
        .post("/console/settings/admins/ban", &ban)
        .await
        .expect_status(303);

    let fields = [("email", OWNER), ("password", PASSWORD)];
    let reply = Browser::new(&app).post("/console/login", &fields).await;

    assert!(
        reply
            .expect_status(400)
            .text
            .contains("Invalid login credentials")
    );
}

#[tokio::test]
async fn what_reaches_far_asks_for_the_password_once_more() {
    let app = kit::app().start().await;
    let owner = kit::owner(&app).await;
    app.advance(11 * 60);
    let here = [("here", "/console/keys")];

    let reply = owner
        .post("/console/keys/rotate", &here)
        .await
        .expect_status(303);
    let onward = reply.header("location").expect("a place");
    assert_eq!(onward, "/console/reauth?next=%2Fconsole%2Fkeys");
    let wrong = [
        ("password", "wrong-horse-battery"),
        ("next", "/console/keys"),
    ];
    owner
        .post("/console/reauth", &wrong)
        .await
        .expect_status(400);
    owner
        .post("/console/keys/rotate", &here)
        .await
        .expect_status(303);
    let right = [("password", PASSWORD), ("next", "/console/keys")];
    let reply = owner
        .post("/console/reauth", &right)
        .await
        .expect_status(303);
    assert_eq!(reply.header("location"), Some("/console/keys"));

    let sql = app.sql().await;
    let previous = "select count(*) from postern.signing_keys where state = 'previous'";
    let count = async || {
        sql.query_one(previous, &[])
            .await
            .expect("a count")
            .get::<_, i64>(0)
    };
    assert_eq!(count().await, 0);
    let reply = owner
        .post("/console/keys/rotate", &here)
        .await
        .expect_status(303);
    assert_eq!(reply.header("location"), Some("/console/keys"));
    assert_eq!(count().await, 1);
}

#[tokio::test]
async fn the_api_never_reads_the_consoles_cookie() {
    let app = kit::app()
        .migrations("create table public.notes (id int primary key)")
        .start()
        .await;
    let owner = kit::owner(&app).await;
    let cookie = owner.cookie.clone().expect("a cookie");
    let client = TestClient::new(app.address(), app.publishable_key(), None);

    for path in ["/rest/v1/notes", "/auth/v1/user", "/auth/v1/admin/users"] {
        let without = client.get(path).send().await;
        let with = client.get(path).header("cookie", &cookie).send().await;
        assert!(without.status.is_client_error(), "{path}: {}", without.text);
        assert_eq!(with.status, without.status, "{path}");
        assert_eq!(with.text, without.text, "{path}");
    }
}

#[tokio::test]
async fn the_console_never_reads_keys_and_tokens() {
    let app = kit::app().start().await;
    kit::owner(&app).await;
    let user = kit::user(&app, "ann@mail.example").await;
    let token = user["access_token"].as_str().expect("a token");

    for bearer in [app.secret_key(), token] {
        let client = TestClient::new(app.address(), app.secret_key(), Some(bearer));
        let reply = client.get("/console").send().await.expect_status(303);
        assert_eq!(reply.header("location"), Some("/console/login"));
        let cookie = format!("postern_console={bearer}");
        let reply = client
            .get("/console")
            .header("cookie", &cookie)
            .send()
            .await;
        reply.expect_status(303);
    }
}

#[tokio::test]
async fn guesses_at_a_password_run_out() {
    let app = kit::app()
        .setting("rates.enabled", "true")
        .setting("rates.account_failures_per_hour", "3")
        .start()
        .await;
    kit::owner(&app).await;
    let browser = Browser::new(&app);
    let wrong = [("email", OWNER), ("password", "wrong-horse-battery")];
    for _ in 0..3 {
        browser
            .post("/console/login", &wrong)
            .await
            .expect_status(400);
    }

    let reply = browser
        .post("/console/login", &wrong)
        .await
        .expect_status(429);

    assert!(reply.text.contains("Too many requests"), "{}", reply.text);
    // A user of the app who has the same address is none of this account.
    kit::user(&app, OWNER).await;
    let body = json!({ "email": OWNER, "password": PASSWORD });
    let path = "/auth/v1/token?grant_type=password";
    app.anon().post(path, &body).send().await.expect_status(200);
}
