//! Sealing stored secrets anew under another master key.

use std::sync::Arc;

use postern_auth::{Resealed, Resealer};
use postern_base::Secret;
use postern_db::own::{OwnDb, OwnDbConfig};
use postern_testkit::TestApp;
use postern_vault::{MasterKey, SystemRandom, Vault};

use super::factor_kit::lifted;
use super::kit::{app, refresh, sign_up};

const NEW: &str = "00112233445566778899aabbccddeeff00112233445566778899aabbccddee01";

fn key(text: &str) -> MasterKey {
    MasterKey::parse(&Secret::new(text.to_owned())).expect("a key")
}

fn resealer(app: &TestApp, vault: Vault) -> Resealer {
    let config = OwnDbConfig::new(Secret::new(app.database().auth_url()));
    Resealer::new(OwnDb::new(&config).expect("an address"), Arc::new(vault))
}

fn count(done: &[Resealed], what: &str) -> (u64, u64) {
    let found = done.iter().find(|it| it.what == what).expect("a kind");
    (found.renewed, found.unreadable)
}

/// What lies sealed, with where it is sealed for.
async fn sealed(app: &TestApp) -> Vec<(String, String)> {
    let all = "select 'signing_keys|sealed_private|' || id, sealed_private \
               from postern.signing_keys \
               union all select 'mfa_factors|secret|' || id, secret from auth.mfa_factors \
               union all select 'sessions|refresh_token_hmac_key|' || id, refresh_token_hmac_key \
               from auth.sessions";
    let rows = app.sql().await.query(all, &[]).await.expect("rows");
    rows.iter().map(|row| (row.get(0), row.get(1))).collect()
}

#[tokio::test]
async fn what_is_sealed_is_sealed_anew_and_the_older_key_opens_nothing() {
    let app = app().start().await;
    let session = sign_up(&app, "ann@example.com").await;
    let (_, session) = lifted(&app, &session).await;
    sign_up(&app, "bob@example.com").await;
    let random = || Arc::new(SystemRandom);
    let old = Vault::new(&key(app.master_key()), random());
    let new = Vault::new(&key(NEW), random());
    let both = || Vault::with_older_keys(&key(NEW), &[key(app.master_key())], random());
    let before = sealed(&app).await;

    let first = resealer(&app, both()).run().await.expect("done");
    let second = resealer(&app, both()).run().await.expect("done");

    let after = sealed(&app).await;
    assert_eq!(count(&first, "secrets of factors"), (1, 0));
    assert_eq!(count(&first, "keys of sessions"), (2, 0));
    assert!(count(&first, "signing keys").0 >= 2, "{first:?}");
    assert!(second.iter().all(|it| it.renewed == 0), "{second:?}");
    assert_eq!(before.len(), after.len());
    for (context, value) in &before {
        let (_, fresh) = after.iter().find(|it| it.0 == *context).expect("a row");
        let was = old.open(context, value).expect("opens");
        let is = new
            .open(context, fresh)
            .expect("opens with the new key alone");
        assert_eq!(was.expose(), is.expose(), "{context}");
        assert!(old.open(context, fresh).is_err(), "{context}");
    }
    // The way back is the same way; the server has the first key alone.
    let back = Vault::with_older_keys(&key(app.master_key()), &[key(NEW)], random());
    resealer(&app, back).run().await.expect("done");
    let next = refresh(&app, &session["refresh_token"]).await;
    next.expect_status(200);
}

#[tokio::test]
async fn what_no_key_opens_is_counted_and_left_as_it_is() {
    let app = app().start().await;
    sign_up(&app, "ann@example.com").await;
    let before = sealed(&app).await;

    let lost = resealer(&app, Vault::new(&key(NEW), Arc::new(SystemRandom)));
    let done = lost.run().await.expect("done");

    assert_eq!(count(&done, "keys of sessions"), (0, 1));
    assert!(done.iter().all(|it| it.renewed == 0), "{done:?}");
    let mut after = sealed(&app).await;
    let mut before = before;
    before.sort();
    after.sort();
    assert_eq!(before, after);
}
