//! Addresses that a setting confirms and nobody has proved: entered at once, and still waiting
//! for their owner (attack 22).

use postern_testkit::{Reply, TestApp, TestAppBuilder};
use serde_json::{Value, json};

use super::factor_kit::{enrol, lifted};
use super::kit::{PASSWORD, all_sent, app, mail_of, refresh, sign_in, sign_up, with_session};
use super::oauth::users;
use super::oauth_idp::{Browser, Idp, told};

/// Whom the provider vouches for.
const OWNER: &str = "someone@example.com";

fn confirming(idp: &Idp) -> TestAppBuilder {
    app().file("providers.toml", &idp.table("honest", ""))
}

async fn user(app: &TestApp, session: &Value) -> Value {
    let reply = with_session(app, session).get("/auth/v1/user").send().await;
    reply.expect_status(200).json()
}

/// Signs in through the provider; returns the user.
async fn through_provider(app: &TestApp) -> Value {
    let landed = told(&Browser::new(app).sign_in("provider=honest").await);
    let token = landed.get("access_token");
    let client = app
        .anon()
        .with_token(token.unwrap_or_else(|| panic!("{landed:?}")));
    let reply = client.get("/auth/v1/user").send().await;
    reply.expect_status(200).json()
}

async fn by_password(app: &TestApp) -> Reply {
    let body = json!({ "email": OWNER, "password": PASSWORD });
    let path = "/auth/v1/token?grant_type=password";
    app.anon().post(path, &body).send().await
}

/// Proves the address by the letter that a path sends; returns the session.
async fn prove_by(app: &TestApp, path: &str, kind: &str) -> Value {
    let asked = app.anon().post(path, &json!({ "email": OWNER })).send();
    asked.await.expect_status(200);
    all_sent(app).await;
    let code = mail_of(app, OWNER, kind).await["code"].clone();
    let body = json!({ "type": "email", "email": OWNER, "token": code });
    let reply = app.anon().post("/auth/v1/verify", &body).send().await;
    reply.expect_status(200).json()
}

fn providers(user: &Value) -> Vec<&str> {
    let identities = user["identities"].as_array().expect("identities");
    let names = identities.iter().map(|it| it["provider"].as_str());
    names.map(|it| it.expect("a name")).collect()
}

/// What the identity of the address says, or the only one of another provider.
fn is_verified(user: &Value) -> &Value {
    let identities = user["identities"].as_array().expect("identities");
    let own = identities.iter().find(|it| it["provider"] == "email");
    &own.unwrap_or(&identities[0])["identity_data"]["email_verified"]
}

async fn rows(app: &TestApp, table: &str) -> i64 {
    let sql = app.sql().await;
    let count = format!("select count(*) from auth.{table}");
    sql.query_one(&count, &[]).await.expect("a count").get(0)
}

#[tokio::test]
async fn an_address_confirmed_by_a_setting_signs_in_and_is_not_called_verified() {
    let app = app().start().await;

    let session = sign_up(&app, OWNER).await;

    assert!(session["user"]["email_confirmed_at"].is_string());
    assert_eq!(is_verified(&session["user"]), false);
    let again = sign_in(&app, OWNER).await;
    assert_eq!(is_verified(&again["user"]), false);
}

#[tokio::test]
async fn attack_22_a_provider_empties_an_account_that_a_setting_confirmed() {
    let idp = Idp::start();
    let app = confirming(&idp).start().await;
    let stranger = sign_up(&app, OWNER).await;
    let client = with_session(&app, &stranger);
    let body = json!({ "data": { "nick": "kept" } });
    client.put("/auth/v1/user", &body).send().await;
    let (_, stranger) = lifted(&app, &stranger).await;
    let codes = with_session(&app, &stranger);
    let codes = codes.post("/auth/v1/factors/recovery-codes", &json!({}));
    codes.send().await.expect_status(200);

    let owner = through_provider(&app).await;

    assert_eq!(owner["id"], stranger["user"]["id"]);
    assert_eq!(providers(&owner), ["honest"]);
    assert_eq!(
        owner["app_metadata"],
        json!({ "provider": "honest", "providers": ["honest"] })
    );
    // Somebody has used the account: what is said about them is no way in, and stays.
    assert_eq!(owner["user_metadata"]["nick"], "kept");
    let refused = by_password(&app).await.expect_status(400).json();
    assert_eq!(refused["error_code"], "invalid_credentials");
    refresh(&app, &stranger["refresh_token"])
        .await
        .expect_status(400);
    let old = with_session(&app, &stranger).get("/auth/v1/user").send();
    old.await.expect_status(403);
    assert_eq!(rows(&app, "mfa_factors").await, 0);
    assert_eq!(rows(&app, "mfa_recovery_codes").await, 0);
    assert_eq!(rows(&app, "sessions").await, 1);
    // From now on the address is proved.
    assert_eq!(through_provider(&app).await["id"], owner["id"]);
    assert_eq!(users(&app).await, 1);
}

#[tokio::test]
async fn attack_22_a_providers_unproved_word_is_no_proof_either() {
    let idp = Idp::start();
    let app = confirming(&idp).start().await;
    // A provider lets a stranger claim the address, and the setting lets the stranger in.
    idp.claim(json!({ "sub": "stranger", "email_verified": false }));
    let stranger = through_provider(&app).await;
    assert_eq!(is_verified(&stranger), false);

    idp.claim(json!({}));
    let owner = through_provider(&app).await;
    idp.claim(json!({ "sub": "stranger", "email_verified": false }));
    let back = told(&Browser::new(&app).sign_in("provider=honest").await);

    assert_eq!(owner["id"], stranger["id"]);
    assert_eq!(providers(&owner), ["honest"]);
    assert_eq!(owner["identities"][0]["id"], "someone");
    assert_eq!(back["error_code"], "provider_email_needs_verification");
}

#[tokio::test]
async fn attack_22_a_first_letter_empties_an_account_that_a_setting_confirmed() {
    for (path, kind) in [
        ("/auth/v1/recover", "recovery"),
        ("/auth/v1/otp", "magic_link"),
    ] {
        let idp = Idp::start();
        let app = confirming(&idp).start().await;
        let stranger = sign_up(&app, OWNER).await;

        let owner = prove_by(&app, path, kind).await;

        assert_eq!(owner["user"]["id"], stranger["user"]["id"], "{kind}");
        assert_eq!(is_verified(&owner["user"]), true, "{kind}");
        by_password(&app).await.expect_status(400);
        let old = with_session(&app, &stranger).get("/auth/v1/user").send();
        old.await.expect_status(403);
        // Now that it is proved, a provider joins, and what the owner has set stays.
        let body = json!({ "password": PASSWORD });
        let client = with_session(&app, &owner);
        let changed = client.put("/auth/v1/user", &body).send().await;
        changed.expect_status(200);
        let joined = through_provider(&app).await;
        assert_eq!(joined["id"], owner["user"]["id"], "{kind}");
        assert_eq!(providers(&joined), ["email", "honest"], "{kind}");
        by_password(&app).await.expect_status(200);
        // A second letter takes nothing away.
        prove_by(&app, path, kind).await;
        by_password(&app).await.expect_status(200);
    }
}

#[tokio::test]
async fn a_mailbox_alone_takes_no_second_factor_away() {
    let app = app().start().await;
    let session = sign_up(&app, OWNER).await;
    lifted(&app, &session).await;

    let by_mail = prove_by(&app, "/auth/v1/otp", "magic_link").await;

    assert_eq!(super::kit::claims(&by_mail)["aal"], "aal1");
    assert_eq!(rows(&app, "mfa_factors").await, 1);
    by_password(&app).await.expect_status(200);
    assert_eq!(is_verified(&user(&app, &by_mail).await), false);
}

#[tokio::test]
async fn attack_22_an_address_set_without_a_proof_is_emptied_by_its_owner() {
    let idp = Idp::start();
    let app = confirming(&idp)
        .setting("signup.double_email_change", "false")
        .start()
        .await;
    let stranger = sign_up(&app, "mallory@example.com").await;
    let client = with_session(&app, &stranger);
    let body = json!({ "email": OWNER });
    let moved = client.put("/auth/v1/user", &body).send().await;
    let moved = moved.expect_status(200).json();
    enrol(&client, "phone").await;

    let owner = through_provider(&app).await;

    assert_eq!(
        (&moved["email"], is_verified(&moved)),
        (&json!(OWNER), &json!(false))
    );
    assert_eq!(owner["id"], stranger["user"]["id"]);
    assert_eq!(providers(&owner), ["honest"]);
    by_password(&app).await.expect_status(400);
    client.get("/auth/v1/user").send().await.expect_status(403);
}

#[tokio::test]
async fn the_operators_word_proves_an_address() {
    let idp = Idp::start();
    let app = confirming(&idp).start().await;
    let session = sign_up(&app, OWNER).await;
    let id = session["user"]["id"].as_str().expect("an id");
    let path = format!("/auth/v1/admin/users/{id}");
    let put = |body: Value| {
        let service = app.service();
        let path = path.clone();
        async move { service.put(&path, &body).send().await }
    };

    let named = put(json!({ "phone": "+15550100" })).await;
    let vouched = put(json!({ "email_confirm": true })).await;
    let joined = through_provider(&app).await;

    assert_eq!(is_verified(&named.expect_status(200).json()), false);
    assert_eq!(is_verified(&vouched.expect_status(200).json()), true);
    assert_eq!(joined["id"], session["user"]["id"]);
    assert!(providers(&joined).contains(&"honest"));
    by_password(&app).await.expect_status(200);
}
