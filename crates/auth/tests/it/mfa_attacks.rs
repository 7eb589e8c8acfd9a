//! Attacks on second factors, by the numbers that the threat model gives them.

use futures_util::future::join_all;
use serde_json::json;

use super::factor_kit::{answer, challenge, claims, enrol, lifted, refusal, text, unenrol, verify};
use super::kit::{app, refresh, sign_in, sign_up, with_session};

#[tokio::test]
async fn attack_14_a_new_factor_ends_all_other_sessions() {
    let app = app().start().await;
    let other = sign_up(&app, "ann@example.com").await;
    let session = sign_in(&app, "ann@example.com").await;

    let (_, session) = lifted(&app, &session).await;

    let user = |session| with_session(&app, session).get("/auth/v1/user").send();
    user(&session).await.expect_status(200);
    assert_eq!(refusal(user(&other).await, 403), "session_not_found");
    refresh(&app, &other["refresh_token"])
        .await
        .expect_status(400);
}

#[tokio::test]
async fn attack_14_a_removed_factor_ends_all_other_sessions() {
    let app = app().start().await;
    let session = sign_up(&app, "ann@example.com").await;
    let (factor, session) = lifted(&app, &session).await;
    let other = sign_in(&app, "ann@example.com").await;
    app.advance(60);
    let other = verify(&with_session(&app, &other), &factor, 60).await;
    let other = other.expect_status(200).json();

    let removed = unenrol(&with_session(&app, &session), &factor.id).await;

    removed.expect_status(200);
    let user = with_session(&app, &other).get("/auth/v1/user").send().await;
    assert_eq!(refusal(user, 403), "session_not_found");
}

#[tokio::test]
async fn attack_14_pending_codes_are_void_after_a_new_factor() {
    let app = app().start().await;
    let session = sign_up(&app, "ann@example.com").await;
    let sql = app.sql().await;
    let user = claims(&session)["sub"].as_str().expect("a user").to_owned();
    sql.execute(
        "insert into postern.codes (id, user_id, purpose, sent_to, code_mac, token_mac, \
         created_at, code_expires_at, expires_at) values (gen_random_uuid(), $1::text::uuid, \
         'recovery', 'ann@example.com', '', '', now(), now() + '1 day', now() + '1 day')",
        &[&user],
    )
    .await
    .expect("a pending code");

    lifted(&app, &session).await;

    let left = sql
        .query_one("select count(*) from postern.codes", &[])
        .await;
    assert_eq!(left.expect("a count").get::<_, i64>(0), 0);
}

#[tokio::test]
async fn attack_15_a_step_is_good_once() {
    let app = app().start().await;
    let session = sign_up(&app, "ann@example.com").await;
    let client = with_session(&app, &session);
    let factor = enrol(&client, "phone").await;

    // Both made now: a moment later they would belong to other steps.
    let (code, older) = (factor.code(0), factor.code(-30));
    let try_code = async |code: &str| {
        let asked = challenge(&client, &factor.id).await;
        answer(&client, &factor.id, &asked["id"], code).await
    };

    try_code(&code).await.expect_status(200);
    let again = try_code(&code).await;
    let before = try_code(&older).await;

    assert_eq!(refusal(again, 422), "mfa_verification_failed");
    assert_eq!(refusal(before, 422), "mfa_verification_failed");
}

#[tokio::test]
async fn attack_15_a_hundred_parallel_verifications_of_one_code_win_once() {
    let app = app().start().await;
    let session = sign_up(&app, "ann@example.com").await;
    let client = with_session(&app, &session);
    let factor = enrol(&client, "phone").await;
    let mut challenges = Vec::new();
    for _ in 0..100 {
        challenges.push(challenge(&client, &factor.id).await);
    }

    let code = factor.code(0);
    let answers = challenges
        .iter()
        .map(|it| answer(&client, &factor.id, &it["id"], &code));
    let replies = join_all(answers).await;

    let won = replies.iter().filter(|it| it.status.as_u16() == 200);
    assert_eq!(won.count(), 1);
    let lost = |status| {
        replies
            .iter()
            .filter(|it| it.status.as_u16() == status)
            .count()
    };
    assert_eq!(lost(422), 99);
}

#[tokio::test]
async fn attack_15_a_texted_code_lifts_one_session_once() {
    let app = app()
        .setting("factors.phone", "true")
        .setting("sms.test_codes", "15550100=123456")
        .start()
        .await;
    let session = sign_up(&app, "ann@example.com").await;
    let client = with_session(&app, &session);
    let body = json!({ "factor_type": "phone", "phone": "+1 555 0100" });
    let enrolled = client.post("/auth/v1/factors", &body).send().await;
    let factor = text(&enrolled.expect_status(200).json()["id"]);
    let asked = challenge(&client, &factor).await;

    let answers = (0..100).map(|_| answer(&client, &factor, &asked["id"], "123456"));
    let replies = join_all(answers).await;

    let won = replies.iter().filter(|it| it.status.as_u16() == 200);
    assert_eq!(won.count(), 1);
    let lost = replies.iter().filter(|it| it.status.as_u16() == 422);
    assert_eq!(lost.count(), 99);
}

#[tokio::test]
async fn attack_16_a_challenge_takes_five_answers() {
    let app = app().start().await;
    let session = sign_up(&app, "ann@example.com").await;
    let client = with_session(&app, &session);
    let factor = enrol(&client, "phone").await;
    let asked = challenge(&client, &factor.id).await;

    let guesses = (0..50).map(|_| answer(&client, &factor.id, &asked["id"], "000000"));
    let replies = join_all(guesses).await;
    let right = answer(&client, &factor.id, &asked["id"], &factor.code(0)).await;

    let looked_at = replies
        .into_iter()
        .filter(|it| it.json()["error_code"] == "mfa_verification_failed");
    assert_eq!(looked_at.count(), 5);
    assert_eq!(refusal(right, 422), "mfa_challenge_expired");
}

#[tokio::test]
async fn attack_16_an_account_is_locked_and_stays_behind_its_factor() {
    let app = app()
        .setting("rates.enabled", "true")
        .setting("rates.verify_per_5_min", "1000")
        .setting("rates.account_failures_per_hour", "10")
        .start()
        .await;
    let session = sign_up(&app, "ann@example.com").await;
    let (factor, _) = lifted(&app, &session).await;
    let session = sign_in(&app, "ann@example.com").await;
    let client = with_session(&app, &session);
    app.advance(60);

    let mut locked = 0;
    for _ in 0..20 {
        let asked = challenge(&client, &factor.id).await;
        let reply = answer(&client, &factor.id, &asked["id"], "000000").await;
        locked += usize::from(reply.status.as_u16() == 429);
    }
    let right = verify(&client, &factor, 60).await;
    let enrolled = client
        .post("/auth/v1/factors", &json!({ "factor_type": "totp" }))
        .send()
        .await;
    let removed = unenrol(&client, &factor.id).await;

    assert_eq!(locked, 10);
    assert!(right.header("retry-after").is_some());
    assert_eq!(refusal(right, 429), "over_request_rate_limit");
    assert_eq!(refusal(enrolled, 403), "insufficient_aal");
    assert_eq!(refusal(removed, 422), "insufficient_aal");
    app.advance(3600);
    let later = sign_in(&app, "ann@example.com").await;
    let later = verify(&with_session(&app, &later), &factor, 3660).await;
    later.expect_status(200);
}

#[tokio::test]
async fn attack_20_a_session_of_one_factor_enrols_and_removes_nothing() {
    let app = app().start().await;
    let first = sign_up(&app, "ann@example.com").await;
    // Begun by somebody who knew the password, before the owner had a factor.
    let waiting = enrol(&with_session(&app, &first), "thief").await;
    let (factor, owner) = lifted(&app, &first).await;
    let thief = sign_in(&app, "ann@example.com").await;
    let client = with_session(&app, &thief);

    let body = json!({ "factor_type": "totp", "friendly_name": "mine" });
    let enrolled = client.post("/auth/v1/factors", &body).send().await;
    let removed = unenrol(&client, &factor.id).await;
    let options = "/auth/v1/passkeys/registration/options";
    let passkey = client.post(options, &json!({})).send().await;
    let codes = client.post("/auth/v1/factors/recovery-codes", &json!({}));
    let codes = codes.send().await;
    let path = format!("/auth/v1/factors/{}/challenge", waiting.id);
    let waiting = client.post(&path, &json!({})).send().await;

    assert_eq!(refusal(enrolled, 403), "insufficient_aal");
    assert_eq!(refusal(removed, 422), "insufficient_aal");
    assert_eq!(refusal(passkey, 403), "insufficient_aal");
    assert_eq!(refusal(codes, 403), "insufficient_aal");
    assert_eq!(refusal(waiting, 404), "mfa_factor_not_found");
    enrol(&with_session(&app, &owner), "tablet").await;
}

#[tokio::test]
async fn attack_20_a_factor_begun_before_needs_a_lifted_session_to_be_shown() {
    let app = app().start().await;
    let session = sign_up(&app, "ann@example.com").await;
    let (_, owner) = lifted(&app, &session).await;
    let second = enrol(&with_session(&app, &owner), "tablet").await;
    let thief = sign_in(&app, "ann@example.com").await;

    let shown = verify(&with_session(&app, &thief), &second, 0).await;

    assert_eq!(refusal(shown, 403), "insufficient_aal");
    verify(&with_session(&app, &owner), &second, 0)
        .await
        .expect_status(200);
}

#[tokio::test]
async fn attack_20_an_old_lifted_token_does_nothing_after_the_factor_is_gone() {
    let app = app().start().await;
    let session = sign_up(&app, "ann@example.com").await;
    let (factor, session) = lifted(&app, &session).await;
    let client = with_session(&app, &session);
    unenrol(&client, &factor.id).await.expect_status(200);
    let again = sign_in(&app, "ann@example.com").await;
    let (other, _) = lifted(&app, &again).await;

    // The token says `aal2`; the session, which that change ended, does not exist.
    let removed = unenrol(&client, &other.id).await;

    assert_eq!(refusal(removed, 403), "session_not_found");
}
