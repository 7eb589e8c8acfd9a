//! Signing in through identity providers, and what hostile ones try.

use futures_util::future::join_all;
use postern_testkit::{TestApp, TestAppBuilder};
use serde_json::{Value, json};

use super::kit::{PASSWORD, app_with_mail, sign_up};
use super::oauth_idp::{Browser, Idp, told};

pub(super) const VERIFIER: &str = "a-verifier-of-more-than-forty-three-characters-0123456789";
pub(super) const CHALLENGE: &str = "KqzFVVoj1xIeRMaYoKBsIWuO4_VBBpZdnQDgP3WuG_k";

pub(super) fn app_with(tables: &[String]) -> TestAppBuilder {
    app_with_mail().file("providers.toml", &tables.join("\n"))
}

pub(super) async fn users(app: &TestApp) -> i64 {
    let sql = app.sql().await;
    let row = sql.query_one("select count(*) from auth.users", &[]).await;
    row.expect("a count").get(0)
}

#[tokio::test]
async fn a_browser_signs_in_through_a_provider() {
    let idp = Idp::start();
    let app = app_with(&[idp.table("honest", "")]).start().await;
    let mut browser = Browser::new(&app);

    let landed = browser.sign_in("provider=honest").await;
    let session = told(&landed);
    let client = app.anon().with_token(&session["access_token"]);
    let user = client
        .get("/auth/v1/user")
        .send()
        .await
        .expect_status(200)
        .json();

    assert!(
        landed.starts_with("http://localhost:3000#access_token="),
        "{landed}"
    );
    assert_eq!(session["token_type"], "bearer");
    assert_eq!(session["provider_token"], "the-provider's-own-token");
    assert_eq!(user["email"], "someone@example.com");
    assert_eq!(user["user_metadata"]["full_name"], "Some One");
    let expected = json!({ "provider": "honest", "providers": ["honest"] });
    assert_eq!(user["app_metadata"], expected);
    assert_eq!(user["identities"][0]["id"], "someone");
    assert!(user["email_confirmed_at"].is_string());
    // The second time it is the same user.
    let again = told(&Browser::new(&app).sign_in("provider=honest").await);
    assert!(again.contains_key("access_token"));
    assert_eq!(users(&app).await, 1);
}

#[tokio::test]
async fn a_client_with_pkce_gets_a_code() {
    let idp = Idp::start();
    let app = app_with(&[idp.table("honest", "")]).start().await;
    let query = format!(
        "provider=honest&redirect_to=http%3A%2F%2Flocalhost%3A9999%2Fin%3Fsb_flow_id%3D1\
         &code_challenge={CHALLENGE}&code_challenge_method=s256"
    );

    let landed = Browser::new(&app).sign_in(&query).await;
    let exchange = |verifier: &str| {
        let code = told(&landed).remove("code");
        let body = json!({ "auth_code": code, "code_verifier": verifier });
        app.anon()
            .post("/auth/v1/token?grant_type=pkce", &body)
            .send()
    };
    let session = exchange(VERIFIER).await.expect_status(200).json();
    let again = exchange(VERIFIER).await.expect_status(404).json();

    assert!(
        landed.starts_with("http://localhost:9999/in?sb_flow_id=1&code="),
        "{landed}"
    );
    assert_eq!(session["provider_token"], "the-provider's-own-token");
    assert_eq!(
        session["provider_refresh_token"],
        "the-provider's-own-refresh-token"
    );
    assert_eq!(session["user"]["email"], "someone@example.com");
    assert_eq!(again["error_code"], "flow_state_not_found");
    let sql = app.sql().await;
    let left = sql
        .query("select 1 from postern.flows", &[])
        .await
        .expect("rows");
    assert!(left.is_empty(), "the provider's tokens are kept nowhere");
}

#[tokio::test]
async fn attack_25_a_state_is_good_for_the_browser_that_left() {
    let idp = Idp::start();
    let app = app_with(&[idp.table("honest", "")]).start().await;
    let mut attacker = Browser::new(&app);
    let provider = attacker.leave("provider=honest").await;
    let callback = attacker.consent(&provider).await;

    let nobody = Browser::new(&app).open(&callback).await;
    let mut victim = Browser::new(&app);
    victim.leave("provider=honest").await;
    let provider = attacker.leave("provider=honest").await;
    let callback = attacker.consent(&provider).await;
    let other = victim.open(&callback).await;

    for landed in [nobody, other] {
        assert_eq!(told(&landed)["error_code"], "bad_oauth_state", "{landed}");
    }
    assert_eq!(users(&app).await, 0);
}

#[tokio::test]
async fn attack_26_of_a_hundred_parallel_returns_one_signs_in() {
    let idp = Idp::start();
    let app = app_with(&[idp.table("honest", "")]).start().await;
    let mut browser = Browser::new(&app);
    let provider = browser.leave("provider=honest").await;
    let callback = browser.consent(&provider).await;

    let returns = (0..100).map(|_| {
        let mut twin = Browser::new(&app);
        twin.cookie.clone_from(&browser.cookie);
        let callback = callback.clone();
        async move { twin.open(&callback).await }
    });
    let landed = join_all(returns).await;

    let is_in = |url: &&String| told(url).contains_key("access_token");
    assert_eq!(landed.iter().filter(is_in).count(), 1);
    // The others do not even get as far as the provider, who would refuse a second use as well.
    let is_old = |url: &&String| {
        told(url)
            .get("error_code")
            .is_some_and(|it| it == "bad_oauth_state")
    };
    assert_eq!(landed.iter().filter(is_old).count(), 99);
    assert_eq!(users(&app).await, 1);
}

#[tokio::test]
async fn attack_22_the_first_proof_empties_an_account_made_in_advance() {
    let idp = Idp::start();
    let app = app_with(&[idp.table("honest", "")]).start().await;
    sign_up(&app, "someone@example.com").await;

    let landed = told(&Browser::new(&app).sign_in("provider=honest").await);
    let body = json!({ "email": "someone@example.com", "password": PASSWORD });
    let path = "/auth/v1/token?grant_type=password";
    let attacker = app.anon().post(path, &body).send().await;
    let client = app.anon().with_token(&landed["access_token"]);
    let user: Value = client
        .get("/auth/v1/user")
        .send()
        .await
        .expect_status(200)
        .json();

    let refused = attacker.expect_status(400).json();
    assert_eq!(refused["error_code"], "invalid_credentials");
    assert_eq!(user["identities"].as_array().map(Vec::len), Some(1));
    assert_eq!(user["app_metadata"]["providers"], json!(["honest"]));
    assert_eq!(users(&app).await, 1);
}
