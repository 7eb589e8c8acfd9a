//! The audit log: what it says, and that nobody can change it unseen.

use std::sync::Arc;

use postern_auth::audit::{AuditLog, Fault, Findings, Mark, Sealer};
use postern_base::Secret;
use postern_db::own::{OwnDb, OwnDbConfig};
use postern_testkit::TestApp;
use postern_vault::{MasterKey, SystemRandom, Vault};
use serde_json::{Value, json};

use super::kit::{LOOKS, app, moment, sign_in, sign_up, with_session};

fn parts(app: &TestApp) -> (OwnDb, Arc<Vault>) {
    let config = OwnDbConfig::new(Secret::new(app.database().auth_url()));
    let key = MasterKey::parse(&Secret::new(app.master_key().to_owned())).expect("as arranged");
    let vault = Vault::new(&key, Arc::new(SystemRandom));
    (OwnDb::new(&config).expect("as arranged"), Arc::new(vault))
}

async fn verify(app: &TestApp, known: Option<&Mark>) -> Findings {
    let (db, vault) = parts(app);
    AuditLog::new(db, vault)
        .verify(known)
        .await
        .expect("as arranged")
}

/// A server on which something has happened, and all of it is sealed.
async fn app_with_history() -> TestApp {
    let app = app().start().await;
    for name in ["a", "b", "c"] {
        sign_up(&app, &format!("{name}@example.com")).await;
        sign_in(&app, &format!("{name}@example.com")).await;
    }
    seal(&app).await;
    app
}

async fn seal(app: &TestApp) {
    let (db, vault) = parts(app);
    let sealer = Sealer::new(db, vault);
    for _ in 0..LOOKS {
        sealer.seal_batch().await.expect("as arranged");
        if verify(app, None).await.waiting == 0 {
            return;
        }
        moment().await;
    }
    panic!("the log is not sealed");
}

async fn sql(app: &TestApp, statement: &str) {
    app.sql()
        .await
        .batch_execute(statement)
        .await
        .expect("as arranged");
}

#[tokio::test]
async fn the_log_says_who_did_what_and_keeps_secrets_out() {
    let app = app().start().await;
    let session = sign_up(&app, "ann@example.com").await;
    let id = session["user"]["id"].as_str().unwrap();
    let change = json!({ "password": "another-good-battery", "email": "anna@example.com",
        "app_metadata": { "secret_plan": "do-not-log" } });
    let path = format!("/auth/v1/admin/users/{id}");
    app.service()
        .put(&path, &change)
        .send()
        .await
        .expect_status(200);
    let list = |query: &str| {
        let path = format!("/auth/v1/admin/audit?page=&per_page=&query={query}");
        app.service().get(&path).send()
    };

    let all = list("").await.expect_status(200);
    let by_action = list("action:user_modified").await.expect_status(200).json();
    let by_author = list("author:ANN@example").await.expect_status(200).json();
    let odd = list("nothing").await;

    let text = all.text.clone();
    assert!(all.header("x-total-count").is_some() && all.header("link").is_some());
    for secret in ["another-good-battery", "do-not-log", "argon2"] {
        assert!(!text.contains(secret), "{text}");
    }
    let entry: &Value = &by_action[0]["payload"];
    assert_eq!(by_action.as_array().unwrap().len(), 1);
    assert_eq!(entry["actor_username"], "service_role");
    assert_eq!(entry["traits"]["user_id"], id);
    assert_eq!(
        entry["traits"]["changes"]["email"]["before"],
        "ann@example.com"
    );
    assert_eq!(
        entry["traits"]["changes"]["email"]["after"],
        "anna@example.com"
    );
    assert_eq!(
        entry["traits"]["changes"]["app_metadata"],
        json!({ "keys": ["secret_plan"] })
    );
    assert!(entry["request_id"].is_string());
    assert_eq!(by_author[0]["payload"]["log_type"], "team");
    assert_eq!(odd.status.as_u16(), 400);
}

#[tokio::test]
async fn entries_are_sealed_while_the_server_runs() {
    let app = app().start().await;
    let session = sign_up(&app, "ann@example.com").await;
    with_session(&app, &session)
        .get("/auth/v1/user")
        .send()
        .await;

    let mut findings = verify(&app, None).await;
    for _ in 0..LOOKS {
        if findings.waiting == 0 && findings.sealed > 0 {
            break;
        }
        moment().await;
        findings = verify(&app, None).await;
    }

    assert!(findings.is_sound(), "{:?}", findings.faults);
    assert_eq!(findings.head.unwrap().seq, findings.sealed);
}

#[tokio::test]
async fn attack_82_edited_entries_are_found() {
    let app = app_with_history().await;
    assert!(verify(&app, None).await.is_sound());

    sql(
        &app,
        "update auth.audit_log_entries set payload = \
         (payload::jsonb || '{\"action\": \"nothing\"}')::json where seq = 2",
    )
    .await;
    let edited = verify(&app, None).await.faults;
    sql(
        &app,
        "update auth.audit_log_entries set ip_address = '10.0.0.1' where seq = 4",
    )
    .await;
    let twice = verify(&app, None).await.faults;

    assert!(
        matches!(edited[..], [Fault::Edited { seq: 2, .. }]),
        "{edited:?}"
    );
    assert!(
        matches!(
            twice[..],
            [Fault::Edited { seq: 2, .. }, Fault::Edited { seq: 4, .. }]
        ),
        "{twice:?}"
    );
}

#[tokio::test]
async fn attack_82_removed_entries_are_found() {
    let app = app_with_history().await;

    sql(
        &app,
        "delete from auth.audit_log_entries where seq in (2, 3)",
    )
    .await;
    let removed = verify(&app, None).await.faults;
    // Closing the gap does not hide it.
    sql(
        &app,
        "update auth.audit_log_entries set seq = seq - 2 where seq = 4",
    )
    .await;
    let closed = verify(&app, None).await.faults;

    assert_eq!(removed, [Fault::Removed { first: 2, last: 3 }]);
    assert!(
        matches!(closed[0], Fault::Moved { seq: 2, .. }),
        "{closed:?}"
    );
}

#[tokio::test]
async fn attack_82_reordered_entries_are_found() {
    let app = app_with_history().await;

    sql(
        &app,
        "update auth.audit_log_entries set seq = -2 where seq = 2; \
         update auth.audit_log_entries set seq = 2 where seq = 3; \
         update auth.audit_log_entries set seq = 3 where seq = -2",
    )
    .await;
    let moved = verify(&app, None).await.faults;

    assert!(matches!(moved[0], Fault::Moved { seq: 2, .. }), "{moved:?}");
    assert!(matches!(moved[1], Fault::Moved { seq: 3, .. }), "{moved:?}");
}

#[tokio::test]
async fn attack_82_truncation_is_found() {
    let app = app_with_history().await;
    let last = verify(&app, None).await.sealed;
    let mark = verify(&app, None).await.head.unwrap();

    let delete = format!(
        "delete from auth.audit_log_entries where seq > {}",
        last - 2
    );
    sql(&app, &delete).await;
    let truncated = verify(&app, None).await.faults;
    // A head that was made up does not hide it.
    let rewind = format!(
        "update postern.audit_head set seq = {0}, chain = \
         (select chain from auth.audit_log_entries where seq = {0})",
        last - 2
    );
    sql(&app, &rewind).await;
    let rewound = verify(&app, Some(&mark)).await.faults;
    sql(&app, "delete from postern.audit_head").await;
    let headless = verify(&app, None).await.faults;
    let (db, vault) = parts(&app);
    sign_in(&app, "a@example.com").await;
    let sealer = Sealer::new(db, vault);
    let mut goes_on = sealer.seal_batch().await;
    // The server's own sealer may be at it, and hold the lock while it finds out the same.
    while matches!(goes_on, Ok(0)) {
        moment().await;
        goes_on = sealer.seal_batch().await;
    }

    let first = last - 1;
    assert_eq!(truncated, [Fault::Truncated { first, last }]);
    assert_eq!(rewound, [Fault::HeadForged, Fault::OffMark { seq: last }]);
    assert_eq!(headless, [Fault::HeadMissing]);
    assert!(goes_on.is_err(), "nothing is built on a broken chain");
}

#[tokio::test]
async fn attack_82_entries_of_others_do_not_look_like_ours() {
    let app = app_with_history().await;

    sql(
        &app,
        "insert into auth.audit_log_entries (id, payload, created_at, mac) values \
         (gen_random_uuid(), '{\"action\":\"login\"}', now(), '\\x00'); \
         insert into auth.audit_log_entries (id, payload, created_at) values \
         (gen_random_uuid(), '{\"action\":\"login\"}', now())",
    )
    .await;
    let mut waiting = verify(&app, None).await;
    // The server may have sealed the entry between the two looks of one verification.
    while waiting.is_sound() {
        waiting = verify(&app, None).await;
    }
    seal(&app).await;
    let sealed = verify(&app, None).await;

    assert_eq!(waiting.foreign, 1);
    assert!(matches!(
        waiting.faults[0],
        Fault::Forged { .. } | Fault::Edited { .. }
    ));
    assert!(
        matches!(sealed.faults[..], [Fault::Edited { .. }]),
        "{:?}",
        sealed.faults
    );
}

#[tokio::test]
async fn the_auth_role_cannot_rewrite_the_log() {
    let app = app_with_history().await;
    let url = app.database().auth_url();
    let (client, connection) = tokio_postgres::connect(&url, tokio_postgres::NoTls)
        .await
        .unwrap();
    let connection = tokio::spawn(connection);

    for statement in [
        "update auth.audit_log_entries set payload = '{}'",
        "update auth.audit_log_entries set mac = null",
        "delete from auth.audit_log_entries",
        "truncate auth.audit_log_entries",
        "delete from postern.audit_head",
    ] {
        let error = client.batch_execute(statement).await.unwrap_err();
        assert_eq!(error.code().unwrap().code(), "42501", "{statement}");
    }
    drop(client);
    connection.await.unwrap().unwrap();
}
