//! Users and admins: what their pages show and what their buttons do.

#[allow(dead_code, reason = "the auth tests use all of it")]
#[path = "../../../auth/tests/it/authenticator.rs"]
mod authenticator;
mod borrow;
mod crowd;
mod factors;
mod help;
mod limits;
mod mails;
mod metadata;
mod newcomers;
mod passkeys;
mod proof;
mod removal;
mod sign_in;

use postern_testkit::{TestApp, TestClient};
use serde_json::Value;

/// A client with a user's token.
fn as_user(app: &TestApp, session: &Value) -> TestClient {
    let token = session["access_token"].as_str().expect("a token");
    app.anon().with_token(token)
}

/// The value of the first hidden field of a name, behind a text of the page.
fn field(page: &str, behind: &str, name: &str) -> String {
    let rest = page.split_once(behind).expect("the text").1;
    let rest = rest
        .split_once(&format!("name=\"{name}\" value=\""))
        .expect("a field")
        .1;
    rest.split('"').next().unwrap_or_default().to_owned()
}

/// How many entries of the audit log say this of an admin.
async fn deeds(app: &TestApp, action: &str, actor: &str) -> i64 {
    let count = "select count(*) from auth.audit_log_entries where payload ->> 'action' = $1 \
                 and payload ->> 'actor_username' = $2";
    let row = app.sql().await.query_one(count, &[&action, &actor]).await;
    row.expect("a count").get(0)
}

/// The newest mail of a kind to an address; waits until it is there.
async fn mail_of(app: &TestApp, address: &str, kind: &str) -> Value {
    let path = format!("/_dev/mailbox.json?to={address}");
    for _ in 0..1200 {
        let list = app.anon().get(&path).send().await.expect_status(200).json();
        let mails = list.as_array().cloned().unwrap_or_default();
        if let Some(mail) = mails.into_iter().find(|it| it["kind"] == kind) {
            return mail;
        }
        tokio::time::sleep(std::time::Duration::from_millis(25)).await;
    }
    panic!("no mail of kind {kind} to {address}");
}
