//! Hooks: what they are told, what they may do, and what happens when they fail.

use std::time::Duration;

use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use postern_testkit::{Reply, TestApp, TestAppBuilder};
use serde_json::{Value, json};

use super::kit::{PASSWORD, app, app_with_mail, refresh, sign_in, sign_up, with_session};
use super::stub::{Answer, Noted, Stub};

pub(super) const SECRET: &str = "v1,whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const SIGN_IN: &str = "/auth/v1/token?grant_type=password";

/// A server whose hook of this key is the stub.
pub(super) fn hooked(app: TestAppBuilder, keys: [&'static str; 2], stub: &Stub) -> TestAppBuilder {
    app.setting(keys[0], &stub.url("/hook"))
        .setting(keys[1], SECRET)
        .setting("outbound.allow", &stub.address)
}

const TOKEN: [&str; 2] = [
    "hooks.custom_access_token",
    "hooks.custom_access_token_secrets",
];
const CREATED: [&str; 2] = [
    "hooks.before_user_created",
    "hooks.before_user_created_secrets",
];
const PASSWORD_TRIED: [&str; 2] = [
    "hooks.password_verification_attempt",
    "hooks.password_verification_attempt_secrets",
];
const SIGNS_IN: [&str; 2] = ["hooks.before_sign_in", "hooks.before_sign_in_secrets"];
const REFRESHES: [&str; 2] = [
    "hooks.before_token_refresh",
    "hooks.before_token_refresh_secrets",
];

async fn try_to_sign_up(app: &TestApp) -> Reply {
    try_to_sign_up_as(app, "ann@example.com").await
}

async fn try_to_sign_up_as(app: &TestApp, email: &str) -> Reply {
    let body = json!({ "email": email, "password": PASSWORD });
    app.anon().post("/auth/v1/signup", &body).send().await
}

async fn try_to_sign_in(app: &TestApp, password: &str) -> Reply {
    let body = json!({ "email": "ann@example.com", "password": password });
    app.anon().post(SIGN_IN, &body).send().await
}

fn claims(session: &Value) -> Value {
    let token = session["access_token"].as_str().expect("a token");
    let middle = token.split('.').nth(1).expect("claims");
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(middle).expect("base64")).expect("JSON")
}

/// Checks a call as a receiver does.
pub(super) fn is_signed(noted: &Noted) -> bool {
    let key = STANDARD
        .decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
        .expect("base64");
    let key = hmac::Key::new(hmac::HMAC_SHA256, &key);
    let (id, time) = (
        noted.header("webhook-id"),
        noted.header("webhook-timestamp"),
    );
    let message = format!("{id}.{time}.{}", noted.body);
    let signature = noted
        .header("webhook-signature")
        .strip_prefix("v1,")
        .expect("version one");
    let signature = STANDARD.decode(signature).expect("base64");
    !id.is_empty() && hmac::verify(&key, message.as_bytes(), &signature).is_ok()
}

#[tokio::test]
async fn a_hook_adds_claims_to_a_token() {
    let stub = Stub::start(|noted: &Noted| {
        let mut claims = noted.json()["claims"].clone();
        claims["plan"] = json!("gold");
        claims["app_metadata"]["admin"] = json!(true);
        Answer::json(&json!({ "claims": claims }))
    });
    let app = hooked(app(), TOKEN, &stub).start().await;

    let session = sign_up(&app, "ann@example.com").await;
    let next = refresh(&app, &session["refresh_token"])
        .await
        .expect_status(200)
        .json();
    let user = with_session(&app, &session)
        .get("/auth/v1/user")
        .send()
        .await;

    for token in [&session, &next] {
        let claims = claims(token);
        assert_eq!(claims["plan"], "gold");
        assert_eq!(claims["app_metadata"]["admin"], true);
    }
    user.expect_status(200);
    let noted = stub.noted();
    assert!(noted.iter().all(is_signed));
    let (first, second) = (noted[0].json(), noted[1].json());
    assert_eq!(first["user_id"], session["user"]["id"]);
    assert_eq!(first["authentication_method"], "password");
    assert_eq!(second["authentication_method"], "token_refresh");
    assert_eq!(first["metadata"]["name"], "custom-access-token");
    assert_eq!(first["metadata"]["ip_address"], "127.0.0.1");
    assert_eq!(first["metadata"]["uuid"], noted[0].header("webhook-id"));
}

/// What the hook is made to change, by the name in the user's address.
const FORGERIES: &[(&str, &str)] = &[
    ("role", "service_role"),
    ("sub", "00000000-0000-0000-0000-000000000001"),
    ("exp", "4102444800"),
    ("aal", "aal2"),
    ("session_id", "another"),
    ("email", "boss@example.com"),
];

#[tokio::test]
async fn attack_10_a_hook_cannot_overwrite_reserved_claims() {
    let stub = Stub::start(|noted: &Noted| {
        let mut claims = noted.json()["claims"].clone();
        let email = claims["email"].as_str().expect("an address").to_owned();
        let forged = FORGERIES
            .iter()
            .find(|(name, _)| email.starts_with(&name.replace('_', "-")));
        let (name, value) = forged.expect("a forgery");
        claims[*name] = json!(value);
        Answer::json(&json!({ "claims": claims }))
    });
    let app = hooked(app(), TOKEN, &stub).start().await;

    for (name, _) in FORGERIES {
        let email = format!("{}@example.com", name.replace('_', "-"));
        let refused = try_to_sign_up_as(&app, &email)
            .await
            .expect_status(500)
            .json();

        assert!(
            refused["msg"].as_str().is_some_and(|it| it.contains(name)),
            "{refused}"
        );
    }
}

#[tokio::test]
async fn attack_10_a_role_in_metadata_has_no_effect() {
    let app = app().start().await;
    let data = json!({ "role": "service_role", "aal": "aal2", "app_metadata": { "role": "x" } });
    let body = json!({
        "email": "ann@example.com", "password": PASSWORD, "data": data,
        "role": "service_role", "app_metadata": { "role": "service_role" },
    });

    let session = app.anon().post("/auth/v1/signup", &body).send().await;
    let session = session.expect_status(200).json();

    let claims = claims(&session);
    assert_eq!(
        (&claims["role"], &claims["aal"]),
        (&json!("authenticated"), &json!("aal1"))
    );
    assert_eq!(
        claims["app_metadata"],
        json!({ "provider": "email", "providers": ["email"] })
    );
    let admin = with_session(&app, &session)
        .get("/auth/v1/admin/users")
        .send()
        .await;
    assert!(admin.status.is_client_error());
}

#[tokio::test]
async fn a_function_in_the_database_is_a_hook() {
    let app = app()
        .migrations(
            "create function public.add_plan(event jsonb) returns jsonb language sql as \
             $$ select jsonb_set(event, '{claims,plan}', '\"silver\"') $$;\
             create function public.only_example(event jsonb) returns jsonb language sql as \
             $$ select case when event->'user'->>'email' like '%@example.com' then '{}'::jsonb \
             else '{\"error\": {\"http_code\": 403, \"message\": \"Work addresses only\"}}' end $$;",
        )
        .setting("hooks.custom_access_token", "pg-functions://postgres/public/add_plan")
        .setting("hooks.before_user_created", "pg-functions://postgres/public/only_example")
        .start()
        .await;

    let session = sign_up(&app, "ann@example.com").await;
    let body = json!({ "email": "ann@elsewhere.com", "password": PASSWORD });
    let refused = app.anon().post("/auth/v1/signup", &body).send().await;
    let users = app
        .sql()
        .await
        .query("select 1 from auth.users", &[])
        .await
        .expect("users");

    assert_eq!(claims(&session)["plan"], "silver");
    let refused = refused.expect_status(403).json();
    assert_eq!(refused["msg"], "Work addresses only");
    assert_eq!(refused["error_code"], "hook_refused");
    assert_eq!(users.len(), 1);
}

#[tokio::test]
async fn a_function_that_fails_or_hangs_lets_nobody_in() {
    let app = app()
        .migrations(
            "create function public.wait(event jsonb) returns jsonb language sql as \
             $$ select event from pg_sleep(20) $$;",
        )
        .setting(
            "hooks.custom_access_token",
            "pg-functions://postgres/public/wait",
        )
        .setting(
            "hooks.before_user_created",
            "pg-functions://postgres/public/is_not_there",
        )
        .start()
        .await;
    let refused = try_to_sign_up(&app).await.expect_status(500).json();
    assert!(!refused.to_string().contains("is_not_there"), "{refused}");

    let make = "create function public.is_not_there(event jsonb) returns jsonb language sql as \
                $$ select '{}'::jsonb $$";
    app.sql()
        .await
        .batch_execute(make)
        .await
        .expect("a function");
    let refused = try_to_sign_up(&app).await.expect_status(422).json();
    assert_eq!(refused["error_code"], "hook_timeout");
}

#[tokio::test]
async fn a_refusal_of_a_new_user_is_passed_on() {
    let stub = Stub::start(|_: &Noted| {
        let error = json!({ "http_code": 422, "message": "Not from there" });
        Answer::json(&json!({ "error": error })).status(400)
    });
    let app = hooked(app(), CREATED, &stub).start().await;

    let refused = try_to_sign_up(&app).await.expect_status(422).json();
    let users = app
        .sql()
        .await
        .query("select 1 from auth.users", &[])
        .await
        .expect("users");

    assert_eq!(refused["msg"], "Not from there");
    assert!(users.is_empty());
    let told = stub.noted()[0].json();
    assert_eq!(told["user"]["email"], "ann@example.com");
    assert_eq!(told["metadata"]["name"], "before-user-created");
}

#[tokio::test]
async fn a_hook_that_answers_badly_lets_nobody_in() {
    let fine = Answer::json(&json!({}));
    let answers = [
        (
            Answer {
                // Far more than the five seconds of patience, on a busy machine too.
                delay: Duration::from_secs(15),
                ..fine.clone()
            },
            422,
            "hook_timeout",
        ),
        (
            Answer {
                kind: "text/html",
                ..fine.clone()
            },
            422,
            "hook_payload_invalid_content_type",
        ),
        (
            Answer {
                body: format!("{{\"a\":\"{}\"}}", "x".repeat(300 * 1024)),
                ..fine.clone()
            },
            422,
            "hook_payload_over_size_limit",
        ),
        (
            Answer::json(&json!([])),
            422,
            "hook_payload_invalid_content_type",
        ),
        (
            Answer {
                body: "{".into(),
                ..fine.clone()
            },
            422,
            "hook_payload_invalid_content_type",
        ),
        (fine.clone().status(500), 500, "unexpected_failure"),
        (fine.clone().status(302), 500, "unexpected_failure"),
        // A hook cannot turn a refusal into a success.
        (
            Answer::json(&json!({ "error": { "http_code": 200 } })),
            500,
            "hook_refused",
        ),
    ];
    let script: Vec<_> = answers.iter().map(|(answer, ..)| answer.clone()).collect();
    let stub = Stub::start(move |noted: &Noted| {
        let told = noted.json();
        let email = told["user"]["email"].as_str().unwrap_or_default();
        let number = email.strip_prefix("case").and_then(|it| it.split_once('@'));
        let number: usize = number.and_then(|it| it.0.parse().ok()).expect("a case");
        script[number].clone()
    });
    let app = hooked(app(), CREATED, &stub).start().await;

    for (number, (answer, status, code)) in answers.iter().enumerate() {
        let refused = try_to_sign_up_as(&app, &format!("case{number}@example.com")).await;

        let shown = format!("{number}: {} {}", answer.status, answer.kind);
        assert_eq!(
            refused.status.as_u16(),
            *status,
            "{shown}: {}",
            refused.text
        );
        assert_eq!(refused.json()["error_code"], *code, "{shown}");
    }
}

#[tokio::test]
async fn a_hook_hears_of_passwords_and_may_refuse_right_ones() {
    let stub = Stub::start(|noted: &Noted| {
        let valid = noted.json()["valid"] == true;
        let decision = if valid { "reject" } else { "continue" };
        Answer::json(&json!({
            "decision": decision, "message": "Come back tomorrow", "should_logout_user": true,
        }))
    });
    let app = hooked(app(), PASSWORD_TRIED, &stub).start().await;
    let session = sign_up(&app, "ann@example.com").await;

    let wrong = try_to_sign_in(&app, "not-the-password").await;
    stub.wait_for(1).await;
    let right = try_to_sign_in(&app, PASSWORD).await;
    let user = with_session(&app, &session)
        .get("/auth/v1/user")
        .send()
        .await;

    assert_eq!(
        wrong.expect_status(400).json()["error_code"],
        "invalid_credentials"
    );
    assert_eq!(right.expect_status(403).json()["msg"], "Come back tomorrow");
    user.expect_status(403);
    let told: Vec<_> = stub
        .noted()
        .iter()
        .map(|it| it.json()["valid"].clone())
        .collect();
    assert_eq!(told, [json!(false), json!(true)]);
}

#[tokio::test]
async fn a_refused_sign_in_leaves_no_session() {
    let stub = Stub::start(|noted: &Noted| {
        let is_ann = noted.json()["user"]["email"] == "ann@example.com";
        let error = json!({ "error": { "http_code": 403, "message": "Closed today" } });
        Answer::json(&if is_ann { error } else { json!({}) })
    });
    let app = hooked(app(), SIGNS_IN, &stub).start().await;

    let refused = try_to_sign_up(&app).await;
    let other = sign_up(&app, "bob@example.com").await;
    let next = refresh(&app, &other["refresh_token"]).await;
    let sessions = app
        .sql()
        .await
        .query("select 1 from auth.sessions", &[])
        .await;

    assert_eq!(refused.expect_status(403).json()["msg"], "Closed today");
    next.expect_status(200);
    assert_eq!(sessions.expect("sessions").len(), 1);
    let noted = stub.noted();
    assert_eq!(noted.len(), 2, "a refresh is no sign-in");
    assert_eq!(noted[0].json()["authentication_method"], "password");
}

#[tokio::test]
async fn a_refused_refresh_leaves_the_session_as_it_was() {
    let stub = Stub::start(|noted: &Noted| {
        let is_first = noted.json()["metadata"]["time"]
            .as_str()
            .is_some_and(|it| it < "2");
        assert!(!is_first, "a time of this century");
        Answer::json(&json!({ "error": { "http_code": 403, "message": "Not now" } }))
    });
    let app = hooked(app(), REFRESHES, &stub).start().await;
    let session = sign_up(&app, "ann@example.com").await;
    let forged = format!("{}A", session["refresh_token"].as_str().expect("a token"));

    let refused = refresh(&app, &session["refresh_token"]).await;
    let unknown = refresh(&app, &json!(forged)).await;
    let user = with_session(&app, &session)
        .get("/auth/v1/user")
        .send()
        .await;

    assert_eq!(refused.expect_status(403).json()["msg"], "Not now");
    unknown.expect_status(400);
    user.expect_status(200);
    assert_eq!(stub.noted().len(), 1, "strangers' tokens are not told");
}

#[tokio::test]
async fn a_hook_sends_mails_in_the_place_of_the_mail_server() {
    let keys = ["hooks.send_email", "hooks.send_email_secrets"];
    let stub = Stub::start(|_: &Noted| Answer::json(&json!({})));
    let app = hooked(app_with_mail(), keys, &stub).start().await;

    try_to_sign_up(&app).await.expect_status(200);
    let noted = stub.wait_for(1).await;
    let mailbox = app.anon().get("/_dev/mailbox.json").send().await.json();

    let told = noted[0].json();
    assert!(is_signed(&noted[0]));
    assert_eq!(told["user"]["email"], "ann@example.com");
    assert_eq!(told["email_data"]["email_action_type"], "signup");
    assert_eq!(told["email_data"]["token"].as_str().map(str::len), Some(6));
    assert!(
        told["email_data"]["token_hash"]
            .as_str()
            .is_some_and(|it| it.len() > 20)
    );
    assert_eq!(mailbox, json!([]));
}

#[tokio::test]
async fn hooks_that_cannot_be_used_stop_the_start() {
    for (uri, expected) in [
        ("https://hooks.example.com/", "needs the secrets"),
        (
            "pg-functions://postgres/public/a-b",
            "names a schema or function",
        ),
        ("hooks.example.com", "is neither"),
    ] {
        let started = app().setting("hooks.before_sign_in", uri).try_start().await;

        let message = started.err().expect("no start").to_string();
        assert!(message.contains("hooks.before_sign_in"), "{message}");
        assert!(message.contains(expected), "{message}");
    }
}

#[tokio::test]
async fn attack_63_a_hook_inside_of_the_network_needs_the_operators_leave() {
    let stub = Stub::start(|_: &Noted| Answer::json(&json!({})));
    let app = app()
        .setting(CREATED[0], &stub.url("/hook"))
        .setting(CREATED[1], SECRET)
        .start()
        .await;

    let refused = try_to_sign_up(&app).await.expect_status(500).json();

    assert!(!refused.to_string().contains("127.0.0.1"), "{refused}");
    assert!(stub.noted().is_empty());
}

#[tokio::test]
async fn a_session_goes_on_when_a_token_hook_comes_back() {
    let app = app()
        .migrations(
            "create function public.add_plan(event jsonb) returns jsonb language sql as \
             $$ select event $$;",
        )
        .setting(
            "hooks.custom_access_token",
            "pg-functions://postgres/public/add_plan",
        )
        .start()
        .await;
    sign_up(&app, "ann@example.com").await;
    let session = sign_in(&app, "ann@example.com").await;
    let sql = app.sql().await;
    let rename =
        |from: &str, to: &str| format!("alter function public.{from}(jsonb) rename to {to}");

    sql.batch_execute(&rename("add_plan", "away"))
        .await
        .expect("renamed");
    let failed = refresh(&app, &session["refresh_token"]).await;
    sql.batch_execute(&rename("away", "add_plan"))
        .await
        .expect("renamed");
    let again = refresh(&app, &session["refresh_token"]).await;

    failed.expect_status(500);
    again.expect_status(200);
}
