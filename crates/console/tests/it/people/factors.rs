//! Authenticator apps and recovery codes of admins, their passwords and sessions, and who tries
//! to come in around them.

use postern_base::{Clock, SystemClock};
use postern_testkit::{Reply, TestApp};
use totp_rs::{Builder, Secret, Totp};

use super::{deeds, field};
use crate::it::kit;
use crate::it::kit::{Browser, OWNER, PASSWORD};

/// An authenticator app, and the codes on paper that came with it.
pub(super) struct Phone {
    totp: Totp,
    pub(super) codes: Vec<String>,
}

impl Phone {
    /// The code at some seconds from now.
    pub(super) fn code(&self, secs: i64) -> String {
        let at = SystemClock.now_unix_secs() + secs;
        self.totp.generate(at.cast_unsigned()).to_string()
    }
}

fn between<'t>(text: &'t str, start: &str, end: &str) -> &'t str {
    let rest = text.split_once(start).expect("the start").1;
    rest.split_once(end).expect("the end").0
}

/// What a page shows of a secret under an id.
fn shown<'t>(page: &'t str, id: &str) -> &'t str {
    let rest = between(page, &format!("<pre id=\"{id}\""), "</pre>");
    rest.split_once('>').expect("a text").1
}

pub(super) async fn enrol(browser: &Browser) -> Phone {
    let begun = browser
        .post("/console/account/totp", &[])
        .await
        .expect_status(200)
        .text;
    assert!(begun.contains("data:image/svg+xml"), "{begun}");
    let secret = Secret::try_from_base32(shown(&begun, "secret")).expect("base32");
    let totp = Builder::new().with_secret(secret).build().expect("a TOTP");
    let mut phone = Phone {
        totp,
        codes: Vec::new(),
    };
    let id = field(&begun, "pn-copy", "factor");
    let wrong = [("factor", id.as_str()), ("code", "000000")];
    let again = browser.post("/console/account/totp/confirm", &wrong).await;
    assert!(again.status.is_client_error(), "{}", again.text);
    assert_eq!(field(&again.text, "pn-copy", "factor"), id);
    let code = phone.code(0);
    let right = [("factor", id.as_str()), ("code", code.as_str())];
    let done = browser
        .post("/console/account/totp/confirm", &right)
        .await
        .expect_status(200);
    phone.codes = shown(&done.text, "codes")
        .lines()
        .map(str::to_owned)
        .collect();
    assert_eq!(phone.codes.len(), 10);
    phone
}

/// The first step; the answer's ticket.
async fn first_step(app: &TestApp) -> String {
    let fields = [("email", OWNER), ("password", PASSWORD)];
    let reply = Browser::new(app)
        .post("/console/login", &fields)
        .await
        .expect_status(200);
    assert_eq!(reply.header("set-cookie"), None);
    field(&reply.text, "Second step", "ticket")
}

async fn second_step(app: &TestApp, ticket: &str, code: &str) -> Reply {
    let fields = [("ticket", ticket), ("code", code)];
    Browser::new(app)
        .post("/console/login/second", &fields)
        .await
}

pub(super) fn refused(reply: &Reply) {
    assert!(
        reply.status.is_client_error(),
        "{} {}",
        reply.status,
        reply.text
    );
    assert_eq!(reply.header("set-cookie"), None);
}

#[tokio::test]
async fn a_code_is_asked_for_after_the_password_and_is_good_once() {
    let app = kit::app().start().await;
    let owner = kit::owner(&app).await;
    let other = Browser::sign_in(&app, OWNER, PASSWORD).await;
    let phone = enrol(&owner).await;

    // Whoever came in without what holds now is out.
    other.get("/console").await.expect_status(303);
    owner.get("/console").await.expect_status(200);
    // The code that enrolled is used up.
    let ticket = first_step(&app).await;
    refused(&second_step(&app, &ticket, &phone.code(0)).await);
    let code = phone.code(30);
    let entered = second_step(&app, &ticket, &code).await.expect_status(303);
    assert!(
        entered
            .header("set-cookie")
            .is_some_and(|it| it.contains("postern_console="))
    );
    // Replayed: neither the code nor the ticket goes on.
    let fresh = first_step(&app).await;
    refused(&second_step(&app, &fresh, &code).await);
    refused(&second_step(&app, &ticket, &phone.code(30)).await);
    assert_eq!(deeds(&app, "admin_factor_added", OWNER).await, 1);
}

#[tokio::test]
async fn a_ticket_ends_by_guesses_and_by_time() {
    let app = kit::app().start().await;
    let owner = kit::owner(&app).await;
    let phone = enrol(&owner).await;

    let ticket = first_step(&app).await;
    for guess in 0..5 {
        refused(&second_step(&app, &ticket, &format!("00000{guess}")).await);
    }
    refused(&second_step(&app, &ticket, &phone.code(30)).await);
    let late = first_step(&app).await;
    app.advance(5 * 60 + 1);
    refused(&second_step(&app, &late, &phone.code(5 * 60 + 1)).await);
    for odd in ["", "x", &"x".repeat(500)] {
        refused(&second_step(&app, odd, &phone.code(5 * 60 + 1)).await);
    }
    let ticket = first_step(&app).await;
    second_step(&app, &ticket, &phone.code(5 * 60 + 1))
        .await
        .expect_status(303);
}

#[tokio::test]
async fn attack_16_guesses_run_out_over_all_tickets() {
    let app = kit::app()
        .setting("rates.enabled", "true")
        .setting("rates.account_failures_per_hour", "8")
        .start()
        .await;
    let owner = kit::owner(&app).await;
    let phone = enrol(&owner).await;

    let mut last = None;
    for _ in 0..4 {
        let ticket = first_step(&app).await;
        for guess in 0..4 {
            let reply = second_step(&app, &ticket, &format!("00000{guess}")).await;
            refused(&reply);
            last = Some(reply.status.as_u16());
        }
    }

    assert_eq!(last, Some(429));
    let ticket = first_step(&app).await;
    refused(&second_step(&app, &ticket, &phone.code(30)).await);
}

#[tokio::test]
async fn a_code_on_paper_stands_in_once() {
    let app = kit::app().start().await;
    let owner = kit::owner(&app).await;
    let phone = enrol(&owner).await;
    let paper = phone.codes[3].to_uppercase();

    let ticket = first_step(&app).await;
    second_step(&app, &ticket, &paper).await.expect_status(303);
    let ticket = first_step(&app).await;
    refused(&second_step(&app, &ticket, &paper).await);

    let page = owner.get("/console/account").await.expect_status(200).text;
    assert!(page.contains("9 recovery codes are left"), "{page}");
    owner
        .post("/console/account/codes", &[])
        .await
        .expect_status(200);
    refused(&second_step(&app, &ticket, &phone.codes[4]).await);
    let sql = app.sql().await;
    let all = "select coalesce(string_agg(t::text, ' '), '') from (\
               select to_jsonb(f) as t from postern.admin_factors f union all \
               select to_jsonb(c) from postern.admin_recovery_codes c) x";
    let kept: String = sql.query_one(all, &[]).await.expect("rows").get(0);
    assert!(!phone.codes.iter().any(|it| kept.contains(it)), "{kept}");
}

#[tokio::test]
async fn a_factor_goes_with_a_fresh_proof_only_and_ends_sessions() {
    let app = kit::app().start().await;
    let owner = kit::owner(&app).await;
    let phone = enrol(&owner).await;
    let page = owner.get("/console/account").await.expect_status(200).text;
    let id = field(&page, "account/factor/remove", "factor");
    let remove = [("factor", id.as_str()), ("here", "/console/account")];
    let path = "/console/account/factor/remove";
    app.advance(11 * 60);

    for path in [path, "/console/account/totp", "/console/account/passkey"] {
        let reply = owner.post(path, &remove).await.expect_status(303);
        assert!(
            reply
                .header("location")
                .is_some_and(|it| it.starts_with("/console/reauth"))
        );
    }
    assert_eq!(deeds(&app, "admin_factor_removed", OWNER).await, 0);
    let ticket = first_step(&app).await;
    let mut second = Browser::new(&app);
    let code = phone.code(11 * 60);
    let entered = second_step(&app, &ticket, &code).await.expect_status(303);
    second.keep(&entered).await;
    second.post(path, &remove).await.expect_status(303);

    assert_eq!(deeds(&app, "admin_factor_removed", OWNER).await, 1);
    owner.get("/console").await.expect_status(303);
    second.get("/console").await.expect_status(200);
    // Nothing is left that a code would stand in for.
    Browser::sign_in(&app, OWNER, PASSWORD).await;
}

#[tokio::test]
async fn nobody_touches_anothers_factor_and_an_owner_resets_it() {
    let app = kit::app().start().await;
    let owner = kit::owner(&app).await;
    let editor = kit::admin(&app, &owner, "editor").await;
    enrol(&owner).await;
    let page = owner.get("/console/account").await.expect_status(200).text;
    let id = field(&page, "account/factor/remove", "factor");

    let foreign = [("factor", id.as_str())];
    refused(
        &editor
            .post("/console/account/factor/remove", &foreign)
            .await,
    );
    let reset = "/console/settings/admins/reset";
    editor
        .post(reset, &[("email", OWNER)])
        .await
        .expect_status(403);
    refused(&owner.post(reset, &[("email", OWNER)]).await);
    enrol(&editor).await;
    owner
        .post(reset, &[("email", "editor@shop.example")])
        .await
        .expect_status(303);

    editor.get("/console").await.expect_status(303);
    assert_eq!(deeds(&app, "admin_factors_reset", OWNER).await, 1);
    let left = "select count(*) from postern.admin_factors";
    let left: i64 = app
        .sql()
        .await
        .query_one(left, &[])
        .await
        .expect("a count")
        .get(0);
    assert_eq!(left, 1);
}

#[tokio::test]
async fn a_password_is_changed_by_who_knows_it() {
    let app = kit::app().start().await;
    let owner = kit::owner(&app).await;
    let other = Browser::sign_in(&app, OWNER, PASSWORD).await;
    let change = async |present: &str, new: &str| {
        let fields = [("present", present), ("new", new), ("again", new)];
        owner.post("/console/account/password", &fields).await
    };
    let new = "another-horse-battery";

    refused(&change("wrong-horse-battery", new).await);
    refused(&change(PASSWORD, "short").await);
    let differing = [("present", PASSWORD), ("new", new), ("again", PASSWORD)];
    refused(&owner.post("/console/account/password", &differing).await);
    change(PASSWORD, new).await.expect_status(303);

    other.get("/console").await.expect_status(303);
    owner.get("/console").await.expect_status(200);
    Browser::sign_in(&app, OWNER, new).await;
    let old = [("email", OWNER), ("password", PASSWORD)];
    refused(&Browser::new(&app).post("/console/login", &old).await);
    assert_eq!(deeds(&app, "admin_password_changed", OWNER).await, 1);
}

#[tokio::test]
async fn a_session_of_ones_own_ends_and_no_others() {
    let app = kit::app().start().await;
    let owner = kit::owner(&app).await;
    let other = Browser::sign_in(&app, OWNER, PASSWORD).await;
    let editor = kit::admin(&app, &owner, "editor").await;
    let page = owner.get("/console/account").await.expect_status(200).text;
    let session = field(&page, "account/session/end", "session");
    let wish = [("session", session.as_str())];

    editor
        .post("/console/account/session/end", &wish)
        .await
        .expect_status(303);
    other.get("/console").await.expect_status(200);
    owner
        .post("/console/account/session/end", &wish)
        .await
        .expect_status(303);

    other.get("/console").await.expect_status(303);
    owner.get("/console").await.expect_status(200);
}
