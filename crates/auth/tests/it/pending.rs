//! Attack 14: what was sent or begun before a grave change is void after it. Each test puts a
//! pending code, and an exchange under way, beside the change and looks for them afterwards.

use postern_testkit::TestApp;
use serde_json::{Value, json};

use super::codes::confirmed;
use super::factor_kit::{claims, lifted, text, unenrol};
use super::kit::{app, app_with_mail, mail_of, sign_up, with_session};
use super::passkey_kit::{registered, sign_in_by};
use super::verify::token_of;

/// What is left of what was pending.
#[derive(Debug, PartialEq, Eq)]
struct Left {
    codes: i64,
    exchanges: i64,
}

const NOTHING: Left = Left {
    codes: 0,
    exchanges: 0,
};

/// Leaves a recovery code and an exchange whose code was issued in a user's account.
async fn leave(app: &TestApp, session: &Value) {
    let user = text(&claims(session)["sub"]);
    let sql = app.sql().await;
    for insert in [
        "insert into postern.codes (id, user_id, purpose, sent_to, code_mac, token_mac, \
         created_at, code_expires_at, expires_at) values (gen_random_uuid(), $1::text::uuid, \
         'recovery', 'ann@example.com', '', 'pending', now(), now() + '1 day', now() + '1 day')",
        "insert into postern.flows (id, user_id, code_mac, challenge, challenge_method, method, \
         created_at, issued_at) values (gen_random_uuid(), $1::text::uuid, 'pending', \
         'x', 's256', 'otp', now(), now())",
    ] {
        sql.execute(insert, &[&user]).await.expect("inserted");
    }
    assert_eq!(
        left(app).await,
        Left {
            codes: 1,
            exchanges: 1
        }
    );
}

async fn left(app: &TestApp) -> Left {
    let sql = app.sql().await;
    let count = "select (select count(*) from postern.codes where token_mac = 'pending'), \
                 (select count(*) from postern.flows where code_mac = 'pending')";
    let row = sql.query_one(count, &[]).await.expect("counts");
    Left {
        codes: row.get(0),
        exchanges: row.get(1),
    }
}

#[tokio::test]
async fn attack_14_nothing_is_pending_after_a_new_password() {
    let app = app().start().await;
    let session = sign_up(&app, "ann@example.com").await;
    leave(&app, &session).await;

    let body = json!({ "password": "another-fine-password" });
    let client = with_session(&app, &session);
    let changed = client.put("/auth/v1/user", &body).send().await;

    changed.expect_status(200);
    assert_eq!(left(&app).await, NOTHING);
}

#[tokio::test]
async fn attack_14_nothing_is_pending_after_a_move_to_another_address() {
    let app = app_with_mail()
        .setting("signup.double_email_change", "false")
        .start()
        .await;
    let session = confirmed(&app, "ann@example.com").await;
    let body = json!({ "email": "ann.new@example.com" });
    let client = with_session(&app, &session);
    let asked = client.put("/auth/v1/user", &body).send().await;
    asked.expect_status(200);
    let mail = mail_of(&app, "ann.new@example.com", "email_change_new").await;
    leave(&app, &session).await;

    let shown = json!({ "type": "email_change", "token_hash": token_of(&mail) });
    let moved = app.anon().post("/auth/v1/verify", &shown).send().await;

    moved.expect_status(200);
    assert_eq!(left(&app).await, NOTHING);
    // Who held the old mailbox holds no session either.
    client.get("/auth/v1/user").send().await.expect_status(403);
}

#[tokio::test]
async fn attack_14_nothing_is_pending_after_a_factor_was_added_or_removed() {
    let app = app().start().await;
    let session = sign_up(&app, "ann@example.com").await;
    leave(&app, &session).await;

    let (factor, session) = lifted(&app, &session).await;
    let added = left(&app).await;
    leave(&app, &session).await;
    let removed = unenrol(&with_session(&app, &session), &factor.id).await;

    assert_eq!(added, NOTHING);
    removed.expect_status(200);
    assert_eq!(left(&app).await, NOTHING);
}

#[tokio::test]
async fn attack_14_nothing_is_pending_after_a_passkey_was_added_or_removed() {
    let app = app().start().await;
    let session = sign_up(&app, "ann@example.com").await;
    leave(&app, &session).await;

    let mut authenticator = registered(&app, &session).await;
    let added = left(&app).await;
    let session = sign_in_by(&app, &mut authenticator).await;
    let session = session.expect_status(200).json();
    leave(&app, &session).await;
    let client = with_session(&app, &session);
    let list = client.get("/auth/v1/passkeys").send().await.json();
    let path = format!("/auth/v1/passkeys/{}", text(&list[0]["id"]));
    let removed = client.delete(&path).send().await;

    assert_eq!(added, NOTHING);
    removed.expect_status(204);
    assert_eq!(left(&app).await, NOTHING);
}
