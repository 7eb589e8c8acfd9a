//! Recovery codes.

use futures_util::future::join_all;
use postern_testkit::{Reply, TestClient};
use serde_json::{Value, json};

use super::factor_kit::{claims, lifted, methods, refusal, text, unenrol};
use super::kit::{app, sign_in, sign_up, with_session};

const PATH: &str = "/auth/v1/factors/recovery-codes";

async fn generate(client: &TestClient) -> Value {
    let reply = client.post(PATH, &json!({})).send().await;
    reply.expect_status(200).json()
}

async fn try_code(client: &TestClient, code: &str) -> Reply {
    let path = format!("{PATH}/verify");
    client.post(&path, &json!({ "code": code })).send().await
}

fn code(set: &Value, at: usize) -> String {
    text(&set["codes"][at])
}

#[tokio::test]
async fn a_code_lifts_the_session_however_it_is_typed() {
    let app = app().start().await;
    let session = sign_up(&app, "ann@example.com").await;
    let (_, owner) = lifted(&app, &session).await;
    let owner = with_session(&app, &owner);

    let none = owner.get(PATH).send().await;
    let body = json!({ "friendly_name": "Paper" });
    let set = owner.post(PATH, &body).send().await.expect_status(200);
    let set = set.json();
    let again = sign_in(&app, "ann@example.com").await;
    let client = with_session(&app, &again);
    let typed = code(&set, 3).to_uppercase();
    let typed = format!(" {}-{} ", &typed[..8], &typed[8..]);
    let lifted = try_code(&client, &typed).await.expect_status(200).json();
    let status = client.get(PATH).send().await.expect_status(200).json();

    assert_eq!(refusal(none, 404), "mfa_factor_not_found");
    assert_eq!(set["type"], "recovery_code");
    assert_eq!(set["friendly_name"], "Paper");
    assert_eq!(set["total"], 10);
    assert_eq!(claims(&lifted)["aal"], "aal2");
    assert_eq!(methods(&lifted), ["mfa/recovery_code", "password"]);
    assert_eq!(
        status,
        json!({ "id": set["id"], "type": "recovery_code", "total": 10, "remaining": 9 })
    );
    let factors = lifted["user"]["factors"].as_array().expect("factors");
    assert!(factors.iter().any(|it| it["factor_type"] == "recovery_code"
        && it["id"] == set["id"]
        && it["status"] == "verified"));
}

#[tokio::test]
async fn codes_are_stored_as_macs_only() {
    let app = app().start().await;
    let session = sign_up(&app, "ann@example.com").await;
    let (_, owner) = lifted(&app, &session).await;
    let set = generate(&with_session(&app, &owner)).await;

    let sql = app.sql().await;
    let dump = "select coalesce(string_agg(it::text, ' '), '') from auth.mfa_recovery_codes it";
    let dump: String = sql.query_one(dump, &[]).await.expect("rows").get(0);

    assert!((0..10).all(|at| !dump.contains(&code(&set, at))));
}

#[tokio::test]
async fn attack_15_a_hundred_parallel_uses_of_one_code_win_once() {
    let app = app().start().await;
    let session = sign_up(&app, "ann@example.com").await;
    let (_, owner) = lifted(&app, &session).await;
    let set = generate(&with_session(&app, &owner)).await;
    let again = sign_in(&app, "ann@example.com").await;
    let client = with_session(&app, &again);

    let code = code(&set, 0);
    let replies = join_all((0..100).map(|_| try_code(&client, &code))).await;

    let count = |status| {
        replies
            .iter()
            .filter(|it| it.status.as_u16() == status)
            .count()
    };
    assert_eq!((count(200), count(422)), (1, 99));
}

#[tokio::test]
async fn new_codes_void_the_old_ones() {
    let app = app().start().await;
    let session = sign_up(&app, "ann@example.com").await;
    let (_, owner) = lifted(&app, &session).await;
    let owner = with_session(&app, &owner);
    let path = format!("{PATH}/regenerate");
    let none = owner.post(&path, &json!({})).send().await;
    let old = generate(&owner).await;

    let twice = owner.post(PATH, &json!({})).send().await;
    let new = owner.post(&path, &json!({})).send().await;
    let new = new.expect_status(200).json();
    let again = sign_in(&app, "ann@example.com").await;
    let client = with_session(&app, &again);
    let refused = try_code(&client, &code(&old, 0)).await;

    assert_eq!(refusal(none, 404), "mfa_factor_not_found");
    assert_eq!(refusal(twice, 422), "mfa_verified_factor_exists");
    assert_eq!(old["id"], new["id"]);
    assert_eq!(refusal(refused, 422), "mfa_verification_failed");
    try_code(&client, &code(&new, 0)).await.expect_status(200);
}

#[tokio::test]
async fn codes_never_stay_alone() {
    let app = app().start().await;
    let session = sign_up(&app, "ann@example.com").await;
    let client = with_session(&app, &session);
    let without = client.post(PATH, &json!({})).send().await;
    let (factor, owner) = lifted(&app, &session).await;
    let owner = with_session(&app, &owner);
    let set = generate(&owner).await;

    unenrol(&owner, &factor.id).await.expect_status(200);
    let status = owner.get(PATH).send().await;
    let again = sign_in(&app, "ann@example.com").await;
    let used = try_code(&with_session(&app, &again), &code(&set, 0)).await;

    assert_eq!(refusal(without, 403), "insufficient_aal");
    assert_eq!(refusal(status, 404), "mfa_factor_not_found");
    assert_eq!(refusal(used, 422), "mfa_verification_failed");
}

#[tokio::test]
async fn the_set_is_removed_from_a_lifted_session() {
    let app = app().start().await;
    let session = sign_up(&app, "ann@example.com").await;
    let (_, owner) = lifted(&app, &session).await;
    let owner = with_session(&app, &owner);
    let set = generate(&owner).await;
    let other = sign_in(&app, "ann@example.com").await;

    let refused = with_session(&app, &other).delete(PATH).send().await;
    let removed = owner.delete(PATH).send().await.expect_status(200).json();

    assert_eq!(refusal(refused, 422), "insufficient_aal");
    assert_eq!(removed, json!({ "id": set["id"] }));
    owner.get("/auth/v1/user").send().await.expect_status(200);
}

#[tokio::test]
async fn attack_16_guessing_locks_recovery_codes_and_nothing_else() {
    let app = app()
        .setting("rates.enabled", "true")
        .setting("rates.verify_per_5_min", "1000")
        .setting("rates.account_failures_per_hour", "5")
        .start()
        .await;
    let session = sign_up(&app, "ann@example.com").await;
    let (factor, owner) = lifted(&app, &session).await;
    let set = generate(&with_session(&app, &owner)).await;
    let again = sign_in(&app, "ann@example.com").await;
    let client = with_session(&app, &again);

    for _ in 0..5 {
        let wrong = try_code(&client, "0000-0000-0000-0000").await;
        assert_eq!(refusal(wrong, 422), "mfa_verification_failed");
    }
    let locked = try_code(&client, &code(&set, 0)).await;
    app.advance(60);
    let other_way = super::factor_kit::verify(&client, &factor, 60).await;

    assert_eq!(refusal(locked, 429), "mfa_recovery_codes_locked");
    other_way.expect_status(200);
}
