//! Many at once: what is right for one is right for each of them, and nobody waits for ever.

use futures_util::future::join_all;
use postern_testkit::{Reply, TestApp};
use serde_json::{Value, json};

use super::factor_kit::{answer, challenge, enrol};
use super::kit::{app_with_mail, sign_up, with_session};
use super::oauth_idp::Idp;

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

#[tokio::test]
async fn more_invitations_and_links_at_once_than_connections_are_answered() {
    let app = app_with_mail().start().await;
    let post = |path: &'static str, body: Value| {
        let service = app.service();
        async move { service.post(path, &body).send().await }
    };
    let link = "/auth/v1/admin/generate_link";

    let invitations = join_all((0..20).map(|number| {
        let body = json!({ "email": format!("invited{number}@example.com") });
        post("/auth/v1/invite", body)
    }));
    let links = join_all((0..20).map(|number| {
        let email = format!("linked{number}@example.com");
        post(link, json!({ "type": "magiclink", "email": email }))
    }));
    let (invitations, links) = tokio::join!(invitations, links);
    let changes = join_all((0..20).map(|number| {
        let email = format!("linked{number}@example.com");
        let new_email = format!("new{number}@example.com");
        let body = json!({ "type": "email_change_new", "email": email, "new_email": new_email });
        post(link, body)
    }))
    .await;
    let taken = json!({ "type": "email_change_new", "email": "linked0@example.com",
        "new_email": "linked1@example.com" });

    for reply in invitations.into_iter().chain(links).chain(changes) {
        reply.expect_status(200);
    }
    let refused = post(link, taken).await.expect_status(422).json();
    assert_eq!(refused["error_code"], "email_exists");
    let again = post(
        "/auth/v1/invite",
        json!({ "email": "invited0@example.com" }),
    )
    .await;
    again.expect_status(200);
}

/// A hook in the database, which takes a connection of its own while it is asked.
const ALWAYS: &str = "create function public.always(event jsonb) returns jsonb language sql as \
                      $$ select '{\"decision\": \"continue\"}'::jsonb $$;";

#[tokio::test]
async fn more_newcomers_of_a_provider_at_once_than_connections_are_asked_about() {
    let idp = Idp::start();
    let app = app_with_mail()
        .file("providers.toml", &idp.table("honest", ""))
        .migrations(ALWAYS)
        .setting(
            "hooks.before_user_created",
            "pg-functions://postgres/public/always",
        )
        .start()
        .await;
    let tokens: Vec<_> = (0..20)
        .map(|number| {
            idp.claim(json!({ "sub": number.to_string(),
                "email": format!("user{number}@example.com") }));
            idp.mint("honest", None)
        })
        .collect();

    let replies = join_all(tokens.iter().map(|token| {
        let body = json!({ "provider": "honest", "id_token": token });
        let client = app.anon();
        async move {
            let path = "/auth/v1/token?grant_type=id_token";
            client.post(path, &body).send().await
        }
    }))
    .await;

    for reply in replies {
        reply.expect_status(200);
    }
    assert_eq!(super::oauth::users(&app).await, 20);
}

#[tokio::test]
async fn more_second_factors_at_once_than_connections_are_asked_about() {
    let app = super::kit::app()
        .migrations(ALWAYS)
        .setting(
            "hooks.mfa_verification_attempt",
            "pg-functions://postgres/public/always",
        )
        .start()
        .await;
    let mut people = Vec::new();
    for number in 0..12 {
        let session = sign_up(&app, &format!("user{number}@example.com")).await;
        let client = with_session(&app, &session);
        let factor = enrol(&client, "phone").await;
        let challenge = challenge(&client, &factor.id).await;
        people.push((client, factor, challenge));
    }

    let replies = join_all(people.iter().map(|(client, factor, challenge)| {
        let code = factor.code(0);
        async move { answer(client, &factor.id, &challenge["id"], &code).await }
    }))
    .await;

    for reply in replies {
        let session = reply.expect_status(200).json();
        assert_eq!(super::kit::claims(&session)["aal"], "aal2");
    }
}

#[tokio::test]
async fn a_refused_second_factor_lifts_nothing_and_is_used_up() {
    let refuse = "create function public.refuse(event jsonb) returns jsonb language sql as \
                  $$ select '{\"decision\": \"reject\", \"message\": \"Not now\"}'::jsonb $$;";
    let app = super::kit::app()
        .migrations(refuse)
        .setting(
            "hooks.mfa_verification_attempt",
            "pg-functions://postgres/public/refuse",
        )
        .start()
        .await;
    let session = sign_up(&app, ANN).await;
    let client = with_session(&app, &session);
    let factor = enrol(&client, "phone").await;
    let first = challenge(&client, &factor.id).await;
    let code = factor.code(0);

    let refused = answer(&client, &factor.id, &first["id"], &code).await;
    let second = challenge(&client, &factor.id).await;
    let again = answer(&client, &factor.id, &second["id"], &code).await;
    let sql = app.sql().await;
    let left = "select (select count(*) from auth.sessions where aal = 'aal2'), \
                (select count(*) from auth.mfa_factors where status = 'verified')";
    let left = sql.query_one(left, &[]).await.expect("counts");

    let refused = refused.expect_status(403).json();
    assert_eq!(refused["error_code"], "mfa_verification_rejected");
    assert_eq!(refused["msg"], "Not now");
    let again = again.expect_status(422).json();
    assert_eq!(again["error_code"], "mfa_verification_failed");
    assert_eq!((left.get::<_, i64>(0), left.get::<_, i64>(1)), (0, 0));
}
