//! The admin API: users, links, invitations, factors, and how fast a change holds.

use postern_testkit::{Reply, TestApp};
use serde_json::{Value, json};

use super::kit::{PASSWORD, app, refresh, sign_in, sign_up, with_session};

const USERS: &str = "/auth/v1/admin/users";
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

pub(super) async fn app_with_notes() -> TestApp {
    app()
        .migrations("create table public.notes (id int primary key);")
        .policy("public.notes.toml", NOTES)
        .start()
        .await
}

async fn create(app: &TestApp, body: Value) -> Value {
    let reply = app.service().post(USERS, &body).send().await;
    reply.expect_status(200).json()
}

pub(super) fn path_of(user: &Value) -> String {
    format!("{USERS}/{}", user["id"].as_str().expect("as arranged"))
}

async fn change(app: &TestApp, user: &Value, body: Value) -> Reply {
    app.service().put(&path_of(user), &body).send().await
}

async fn password_sign_in(app: &TestApp, email: &str, password: &str) -> Reply {
    let body = json!({ "email": email, "password": password });
    let path = "/auth/v1/token?grant_type=password";
    app.anon().post(path, &body).send().await
}

#[track_caller]
pub(super) fn refused(reply: Reply, status: u16, code: &str) -> String {
    let body = reply.expect_status(status).json();
    assert_eq!(body["error_code"], code, "{body}");
    body["msg"].as_str().expect("as arranged").to_owned()
}

#[tokio::test]
async fn a_user_is_made_with_everything_given() {
    let app = app().start().await;
    let given = json!({
        "id": "11111111-1111-4111-8111-111111111111", "email": "Ann@Example.com",
        "phone": "+1 555 000 2001", "password": PASSWORD, "email_confirm": true,
        "phone_confirm": true, "user_metadata": { "nick": "Zo" }, "role": "editor",
        "app_metadata": { "plan": "gold" }, "nonce": "ignored", "created_at": "2001-01-01"
    });

    let user = create(&app, given).await;
    let session = sign_in(&app, "ann@example.com").await;
    let again = app
        .service()
        .post(USERS, &json!({ "email": "ann@example.com" }));
    let same_phone = app
        .service()
        .post(USERS, &json!({ "phone": "15550002001" }));
    let same_id = app.service().post(
        USERS,
        &json!({ "email": "bo@example.com", "id": user["id"] }),
    );

    assert_eq!(user["id"], "11111111-1111-4111-8111-111111111111");
    assert_eq!(user["email"], "ann@example.com");
    assert_eq!(user["phone"], "15550002001");
    assert_eq!(user["role"], "editor");
    assert!(user["email_confirmed_at"].is_string() && user["phone_confirmed_at"].is_string());
    assert_eq!(user["user_metadata"], json!({ "nick": "Zo" }));
    assert_eq!(user["app_metadata"]["plan"], "gold");
    assert_eq!(user["app_metadata"]["providers"], json!(["email", "phone"]));
    assert_eq!(user["identities"].as_array().unwrap().len(), 2);
    assert!(!user["created_at"].as_str().unwrap().starts_with("2001"));
    assert_eq!(session["user"]["id"], user["id"]);
    refused(again.send().await, 422, "email_exists");
    refused(same_phone.send().await, 422, "phone_exists");
    refused(same_id.send().await, 422, "user_already_exists");
}

#[tokio::test]
async fn attack_73_hashes_of_elsewhere_sign_in_and_odd_ones_are_refused() {
    let app = app().start().await;
    // bcrypt of `a-password-from-elsewhere`, made by another program.
    let hash = "$2b$10$4zs3TP5ZuvQqTQPWnong/O3mbWGM5xj3vT99zEZSm5TGPxWZ7Xw9i";

    let body = json!({ "email": "ann@example.com", "password_hash": hash, "email_confirm": true });
    create(&app, body).await;

    for _ in 0..2 {
        let reply = password_sign_in(&app, "ann@example.com", "a-password-from-elsewhere").await;
        reply.expect_status(200);
    }
    refused(
        password_sign_in(&app, "ann@example.com", "another-password").await,
        400,
        "invalid_credentials",
    );
    for odd in [
        "plain text",
        "$2b$10$ä4zs3TP5ZuvQqTQPWnong/O3mbWGM5xj3vT99zEZSm5TGPxWZ7Xw9",
        "$2b$31$4zs3TP5ZuvQqTQPWnong/O3mbWGM5xj3vT99zEZSm5TGPxWZ7Xw9i",
        "$argon2id$v=19$m=4194304,t=1,p=1$c2FsdHNhbHRzYWx0$YWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFh",
        "$argon2id$v=19$",
    ] {
        let body = json!({ "email": "bo@example.com", "password_hash": odd });
        let reply = app.service().post(USERS, &body).send().await;
        refused(reply, 400, "validation_failed");
    }
    let both = json!({ "email": "bo@example.com", "password_hash": hash, "password": PASSWORD });
    let reply = app.service().post(USERS, &both).send().await;
    refused(reply, 400, "validation_failed");
}

#[tokio::test]
async fn what_makes_no_user_is_refused() {
    let app = app().start().await;
    let large = "x".repeat(20_000);

    for (body, part) in [
        (
            json!({ "email": "nobody" }),
            "Unable to validate email address: invalid format",
        ),
        (
            json!({ "user_metadata": {} }),
            "without either an email or phone",
        ),
        (json!({ "email": "a@example.com", "id": "x" }), "uuid v4"),
        (
            json!({ "email": "a@example.com", "ban_duration": "soon" }),
            "ban duration",
        ),
        (
            json!({ "email": "a@example.com", "user_metadata": { "a": large } }),
            "user_metadata",
        ),
        (
            json!({ "email": "a@example.com", "app_metadata": { "a": large } }),
            "app_metadata",
        ),
    ] {
        let reply = app.service().post(USERS, &body).send().await;
        let message = refused(reply, 400, "validation_failed");
        assert!(message.contains(part), "{message}");
    }
    let odd = json!({ "email": ["a@example.com"] });
    let reply = app.service().post(USERS, &odd).send().await;
    refused(reply, 400, "bad_json");
}

#[tokio::test]
async fn attack_10_no_user_is_given_a_role_above_policies() {
    let app = app().start().await;
    let user = create(&app, json!({ "email": "ann@example.com" })).await;

    for role in [
        "service_role",
        "Service_Role",
        "supabase_admin",
        "postgres",
        "postern_auth",
    ] {
        let body = json!({ "email": "bo@example.com", "role": role });
        let reply = app.service().post(USERS, &body).send().await;
        refused(reply, 400, "validation_failed");
        let reply = change(&app, &user, json!({ "role": role })).await;
        refused(reply, 400, "validation_failed");
    }
}

#[tokio::test]
async fn attack_58_only_the_secret_key_opens_the_admin_api() {
    let app = app().start().await;
    let session = sign_up(&app, "ann@example.com").await;
    let client = with_session(&app, &session);
    let id = session["user"]["id"].as_str().unwrap();

    for path in [
        USERS.to_owned(),
        format!("{USERS}/{id}"),
        format!("{USERS}/{id}/factors"),
        format!("{USERS}/{id}/passkeys"),
        "/auth/v1/admin/audit".into(),
        "/auth/v1/admin/oauth/clients".into(),
        "/auth/v1/admin/sso/providers".into(),
    ] {
        refused(client.get(&path).send().await, 403, "not_admin");
        let anon = app.anon().get(&path).send().await;
        assert!([401, 403].contains(&anon.status.as_u16()), "{path}");
        app.service().get(&path).send().await.expect_status(200);
    }
    for path in ["/auth/v1/invite", "/auth/v1/admin/generate_link", USERS] {
        let reply = client.post(path, &json!({ "email": "bo@example.com" }));
        refused(reply.send().await, 403, "not_admin");
    }
    let one = format!("{USERS}/{id}");
    let factor = format!("{one}/factors/{id}");
    let body = json!({ "role": "editor", "password": "another-password" });
    for request in [
        client.put(&one, &body),
        client.delete(&one),
        client.put(&factor, &body),
        client.delete(&factor),
        client.delete(&format!("{one}/passkeys/{id}")),
    ] {
        refused(request.send().await, 403, "not_admin");
    }
    let shown = app.service().get(&one).send().await.expect_status(200);
    assert_eq!(shown.json()["role"], "authenticated");
}

#[tokio::test]
async fn users_are_listed_page_by_page() {
    let app = app().start().await;
    for name in ["a", "b", "c", "d", "e"] {
        create(&app, json!({ "email": format!("{name}@example.com") })).await;
        app.advance(1);
    }

    let unset = app
        .service()
        .get(&format!("{USERS}?page=&per_page="))
        .send()
        .await;
    let first = app
        .service()
        .get(&format!("{USERS}?page=1&per_page=2"))
        .send()
        .await;
    let last = app
        .service()
        .get(&format!("{USERS}?page=3&per_page=2"))
        .send()
        .await;
    let found = app
        .service()
        .get(&format!("{USERS}?filter=C@exam"))
        .send()
        .await;
    let bad = app.service().get(&format!("{USERS}?page=0")).send().await;

    let emails = |reply: &Reply| -> Vec<String> {
        let body = reply.json();
        let users = body["users"].as_array().unwrap();
        let email = |it: &Value| it["email"].as_str().unwrap().to_owned();
        users.iter().map(email).collect()
    };
    assert_eq!(unset.json()["aud"], "authenticated");
    assert_eq!(emails(&unset).len(), 5);
    assert_eq!(emails(&first), ["e@example.com", "d@example.com"]);
    assert_eq!(
        first.json()["users"][0]["identities"][0]["provider"],
        "email"
    );
    assert_eq!(first.header("x-total-count"), Some("5"));
    assert_eq!(
        first.header("link").unwrap(),
        "</admin/users?page=2&per_page=2>; rel=\"next\", \
         </admin/users?page=3&per_page=2>; rel=\"last\""
    );
    assert_eq!(emails(&last), ["a@example.com"]);
    assert_eq!(emails(&found), ["c@example.com"]);
    refused(bad, 400, "validation_failed");
}

#[tokio::test]
async fn a_change_merges_metadata_and_moves_the_address() {
    let app = app().start().await;
    let body = json!({
        "email": "ann@example.com", "password": PASSWORD, "email_confirm": true,
        "app_metadata": { "plan": "gold", "old": 1 }, "user_metadata": { "nick": "Zo" }
    });
    let user = create(&app, body).await;
    create(&app, json!({ "email": "taken@example.com" })).await;
    let session = sign_in(&app, "ann@example.com").await;

    let taken = change(&app, &user, json!({ "email": "taken@example.com" })).await;
    let weak = change(&app, &user, json!({ "password": "short" })).await;
    let seen = change(
        &app,
        &user,
        json!({
            "email": "anna@example.com", "password": "another-good-battery",
            "app_metadata": { "level": 2, "old": null }, "user_metadata": { "age": 7 },
        }),
    )
    .await
    .expect_status(200)
    .json();

    refused(taken, 422, "email_exists");
    refused(weak, 422, "weak_password");
    assert_eq!(seen["email"], "anna@example.com");
    assert_eq!(seen["user_metadata"], json!({ "nick": "Zo", "age": 7 }));
    assert_eq!(
        seen["app_metadata"],
        json!({ "plan": "gold", "provider": "email", "providers": ["email"], "level": 2 })
    );
    assert_eq!(
        seen["identities"][0]["identity_data"]["email"],
        "anna@example.com"
    );
    password_sign_in(&app, "anna@example.com", "another-good-battery")
        .await
        .expect_status(200);
    // Whoever knew the old password is out.
    let user = with_session(&app, &session)
        .get("/auth/v1/user")
        .send()
        .await;
    refused(user, 403, "session_not_found");
    refused(
        refresh(&app, &session["refresh_token"]).await,
        400,
        "refresh_token_not_found",
    );
}

#[tokio::test]
async fn unknown_users_are_not_found() {
    let app = app().start().await;
    let nobody = format!("{USERS}/22222222-2222-4222-8222-222222222222");
    let service = app.service();

    refused(service.get(&nobody).send().await, 404, "user_not_found");
    refused(
        service.put(&nobody, &json!({})).send().await,
        404,
        "user_not_found",
    );
    refused(service.delete(&nobody).send().await, 404, "user_not_found");
    let factors = service.get(&format!("{nobody}/factors")).send().await;
    refused(factors, 404, "user_not_found");
    let no_id = service.get(&format!("{USERS}/x")).send().await;
    refused(no_id, 404, "validation_failed");
}

#[tokio::test]
async fn attack_11_a_ban_holds_for_tokens_that_are_out_and_can_be_lifted() {
    let app = app_with_notes().await;
    let session = sign_up(&app, "ann@example.com").await;
    let user = session["user"].clone();
    let client = with_session(&app, &session);
    client.get("/rest/v1/notes").send().await.expect_status(200);

    let banned = change(&app, &user, json!({ "ban_duration": "24h" })).await;
    let rest = client.get("/rest/v1/notes").send().await;
    let own = client.get("/auth/v1/user").send().await;
    let again = password_sign_in(&app, "ann@example.com", PASSWORD).await;
    let renewed = refresh(&app, &session["refresh_token"]).await;

    assert!(banned.expect_status(200).json()["banned_until"].is_string());
    rest.expect_status(401);
    own.expect_status(403);
    refused(again, 400, "user_banned");
    refused(renewed, 400, "user_banned");

    let lifted = change(&app, &user, json!({ "ban_duration": "none" })).await;
    assert!(lifted.expect_status(200).json()["banned_until"].is_null());
    client.get("/rest/v1/notes").send().await.expect_status(200);
}

#[tokio::test]
async fn a_ban_that_has_run_its_time_lets_the_user_in() {
    let app = app_with_notes().await;
    let user = sign_up(&app, "ann@example.com").await["user"].clone();
    change(&app, &user, json!({ "ban_duration": "1h" }))
        .await
        .expect_status(200);

    app.advance(3601);
    let session = sign_in(&app, "ann@example.com").await;

    let client = with_session(&app, &session);
    client.get("/rest/v1/notes").send().await.expect_status(200);
}

#[tokio::test]
async fn attack_11_a_demotion_holds_for_tokens_that_are_out() {
    let app = app_with_notes().await;
    let session = sign_up(&app, "ann@example.com").await;
    let user = session["user"].clone();

    change(&app, &user, json!({ "app_metadata": { "admin": false } }))
        .await
        .expect_status(200);
    let old = with_session(&app, &session)
        .get("/rest/v1/notes")
        .send()
        .await;
    // In the same second: the new token must not be taken for an old one.
    let renewed = refresh(&app, &session["refresh_token"])
        .await
        .expect_status(200)
        .json();
    let new = with_session(&app, &renewed)
        .get("/rest/v1/notes")
        .send()
        .await;

    old.expect_status(401);
    new.expect_status(200);
    assert_eq!(renewed["user"]["app_metadata"]["admin"], false);
}

#[tokio::test]
async fn attack_11_a_deleted_user_is_out_at_once() {
    let app = app_with_notes().await;
    let session = sign_up(&app, "ann@example.com").await;
    let client = with_session(&app, &session);
    let path = path_of(&session["user"]);
    client.get("/rest/v1/notes").send().await.expect_status(200);

    let deleted = app.service().delete(&path).send().await;
    let rest = client.get("/rest/v1/notes").send().await;
    let own = client.get("/auth/v1/user").send().await;
    let gone = app.service().get(&path).send().await;

    assert_eq!(deleted.expect_status(200).json(), json!({}));
    rest.expect_status(401);
    own.expect_status(403);
    refused(gone, 404, "user_not_found");
    // The same id may be used anew; tokens of the former user stay out.
    let body = json!({ "id": session["user"]["id"], "email": "ann@example.com",
        "password": PASSWORD, "email_confirm": true });
    create(&app, body).await;
    let new = with_session(&app, &sign_in(&app, "ann@example.com").await);
    new.get("/rest/v1/notes").send().await.expect_status(200);
    client.get("/rest/v1/notes").send().await.expect_status(401);
}

#[tokio::test]
async fn a_soft_deletion_keeps_the_row_and_forgets_the_person() {
    let app = app().start().await;
    let session = sign_up(&app, "ann@example.com").await;
    let path = path_of(&session["user"]);
    let soft = json!({ "should_soft_delete": true });

    let deleted = app.service().delete(&path).json(&soft).send().await;
    let twice = app.service().delete(&path).json(&soft).send().await;
    let row = app
        .service()
        .get(&path)
        .send()
        .await
        .expect_status(200)
        .json();
    let sign_in = password_sign_in(&app, "ann@example.com", PASSWORD).await;
    let own = with_session(&app, &session)
        .get("/auth/v1/user")
        .send()
        .await;

    deleted.expect_status(200);
    twice.expect_status(200);
    assert!(row["deleted_at"].is_string());
    assert!(!row.to_string().contains("ann@"), "{row}");
    assert_eq!(row["identities"], json!([]));
    assert_eq!(row["user_metadata"], json!({}));
    refused(sign_in, 400, "invalid_credentials");
    own.expect_status(403);
    // The address is free again.
    sign_up(&app, "ann@example.com").await;
    app.service().delete(&path).send().await.expect_status(200);
    refused(app.service().get(&path).send().await, 404, "user_not_found");
}

#[tokio::test]
async fn rows_that_refer_to_a_user_are_named() {
    let app = app()
        .migrations(
            "create table public.notes (id int primary key, author uuid references auth.users);",
        )
        .start()
        .await;
    let session = sign_up(&app, "ann@example.com").await;
    let id = session["user"]["id"].as_str().unwrap();
    let insert = format!("insert into public.notes values (1, '{id}')");
    app.sql().await.batch_execute(&insert).await.unwrap();

    let reply = app
        .service()
        .delete(&path_of(&session["user"]))
        .send()
        .await;

    let message = refused(reply, 409, "conflict");
    assert!(message.contains("notes_author_fkey"), "{message}");
    let own = with_session(&app, &session)
        .get("/auth/v1/user")
        .send()
        .await;
    own.expect_status(200);
}
