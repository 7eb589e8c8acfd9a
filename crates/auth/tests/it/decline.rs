//! "It was not me": the page behind a sign-up's link, and both of its buttons.

use postern_testkit::{Reply, TestApp, TestClient};
use serde_json::{Value, json};
use url::Url;
use url::form_urlencoded::Serializer;

use super::kit::{PASSWORD, app_with_mail, mail_of, mail_to, newest, sign_up};
use super::verify::token_of;

const ANN: &str = "ann@example.com";

fn browser(app: &TestApp) -> TestClient {
    let client = app.anon().without_header("apikey");
    client.without_header("authorization")
}

async fn open(app: &TestApp, mail: &Value, language: &str) -> Reply {
    let link = Url::parse(mail["link"].as_str().expect("a link")).expect("an address");
    let path = format!("{}?{}", link.path(), link.query().unwrap_or_default());
    let request = browser(app).get(&path);
    request.header("accept-language", language).send().await
}

/// Posts what a button of the page posts.
async fn press(app: &TestApp, (kind, token): (&str, &str), more: &[(&str, &str)]) -> Reply {
    let mut form = Serializer::new(String::new());
    form.append_pair("type", kind).append_pair("token", token);
    form.extend_pairs(more);
    browser(app)
        .request(reqwest::Method::POST, "/auth/v1/verify")
        .header("sec-fetch-site", "same-origin")
        .body("application/x-www-form-urlencoded", form.finish())
        .send()
        .await
}

const DECLINE: &[(&str, &str)] = &[("answer", "decline")];

async fn by_password(app: &TestApp) -> Value {
    let body = json!({ "email": ANN, "password": PASSWORD });
    let path = "/auth/v1/token?grant_type=password";
    app.anon().post(path, &body).send().await.json()
}

async fn otp_is_refused(app: &TestApp, token: &str) {
    let body = json!({ "type": "signup", "token_hash": token });
    let reply = app.anon().post("/auth/v1/verify", &body).send().await;
    assert_eq!(reply.expect_status(403).json()["error_code"], "otp_expired");
}

#[tokio::test]
async fn the_page_of_a_sign_up_says_whose_it_is_and_can_be_declined() {
    let app = app_with_mail().start().await;
    sign_up(&app, ANN).await;
    let mail = mail_to(&app, ANN).await;

    let english = open(&app, &mail, "en").await.expect_status(200);
    let german = open(&app, &mail, "de").await.expect_status(200);

    for (page, texts) in [
        (
            &english,
            ["Somebody signed up with this address", "It was not me"],
        ),
        (
            &german,
            [
                "Jemand hat sich mit dieser Adresse registriert",
                "Das war ich nicht",
            ],
        ),
    ] {
        assert!(page.text.contains(ANN), "{}", page.text);
        assert!(page.text.contains(r#"name="answer" value="decline""#));
        assert!(!page.text.contains("<script"));
        for text in texts {
            assert!(page.text.contains(text), "{text}: {}", page.text);
        }
    }
}

#[tokio::test]
async fn attack_22_who_declines_a_sign_up_takes_the_strangers_password_away() {
    let app = app_with_mail().start().await;
    sign_up(&app, ANN).await;
    let token = token_of(&mail_to(&app, ANN).await);

    let page = press(&app, ("signup", &token), DECLINE).await;

    let page = page.expect_status(200);
    assert!(page.text.contains("The sign-up is undone"), "{}", page.text);
    assert!(page.header("location").is_none());
    // The link is used up, by either button and by clients.
    otp_is_refused(&app, &token).await;
    for more in [DECLINE, &[]] {
        let again = press(&app, ("signup", &token), more)
            .await
            .expect_status(303);
        let to = again.header("location").expect("an address");
        assert!(to.contains("otp_expired"), "{to}");
    }
    let sql = app.sql().await;
    let found = "select encrypted_password is null, email_confirmed_at is null, \
                 (select count(*) from postern.codes), \
                 (select count(*) from auth.audit_log_entries \
                  where payload ->> 'action' = 'user_signup_declined') from auth.users";
    let row = sql.query_one(found, &[]).await.expect("the account");
    assert!(row.get::<_, bool>(0) && row.get::<_, bool>(1));
    assert_eq!((row.get::<_, i64>(2), row.get::<_, i64>(3)), (0, 1));
    assert_eq!(by_password(&app).await["error_code"], "invalid_credentials");
    // The stranger may go on asking: what the owner confirms then has no password of theirs.
    sign_up(&app, ANN).await;
    let next = token_of(&newest(&app, ANN, 2).await);
    assert_ne!(next, token);
    let landed = press(&app, ("signup", &next), &[]).await;
    landed.expect_status(303);
    assert_eq!(by_password(&app).await["error_code"], "invalid_credentials");
}

#[tokio::test]
async fn the_first_button_still_confirms() {
    let app = app_with_mail().start().await;
    sign_up(&app, ANN).await;
    let token = token_of(&mail_to(&app, ANN).await);

    let landed = press(&app, ("signup", &token), &[("answer", "")]).await;

    let landed = landed.expect_status(303);
    let to = landed.header("location").expect("an address");
    assert!(to.contains("access_token="), "{to}");
    assert!(by_password(&app).await["access_token"].is_string());
}

#[tokio::test]
async fn nothing_but_a_sign_up_on_our_own_page_can_be_declined() {
    let app = app_with_mail().start().await;
    sign_up(&app, ANN).await;
    let token = token_of(&mail_to(&app, ANN).await);

    // A foreign page presses the button, or the link is of another kind.
    let form = format!("type=signup&token={token}&answer=decline");
    let foreign = browser(&app)
        .request(reqwest::Method::POST, "/auth/v1/verify")
        .header("sec-fetch-site", "cross-site")
        .body("application/x-www-form-urlencoded", form)
        .send()
        .await;
    press(&app, ("signup", &token), &[])
        .await
        .expect_status(303);
    let body = json!({ "email": ANN });
    let asked = app.anon().post("/auth/v1/recover", &body).send();
    asked.await.expect_status(200);
    let recovery = mail_of(&app, ANN, "recovery").await;
    let page = open(&app, &recovery, "en").await.expect_status(200);
    let refused = press(&app, ("recovery", &token_of(&recovery)), DECLINE).await;
    let good = press(&app, ("recovery", &token_of(&recovery)), &[]).await;

    foreign.expect_status(403);
    assert!(!page.text.contains("decline"), "{}", page.text);
    let refused = refused.expect_status(303);
    let to = refused.header("location").expect("an address");
    assert!(to.contains("otp_expired"), "{to}");
    // It was not used up by the attempt.
    let good = good.expect_status(303);
    let to = good.header("location").expect("an address");
    assert!(to.contains("access_token="), "{to}");
    assert!(by_password(&app).await["access_token"].is_string());
}

#[tokio::test]
async fn a_late_refusal_does_not_empty_an_account_that_was_proved_meanwhile() {
    let app = app_with_mail().start().await;
    sign_up(&app, ANN).await;
    let token = token_of(&mail_to(&app, ANN).await);
    let sql = app.sql().await;
    let confirm = "update auth.users set email_confirmed_at = now()";
    sql.execute(confirm, &[]).await.expect("confirmed");

    press(&app, ("signup", &token), DECLINE)
        .await
        .expect_status(200);

    otp_is_refused(&app, &token).await;
    assert!(by_password(&app).await["access_token"].is_string());
}
