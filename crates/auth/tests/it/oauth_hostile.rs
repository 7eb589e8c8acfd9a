//! What hostile providers, configurations and addresses try; each test is a line of the attack
//! suite.

use postern_testkit::TestApp;
use serde_json::json;

use super::codes::confirmed;
use super::kit::{PASSWORD, app, sign_in, sign_up, with_session};
use super::oauth::{app_with, users};
use super::oauth_idp::{Browser, Idp, told};

async fn error_of(app: &TestApp, provider: &str) -> String {
    let landed = Browser::new(app)
        .sign_in(&format!("provider={provider}"))
        .await;
    let told = told(&landed);
    assert!(
        !told.contains_key("access_token"),
        "{provider} was let in: {landed}"
    );
    told["error_code"].clone()
}

#[tokio::test]
async fn attack_01_to_06_no_lie_of_a_provider_is_believed() {
    let idp = Idp::start();
    let lies = [
        ("wrong-issuer", "invalid_credentials"),
        ("wrong-audience", "unexpected_audience"),
        ("further-audience", "unexpected_audience"),
        ("wrong-nonce", "invalid_credentials"),
        ("no-nonce", "invalid_credentials"),
        ("expired", "invalid_credentials"),
        ("from-the-future", "invalid_credentials"),
        ("alg-none", "invalid_credentials"),
        ("no-signature", "invalid_credentials"),
        ("key-confusion", "invalid_credentials"),
        ("client-secret", "invalid_credentials"),
        ("foreign-key", "invalid_credentials"),
        ("no-token", "invalid_credentials"),
        ("no-subject", "bad_oauth_callback"),
        ("wrong-access-token", "invalid_credentials"),
        ("mixed-up-iss", "bad_oauth_callback"),
        ("no-iss", "bad_oauth_callback"),
        ("huge-keys", "unexpected_failure"),
        ("redirecting-keys", "unexpected_failure"),
        ("metadata-service", "unexpected_failure"),
    ];
    let mut tables: Vec<_> = lies.iter().map(|(lie, _)| idp.table(lie, "")).collect();
    tables.push(idp.table("honest", ""));
    let app = app_with(&tables).start().await;

    for (lie, code) in lies {
        assert_eq!(error_of(&app, lie).await, code, "{lie}");
    }
    assert_eq!(users(&app).await, 0);
    let landed = Browser::new(&app).sign_in("provider=honest").await;
    assert!(told(&landed).contains_key("access_token"), "{landed}");
}

#[tokio::test]
async fn a_discovery_document_of_another_issuer_leads_nowhere() {
    let idp = Idp::start();
    let app = app_with(&[idp.table("discovery-issuer", "")]).start().await;

    let reply = app
        .anon()
        .get("/auth/v1/authorize?provider=discovery-issuer")
        .send()
        .await;

    reply.expect_status(500);
}

#[tokio::test]
async fn slow_keys_hold_nobody_for_long() {
    let idp = Idp::start();
    let app = app_with(&[idp.table("slow-keys", "")]).start().await;

    let first = error_of(&app, "slow-keys").await;
    // The time that was waited does not count, so that the pause lasts on a busy machine as well.
    app.advance(-5);
    let second = error_of(&app, "slow-keys").await;

    assert_eq!(
        (first.as_str(), second.as_str()),
        ("unexpected_failure", "unexpected_failure")
    );
    // The provider would have told the truth in the end, so that waiting for it would let in.
    assert_eq!(idp.key_fetches(), 1, "after a failure there is a pause");
}

#[tokio::test]
async fn an_unknown_key_is_asked_for_once_a_minute() {
    let idp = Idp::start();
    let app = app_with(&[idp.table("honest", ""), idp.table("unknown-key", "")])
        .start()
        .await;

    for _ in 0..3 {
        error_of(&app, "unknown-key").await;
    }
    let at_once = idp.key_fetches();
    app.advance(61);
    error_of(&app, "unknown-key").await;

    assert_eq!(at_once, 1);
    assert_eq!(idp.key_fetches(), 2);
}

#[tokio::test]
async fn attack_23_and_24_an_unverified_address_takes_no_account() {
    let idp = Idp::start();
    let app = app_with(&[idp.table("honest", "")]).start().await;
    let session = confirmed(&app, "someone@example.com").await;

    for value in [json!(false), json!("true"), json!("false"), json!(null)] {
        idp.claim(json!({ "email_verified": value, "sub": format!("thief {value}") }));
        let code = error_of(&app, "honest").await;
        assert_eq!(code, "provider_email_needs_verification", "{value}");
    }
    for value in [json!(1), json!([true]), json!({ "is": true })] {
        idp.claim(json!({ "email_verified": value }));
        assert_eq!(
            error_of(&app, "honest").await,
            "invalid_credentials",
            "{value}"
        );
    }
    idp.claim(json!({ "sub": "the owner" }));
    let owner = told(&Browser::new(&app).sign_in("provider=honest").await);

    assert_eq!(users(&app).await, 1);
    let client = app.anon().with_token(&owner["access_token"]);
    let user = client
        .get("/auth/v1/user")
        .send()
        .await
        .expect_status(200)
        .json();
    assert_eq!(user["id"], session["user"]["id"]);
    assert_eq!(
        user["app_metadata"]["providers"],
        json!(["email", "honest"])
    );
    // Both sides had proved the address: the password is still the owner's.
    sign_in(&app, "someone@example.com").await;
}

#[tokio::test]
async fn attack_25_the_answer_of_another_provider_is_refused() {
    let idp = Idp::start();
    let tables = [idp.table("honest", ""), idp.table("other", "")];
    let app = app_with(&tables).start().await;
    let mut browser = Browser::new(&app);

    let provider = browser.leave("provider=other").await;
    // The browser is sent to the honest provider with the state of the other one.
    let swapped = provider.replace("/other/authorize", "/honest/authorize");
    let callback = browser.consent(&swapped).await;
    let landed = browser.open(&callback).await;

    assert_eq!(told(&landed)["error_code"], "bad_oauth_callback");
    assert_eq!(users(&app).await, 0);
}

#[tokio::test]
async fn attack_26_an_old_state_is_no_state() {
    let idp = Idp::start();
    let app = app_with(&[idp.table("honest", "")]).start().await;
    let mut browser = Browser::new(&app);
    let provider = browser.leave("provider=honest").await;
    let callback = browser.consent(&provider).await;

    app.advance(601);
    let late = browser.open(&callback).await;
    let again = browser.open(&callback).await;
    let forged = format!("{}/auth/v1/callback?state=x&code=y", app.address());
    let forged = browser.open(&forged).await;

    for landed in [late, again, forged] {
        assert_eq!(told(&landed)["error_code"], "bad_oauth_state", "{landed}");
    }
}

#[tokio::test]
async fn attack_27_what_is_switched_off_has_no_back_door() {
    let idp = Idp::start();
    let tables = [idp.table("honest", ""), idp.table("off", "enabled = false")];
    let app = app_with(&tables)
        .setting("signup.enabled", "false")
        .start()
        .await;
    let grant = |provider: &str| {
        let body = json!({ "provider": provider, "id_token": idp.mint(provider, None) });
        app.anon()
            .post("/auth/v1/token?grant_type=id_token", &body)
            .send()
    };

    let closed = error_of(&app, "honest").await;
    let native = grant("honest").await.expect_status(422).json();
    let off = app
        .anon()
        .get("/auth/v1/authorize?provider=off")
        .send()
        .await;
    let native_off = grant("off").await.expect_status(400).json();

    assert_eq!(closed, "signup_disabled");
    assert_eq!(native["error_code"], "signup_disabled");
    let message = "Unsupported provider: provider is not enabled";
    assert_eq!(off.expect_status(400).json()["msg"], message);
    assert_eq!(native_off["msg"], message);
    assert_eq!(users(&app).await, 0);
}

#[tokio::test]
async fn attack_29_a_file_that_is_half_understood_refuses_the_start() {
    let file = "[google]\nclient_id = 'us'\nskip_nonces = true\n";

    let started = app().file("providers.toml", file).try_start().await;

    let error = started.err().expect("a refusal").to_string();
    assert!(
        error.contains("providers.toml:3: unknown field `skip_nonces`"),
        "{error}"
    );
}

/// A server whose tables are gone: whoever asked for one of them would fail.
async fn without_tables(limits: &str) -> TestApp {
    let app = app_with(&[]).setting("rates.enabled", limits).start().await;
    let drop = "drop schema auth cascade; drop table postern.provider_flows, postern.flows, \
                postern.rate_limits cascade";
    let sql = app.sql().await;
    sql.batch_execute(drop).await.expect("the tables go");
    app
}

#[tokio::test]
async fn attack_30_an_unknown_provider_costs_the_database_nothing() {
    // A browser is told before its request is counted, an app as soon as its own was.
    let (counting, not_counting) = (without_tables("true").await, without_tables("false").await);

    let path = "/auth/v1/authorize?provider=nobody%0a";
    let reply = counting.anon().get(path).send().await;
    let body = json!({ "provider": "nobody", "id_token": "x" });
    let path = "/auth/v1/token?grant_type=id_token";
    let native = not_counting.anon().post(path, &body).send().await;

    let reply = reply.expect_status(400).json();
    assert_eq!(reply["error_code"], "validation_failed");
    assert_eq!(
        reply["msg"],
        "Unsupported provider: Provider nobody could not be found"
    );
    native.expect_status(400);
}

#[tokio::test]
async fn attack_32_nobody_is_led_to_an_address_that_is_not_allowed() {
    let idp = Idp::start();
    let app = app_with(&[idp.table("honest", "")]).start().await;

    for evil in [
        "https://evil.example",
        "//evil.example",
        "\\\\evil.example",
        "javascript:alert(1)",
        "http://localhost:3000@evil.example",
        "http://localhost.evil.example",
        "data:text/html,x",
    ] {
        let evil: String = url::form_urlencoded::byte_serialize(evil.as_bytes()).collect();
        let query = format!("provider=honest&redirect_to={evil}");
        let landed = Browser::new(&app).sign_in(&query).await;
        assert!(
            landed.starts_with("http://localhost:3000#"),
            "{evil}: {landed}"
        );
        // A refusal is told to the site as well.
        let mut browser = Browser::new(&app);
        let provider = browser.leave(&query).await;
        let state = told(&provider)["state"].clone();
        let iss = format!("{}/honest", idp.origin());
        let callback = format!(
            "{}/auth/v1/callback?state={state}&iss={iss}&error=access_denied",
            app.address()
        );
        let refused = browser.open(&callback).await;
        assert!(
            refused.starts_with("http://localhost:3000#error=access_denied"),
            "{refused}"
        );
    }
}

#[tokio::test]
async fn attack_33_tokens_are_in_no_query() {
    let idp = Idp::start();
    let app = app_with(&[idp.table("honest", "")]).start().await;

    let landed = Browser::new(&app).sign_in("provider=honest").await;

    let query = url::Url::parse(&landed)
        .expect("an address")
        .query()
        .map(String::from);
    assert_eq!(query, None);
}

#[tokio::test]
async fn a_banned_user_does_not_come_in_by_a_provider() {
    let idp = Idp::start();
    let app = app()
        .file("providers.toml", &idp.table("honest", ""))
        .start()
        .await;
    sign_up(&app, "someone@example.com").await;
    let sql = app.sql().await;
    let ban = "update auth.users set banned_until = now() + interval '1 day'";
    sql.batch_execute(ban).await.expect("a ban");

    assert_eq!(error_of(&app, "honest").await, "user_banned");
    let sql = app.sql().await;
    let rows = sql
        .query("select 1 from auth.identities", &[])
        .await
        .expect("rows");
    assert_eq!(rows.len(), 1, "nothing was linked");
}

#[tokio::test]
async fn attack_22_a_session_of_before_is_out_after_an_adoption() {
    let idp = Idp::start();
    let app = app_with(&[idp.table("honest", "")]).start().await;
    // An attacker's session in an account that has proved nothing.
    let session = {
        let body = json!({ "email": "someone@example.com", "password": PASSWORD });
        let made = app.anon().post("/auth/v1/signup", &body).send().await;
        made.expect_status(200);
        let sql = app.sql().await;
        let on = "update auth.users set email_confirmed_at = now()";
        sql.batch_execute(on).await.expect("confirmed");
        let session = sign_in(&app, "someone@example.com").await;
        let off = "update auth.users set email_confirmed_at = null";
        sql.batch_execute(off).await.expect("not confirmed");
        session
    };

    Browser::new(&app).sign_in("provider=honest").await;

    let client = with_session(&app, &session);
    let reply = client.get("/auth/v1/user").send().await.expect_status(403);
    assert_eq!(reply.json()["error_code"], "session_not_found");
}
