//! The first admin, and that there is no second first one.

use crate::it::kit;
use crate::it::kit::{Browser, OWNER, PASSWORD};

const FIELDS: [(&str, &str); 3] = [
    ("email", OWNER),
    ("password", PASSWORD),
    ("password_again", PASSWORD),
];

#[tokio::test]
async fn setup_makes_an_owner_and_leads_on() {
    let app = kit::app().start().await;
    let mut browser = Browser::new(&app);
    let form = browser.get(app.setup_path()).await.expect_status(200);
    assert!(form.text.contains("Set up your project"), "{}", form.text);

    let reply = browser
        .post(app.setup_path(), &FIELDS)
        .await
        .expect_status(303);

    assert_eq!(reply.header("location"), Some("/console/start"));
    browser.keep(&reply).await;
    let start = browser.get("/console/start").await.expect_status(200);
    assert!(start.text.contains(app.publishable_key()), "{}", start.text);
    let sql = app.sql().await;
    let row = sql
        .query_one("select email, role from postern.admins", &[])
        .await;
    let row = row.expect("one admin");
    assert_eq!(
        (row.get::<_, &str>(0), row.get::<_, &str>(1)),
        (OWNER, "owner")
    );
}

#[tokio::test]
async fn attack_79_setup_is_not_run_again() {
    let app = kit::app().start().await;
    let path = app.setup_path().to_owned();
    kit::owner(&app).await;
    let browser = Browser::new(&app);

    let again = browser.get(&path).await.expect_status(404);
    let other = [("email", "eve@evil.example"), FIELDS[1], FIELDS[2]];
    browser.post(&path, &other).await.expect_status(404);
    let wrong = browser.get("/console/setup/wrong").await.expect_status(404);
    let nothing = browser
        .get("/console/nothing-here")
        .await
        .expect_status(404);

    let plain = |text: &str, path: &str| text.replace(path, "PATH");
    let again = plain(&again.text, &path);
    assert_eq!(again, plain(&wrong.text, "/console/setup/wrong"));
    assert_eq!(again, plain(&nothing.text, "/console/nothing-here"));
    let sql = app.sql().await;
    let count = "select count(*) from postern.admins";
    let row = sql.query_one(count, &[]).await.expect("a count");
    assert_eq!(row.get::<_, i64>(0), 1);
}

#[tokio::test]
async fn attack_79_a_ban_opens_no_setup() {
    let app = kit::app().start().await;
    let path = app.setup_path().to_owned();
    kit::owner(&app).await;
    let ban = "update postern.admins set banned_at = now()";
    app.sql().await.batch_execute(ban).await.expect("banned");

    Browser::new(&app).get(&path).await.expect_status(404);
}

#[tokio::test]
async fn attack_79_the_address_is_good_for_half_an_hour() {
    let app = kit::app().start().await;
    let browser = Browser::new(&app);
    browser.get(app.setup_path()).await.expect_status(200);

    app.advance(31 * 60);

    browser
        .post(app.setup_path(), &FIELDS)
        .await
        .expect_status(404);
}

#[tokio::test]
async fn attack_79_of_many_setups_at_once_one_wins() {
    let app = kit::app().start().await;
    let browser = Browser::new(&app);
    let emails = ["a@x.example", "b@x.example", "c@x.example", "d@x.example"];
    let tries = emails.map(|email| {
        let browser = &browser;
        let path = app.setup_path();
        async move {
            let fields = [("email", email), FIELDS[1], FIELDS[2]];
            browser.post(path, &fields).await.status.as_u16()
        }
    });

    let [a, b, c, d] = tries;
    let (a, b, c, d) = tokio::join!(a, b, c, d);

    let won = [a, b, c, d].iter().filter(|it| **it == 303).count();
    assert_eq!(won, 1, "{a} {b} {c} {d}");
}

#[tokio::test]
async fn a_password_is_no_weak_one_and_typed_twice() {
    let app = kit::app().start().await;
    let browser = Browser::new(&app);
    for (password, again) in [("password1234", "password1234"), (PASSWORD, "another")] {
        let fields = [FIELDS[0], ("password", password), ("password_again", again)];
        let reply = browser.post(app.setup_path(), &fields).await;
        let reply = reply.expect_status(400);
        assert!(reply.text.contains("role=\"alert\""), "{}", reply.text);
        assert!(!reply.text.contains(password), "{}", reply.text);
    }
}

#[tokio::test]
async fn a_server_that_others_reach_needs_an_admin_first() {
    let refused = kit::app()
        .setting("api.host", "0.0.0.0")
        .setting("console.enabled", "true")
        .try_start()
        .await;

    let message = refused.err().expect("a refusal").to_string();
    assert!(message.contains("postern admin create"), "{message}");
}

#[tokio::test]
async fn a_console_that_nobody_asked_for_stops_no_server() {
    let app = kit::app().setting("api.host", "0.0.0.0").start().await;
    let port = app.address().rsplit(':').next().expect("a port").to_owned();
    let near = postern_testkit::TestClient::new(&format!("http://127.0.0.1:{port}"), "x", None);

    near.get("/console").send().await.expect_status(404);
    near.get("/health/live").send().await.expect_status(200);
}

#[tokio::test]
async fn a_console_that_is_off_is_not_there() {
    let app = kit::app().setting("console.enabled", "false").start().await;

    Browser::new(&app)
        .get("/console/login")
        .await
        .expect_status(404);
}

#[tokio::test]
async fn the_first_page_says_what_the_project_has_and_lacks() {
    let app = kit::app()
        .migrations(
            "create table public.notes (id bigint primary key, user_id uuid); \
             create table public.orders (id bigint primary key, user_id uuid)",
        )
        .policy(
            "public.notes.toml",
            "table = \"public.notes\"\n\n[columns.authenticated]\nselect = \"*\"\n\n[[allow]]\n\
             name = \"own\"\nroles = [\"authenticated\"]\nfor = [\"select\"]\n\
             where = \"user_id = auth.uid()\"\n",
        )
        .start()
        .await;
    let owner = kit::owner(&app).await;

    let page = owner.get("/console/start").await.expect_status(200).text;

    for part in [
        "answers in",
        app.address(),
        "/console/settings/mail",
        "/console/policies/public.orders.toml",
        app.publishable_key(),
    ] {
        assert!(page.contains(part), "{part}: {page}");
    }
    assert!(!page.contains("/console/policies/public.notes.toml"));
}
