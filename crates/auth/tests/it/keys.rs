//! Signing keys: published before they sign, rotated without anybody noticing, revoked at once.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use postern_auth::keys::Keys;
use postern_base::{Secret, SystemClock};
use postern_db::own::{OwnDb, OwnDbConfig};
use postern_http::signing::Algorithm;
use postern_testkit::TestApp;
use postern_vault::{MasterKey, SystemRandom, Vault};
use serde_json::Value;

use super::kit::{LOOKS, app, moment, refresh, sign_in, sign_up, with_session};

/// The keys as another program sees them: `postern keys rotate`, or a second gateway.
fn elsewhere(app: &TestApp) -> Keys {
    let master_key = MasterKey::parse(&Secret::new(app.master_key().into())).expect("a key");
    let vault = Vault::new(&master_key, Arc::new(SystemRandom));
    let config = OwnDbConfig::new(Secret::new(app.database().auth_url()));
    let db = OwnDb::new(&config).expect("an address");
    Keys::new(db, Arc::new(vault), Arc::new(SystemClock), Algorithm::Es256)
}

fn kid(session: &Value) -> String {
    let token = session["access_token"].as_str().expect("a token");
    let head = token.split('.').next().expect("a head");
    let head = URL_SAFE_NO_PAD.decode(head).expect("base64url");
    let head: Value = serde_json::from_slice(&head).expect("JSON");
    head["kid"].as_str().expect("a kid").to_owned()
}

async fn published(app: &TestApp) -> Vec<String> {
    let reply = app
        .anon()
        .get("/auth/v1/.well-known/jwks.json")
        .send()
        .await;
    let document = reply.expect_status(200).json();
    let keys = document["keys"].as_array().expect("keys");
    let kid = |key: &Value| key["kid"].as_str().expect("a kid").to_owned();
    keys.iter().map(kid).collect()
}

/// Waits until the server has heard of a change that another program made.
async fn signs_with(app: &TestApp, wanted: &str) -> Value {
    for _ in 0..LOOKS {
        let session = sign_in(app, "ann@example.com").await;
        if kid(&session) == wanted {
            return session;
        }
        moment().await;
    }
    panic!("the server did not hear of the new key");
}

async fn user_status(app: &TestApp, session: &Value) -> u16 {
    let user = with_session(app, session).get("/auth/v1/user");
    user.send().await.status.as_u16()
}

#[tokio::test]
async fn rotation_publishes_first_and_refuses_nobody() {
    let app = app().start().await;
    let before = sign_up(&app, "ann@example.com").await;
    let known = published(&app).await;

    let current = elsewhere(&app).rotate().await.expect("rotated");
    let after = signs_with(&app, &current).await;

    assert!(
        known.contains(&current),
        "verifiers knew the key before it signed"
    );
    assert_ne!(kid(&before), current);
    assert_eq!(user_status(&app, &before).await, 200);
    assert_eq!(user_status(&app, &after).await, 200);
    assert_eq!(published(&app).await.len(), 3);
}

#[tokio::test]
async fn tokens_of_a_revoked_key_are_refused_and_refreshed() {
    let app = app().start().await;
    let before = sign_up(&app, "ann@example.com").await;
    let keys = elsewhere(&app);
    let current = keys.rotate().await.expect("rotated");
    let after = signs_with(&app, &current).await;

    keys.revoke(&kid(&before)).await.expect("revoked");

    for _ in 0..LOOKS {
        if user_status(&app, &before).await == 403 {
            break;
        }
        moment().await;
    }
    assert_eq!(user_status(&app, &before).await, 403);
    assert_eq!(user_status(&app, &after).await, 200);
    assert!(!published(&app).await.contains(&kid(&before)));
    refresh(&app, &before["refresh_token"])
        .await
        .expect_status(200);
    assert!(keys.revoke(&current).await.is_err(), "the key in use stays");
}

#[tokio::test]
async fn private_keys_are_sealed_in_the_database() {
    let app = app().start().await;

    let rows = app.sql().await;
    let rows = rows
        .query(
            "select state, sealed_private from postern.signing_keys order by state",
            &[],
        )
        .await
        .expect("the keys");

    let states: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
    assert_eq!(states, ["current", "standby"]);
    assert!(
        rows.iter()
            .all(|row| row.get::<_, String>(1).starts_with("pe1."))
    );
}

#[tokio::test]
async fn a_session_without_limits_lives_for_years() {
    let app = app().start().await;
    let mut session = sign_up(&app, "ann@example.com").await;

    for _ in 0..10 {
        app.advance(365 * 24 * 3600);
        assert_eq!(
            user_status(&app, &session).await,
            403,
            "the access token has expired"
        );
        session = refresh(&app, &session["refresh_token"])
            .await
            .expect_status(200)
            .json();
        assert_eq!(user_status(&app, &session).await, 200);
    }
}
