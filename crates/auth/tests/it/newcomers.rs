//! Who may become a user: what the hook hears of those who ask for a code, and what they hear.

use postern_testkit::{TestApp, TestAppBuilder};
use serde_json::{Value, json};

use super::kit::{all_sent, app_with_mail, mail_of, mails_to};

/// A hook that notes whom it was asked about and refuses them all.
const REFUSE_ALL: &str = r#"
create table public.asked (email text, at timestamptz default clock_timestamp());
create function public.refuse_all(event jsonb) returns jsonb language plpgsql
  security definer set search_path = public as $$
begin
  insert into asked (email) values (event -> 'user' ->> 'email');
  return '{"error": {"http_code": 403, "message": "Nobody new"}}';
end $$;
"#;

fn closed() -> TestAppBuilder {
    app_with_mail().migrations(REFUSE_ALL).setting(
        "hooks.before_user_created",
        "pg-functions://postgres/public/refuse_all",
    )
}

async fn make(app: &TestApp, email: &str) {
    let body = json!({ "email": email, "email_confirm": true });
    let made = app.service().post("/auth/v1/admin/users", &body).send();
    made.await.expect_status(200);
}

async fn ask(app: &TestApp, body: Value) -> Value {
    let reply = app.anon().post("/auth/v1/otp", &body).send().await;
    reply.expect_status(200).json()
}

async fn asked(app: &TestApp) -> Vec<String> {
    let sql = app.sql().await;
    let rows = sql.query("select email from public.asked order by at", &[]);
    let rows = rows.await.expect("rows");
    rows.iter().map(|row| row.get(0)).collect()
}

#[tokio::test]
async fn attack_38_a_hook_that_refuses_newcomers_tells_nobody_who_is_known() {
    let app = closed().start().await;
    make(&app, "known@example.com").await;

    let known = ask(&app, json!({ "email": "known@example.com" })).await;
    let unknown = ask(&app, json!({ "email": "unknown@example.com" })).await;
    let magic = json!({ "email": "other@example.com" });
    let magic = app.anon().post("/auth/v1/magiclink", &magic).send().await;
    let mail = mail_of(&app, "known@example.com", "magic_link").await;

    assert_eq!(known, unknown);
    assert_eq!(magic.expect_status(200).json(), unknown);
    assert_eq!(
        asked(&app).await,
        [
            "known@example.com",
            "unknown@example.com",
            "other@example.com"
        ]
    );
    assert_eq!(super::oauth::users(&app).await, 1);
    let body = json!({ "type": "email", "email": "known@example.com", "token": mail["code"] });
    let reply = app.anon().post("/auth/v1/verify", &body).send().await;
    reply.expect_status(200);
    all_sent(&app).await;
    assert!(mails_to(&app, "unknown@example.com").await.is_empty());
    let sql = app.sql().await;
    let codes = sql.query("select 1 from postern.codes", &[]).await;
    assert!(codes.expect("codes").is_empty());
}

#[tokio::test]
async fn nobody_is_asked_about_where_nobody_would_be_made() {
    let app = closed().start().await;

    ask(
        &app,
        json!({ "email": "ann@example.com", "create_user": false }),
    )
    .await;

    assert!(asked(&app).await.is_empty());
}

#[tokio::test]
async fn who_signs_up_is_told_of_the_refusal_whether_known_or_not() {
    let app = closed().start().await;
    make(&app, "known@example.com").await;

    for email in ["known@example.com", "unknown@example.com"] {
        let body = json!({ "email": email, "password": super::kit::PASSWORD });
        let reply = app.anon().post("/auth/v1/signup", &body).send().await;
        let refused = reply.expect_status(403).json();
        assert_eq!(refused["msg"], "Nobody new");
    }
}
