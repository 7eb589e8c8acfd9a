//! Letters with codes: who gets one, what it is good for, and what strangers learn.

use postern_testkit::{Reply, TestApp};
use serde_json::{Value, json};

use super::kit::{PASSWORD, all_sent, app_with_mail, mail_of, mail_to, mails_to, newest, sign_up};

async fn post(app: &TestApp, path: &str, body: Value) -> Reply {
    app.anon().post(path, &body).send().await
}

/// A user who has confirmed the address.
pub(crate) async fn confirmed(app: &TestApp, email: &str) -> Value {
    sign_up(app, email).await;
    let code = mail_to(app, email).await["code"].clone();
    let body = json!({ "type": "signup", "email": email, "token": code });
    let reply = post(app, "/auth/v1/verify", body).await;
    reply.expect_status(200).json()
}

#[tokio::test]
async fn a_code_signs_a_new_user_up_and_in() {
    let app = app_with_mail().start().await;
    let body = json!({ "email": "ann@example.com", "data": { "name": "Ann" } });

    let asked = post(&app, "/auth/v1/otp", body).await.expect_status(200);
    let mail = mail_to(&app, "ann@example.com").await;
    let shown = json!({ "type": "email", "email": "ann@example.com", "token": mail["code"] });
    let session = post(&app, "/auth/v1/verify", shown).await;

    assert_eq!(asked.json(), json!({}));
    let session = session.expect_status(200).json();
    assert_eq!(session["token_type"], "bearer");
    assert!(session["user"]["email_confirmed_at"].is_string());
    assert_eq!(session["user"]["user_metadata"], json!({ "name": "Ann" }));
    let identity = &session["user"]["identities"][0];
    assert_eq!(identity["identity_data"]["email_verified"], true);
}

#[tokio::test]
async fn a_recovery_lets_in_and_is_told_apart() {
    let app = app_with_mail().start().await;
    confirmed(&app, "ann@example.com").await;
    let body = json!({ "email": "ann@example.com" });

    post(&app, "/auth/v1/recover", body)
        .await
        .expect_status(200);
    let mail = mail_of(&app, "ann@example.com", "recovery").await;
    let shown = json!({
        "type": "recovery", "email": "ann@example.com", "token": mail["code"],
    });
    let session = post(&app, "/auth/v1/verify", shown).await;

    let session = session.expect_status(200).json();
    let claims = super::kit::claims(&session);
    assert_eq!(claims["amr"][0]["method"], "recovery");
}

#[tokio::test]
async fn attack_38_letters_are_promised_to_anybody_in_the_same_words() {
    let app = app_with_mail().start().await;
    confirmed(&app, "ann@example.com").await;
    let asked = [
        ("/auth/v1/otp", json!({ "create_user": false })),
        ("/auth/v1/recover", json!({})),
        ("/auth/v1/resend", json!({ "type": "signup" })),
        ("/auth/v1/resend", json!({ "type": "email_change" })),
    ];

    for (path, body) in asked {
        let with = |email: &str| {
            let mut body = body.clone();
            body["email"] = json!(email);
            body
        };
        let known = post(&app, path, with("ann@example.com")).await;
        let unknown = post(&app, path, with("nobody@example.com")).await;

        assert_eq!(known.status, unknown.status, "{path}");
        assert_eq!(known.text, unknown.text, "{path}");
        assert_eq!(known.status.as_u16(), 200, "{path}: {}", known.text);
        assert_eq!(names(&known), names(&unknown), "{path}");
    }
    all_sent(&app).await;
    let mails = mails_to(&app, "nobody@example.com").await;
    assert!(mails.is_empty(), "{mails:?}");
}

#[tokio::test]
async fn attack_38_a_sign_up_for_a_taken_address_looks_like_a_new_one() {
    let app = app_with_mail().start().await;
    confirmed(&app, "ann@example.com").await;

    let body = |email: &str| {
        let data = json!({ "zz": 1.0, "a": { "long": 1, "b": 1e2 }, "email": "x@example.com" });
        json!({ "email": email, "password": PASSWORD, "data": data })
    };
    let ask = |email| app.anon().post("/auth/v1/signup", &body(email)).send();
    let taken = ask("ann@example.com").await.expect_status(200);
    let fresh = ask("bob@example.com").await.expect_status(200);

    assert_eq!(shape(&taken.text, "ann"), shape(&fresh.text, "bob"));
}

/// A text without what differs from user to user: names, ids and times.
fn shape(text: &str, name: &str) -> String {
    let is_unique = |it: &str| it.len() == 36 && it.split('-').count() == 5;
    text.replace(name, "NAME")
        .split('"')
        .map(|it| match it {
            it if is_unique(it) => "ID",
            it if it.starts_with("20") && it.ends_with('Z') => "TIME",
            it => it,
        })
        .collect::<Vec<_>>()
        .join("|")
}

#[tokio::test]
async fn attack_38_wrong_codes_are_refused_in_the_same_words() {
    let app = app_with_mail().start().await;
    confirmed(&app, "ann@example.com").await;
    let shown = |email: &str| json!({ "type": "email", "email": email, "token": "000000" });

    let known = post(&app, "/auth/v1/verify", shown("ann@example.com")).await;
    let unknown = post(&app, "/auth/v1/verify", shown("nobody@example.com")).await;

    assert_eq!(known.text, unknown.text);
    let refused = known.expect_status(403).json();
    assert_eq!(refused["error_code"], "otp_expired");
    assert_eq!(refused["msg"], "Token has expired or is invalid");
}

#[tokio::test]
async fn attack_27_where_nobody_may_sign_up_no_way_makes_a_user() {
    let app = app_with_mail()
        .setting("signup.enabled", "false")
        .setting("signup.anonymous", "true")
        .start()
        .await;
    let by_code = json!({ "email": "new@example.com", "create_user": true });
    let by_password = json!({ "email": "new@example.com", "password": PASSWORD });

    // Who may come in is not told, so neither is that nobody new may.
    post(&app, "/auth/v1/otp", by_code).await.expect_status(200);
    for body in [by_password, json!({})] {
        let refused = post(&app, "/auth/v1/signup", body).await;
        let refused = refused.expect_status(422).json();
        assert_eq!(refused["error_code"], "signup_disabled");
    }

    let sql = app.sql().await;
    let row = sql.query_one("select count(*) from auth.users", &[]).await;
    assert_eq!(row.expect("a count").get::<_, i64>(0), 0);
}

#[tokio::test]
async fn attack_18_other_types_than_texts_are_no_fields() {
    let app = app_with_mail().start().await;
    for field in [json!(null), json!([]), json!({}), json!(7), json!(true)] {
        let bodies = [
            ("/auth/v1/otp", json!({ "email": field })),
            ("/auth/v1/recover", json!({ "email": field })),
            (
                "/auth/v1/resend",
                json!({ "type": field, "email": "a@example.com" }),
            ),
            (
                "/auth/v1/verify",
                json!({ "type": "email", "email": "a@example.com", "token": field }),
            ),
            (
                "/auth/v1/verify",
                json!({ "type": "email", "token_hash": field }),
            ),
        ];
        for (path, body) in bodies {
            let reply = post(&app, path, body.clone()).await;
            assert_eq!(reply.status.as_u16(), 400, "{path} {body}: {}", reply.text);
        }
    }
}

#[tokio::test]
async fn attack_28_odd_addresses_get_no_letters() {
    let app = app_with_mail().start().await;
    for email in [
        "ann＠example.com",
        "ann@example.com,eve@example.com",
        "ann@example.com\r\nBcc: eve@example.com",
        "\"ann\"@example.com",
        "ann@example.com.",
        "аnn@example.com",
        "<ann@example.com>",
        "ann@eve@example.com",
        " ann@example.com",
    ] {
        for path in ["/auth/v1/otp", "/auth/v1/recover"] {
            let reply = post(&app, path, json!({ "email": email })).await;
            let refused = reply.expect_status(400).json();
            assert_eq!(
                refused["error_code"], "validation_failed",
                "{path} {email:?}"
            );
        }
    }
}

#[tokio::test]
async fn attack_16_a_code_dies_after_five_tries() {
    let app = app_with_mail().start().await;
    let body = json!({ "email": "ann@example.com" });
    post(&app, "/auth/v1/otp", body).await.expect_status(200);
    let code = mail_to(&app, "ann@example.com").await["code"].clone();
    let right = code.as_str().expect("a code");
    let wrong = if right == "000000" {
        "000001"
    } else {
        "000000"
    };
    let shown = |code: &str| json!({ "type": "email", "email": "ann@example.com", "token": code });

    for _ in 0..5 {
        post(&app, "/auth/v1/verify", shown(wrong))
            .await
            .expect_status(403);
    }
    let late = post(&app, "/auth/v1/verify", shown(right)).await;

    late.expect_status(403);
}

#[tokio::test]
async fn a_code_is_good_for_ten_minutes_and_a_link_for_an_hour() {
    let app = app_with_mail().start().await;
    let body = json!({ "email": "ann@example.com" });
    post(&app, "/auth/v1/otp", body).await.expect_status(200);
    let mail = mail_to(&app, "ann@example.com").await;
    let typed = json!({ "type": "email", "email": "ann@example.com", "token": mail["code"] });
    let linked = json!({ "type": "email", "token_hash": super::verify::token_of(&mail) });

    app.advance(601);
    let code = post(&app, "/auth/v1/verify", typed).await;
    let link = post(&app, "/auth/v1/verify", linked).await;

    code.expect_status(403);
    link.expect_status(200);
}

#[tokio::test]
async fn attack_22_a_strangers_password_goes_when_the_owner_signs_in_by_code() {
    let app = app_with_mail().start().await;
    sign_up(&app, "victim@example.com").await;

    let body = json!({ "email": "victim@example.com" });
    post(&app, "/auth/v1/otp", body).await.expect_status(200);
    let mail = mail_of(&app, "victim@example.com", "magic_link").await;
    let shown = json!({
        "type": "email", "email": "victim@example.com", "token": mail["code"],
    });
    let session = post(&app, "/auth/v1/verify", shown)
        .await
        .expect_status(200)
        .json();
    let stranger = json!({ "email": "victim@example.com", "password": PASSWORD });
    let stranger = post(&app, "/auth/v1/token?grant_type=password", stranger).await;

    assert_eq!(
        session["user"]["identities"].as_array().map(Vec::len),
        Some(1)
    );
    assert_eq!(
        session["user"]["app_metadata"]["providers"],
        json!(["email"])
    );
    stranger.expect_status(400);
}

#[tokio::test]
async fn attack_22_an_account_signed_up_for_with_two_passwords_keeps_neither() {
    let app = app_with_mail().start().await;
    sign_up(&app, "victim@example.com").await;
    mail_to(&app, "victim@example.com").await;
    let again = json!({ "email": "victim@example.com", "password": "another-fine-password" });
    post(&app, "/auth/v1/signup", again.clone())
        .await
        .expect_status(200);

    let mail = newest(&app, "victim@example.com", 2).await;
    let shown = json!({
        "type": "signup", "email": "victim@example.com", "token": mail["code"],
    });
    post(&app, "/auth/v1/verify", shown)
        .await
        .expect_status(200);

    for password in [PASSWORD, "another-fine-password"] {
        let body = json!({ "email": "victim@example.com", "password": password });
        let reply = post(&app, "/auth/v1/token?grant_type=password", body).await;
        reply.expect_status(400);
    }
}

#[tokio::test]
async fn attack_22_a_strangers_identity_goes_when_the_owner_signs_up() {
    let app = app_with_mail().start().await;
    sign_up(&app, "victim@example.com").await;
    let insert = "insert into auth.identities \
                  (provider, provider_id, user_id, created_at, updated_at) \
                  select 'evil', 'stranger', id, now(), now() from auth.users";
    let sql = app.sql().await;
    sql.execute(insert, &[]).await.expect("an identity");

    sign_up(&app, "victim@example.com").await;

    let left = "select count(*) from auth.identities where provider = 'evil'";
    let left = sql.query_one(left, &[]).await.expect("a count");
    assert_eq!(left.get::<_, i64>(0), 0);
}

#[tokio::test]
async fn the_same_password_twice_stays() {
    let app = app_with_mail().start().await;
    sign_up(&app, "ann@example.com").await;
    mail_to(&app, "ann@example.com").await;
    sign_up(&app, "ann@example.com").await;

    let mail = newest(&app, "ann@example.com", 2).await;
    let shown = json!({ "type": "signup", "email": "ann@example.com", "token": mail["code"] });
    post(&app, "/auth/v1/verify", shown)
        .await
        .expect_status(200);

    super::kit::sign_in(&app, "ann@example.com").await;
}

fn names(reply: &Reply) -> Vec<String> {
    let mut names: Vec<_> = reply.headers.keys().map(ToString::to_string).collect();
    names.sort();
    names
}
