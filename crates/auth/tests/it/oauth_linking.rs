//! Linking and unlinking identities, native `id_token`s, and providers with manners of their own.

use postern_testkit::{Reply, TestApp, TestAppBuilder, TestClient};
use serde_json::{Value, json};

use super::factor_kit::{lifted, refusal};
use super::kit::{app, mail_to, sign_in, sign_up, with_session};
use super::oauth::{CHALLENGE, VERIFIER, app_with, users};
use super::oauth_idp::{Browser, CLIENT, Idp, told};

fn linking(idp: &Idp) -> TestAppBuilder {
    app()
        .file("providers.toml", &idp.table("honest", ""))
        .setting("signup.manual_linking", "true")
        .setting("signup.anonymous", "true")
}

async fn begin(client: &TestClient, more: &str) -> String {
    let path = "/auth/v1/user/identities/authorize?provider=honest&skip_http_redirect=true";
    let reply = client
        .get(&format!("{path}{more}"))
        .send()
        .await
        .expect_status(200);
    reply.json()["url"].as_str().expect("an address").to_owned()
}

async fn travel(browser: &mut Browser<'_>, url: &str) -> String {
    let provider = browser.open(url).await;
    let callback = browser.consent(&provider).await;
    browser.open(&callback).await
}

async fn exchange(app: &TestApp, landed: &str, verifier: &str) -> Reply {
    let body = json!({ "auth_code": told(landed).get("code"), "code_verifier": verifier });
    app.anon()
        .post("/auth/v1/token?grant_type=pkce", &body)
        .send()
        .await
}

async fn user(client: &TestClient) -> Value {
    client
        .get("/auth/v1/user")
        .send()
        .await
        .expect_status(200)
        .json()
}

fn pkce() -> String {
    format!("&code_challenge={CHALLENGE}&code_challenge_method=s256")
}

#[tokio::test]
async fn a_user_links_and_unlinks_an_identity() {
    let idp = Idp::start();
    let app = linking(&idp).start().await;
    let session = sign_up(&app, "ann@example.com").await;
    let other = sign_in(&app, "ann@example.com").await;
    let client = with_session(&app, &session);

    let url = begin(&client, "").await;
    let linked = told(&travel(&mut Browser::new(&app), &url).await);
    let client = app.anon().with_token(&linked["access_token"]);
    let after = user(&client).await;
    let linked_mail = mail_to(&app, "ann@example.com").await;
    let identities = after["identities"].as_array().cloned().expect("identities");
    let unlink = |identity: &Value| {
        let id = identity["identity_id"].as_str().expect("an id");
        client
            .delete(&format!("/auth/v1/user/identities/{id}"))
            .send()
    };
    let honest = identities
        .iter()
        .find(|it| it["provider"] == "honest")
        .expect("the new one");
    let own = identities
        .iter()
        .find(|it| it["provider"] == "email")
        .expect("the first one");
    unlink(honest).await.expect_status(200);
    let again = unlink(honest).await.expect_status(422).json();
    let last = unlink(own).await.expect_status(422).json();
    let others = with_session(&app, &other).get("/auth/v1/user").send().await;

    assert_eq!(after["id"], session["user"]["id"]);
    assert_eq!(after["email"], "ann@example.com");
    assert_eq!(
        after["app_metadata"]["providers"],
        json!(["email", "honest"])
    );
    assert_eq!(linked_mail["kind"], "identity_linked", "{linked_mail}");
    assert_eq!(again["error_code"], "identity_not_found");
    assert_eq!(last["error_code"], "single_identity_not_deletable");
    others.expect_status(403);
    // The provider's word opens an account of its own now.
    Browser::new(&app).sign_in("provider=honest").await;
    assert_eq!(users(&app).await, 2);
}

#[tokio::test]
async fn a_link_with_pkce_waits_for_the_client_that_asked() {
    let idp = Idp::start();
    let app = linking(&idp).start().await;
    let session = sign_up(&app, "ann@example.com").await;
    let client = with_session(&app, &session);

    // A victim opens the address of an attacker's link: the attacker's app gets a code, and the
    // victim's app, which has no such verifier, can do nothing with it.
    let url = begin(&client, &pkce()).await;
    let landed = travel(&mut Browser::new(&app), &url).await;
    let victim = exchange(&app, &landed, &VERIFIER.replace('a', "b")).await;
    let before = user(&client).await;
    // The client itself goes all the way.
    let url = begin(&client, &pkce()).await;
    let landed = travel(&mut Browser::new(&app), &url).await;
    let linked = exchange(&app, &landed, VERIFIER)
        .await
        .expect_status(200)
        .json();

    assert_eq!(
        victim.expect_status(400).json()["error_code"],
        "bad_code_verifier"
    );
    assert_eq!(before["identities"].as_array().map(Vec::len), Some(1));
    assert_eq!(
        linked["user"]["identities"].as_array().map(Vec::len),
        Some(2)
    );
    assert_eq!(linked["user"]["id"], session["user"]["id"]);
}

#[tokio::test]
async fn attack_25_a_link_needs_the_browser_that_opened_it_and_a_live_session() {
    let idp = Idp::start();
    let app = linking(&idp).start().await;
    let session = sign_up(&app, "ann@example.com").await;
    let client = with_session(&app, &session);

    let url = begin(&client, "").await;
    let mut opener = Browser::new(&app);
    let provider = opener.open(&url).await;
    let callback = opener.consent(&provider).await;
    let stranger = Browser::new(&app).open(&callback).await;
    let reused = app
        .anon()
        .get(url.strip_prefix(app.address()).expect("ours"))
        .send()
        .await;
    let url = begin(&client, "").await;
    let logout = client.request(reqwest::Method::POST, "/auth/v1/logout?scope=local");
    logout.send().await.expect_status(204);
    let late = travel(&mut Browser::new(&app), &url).await;

    assert_eq!(told(&stranger)["error_code"], "bad_oauth_state");
    assert_eq!(
        reused.expect_status(400).json()["error_code"],
        "bad_oauth_state"
    );
    assert_eq!(told(&late)["error_code"], "session_not_found");
    let sql = app.sql().await;
    let rows = sql
        .query("select 1 from auth.identities", &[])
        .await
        .expect("rows");
    assert_eq!(rows.len(), 1);
}

#[tokio::test]
async fn attack_20_a_session_of_one_factor_links_and_unlinks_nothing() {
    let idp = Idp::start();
    let app = linking(&idp).start().await;
    let session = sign_up(&app, "ann@example.com").await;
    let (_, owner) = lifted(&app, &session).await;
    let own = user(&with_session(&app, &owner)).await["identities"][0].clone();
    let thief = sign_in(&app, "ann@example.com").await;
    let thief = with_session(&app, &thief);

    let url = begin(&thief, "").await;
    let linked = travel(&mut Browser::new(&app), &url).await;
    let body = json!({
        "provider": "honest", "id_token": idp.mint("honest", None), "link_identity": true,
    });
    let path = "/auth/v1/token?grant_type=id_token";
    let native = thief.post(path, &body).send().await;
    let id = own["identity_id"].as_str().expect("an id");
    let unlink = format!("/auth/v1/user/identities/{id}");
    let unlinked = thief.delete(&unlink).send().await;

    assert_eq!(told(&linked)["error_code"], "insufficient_aal", "{linked}");
    assert_eq!(refusal(native, 403), "insufficient_aal");
    assert_eq!(refusal(unlinked, 403), "insufficient_aal");
    let sql = app.sql().await;
    let rows = sql.query("select 1 from auth.identities", &[]).await;
    assert_eq!(rows.expect("rows").len(), 1);
}

#[tokio::test]
async fn an_anonymous_user_becomes_somebody() {
    let idp = Idp::start();
    let app = linking(&idp).start().await;
    let reply = app
        .anon()
        .post("/auth/v1/signup", &json!({ "data": {} }))
        .send()
        .await;
    let session = reply.expect_status(200).json();

    let url = begin(&with_session(&app, &session), "").await;
    let linked = told(&travel(&mut Browser::new(&app), &url).await);
    let after = user(&app.anon().with_token(&linked["access_token"])).await;

    assert_eq!(after["id"], session["user"]["id"]);
    assert_eq!(after["is_anonymous"], false);
    assert_eq!(after["email"], "someone@example.com");
    assert_eq!(after["app_metadata"]["provider"], "honest");
}

#[tokio::test]
async fn an_identity_belongs_to_one_user() {
    let idp = Idp::start();
    let app = linking(&idp).start().await;
    Browser::new(&app).sign_in("provider=honest").await;
    let session = sign_up(&app, "ann@example.com").await;

    let url = begin(&with_session(&app, &session), "").await;
    let landed = travel(&mut Browser::new(&app), &url).await;

    assert_eq!(told(&landed)["error_code"], "identity_already_exists");
}

#[tokio::test]
async fn linking_by_hand_is_off_unless_it_is_switched_on() {
    let idp = Idp::start();
    let app = app()
        .file("providers.toml", &idp.table("honest", ""))
        .start()
        .await;
    let session = sign_up(&app, "ann@example.com").await;
    let client = with_session(&app, &session);

    let path = "/auth/v1/user/identities/authorize?provider=honest";
    let link = client.get(path).send().await.expect_status(404).json();
    let body = json!({
        "provider": "honest", "id_token": idp.mint("honest", None), "link_identity": true,
    });
    let native = client
        .post("/auth/v1/token?grant_type=id_token", &body)
        .send()
        .await;

    assert_eq!(link["error_code"], "manual_linking_disabled");
    assert_eq!(
        native.expect_status(404).json()["error_code"],
        "manual_linking_disabled"
    );
}

#[tokio::test]
async fn an_app_signs_in_with_a_token_that_it_got_itself() {
    let idp = Idp::start();
    let app = linking(&idp).start().await;
    let grant = |token: String, nonce: Option<&str>| {
        let body = json!({ "provider": "honest", "id_token": token, "nonce": nonce });
        app.anon()
            .post("/auth/v1/token?grant_type=id_token", &body)
            .send()
    };
    // The SHA-256 of `nonce` in hex, as Apple's and Google's libraries send it.
    let hashed = "78377b525757b494427f89014f97d79928f3938d14eb51e20fb5dec9834eb304";

    let plain = grant(idp.mint("honest", Some("nonce")), Some("nonce")).await;
    let sha256 = grant(idp.mint("honest", Some(hashed)), Some("nonce")).await;
    let without = grant(idp.mint("honest", None), None).await;
    for fine in [plain, sha256, without] {
        let session = fine.expect_status(200).json();
        assert_eq!(session["user"]["email"], "someone@example.com");
    }
    for (token, nonce) in [
        (idp.mint("honest", Some("nonce")), None),
        (idp.mint("honest", Some("nonce")), Some("other")),
        (idp.mint("honest", None), Some("nonce")),
        (idp.mint("other-issuer", None), None),
        (idp.mint("alg-none", None), None),
        ("a.b.c".into(), None),
        ("x".repeat(100_000), None),
    ] {
        let reply = grant(token, nonce).await.expect_status(400).json();
        assert_eq!(reply["error_code"], "invalid_credentials", "{reply}");
    }
    let wrong = grant(idp.mint("wrong-audience", None), None)
        .await
        .expect_status(400);
    assert_eq!(wrong.json()["error_code"], "unexpected_audience");
    app.advance(3600);
    grant(idp.mint("honest", None), None)
        .await
        .expect_status(400);
}

#[tokio::test]
async fn a_signed_in_user_links_by_token() {
    let idp = Idp::start();
    let app = linking(&idp).start().await;
    let session = sign_up(&app, "ann@example.com").await;
    let body = json!({
        "provider": "honest", "id_token": idp.mint("honest", None), "link_identity": true,
    });
    let path = "/auth/v1/token?grant_type=id_token";

    let nobody = app.anon().post(path, &body).send().await;
    let linked = with_session(&app, &session).post(path, &body).send().await;

    nobody.expect_status(401);
    let linked = linked.expect_status(200).json();
    assert_eq!(linked["user"]["id"], session["user"]["id"]);
    assert_eq!(
        linked["user"]["identities"].as_array().map(Vec::len),
        Some(2)
    );
}

#[tokio::test]
async fn an_unverified_address_is_proved_by_mail() {
    let idp = Idp::start();
    let app = app_with(&[idp.table("honest", "")]).start().await;
    idp.claim(json!({ "email_verified": false }));

    let landed = told(&Browser::new(&app).sign_in("provider=honest").await);
    let mail = mail_to(&app, "someone@example.com").await;

    assert_eq!(landed["error_code"], "provider_email_needs_verification");
    assert_eq!(mail["kind"], "confirm_signup", "{mail}");
    let again = told(&Browser::new(&app).sign_in("provider=honest").await);
    assert_eq!(again["error_code"], "provider_email_needs_verification");
    assert_eq!(users(&app).await, 1);
    // Once the provider vouches for it, nothing more is needed.
    idp.claim(json!({}));
    let proved = told(&Browser::new(&app).sign_in("provider=honest").await);
    assert!(proved.contains_key("access_token"), "{proved:?}");
}

#[tokio::test]
async fn a_provider_of_plain_oauth_is_asked_about_its_user() {
    let idp = Idp::start();
    let at = format!("{}/plain", idp.origin());
    let table = format!(
        "[plain]\nclient_id = '{CLIENT}'\nsecret = 'x'\nauthorize_url = '{at}/authorize'\n\
         token_url = '{at}/token'\nuserinfo_url = '{at}/user'\nemail_verified = 'claim'\n\
         claims = {{ sub = '/data/id' }}\n"
    );
    // The provider names itself, although nobody wrote down who it is: that is refused.
    let app = app_with(std::slice::from_ref(&table)).start().await;
    let refused = told(&Browser::new(&app).sign_in("provider=plain").await);
    assert_eq!(refused["error_code"], "bad_oauth_callback");

    let table = table.replace("/plain/", "/no-iss/");
    let app = app_with(&[table]).start().await;
    idp.claim(json!({ "data": { "id": 42 } }));
    let session = told(&Browser::new(&app).sign_in("provider=plain").await);
    let after = user(&app.anon().with_token(&session["access_token"])).await;
    assert_eq!(after["identities"][0]["id"], "42");
    assert_eq!(after["email"], "someone@example.com");
}

#[tokio::test]
async fn a_provider_may_answer_by_a_form() {
    let idp = Idp::start();
    let app = app_with(&[idp.table("honest", "")]).start().await;
    idp.claim(json!({ "name": null }));
    let mut browser = Browser::new(&app);
    let provider = browser.leave("provider=honest").await;
    let callback = browser.consent(&provider).await;
    let (path, query) = callback.split_once('?').expect("a query");
    let name =
        "user=%7B%22name%22%3A%7B%22firstName%22%3A%22Ann%22%2C%22lastName%22%3A%22Lee%22%7D%7D";
    let form = format!("{query}&{name}&evil=1");

    // A form from another site comes without the cookie.
    let path = path.strip_prefix(app.address()).expect("ours");
    let posted = app.anon().request(reqwest::Method::POST, path);
    let posted = posted
        .body("application/x-www-form-urlencoded", form)
        .send()
        .await;
    let posted = posted.expect_status(303);
    let next = posted.header("location").expect("an address");
    let session = told(&browser.open(next).await);
    let after = user(&app.anon().with_token(&session["access_token"])).await;

    assert!(!next.contains("evil"), "{next}");
    assert_eq!(after["user_metadata"]["full_name"], "Ann Lee");
}

#[tokio::test]
async fn clients_may_know_which_providers_there_are() {
    let idp = Idp::start();
    let tables = [idp.table("honest", ""), idp.table("off", "enabled = false")];
    let app = app_with(&tables).start().await;

    let settings = app
        .anon()
        .get("/auth/v1/settings")
        .send()
        .await
        .expect_status(200)
        .json();

    assert_eq!(settings["external"]["honest"], true);
    assert_eq!(settings["external"]["off"], false);
    assert_eq!(settings["external"]["email"], true);
}
