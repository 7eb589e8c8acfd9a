//! Links, invitations, factors and passkeys through the admin API.

use serde_json::{Value, json};

use super::admin::{app_with_notes, path_of, refused};
use super::kit::{PASSWORD, app, app_with_mail, mail_of, sign_in, sign_up, with_session};

#[tokio::test]
async fn an_invitation_makes_an_unproved_user_and_mails_a_link() {
    let app = app_with_mail().start().await;
    // Somebody waits with this address and a password of their own (attack 22).
    sign_up(&app, "ann@example.com").await;
    let body = json!({ "email": "ann@example.com", "data": { "nick": "Zo" } });
    let invite = || {
        app.service().post(
            "/auth/v1/invite?redirect_to=http://localhost:3000/in",
            &body,
        )
    };

    let user = invite().send().await.expect_status(200).json();
    let sql = app.sql().await;
    let left = sql
        .query_one("select encrypted_password is null from auth.users", &[])
        .await
        .unwrap();
    let mail = mail_of(&app, "ann@example.com", "invite").await;
    sql.execute("update auth.users set email_confirmed_at = now()", &[])
        .await
        .unwrap();
    let again = invite().send().await;

    assert!(user["invited_at"].is_string());
    assert!(user["email_confirmed_at"].is_null());
    assert_eq!(user["user_metadata"], json!({ "nick": "Zo" }));
    assert!(left.get::<_, bool>(0), "the stranger's password is gone");
    assert!(mail.to_string().contains("invite"), "{mail}");
    refused(again, 422, "email_exists");
}

#[tokio::test]
async fn links_hold_what_a_mail_would() {
    let app = app_with_mail().start().await;
    let link = |body: Value| {
        let path = "/auth/v1/admin/generate_link?redirect_to=http://localhost:3000/welcome";
        app.service().post(path, &body).send()
    };
    let signup = json!({ "type": "signup", "email": "ann@example.com", "password": PASSWORD });

    let made = link(signup.clone()).await.expect_status(200).json();
    let no_password = link(json!({ "type": "signup", "email": "bo@example.com" })).await;
    let magic = link(json!({ "type": "magiclink", "email": "new@example.com" }))
        .await
        .expect_status(200)
        .json();
    let unknown = link(json!({ "type": "recovery", "email": "nobody@example.com" })).await;
    let odd = link(json!({ "type": "sms", "email": "ann@example.com" })).await;
    let sql = app.sql().await;
    sql.execute("update auth.users set email_confirmed_at = now()", &[])
        .await
        .unwrap();
    let confirmed = link(signup).await;
    let recovery = link(json!({ "type": "recovery", "email": "ann@example.com" }))
        .await
        .expect_status(200)
        .json();
    let change = json!({ "type": "email_change_new", "email": "ann@example.com",
        "new_email": "anna@example.com" });
    let change = link(change).await.expect_status(200).json();
    let to_taken = json!({ "type": "email_change_new", "email": "ann@example.com",
        "new_email": "new@example.com" });

    assert_eq!(made["email"], "ann@example.com");
    assert_eq!(made["verification_type"], "signup");
    assert_eq!(made["redirect_to"], "http://localhost:3000/welcome");
    assert_eq!(made["email_otp"].as_str().unwrap().len(), 6);
    let action = made["action_link"].as_str().unwrap();
    let hash = made["hashed_token"].as_str().unwrap();
    assert!(
        action.starts_with(&format!("{}/auth/v1/verify?token={hash}", app.address())),
        "{action}"
    );
    assert!(
        action.contains("&type=signup&redirect_to=http%3A%2F%2Flocalhost"),
        "{action}"
    );
    refused(no_password, 400, "validation_failed");
    assert_eq!(magic["verification_type"], "signup");
    refused(unknown, 404, "user_not_found");
    refused(odd, 400, "validation_failed");
    refused(confirmed, 422, "email_exists");
    assert_eq!(recovery["verification_type"], "recovery");
    assert!(recovery["recovery_sent_at"].is_string());
    assert_eq!(change["verification_type"], "email_change_new");
    assert_eq!(change["new_email"], "anna@example.com");
    assert!(
        change["action_link"]
            .as_str()
            .unwrap()
            .contains("type=email_change&")
    );
    refused(link(to_taken).await, 422, "email_exists");
}

#[tokio::test]
async fn attack_20_a_factor_taken_away_ends_what_it_had_lifted() {
    let app = app_with_notes().await;
    let session = sign_up(&app, "ann@example.com").await;
    let other = sign_in(&app, "ann@example.com").await;
    let bob = sign_up(&app, "bob@example.com").await;
    let id = session["user"]["id"].as_str().unwrap();
    let factor = "33333333-3333-4333-8333-333333333333";
    let lift = format!(
        "insert into auth.mfa_factors (id, user_id, friendly_name, factor_type, status, \
         created_at, updated_at) values ('{factor}', '{id}', 'phone', 'totp', 'verified', now(), \
         now()); update auth.sessions set aal = 'aal2', factor_id = '{factor}' where id = \
         (select id from auth.sessions where user_id = '{id}' order by created_at, id limit 1)"
    );
    let sql = app.sql().await;
    sql.batch_execute(&lift).await.unwrap();
    let factors = format!("{}/factors", path_of(&session["user"]));
    let foreign = format!("{}/factors/{factor}", path_of(&bob["user"]));

    let list = app
        .service()
        .get(&factors)
        .send()
        .await
        .expect_status(200)
        .json();
    let renamed = app
        .service()
        .put(
            &format!("{factors}/{factor}"),
            &json!({ "friendly_name": "old phone" }),
        )
        .send()
        .await;
    let wrong = app.service().delete(&foreign).send().await;
    let deleted = app
        .service()
        .delete(&format!("{factors}/{factor}"))
        .send()
        .await;
    let left = sql
        .query(
            "select aal::text from auth.sessions where user_id::text = $1",
            &[&id],
        )
        .await
        .unwrap();

    assert_eq!(list[0]["id"], factor);
    assert_eq!(
        renamed.expect_status(200).json()["friendly_name"],
        "old phone"
    );
    refused(wrong, 404, "mfa_factor_not_found");
    assert_eq!(deleted.expect_status(200).json()["id"], factor);
    assert_eq!(left.len(), 1);
    assert_eq!(left[0].get::<_, &str>(0), "aal1");
    let mut alive = 0;
    for session in [&session, &other] {
        let reply = with_session(&app, session)
            .get("/rest/v1/notes")
            .send()
            .await;
        alive += i32::from(reply.status.as_u16() == 200);
    }
    assert_eq!(alive, 1, "the lifted session's token is refused");
    let list = app
        .service()
        .get(&factors)
        .send()
        .await
        .expect_status(200)
        .json();
    assert_eq!(list, json!([]));
}

#[tokio::test]
async fn passkeys_are_listed_and_taken_away() {
    let app = app().start().await;
    let session = sign_up(&app, "ann@example.com").await;
    let id = session["user"]["id"].as_str().unwrap();
    let passkey = "44444444-4444-4444-8444-444444444444";
    let insert = format!(
        "insert into auth.webauthn_credentials (id, user_id, credential_id, credential, \
         friendly_name, created_at, updated_at) values ('{passkey}', '{id}', '\\x01', '{{}}', \
         'key', now(), now())"
    );
    app.sql().await.batch_execute(&insert).await.unwrap();
    let passkeys = format!("{}/passkeys", path_of(&session["user"]));
    let one = format!("{passkeys}/{passkey}");

    let list = app
        .service()
        .get(&passkeys)
        .send()
        .await
        .expect_status(200)
        .json();
    let deleted = app.service().delete(&one).send().await;
    let twice = app.service().delete(&one).send().await;

    assert_eq!(list[0]["friendly_name"], "key");
    assert!(list[0].get("credential").is_none());
    deleted.expect_status(204);
    refused(twice, 404, "webauthn_credential_not_found");
}

#[tokio::test]
async fn parts_that_are_not_offered_list_nothing_and_take_nothing() {
    let app = app().start().await;
    let service = app.service();

    for (path, key) in [
        ("/auth/v1/admin/oauth/clients", "clients"),
        ("/auth/v1/admin/custom-providers", "providers"),
        ("/auth/v1/admin/sso/providers", "items"),
    ] {
        let list = service.get(path).send().await.expect_status(200).json();
        assert_eq!(list, json!({ key: [] }));
        let made = service.post(path, &json!({ "name": "x" })).send().await;
        refused(made, 403, "feature_disabled");
        let one = service.delete(&format!("{path}/x")).send().await;
        refused(one, 403, "feature_disabled");
    }
}
