//! Links, their pages, and where browsers are led.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use futures_util::future::join_all;
use postern_testkit::{Reply, TestApp};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use url::Url;

use super::codes::confirmed;
use super::kit::{app_with_mail, mail_to};

const ANN: &str = "ann@example.com";

/// The token of a mail's link.
pub(crate) fn token_of(mail: &Value) -> String {
    let link = mail["link"].as_str().expect("a link");
    parameter(link, "token").expect("a token")
}

fn parameter(address: &str, name: &str) -> Option<String> {
    let url = Url::parse(address).expect("an address");
    url.query_pairs()
        .find(|(key, _)| key == name)
        .map(|(_, value)| value.into_owned())
}

fn fragment(address: &str) -> Vec<(String, String)> {
    let url = Url::parse(address).expect("an address");
    let fragment = url.fragment().unwrap_or_default();
    url::form_urlencoded::parse(fragment.as_bytes())
        .into_owned()
        .collect()
}

fn said<'a>(pairs: &'a [(String, String)], name: &str) -> Option<&'a str> {
    let found = pairs.iter().find(|(key, _)| key == name);
    found.map(|(_, value)| value.as_str())
}

async fn mail(app: &TestApp, query: &str, body: Value) -> Value {
    let path = format!("/auth/v1/otp{query}");
    let reply = app.anon().post(&path, &body).send().await;
    reply.expect_status(200);
    mail_to(app, ANN).await
}

/// What a browser does that opens a link.
async fn open(app: &TestApp, mail: &Value) -> Reply {
    let link = Url::parse(mail["link"].as_str().expect("a link")).expect("an address");
    let path = format!("{}?{}", link.path(), link.query().unwrap_or_default());
    browser(app).get(&path).send().await
}

fn browser(app: &TestApp) -> postern_testkit::TestClient {
    let client = app.anon().without_header("apikey");
    client.without_header("authorization")
}

/// What the page's button does.
async fn press(app: &TestApp, mail: &Value) -> Reply {
    let link = mail["link"].as_str().expect("a link");
    let form = Url::parse(link).expect("an address");
    let request = browser(app).request(reqwest::Method::POST, "/auth/v1/verify");
    request
        .header("sec-fetch-site", "same-origin")
        .body(
            "application/x-www-form-urlencoded",
            form.query().expect("parameters"),
        )
        .send()
        .await
}

#[tokio::test]
async fn attack_35_opening_a_link_uses_nothing_up() {
    let app = app_with_mail().start().await;
    let mail = mail(&app, "", json!({ "email": ANN })).await;

    for _ in 0..3 {
        let page = open(&app, &mail).await.expect_status(200);
        let policy = page.header("content-security-policy").expect("a policy");
        assert!(policy.contains("default-src 'none'"), "{policy}");
        assert!(page.text.contains("<form method=\"post\""), "{}", page.text);
        assert!(!page.text.contains("access_token"));
    }
    let landed = press(&app, &mail).await.expect_status(303);

    let pairs = fragment(landed.header("location").expect("an address"));
    for name in [
        "access_token",
        "refresh_token",
        "expires_in",
        "expires_at",
        "sb",
    ] {
        assert!(said(&pairs, name).is_some(), "{name}");
    }
    assert_eq!(said(&pairs, "token_type"), Some("bearer"));
    assert_eq!(said(&pairs, "type"), Some("magiclink"));
}

#[tokio::test]
async fn attack_15_of_a_hundred_uses_of_a_code_one_wins() {
    let app = app_with_mail().start().await;
    let mail = mail(&app, "", json!({ "email": ANN })).await;
    // A code may be tried five times, whoever tries.
    let by_code = json!({ "type": "email", "email": ANN, "token": mail["code"] });
    let by_link = json!({ "type": "magiclink", "token_hash": token_of(&mail) });

    let uses = (0..100).map(|turn| {
        let body = if turn % 2 == 0 { &by_link } else { &by_code };
        app.anon().post("/auth/v1/verify", body).send()
    });
    let replies = join_all(uses).await;

    let won = replies.iter().filter(|it| it.status.as_u16() == 200);
    assert_eq!(won.count(), 1);
    let lost = replies.iter().filter(|it| it.status.as_u16() == 403);
    assert_eq!(lost.count(), 99);
}

#[tokio::test]
async fn attack_15_a_used_link_leads_on_with_a_refusal() {
    let app = app_with_mail().start().await;
    let mail = mail(&app, "", json!({ "email": ANN })).await;
    press(&app, &mail).await.expect_status(303);

    for reply in [open(&app, &mail).await, press(&app, &mail).await] {
        let reply = reply.expect_status(303);
        let pairs = fragment(reply.header("location").expect("an address"));
        assert_eq!(said(&pairs, "error"), Some("access_denied"));
        assert_eq!(said(&pairs, "error_code"), Some("otp_expired"));
        assert_eq!(said(&pairs, "sb"), Some(""));
    }
}

#[tokio::test]
async fn attack_33_a_pkce_link_carries_a_code_that_needs_the_verifier() {
    let app = app_with_mail().start().await;
    let verifier = "v".repeat(64);
    let body = json!({
        "email": ANN,
        "code_challenge": URL_SAFE_NO_PAD.encode(Sha256::digest(&verifier)),
        "code_challenge_method": "s256",
    });
    let target = "?redirect_to=http%3A%2F%2Flocalhost%3A3000%2Fin%3Fsb_flow_id%3D7";
    let mail = mail(&app, target, body).await;
    assert!(token_of(&mail).starts_with("pkce_"));

    let landed = press(&app, &mail).await.expect_status(303);
    let address = landed.header("location").expect("an address").to_owned();
    let code = parameter(&address, "code").expect("a code");
    let exchange = |verifier: &str| {
        let body = json!({ "auth_code": code, "code_verifier": verifier });
        let path = "/auth/v1/token?grant_type=pkce";
        app.anon().post(path, &body).send()
    };
    let session = exchange(&verifier).await;
    let again = exchange(&verifier).await;

    assert_eq!(parameter(&address, "sb_flow_id").as_deref(), Some("7"));
    assert!(!address.contains("access_token"), "{address}");
    session.expect_status(200);
    again.expect_status(404);
}

/// The code at the end of a link that was asked for with a PKCE challenge, after the button.
async fn pkce_code(app: &TestApp, verifier: &str) -> Value {
    let body = json!({
        "email": ANN,
        "code_challenge": URL_SAFE_NO_PAD.encode(Sha256::digest(verifier)),
        "code_challenge_method": "s256",
    });
    let reply = app.anon().post("/auth/v1/otp", &body).send().await;
    reply.expect_status(200);
    let mail = super::kit::mail_of(app, ANN, "magic_link").await;
    let landed = press(app, &mail).await.expect_status(303);
    let address = landed.header("location").expect("an address").to_owned();
    json!(parameter(&address, "code").expect("a code"))
}

async fn exchange(app: &TestApp, code: &Value, verifier: &str) -> Reply {
    let body = json!({ "auth_code": code, "code_verifier": verifier });
    let path = "/auth/v1/token?grant_type=pkce";
    app.anon().post(path, &body).send().await
}

#[tokio::test]
async fn attack_33_a_code_in_a_query_is_worth_nothing_without_its_verifier() {
    let app = app_with_mail().start().await;
    confirmed(&app, ANN).await;
    let verifier = "v".repeat(64);
    let code = pkce_code(&app, &verifier).await;

    let wrong = exchange(&app, &code, &"w".repeat(64)).await;
    let second_try = exchange(&app, &code, &verifier).await;

    assert_eq!(
        wrong.expect_status(400).json()["error_code"],
        "bad_code_verifier"
    );
    second_try.expect_status(404);
}

#[tokio::test]
async fn attack_15_of_a_hundred_exchanges_of_one_code_one_wins() {
    let app = app_with_mail().start().await;
    confirmed(&app, ANN).await;
    let verifier = "v".repeat(64);
    let code = pkce_code(&app, &verifier).await;

    let replies = join_all((0..100).map(|_| exchange(&app, &code, &verifier))).await;

    let won = replies.iter().filter(|it| it.status.as_u16() == 200);
    assert_eq!(won.count(), 1);
    let lost = replies.iter().filter(|it| it.status.as_u16() == 404);
    assert_eq!(lost.count(), 99);
}

#[tokio::test]
async fn attack_76_a_foreign_page_cannot_press_the_button() {
    let app = app_with_mail().start().await;
    let mail = mail(&app, "", json!({ "email": ANN })).await;
    let form = format!("type=magiclink&token={}", token_of(&mail));
    let foreign = [
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
        ("origin", "https://evil.example"),
        ("origin", "null"),
    ];

    for (name, value) in foreign {
        let reply = browser(&app)
            .request(reqwest::Method::POST, "/auth/v1/verify")
            .header(name, value)
            .body("application/x-www-form-urlencoded", form.as_str())
            .send()
            .await;
        reply.expect_status(403);
    }

    press(&app, &mail).await.expect_status(303);
}

#[tokio::test]
async fn attack_31_links_are_made_of_the_configured_address_alone() {
    let app = app_with_mail()
        .setting("api.external_url", "https://api.example.com")
        .start()
        .await;
    let client = app
        .anon()
        .with_header("x-forwarded-host", "evil.example")
        .with_header("x-forwarded-proto", "gopher")
        .with_header("forwarded", "host=evil.example;proto=gopher")
        .with_header("host", "evil.example")
        .with_header("referer", "https://evil.example/");

    client
        .post("/auth/v1/otp", &json!({ "email": ANN }))
        .send()
        .await
        .expect_status(200);
    let mail = mail_to(&app, ANN).await;

    let link = mail["link"].as_str().expect("a link");
    assert!(
        link.starts_with("https://api.example.com/auth/v1/verify?"),
        "{link}"
    );
    assert!(!link.contains("evil"), "{link}");
}

#[tokio::test]
async fn attack_32_browsers_are_led_to_allowed_addresses_only() {
    let app = app_with_mail().start().await;
    for (number, evil) in [
        "https://evil.example/",
        "//evil.example",
        "\\\\evil.example",
        "http://localhost:3000@evil.example/",
        "http://localhost.evil.example/",
        "javascript:alert(1)",
        "http://2130706433:3000/",
    ]
    .into_iter()
    .enumerate()
    {
        let email = format!("user{number}@example.com");
        let query = url::form_urlencoded::byte_serialize(evil.as_bytes()).collect::<String>();
        let path = format!("/auth/v1/otp?redirect_to={query}");
        let body = json!({ "email": email });
        app.anon()
            .post(&path, &body)
            .send()
            .await
            .expect_status(200);
        let mail = mail_to(&app, &email).await;
        let form = format!(
            "type=magiclink&token={}&redirect_to={query}",
            token_of(&mail)
        );

        let landed = browser(&app)
            .request(reqwest::Method::POST, "/auth/v1/verify")
            .header("sec-fetch-site", "same-origin")
            .header("referer", "https://evil.example/")
            .body("application/x-www-form-urlencoded", form)
            .send()
            .await
            .expect_status(303);

        let address = landed.header("location").expect("an address");
        assert!(
            address.starts_with("http://localhost:3000"),
            "{evil}: {address}"
        );
        assert!(!mail["link"].as_str().expect("a link").contains("evil"));
    }
}

#[tokio::test]
async fn a_token_stands_alone_and_fits_its_type() {
    let app = app_with_mail().start().await;
    let mail = mail(&app, "", json!({ "email": ANN })).await;
    let verify = |body: Value| {
        let client = app.anon();
        async move { client.post("/auth/v1/verify", &body).send().await }
    };
    let token = token_of(&mail);

    let both = verify(json!({ "type": "email", "email": ANN, "token_hash": token })).await;
    let other = verify(json!({ "type": "email_change", "token_hash": token })).await;
    let right = verify(json!({ "type": "email", "token_hash": token })).await;

    let both = both.expect_status(400).json();
    assert_eq!(
        both["msg"],
        "Only the token_hash and type should be provided"
    );
    assert_eq!(other.expect_status(403).json()["error_code"], "otp_expired");
    right.expect_status(200);
}

#[tokio::test]
async fn attack_19_each_sign_in_begins_a_new_session() {
    let app = app_with_mail().start().await;
    let first = confirmed(&app, ANN).await;
    let body = json!({ "email": ANN });
    app.anon()
        .post("/auth/v1/otp", &body)
        .send()
        .await
        .expect_status(200);
    let mail = super::kit::mail_of(&app, ANN, "magic_link").await;
    let body = json!({ "type": "email", "email": ANN, "token": mail["code"] });
    let second = app.anon().post("/auth/v1/verify", &body).send().await;

    let second = second.expect_status(200).json();
    let id = |it: &Value| super::kit::claims(it)["session_id"].clone();
    assert_ne!(id(&first), id(&second));
}
