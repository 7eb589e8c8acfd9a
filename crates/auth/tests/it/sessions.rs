//! Sessions: how they begin, go on and end.

use futures_util::future::join_all;
use postern_testkit::TestApp;
use serde_json::{Value, json};

use super::kit::{PASSWORD, app, app_with_mail, mail_to, refresh, sign_in, sign_up, with_session};

#[tokio::test]
async fn a_new_user_signs_up_in_and_out() {
    let app = app().start().await;

    let session = sign_up(&app, "Ann@Example.com").await;
    let again = sign_in(&app, "ann@example.com").await;
    let client = with_session(&app, &again);
    let user = client
        .get("/auth/v1/user")
        .send()
        .await
        .expect_status(200)
        .json();
    let out = client
        .request(reqwest_post(), "/auth/v1/logout?scope=local")
        .send()
        .await;
    let after = client.get("/auth/v1/user").send().await;

    assert_eq!(session["token_type"], "bearer");
    assert_eq!(session["expires_in"], 3600);
    assert_eq!(user["email"], "ann@example.com");
    assert_eq!(
        user["app_metadata"],
        json!({"provider": "email", "providers": ["email"]})
    );
    assert_eq!(user["identities"][0]["provider"], "email");
    assert_eq!(out.status.as_u16(), 204);
    let after = after.expect_status(403).json();
    assert_eq!(after["error_code"], "session_not_found");
}

#[tokio::test]
async fn attack_11_an_ended_session_is_refused_by_the_data_api_at_once() {
    let app = app()
        .migrations("create table public.notes (id int primary key);")
        .policy("public.notes.toml", NOTES)
        .start()
        .await;
    let session = sign_up(&app, "ann@example.com").await;
    let other = sign_in(&app, "ann@example.com").await;
    let client = with_session(&app, &session);

    let before = client.get("/rest/v1/notes").send().await;
    client
        .request(reqwest_post(), "/auth/v1/logout?scope=local")
        .send()
        .await
        .expect_status(204);
    let after = client.get("/rest/v1/notes").send().await;
    let others = with_session(&app, &other)
        .get("/rest/v1/notes")
        .send()
        .await;

    before.expect_status(200);
    after.expect_status(401);
    others.expect_status(200);
}

#[tokio::test]
async fn attack_13_reuse_outside_of_the_grace_ends_the_session() {
    let app = app().start().await;
    let first = sign_up(&app, "ann@example.com").await;
    let second = refresh(&app, &first["refresh_token"])
        .await
        .expect_status(200)
        .json();
    let third = refresh(&app, &second["refresh_token"])
        .await
        .expect_status(200)
        .json();

    app.advance(60);
    let reused = refresh(&app, &first["refresh_token"])
        .await
        .expect_status(400)
        .json();
    let afterwards = refresh(&app, &third["refresh_token"])
        .await
        .expect_status(400)
        .json();

    assert_eq!(reused["error_code"], "refresh_token_already_used");
    assert_eq!(afterwards["error_code"], "refresh_token_not_found");
}

#[tokio::test]
async fn a_lost_answer_does_not_end_the_session() {
    let app = app().start().await;
    let first = sign_up(&app, "ann@example.com").await;
    let second = refresh(&app, &first["refresh_token"])
        .await
        .expect_status(200)
        .json();

    app.advance(24 * 3600);
    let late = refresh(&app, &first["refresh_token"])
        .await
        .expect_status(200)
        .json();
    let later = refresh(&app, &first["refresh_token"])
        .await
        .expect_status(200)
        .json();

    assert_eq!(late["refresh_token"], second["refresh_token"]);
    assert_eq!(later["refresh_token"], second["refresh_token"]);
    refresh(&app, &late["refresh_token"])
        .await
        .expect_status(200);
}

#[tokio::test]
async fn attack_13_a_hundred_parallel_refreshes_have_one_lineage() {
    let app = app().start().await;
    let session = sign_up(&app, "ann@example.com").await;

    let token = &session["refresh_token"];
    let replies = join_all((0..100).map(|_| refresh(&app, token))).await;

    let mut tokens: Vec<_> = replies
        .into_iter()
        .map(|it| it.expect_status(200).json()["refresh_token"].to_string())
        .collect();
    tokens.sort_unstable();
    tokens.dedup();
    assert_eq!(tokens.len(), 1);
    // And the session goes on from it: nobody moved it on behind the others' back.
    let only: Value = serde_json::from_str(&tokens[0]).expect("a text");
    let next = refresh(&app, &only).await.expect_status(200).json();
    assert_ne!(next["refresh_token"], only);
}

#[tokio::test]
async fn attack_13_two_holders_who_take_turns_end_the_session() {
    let app = app().start().await;
    let next = async |token: &Value| {
        app.advance(60);
        refresh(&app, token).await.expect_status(200).json()["refresh_token"].clone()
    };
    let first = sign_up(&app, "ann@example.com").await["refresh_token"].clone();
    let second = next(&first).await;
    // Late once: an answer may have been lost.
    assert_eq!(next(&first).await, second);
    let third = next(&second).await;

    app.advance(60);
    let late_again = refresh(&app, &second).await.expect_status(400).json();
    let afterwards = refresh(&app, &third).await.expect_status(400).json();

    assert_eq!(late_again["error_code"], "refresh_token_already_used");
    assert_eq!(afterwards["error_code"], "refresh_token_not_found");
}

#[tokio::test]
async fn attack_38_unknown_addresses_are_answered_like_wrong_passwords() {
    let app = app().start().await;
    sign_up(&app, "ann@example.com").await;
    let path = "/auth/v1/token?grant_type=password";
    let attempt = |email: &'static str| {
        let body = json!({ "email": email, "password": "wrong-password" });
        app.anon().post(path, &body).send()
    };

    let wrong = attempt("ann@example.com").await.expect_status(400);
    let unknown = attempt("bob@example.com").await.expect_status(400);

    assert_eq!(wrong.text, unknown.text);
}

#[tokio::test]
async fn attack_38_signing_up_with_a_taken_address_looks_like_a_new_one() {
    let app = app_with_mail().start().await;

    let first = sign_up(&app, "ann@example.com").await;
    let second = sign_up(&app, "ann@example.com").await;
    let mail = mail_to(&app, "ann@example.com").await;

    let keys = |it: &Value| {
        let object = it.as_object().expect("a user");
        object.keys().cloned().collect::<Vec<_>>()
    };
    assert_eq!(keys(&first), keys(&second));
    assert_ne!(first["id"], second["id"]);
    assert_eq!(mail["code"].as_str().map(str::len), Some(6));
}

#[tokio::test]
async fn sessions_end_at_their_limits() {
    let app = app()
        .setting("sessions.inactivity_secs", "3600")
        .setting("sessions.timebox_secs", "10000")
        .start()
        .await;
    let idle = sign_up(&app, "ann@example.com").await;
    let busy = sign_in(&app, "ann@example.com").await;

    app.advance(3000);
    let busy = refresh(&app, &busy["refresh_token"])
        .await
        .expect_status(200)
        .json();
    app.advance(3000);
    let idle = refresh(&app, &idle["refresh_token"])
        .await
        .expect_status(400)
        .json();
    let busy = refresh(&app, &busy["refresh_token"])
        .await
        .expect_status(200)
        .json();
    app.advance(5000);
    let boxed = refresh(&app, &busy["refresh_token"])
        .await
        .expect_status(400)
        .json();

    assert_eq!(idle["error_code"], "session_expired");
    assert_eq!(boxed["error_code"], "session_expired");
}

#[tokio::test]
async fn both_shapes_of_errors_are_spoken() {
    let app = app().start().await;
    let body = json!({ "email": "nobody@example.com", "password": PASSWORD });
    let path = "/auth/v1/token?grant_type=password";

    let old = app.anon().post(path, &body).send().await.expect_status(400);
    let new = app
        .anon()
        .with_header("x-supabase-api-version", "2024-01-01")
        .post(path, &body)
        .send()
        .await
        .expect_status(400);

    let message = "Invalid login credentials";
    assert_eq!(
        old.json(),
        json!({ "code": 400, "error_code": "invalid_credentials", "msg": message })
    );
    assert_eq!(
        new.json(),
        json!({ "code": "invalid_credentials", "message": message })
    );
    assert_eq!(new.header("x-supabase-api-version"), Some("2024-01-01"));
    assert_eq!(old.header("x-sb-error-code"), Some("invalid_credentials"));
}

#[tokio::test]
async fn attack_18_values_of_other_types_are_refused() {
    let app: TestApp = app().start().await;
    for odd in [json!(null), json!([]), json!({}), json!(7), json!(true)] {
        for (path, field) in [
            ("/auth/v1/token?grant_type=password", "email"),
            ("/auth/v1/token?grant_type=refresh_token", "refresh_token"),
            ("/auth/v1/token?grant_type=pkce", "auth_code"),
        ] {
            let mut body = json!({ "password": PASSWORD, "code_verifier": "x" });
            body[field] = odd.clone();
            let reply = app.anon().post(path, &body).send().await;
            assert_eq!(reply.status.as_u16(), 400, "{path} {odd}: {}", reply.text);
        }
    }
}

#[tokio::test]
async fn a_body_of_more_than_a_megabyte_is_refused_unread() {
    let app = app().start().await;
    let body = json!({ "email": "ann@example.com", "password": "x".repeat(1024 * 1024) });

    let reply = app.anon().post("/auth/v1/signup", &body).send().await;

    let reply = reply.expect_status(413).json();
    assert_eq!(reply["error_code"], "request_entity_too_large");
}

fn reqwest_post() -> reqwest::Method {
    reqwest::Method::POST
}

const NOTES: &str = r#"
table = "public.notes"
[columns.authenticated]
select = ["id"]
[[allow]]
name = "everybody"
roles = ["authenticated"]
for = ["select"]
where = "true"
"#;
