//! Many at once: what is right for one is right for each of them, and nobody waits for ever.

use futures_util::future::join_all;
use postern_testkit::{Reply, TestApp};
use serde_json::{Value, json};

use super::kit::app_with_mail;

/// A hash of another system, and what it is the hash of.
const BCRYPT: &str = "$2b$10$4zs3TP5ZuvQqTQPWnong/O3mbWGM5xj3vT99zEZSm5TGPxWZ7Xw9i";
const ELSEWHERE: &str = "a-password-from-elsewhere";
const ANN: &str = "ann@example.com";

async fn try_password(app: &TestApp, password: &str) -> Reply {
    let body = json!({ "email": ANN, "password": password });
    let path = "/auth/v1/token?grant_type=password";
    app.anon().post(path, &body).send().await
}

async fn stored_hash(app: &TestApp) -> String {
    let sql = app.sql().await;
    let row = sql.query_one("select encrypted_password from auth.users", &[]);
    row.await.expect("a user").get(0)
}

#[tokio::test]
async fn all_parallel_first_sign_ins_of_an_imported_user_succeed() {
    let app = app_with_mail().start().await;
    let body = json!({ "email": ANN, "password_hash": BCRYPT, "email_confirm": true });
    let made = app.service().post("/auth/v1/admin/users", &body).send();
    made.await.expect_status(200);

    let right = join_all((0..6).map(|_| try_password(&app, ELSEWHERE)));
    let wrong = join_all((0..2).map(|_| try_password(&app, "not-the-password")));
    let (right, wrong) = tokio::join!(right, wrong);

    for reply in right {
        reply.expect_status(200);
    }
    for reply in wrong {
        reply.expect_status(400);
    }
    assert!(stored_hash(&app).await.starts_with("$argon2id$"));
    try_password(&app, ELSEWHERE).await.expect_status(200);
}
