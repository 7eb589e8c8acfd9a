//! Passkeys of admins: making one, signing in with it, and pages that pretend to be the console.

use postern_testkit::{Reply, TestApp};
use serde_json::Value;

use super::authenticator::Authenticator;
use super::{deeds, field};
use crate::it::kit;
use crate::it::kit::{Browser, OWNER, PASSWORD};

/// The console under a name, since passkeys are made for names and not for addresses.
pub(super) struct Named {
    host: String,
    origin: String,
}

impl Named {
    pub(super) fn of(app: &TestApp) -> Self {
        let port = app.address().rsplit(':').next().expect("a port");
        let host = format!("localhost:{port}");
        let origin = format!("http://{host}");
        Self { host, origin }
    }

    pub(super) async fn post(
        &self,
        browser: &Browser,
        path: &str,
        fields: &[(&str, &str)],
    ) -> Reply {
        let fields = [fields, &[("form", browser.form.as_str())]].concat();
        let headers = [
            ("host", self.host.as_str()),
            ("origin", self.origin.as_str()),
            ("sec-fetch-site", "same-origin"),
        ];
        browser.post_with(path, &fields, &headers).await
    }

    pub(super) fn authenticator(&self) -> Authenticator {
        let mut authenticator = Authenticator::new();
        authenticator.origin.clone_from(&self.origin);
        authenticator
    }
}

/// What the page asks the browser for.
pub(super) fn options(page: &str) -> Value {
    let rest = page.split_once(" options=\"").expect("options").1;
    let text = rest.split_once('"').expect("an end").0;
    let text = text
        .replace("&#34;", "\"")
        .replace("&#39;", "'")
        .replace("&#38;", "&");
    serde_json::from_str(&text).expect("JSON")
}

pub(super) async fn register(
    named: &Named,
    browser: &Browser,
    authenticator: &mut Authenticator,
) -> Reply {
    let page = named.post(browser, "/console/account/passkey", &[]).await;
    let page = page.expect_status(200).text;
    let credential = authenticator.create(&options(&page)).to_string();
    let ticket = field(&page, "pn-passkey", "ticket");
    let made = [
        ("ticket", ticket.as_str()),
        ("credential", &credential),
        ("name", "laptop"),
    ];
    named
        .post(browser, "/console/account/passkey/confirm", &made)
        .await
}

async fn sign_in(app: &TestApp, named: &Named, authenticator: &mut Authenticator) -> Reply {
    let browser = Browser::new(app);
    let page = named
        .post(&browser, "/console/login/passkey", &[])
        .await
        .expect_status(200)
        .text;
    let credential = authenticator.get(&options(&page)).to_string();
    let ticket = field(&page, "pn-passkey", "ticket");
    let used = [("ticket", ticket.as_str()), ("credential", &credential)];
    let reply = named
        .post(&browser, "/console/login/passkey/confirm", &used)
        .await;
    // Whatever came of it, it is used up.
    let again = named
        .post(&browser, "/console/login/passkey/confirm", &used)
        .await;
    refused(&again);
    reply
}

fn refused(reply: &Reply) {
    assert!(
        reply.status.is_client_error(),
        "{} {}",
        reply.status,
        reply.text
    );
    assert_eq!(reply.header("set-cookie"), None);
}

#[tokio::test]
async fn a_passkey_signs_in_alone_and_the_password_does_not_any_more() {
    let app = kit::app().start().await;
    let owner = kit::owner(&app).await;
    let named = Named::of(&app);
    let mut laptop = named.authenticator();

    let codes = register(&named, &owner, &mut laptop)
        .await
        .expect_status(200)
        .text;
    assert!(codes.contains("id=\"codes\""), "{codes}");
    assert_eq!(deeds(&app, "admin_factor_added", OWNER).await, 1);
    let entered = sign_in(&app, &named, &mut laptop).await.expect_status(303);
    assert!(
        entered
            .header("set-cookie")
            .is_some_and(|it| it.contains("postern_console="))
    );

    let fields = [("email", OWNER), ("password", PASSWORD)];
    let step = Browser::new(&app)
        .post("/console/login", &fields)
        .await
        .expect_status(200);
    assert_eq!(step.header("set-cookie"), None);
    assert!(
        step.text.contains("Sign in with a passkey"),
        "{}",
        step.text
    );
    let ban = [("email", OWNER)];
    let second = kit::admin(&app, &owner, "owner").await;
    second
        .post("/console/settings/admins/ban", &ban)
        .await
        .expect_status(303);
    refused(&sign_in(&app, &named, &mut laptop).await);
}

#[tokio::test]
async fn another_page_and_an_unverified_user_are_refused() {
    let app = kit::app().start().await;
    let owner = kit::owner(&app).await;
    let named = Named::of(&app);
    let mut laptop = named.authenticator();

    // Registering from a page that only looks like the console.
    laptop.origin = "https://evil.example".into();
    refused(&register(&named, &owner, &mut laptop).await);
    laptop.origin.clone_from(&named.origin);
    laptop.rp_id = "evil.example".into();
    refused(&register(&named, &owner, &mut laptop).await);
    laptop.rp_id = "localhost".into();
    refused(
        &register(
            &named,
            &owner,
            &mut named.authenticator().without_verification(),
        )
        .await,
    );
    assert_eq!(deeds(&app, "admin_factor_added", OWNER).await, 0);
    register(&named, &owner, &mut laptop)
        .await
        .expect_status(200);

    // Signing in from one, with the right passkey.
    for origin in ["https://evil.example", "http://localhost:1"] {
        laptop.origin = origin.into();
        refused(&sign_in(&app, &named, &mut laptop).await);
    }
    laptop.origin.clone_from(&named.origin);
    laptop.rp_id = "evil.example".into();
    refused(&sign_in(&app, &named, &mut laptop).await);
    laptop.rp_id = "localhost".into();
    // Somebody else's passkey, and one that nobody registered.
    let mut stranger = named.authenticator();
    stranger.claim_user(&Value::from("AAAAAAAAAAAAAAAAAAAAAA"));
    refused(&sign_in(&app, &named, &mut stranger).await);
    // A copy of the key, whose counter lags behind.
    laptop.counter = 40;
    sign_in(&app, &named, &mut laptop).await.expect_status(303);
    laptop.counter = 7;
    refused(&sign_in(&app, &named, &mut laptop).await);
}

#[tokio::test]
async fn a_ceremony_belongs_to_who_began_it() {
    let app = kit::app().start().await;
    let owner = kit::owner(&app).await;
    let editor = kit::admin(&app, &owner, "editor").await;
    let named = Named::of(&app);
    let mut laptop = named.authenticator();
    let page = named.post(&owner, "/console/account/passkey", &[]).await;
    let page = page.expect_status(200).text;
    let credential = laptop.create(&options(&page)).to_string();
    let ticket = field(&page, "pn-passkey", "ticket");
    let made = [
        ("ticket", ticket.as_str()),
        ("credential", &credential),
        ("name", "laptop"),
    ];

    refused(
        &named
            .post(&editor, "/console/account/passkey/confirm", &made)
            .await,
    );

    let count = "select count(*) from postern.admin_factors";
    let count: i64 = app
        .sql()
        .await
        .query_one(count, &[])
        .await
        .expect("a count")
        .get(0);
    assert_eq!(count, 0);
    // An address has no name that a passkey could be made for.
    let refusal = owner.post("/console/account/passkey", &[]).await;
    refused(&refusal);
    assert!(
        refusal.text.contains("Passkeys need a name"),
        "{}",
        refusal.text
    );
}
