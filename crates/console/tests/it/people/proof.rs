//! Who is there, once more: what a stolen cookie and a stolen password do not open together.

use postern_testkit::{Reply, TestApp};

use super::authenticator::Authenticator;
use super::factors::{enrol, refused};
use super::passkeys::{Named, options, register};
use super::{deeds, field};
use crate::it::kit;
use crate::it::kit::{Browser, OWNER, PASSWORD};

/// Something that asks for a fresh proof.
const DANGER: &str = "/console/keys/rotate";
const LATER: i64 = 11 * 60;

async fn reprove(browser: &Browser, password: &str, code: &str) -> Reply {
    let fields = [
        ("password", password),
        ("code", code),
        ("next", "/console/keys"),
    ];
    browser.post("/console/reauth", &fields).await
}

/// Whether the session reaches far.
async fn reaches_far(browser: &Browser) -> bool {
    let here = [("here", "/console/keys")];
    let reply = browser.post(DANGER, &here).await.expect_status(303);
    reply.header("location") == Some("/console/keys")
}

async fn prove_with_passkey(
    named: &Named,
    browser: &Browser,
    authenticator: &mut Authenticator,
) -> Reply {
    let next = [("next", "/console/keys")];
    let page = named.post(browser, "/console/reauth/passkey", &next).await;
    let page = page.expect_status(200).text;
    let credential = authenticator.get(&options(&page)).to_string();
    let ticket = field(&page, "pn-passkey", "ticket");
    let used = [
        ("ticket", ticket.as_str()),
        ("credential", &credential),
        ("next", "/console/keys"),
    ];
    let path = "/console/reauth/passkey/confirm";
    let reply = named.post(browser, path, &used).await;
    // Whatever came of it, it is used up.
    refused(&named.post(browser, path, &used).await);
    reply
}

#[tokio::test]
async fn attack_20_a_stolen_password_is_not_enough_where_there_is_a_factor() {
    let app = kit::app().start().await;
    let owner = kit::owner(&app).await;
    let phone = enrol(&owner).await;
    app.advance(LATER);
    let page = owner
        .get("/console/reauth?next=/console/keys")
        .await
        .expect_status(200)
        .text;
    assert!(page.contains("name=\"code\""), "{page}");

    // The password alone, with no code, made-up ones, and the one that enrolled the app.
    for code in ["", "000000", "x", &phone.code(0)] {
        refused(&reprove(&owner, PASSWORD, code).await);
        assert!(!reaches_far(&owner).await, "{code}");
    }
    // A code without the password, which must stay good for who knows both.
    let code = phone.code(LATER);
    refused(&reprove(&owner, "wrong-horse-battery", &code).await);
    assert!(!reaches_far(&owner).await);
    assert_eq!(deeds(&app, "admin_reauthenticated", OWNER).await, 0);

    let proved = reprove(&owner, PASSWORD, &code).await.expect_status(303);
    assert_eq!(proved.header("location"), Some("/console/keys"));
    assert!(reaches_far(&owner).await);
    assert_eq!(deeds(&app, "admin_reauthenticated", OWNER).await, 1);
    // Good once, and a recovery code as well.
    app.advance(LATER);
    refused(&reprove(&owner, PASSWORD, &code).await);
    reprove(&owner, PASSWORD, &phone.codes[0])
        .await
        .expect_status(303);
    refused(&reprove(&owner, PASSWORD, &phone.codes[0]).await);
}

#[tokio::test]
async fn attack_16_guesses_at_a_code_run_out_here_as_well() {
    let app = kit::app()
        .setting("rates.enabled", "true")
        .setting("rates.account_failures_per_hour", "4")
        .start()
        .await;
    let owner = kit::owner(&app).await;
    let phone = enrol(&owner).await;

    let mut last = None;
    for guess in 0..6 {
        let reply = reprove(&owner, PASSWORD, &format!("00000{guess}")).await;
        refused(&reply);
        last = Some(reply.status.as_u16());
    }

    assert_eq!(last, Some(429));
    refused(&reprove(&owner, PASSWORD, &phone.code(30)).await);
    // The same count holds at the front door.
    let fields = [("email", OWNER), ("password", PASSWORD)];
    let step = Browser::new(&app).post("/console/login", &fields).await;
    let ticket = field(&step.expect_status(200).text, "Second step", "ticket");
    let code = phone.code(30);
    let second = [("ticket", ticket.as_str()), ("code", &code)];
    let reply = Browser::new(&app)
        .post("/console/login/second", &second)
        .await;
    assert_eq!(reply.status, 429, "{}", reply.text);
}

#[tokio::test]
async fn a_passkey_proves_alone_and_no_other_does() {
    let app = kit::app().start().await;
    let owner = kit::owner(&app).await;
    let editor = kit::admin(&app, &owner, "editor").await;
    let named = Named::of(&app);
    let (mut laptop, mut others) = (named.authenticator(), named.authenticator());
    register(&named, &owner, &mut laptop)
        .await
        .expect_status(200);
    register(&named, &editor, &mut others)
        .await
        .expect_status(200);
    app.advance(LATER);

    // Somebody else's passkey, a page that pretends, a copy of the key; and the password alone.
    refused(&prove_with_passkey(&named, &owner, &mut others).await);
    laptop.origin = "https://evil.example".into();
    refused(&prove_with_passkey(&named, &owner, &mut laptop).await);
    laptop.origin = format!("http://localhost:{}", port(&app));
    refused(&reprove(&owner, PASSWORD, "").await);
    assert!(!reaches_far(&owner).await);
    let proved = prove_with_passkey(&named, &owner, &mut laptop).await;
    assert_eq!(
        proved.expect_status(303).header("location"),
        Some("/console/keys")
    );
    assert!(reaches_far(&owner).await);
    app.advance(LATER);
    laptop.counter = 0;
    refused(&prove_with_passkey(&named, &owner, &mut laptop).await);
    assert!(!reaches_far(&owner).await);
}

#[tokio::test]
async fn a_ceremony_of_the_front_door_or_of_another_admin_proves_nothing() {
    let app = kit::app().start().await;
    let owner = kit::owner(&app).await;
    let editor = kit::admin(&app, &owner, "editor").await;
    let named = Named::of(&app);
    let mut laptop = named.authenticator();
    register(&named, &owner, &mut laptop)
        .await
        .expect_status(200);
    app.advance(LATER);

    for (browser, path) in [
        (&owner, "/console/login/passkey"),
        (&editor, "/console/reauth/passkey"),
    ] {
        let page = named.post(browser, path, &[]).await.expect_status(200).text;
        let credential = laptop.get(&options(&page)).to_string();
        let ticket = field(&page, "pn-passkey", "ticket");
        let used = [("ticket", ticket.as_str()), ("credential", &credential)];
        let reply = named
            .post(&owner, "/console/reauth/passkey/confirm", &used)
            .await;
        refused(&reply);
    }
    assert!(!reaches_far(&owner).await);
}

#[tokio::test]
async fn a_password_changes_with_a_fresh_proof_only() {
    let app = kit::app().start().await;
    let owner = kit::owner(&app).await;
    enrol(&owner).await;
    app.advance(LATER);
    let new = "another-horse-battery";
    let fields = [
        ("present", PASSWORD),
        ("new", new),
        ("again", new),
        ("here", "/console/account"),
    ];

    let reply = owner
        .post("/console/account/password", &fields)
        .await
        .expect_status(303);

    let onward = reply.header("location").expect("a place");
    assert!(onward.starts_with("/console/reauth"), "{onward}");
    assert_eq!(deeds(&app, "admin_password_changed", OWNER).await, 0);
}

fn port(app: &TestApp) -> &str {
    app.address().rsplit(':').next().expect("a port")
}
