//! What signed-in users change about themselves.

use futures_util::future::join_all;
use postern_testkit::{Reply, TestApp};
use serde_json::{Value, json};

use super::codes::confirmed;
use super::kit::{
    PASSWORD, all_sent, app, app_with_mail, mail_of, mails_to, newest, refresh, sign_in, sign_up,
    with_session,
};
use super::verify::token_of;

const ANN: &str = "ann@example.com";
const NEW: &str = "ann.new@example.com";
const OTHER_PASSWORD: &str = "another-fine-password";

async fn put(app: &TestApp, session: &Value, body: Value) -> Reply {
    with_session(app, session)
        .put("/auth/v1/user", &body)
        .send()
        .await
}

async fn verify(app: &TestApp, body: Value) -> Reply {
    app.anon().post("/auth/v1/verify", &body).send().await
}

async fn password_works(app: &TestApp, email: &str, password: &str) -> bool {
    let body = json!({ "email": email, "password": password });
    let path = "/auth/v1/token?grant_type=password";
    app.anon()
        .post(path, &body)
        .send()
        .await
        .status
        .is_success()
}

#[tokio::test]
async fn metadata_is_merged_and_null_removes() {
    let app = app().start().await;
    let session = sign_up(&app, ANN).await;

    put(&app, &session, json!({ "data": { "a": 1, "b": 2 } })).await;
    let user = put(&app, &session, json!({ "data": { "a": null, "c": 3 } })).await;

    let user = user.expect_status(200).json();
    assert_eq!(user["user_metadata"], json!({ "b": 2, "c": 3 }));
}

#[tokio::test]
async fn attack_21_users_write_their_own_metadata_and_nothing_else() {
    let app = app().start().await;
    let session = sign_up(&app, ANN).await;
    let before = &session["user"];

    let refused = put(
        &app,
        &session,
        json!({ "app_metadata": { "role": "admin" } }),
    )
    .await;
    let evil = json!({
        "role": "service_role", "email_verified": true, "email_confirmed_at": "2000-01-01",
        "banned_until": null, "created_at": "2000-01-01", "is_anonymous": true, "aud": "x",
        "raw_app_meta_data": { "admin": true }, "id": "00000000-0000-0000-0000-000000000001",
        "user_metadata": { "x": 1 }, "identities": [], "factors": [], "is_super_admin": true,
    });
    let after = put(&app, &session, evil).await.expect_status(200).json();

    assert_eq!(refused.expect_status(403).json()["error_code"], "not_admin");
    for field in [
        "id",
        "role",
        "aud",
        "created_at",
        "email_confirmed_at",
        "app_metadata",
        "user_metadata",
        "is_anonymous",
        "banned_until",
    ] {
        assert_eq!(after[field], before[field], "{field}");
    }
}

#[tokio::test]
async fn attack_21_a_sign_up_sets_nothing_but_metadata() {
    let app = app_with_mail().start().await;
    let body = json!({
        "email": ANN, "password": PASSWORD, "role": "service_role",
        "email_confirmed_at": "2000-01-01", "app_metadata": { "admin": true },
        "data": { "role": "service_role", "email_verified": true, "app_metadata": {} },
    });

    let user = app.anon().post("/auth/v1/signup", &body).send().await;

    let user = user.expect_status(200).json();
    assert_eq!(user["role"], "authenticated");
    assert_eq!(user["email_confirmed_at"], Value::Null);
    assert_eq!(user["app_metadata"]["admin"], Value::Null);
    assert_eq!(
        user["identities"][0]["identity_data"]["email_verified"],
        false
    );
}

#[tokio::test]
async fn attack_14_a_new_password_ends_other_sessions_and_pending_codes() {
    let app = app_with_mail().start().await;
    let mine = confirmed(&app, ANN).await;
    let theirs = sign_in(&app, ANN).await;
    let body = json!({ "email": ANN });
    app.anon().post("/auth/v1/otp", &body).send().await;
    let pending = mail_of(&app, ANN, "magic_link").await;

    let changed = put(&app, &mine, json!({ "password": OTHER_PASSWORD })).await;

    changed.expect_status(200);
    let get = |session: &Value| with_session(&app, session).get("/auth/v1/user").send();
    get(&mine).await.expect_status(200);
    get(&theirs).await.expect_status(403);
    refresh(&app, &theirs["refresh_token"])
        .await
        .expect_status(400);
    let typed = json!({ "type": "email", "email": ANN, "token": pending["code"] });
    verify(&app, typed).await.expect_status(403);
    let linked = json!({ "type": "email", "token_hash": token_of(&pending) });
    verify(&app, linked).await.expect_status(403);
    assert!(!password_works(&app, ANN, PASSWORD).await);
    assert!(password_works(&app, ANN, OTHER_PASSWORD).await);
    mail_of(&app, ANN, "password_changed").await;
}

#[tokio::test]
async fn a_new_password_must_be_another_and_a_good_one() {
    let app = app().start().await;
    let session = sign_up(&app, ANN).await;

    let same = put(&app, &session, json!({ "password": PASSWORD })).await;
    let weak = put(&app, &session, json!({ "password": "short" })).await;
    let wrong = json!({ "password": OTHER_PASSWORD, "current_password": "wrong-password" });
    let wrong = put(&app, &session, wrong).await;

    assert_eq!(
        same.expect_status(422).json()["error_code"],
        "same_password"
    );
    assert_eq!(
        weak.expect_status(422).json()["error_code"],
        "weak_password"
    );
    let wrong = wrong.expect_status(400).json();
    assert_eq!(wrong["error_code"], "current_password_invalid");
}

#[tokio::test]
async fn the_current_password_is_asked_for_unless_it_was_forgotten() {
    let app = app_with_mail()
        .setting("passwords.require_current", "true")
        .start()
        .await;
    let session = confirmed(&app, ANN).await;

    let without = put(&app, &session, json!({ "password": OTHER_PASSWORD })).await;
    let body = json!({ "email": ANN });
    app.anon().post("/auth/v1/recover", &body).send().await;
    let mail = mail_of(&app, ANN, "recovery").await;
    let body = json!({ "type": "recovery", "token_hash": token_of(&mail) });
    let recovered = verify(&app, body).await.expect_status(200).json();
    let forgotten = put(&app, &recovered, json!({ "password": OTHER_PASSWORD })).await;
    let body = json!({ "password": PASSWORD, "current_password": OTHER_PASSWORD });
    let with = put(&app, &recovered, body).await;

    let without = without.expect_status(400).json();
    assert_eq!(without["error_code"], "current_password_required");
    forgotten.expect_status(200);
    with.expect_status(200);
}

#[tokio::test]
async fn an_old_sign_in_needs_a_nonce_which_is_good_once() {
    let app = app_with_mail()
        .setting("passwords.reauthentication", "true")
        .setting("sessions.access_token_secs", "86400")
        .start()
        .await;
    let first = confirmed(&app, ANN).await;
    let young = put(&app, &first, json!({ "password": OTHER_PASSWORD })).await;
    app.advance(25 * 3600);
    let session = refresh(&app, &first["refresh_token"]).await;
    let session = session.expect_status(200).json();

    let without = put(&app, &session, json!({ "password": PASSWORD })).await;
    let client = with_session(&app, &session);
    client
        .get("/auth/v1/reauthenticate")
        .send()
        .await
        .expect_status(200);
    let mail = mail_of(&app, ANN, "reauthentication").await;
    let wrong = json!({ "password": PASSWORD, "nonce": "000000x" });
    let wrong = put(&app, &session, wrong).await;
    let right = json!({ "password": PASSWORD, "nonce": mail["code"] });
    let right = put(&app, &session, right).await;
    let again = json!({ "password": OTHER_PASSWORD, "nonce": mail["code"] });
    let again = put(&app, &session, again).await;

    young.expect_status(200);
    assert_eq!(mail["link"], Value::Null);
    let without = without.expect_status(400).json();
    assert_eq!(without["error_code"], "reauthentication_needed");
    assert_eq!(
        wrong.expect_status(422).json()["error_code"],
        "reauthentication_not_valid"
    );
    right.expect_status(200);
    assert_eq!(
        again.expect_status(422).json()["error_code"],
        "reauthentication_not_valid"
    );
}

#[tokio::test]
async fn attack_34_autoconfirm_leaves_a_change_to_both_addresses() {
    let app = app().start().await;
    let session = sign_up(&app, ANN).await;

    let user = put(&app, &session, json!({ "email": NEW }))
        .await
        .expect_status(200)
        .json();
    let current = mail_of(&app, ANN, "email_change_current").await;
    let new = mail_of(&app, NEW, "email_change_new").await;
    let half = json!({ "type": "email_change", "token_hash": token_of(&new) });
    let half = verify(&app, half).await.expect_status(200).json();
    let between = with_session(&app, &session)
        .get("/auth/v1/user")
        .send()
        .await;
    let whole = json!({ "type": "email_change", "email": ANN, "token": current["code"] });
    let whole = verify(&app, whole).await.expect_status(200).json();

    assert_eq!(
        (&user["email"], &user["new_email"]),
        (&json!(ANN), &json!(NEW))
    );
    assert_eq!(half["code"], "200");
    let message =
        "Confirmation link accepted. Please proceed to confirm link sent to the other email";
    assert_eq!(half["msg"], message);
    assert_eq!(between.expect_status(200).json()["email"], ANN);
    assert_eq!(whole["user"]["email"], NEW);
    assert_eq!(whole["user"]["new_email"], Value::Null);
    assert_eq!(whole["user"]["identities"][0]["email"], NEW);
    // Attack 14: sessions of before have ended, and the former address hears of it.
    let before = with_session(&app, &session)
        .get("/auth/v1/user")
        .send()
        .await;
    before.expect_status(403);
    mail_of(&app, ANN, "email_changed").await;
    assert!(password_works(&app, NEW, PASSWORD).await);
}

#[tokio::test]
async fn attack_34_one_address_alone_never_moves_an_account() {
    let app = app().start().await;
    let session = sign_up(&app, ANN).await;

    for round in 1..=2 {
        put(&app, &session, json!({ "email": NEW }))
            .await
            .expect_status(200);
        // The letter of the first round has arrived before the second begins.
        let mail = newest(&app, NEW, round).await;
        let shown = json!({ "type": "email_change", "email": NEW, "token": mail["code"] });
        let half = verify(&app, shown.clone()).await.expect_status(200).json();
        assert_eq!(half["code"], "200", "only half of it: {half}");
        let body = json!({ "type": "email_change", "email": ANN });
        app.anon()
            .post("/auth/v1/resend", &body)
            .send()
            .await
            .expect_status(200);
        all_sent(&app).await;
        verify(&app, shown).await.expect_status(403);
    }

    let user = with_session(&app, &session)
        .get("/auth/v1/user")
        .send()
        .await;
    assert_eq!(user.expect_status(200).json()["email"], ANN);
}

#[tokio::test]
async fn attack_38_a_change_to_a_taken_address_looks_like_any_other() {
    let app = app_with_mail().start().await;
    confirmed(&app, "bob@example.com").await;
    let before = mails_to(&app, "bob@example.com").await.len();
    let session = confirmed(&app, ANN).await;

    let free = put(&app, &session, json!({ "email": NEW }))
        .await
        .expect_status(200)
        .json();
    let taken = put(&app, &session, json!({ "email": "bob@example.com" })).await;

    let taken = taken.expect_status(200).json();
    assert_eq!(taken["new_email"], "bob@example.com");
    let keys = |it: &Value| {
        it.as_object()
            .expect("an object")
            .keys()
            .cloned()
            .collect::<Vec<_>>()
    };
    assert_eq!(keys(&free), keys(&taken));
    newest(&app, ANN, 3).await;
    all_sent(&app).await;
    assert_eq!(mails_to(&app, "bob@example.com").await.len(), before);
    // The letters of the first change are void.
    let mail = mail_of(&app, NEW, "email_change_new").await;
    let body = json!({ "type": "email_change", "token_hash": token_of(&mail) });
    verify(&app, body).await.expect_status(403);
}

#[tokio::test]
async fn an_anonymous_user_gets_an_address_and_stays_signed_in() {
    let app = app_with_mail()
        .setting("signup.anonymous", "true")
        .start()
        .await;
    let session = app.anon().post("/auth/v1/signup", &json!({})).send().await;
    let session = session.expect_status(200).json();

    let early = put(&app, &session, json!({ "password": PASSWORD })).await;
    put(&app, &session, json!({ "email": ANN }))
        .await
        .expect_status(200);
    let mail = mail_of(&app, ANN, "email_change_new").await;
    let body = json!({ "type": "email_change", "email": ANN, "token": mail["code"] });
    let proved = verify(&app, body).await.expect_status(200).json();
    let user = with_session(&app, &session)
        .get("/auth/v1/user")
        .send()
        .await;
    let user = user.expect_status(200).json();
    let late = put(&app, &session, json!({ "password": PASSWORD })).await;

    early.expect_status(422);
    assert_eq!(proved["user"]["id"], session["user"]["id"]);
    assert_eq!(user["is_anonymous"], false);
    assert_eq!(
        user["app_metadata"],
        json!({ "provider": "email", "providers": ["email"] })
    );
    assert_eq!(user["identities"][0]["provider"], "email");
    late.expect_status(200);
    assert!(password_works(&app, ANN, PASSWORD).await);
}

#[tokio::test]
async fn a_number_is_changed_by_its_code() {
    let app = app()
        .setting("signup.phone", "true")
        .setting("sms.test_codes", "15550100=123456,15550101=654321")
        .start()
        .await;
    let session = sign_up(&app, ANN).await;

    let user = put(&app, &session, json!({ "phone": "+1 555 0100" })).await;
    let user = user.expect_status(200).json();
    let body = json!({ "type": "phone_change", "phone": "15550100", "token": "123456" });
    let moved = verify(&app, body).await.expect_status(200).json();

    assert_eq!(
        (&user["phone"], &user["new_phone"]),
        (&json!(""), &json!("15550100"))
    );
    assert_eq!(moved["user"]["phone"], "15550100");
    assert_eq!(
        moved["user"]["app_metadata"]["providers"],
        json!(["email", "phone"])
    );
    mail_of(&app, ANN, "phone_changed").await;
}

#[tokio::test]
async fn attack_22_a_number_signed_up_for_by_a_stranger_is_emptied() {
    let app = app()
        .setting("signup.phone", "true")
        .setting("sms.test_codes", "15550100=123456")
        .start()
        .await;
    let stranger = json!({ "phone": "15550100", "password": PASSWORD });
    app.anon()
        .post("/auth/v1/signup", &stranger)
        .send()
        .await
        .expect_status(200);

    let owner = json!({ "phone": "+15550100" });
    app.anon()
        .post("/auth/v1/otp", &owner)
        .send()
        .await
        .expect_status(200);
    let body = json!({ "type": "sms", "phone": "+15550100", "token": "123456" });
    verify(&app, body).await.expect_status(200);

    let path = "/auth/v1/token?grant_type=password";
    app.anon()
        .post(path, &stranger)
        .send()
        .await
        .expect_status(400);
}

#[tokio::test]
async fn attack_20_grave_changes_need_the_second_factor_of_those_who_have_one() {
    let app = app().start().await;
    let session = sign_up(&app, ANN).await;
    let insert = "insert into auth.mfa_factors \
                  (id, user_id, factor_type, status, created_at, updated_at) \
                  select gen_random_uuid(), id, 'totp', 'verified', now(), now() from auth.users";
    app.sql()
        .await
        .execute(insert, &[])
        .await
        .expect("a factor");

    for body in [
        json!({ "password": OTHER_PASSWORD }),
        json!({ "email": NEW }),
    ] {
        let refused = put(&app, &session, body).await.expect_status(401).json();
        assert_eq!(refused["error_code"], "insufficient_aal");
    }
    let data = put(&app, &session, json!({ "data": { "a": 1 } })).await;

    data.expect_status(200);
}

#[tokio::test]
async fn attack_14_of_parallel_new_passwords_one_wins() {
    let app = app().start().await;
    let session = sign_up(&app, ANN).await;
    let mut sessions = vec![session];
    for _ in 0..3 {
        sessions.push(sign_in(&app, ANN).await);
    }

    let changes = sessions.iter().enumerate().map(|(number, session)| {
        let password = format!("a-fine-password-{number}");
        put(&app, session, json!({ "password": password }))
    });
    let replies = join_all(changes).await;

    let won = replies
        .iter()
        .filter(|it| it.status.as_u16() == 200)
        .count();
    assert_eq!(won, 1, "{replies:?}");
}

#[tokio::test]
async fn attack_14_of_parallel_new_passwords_of_one_session_one_wins() {
    let app = app().start().await;
    let session = sign_up(&app, ANN).await;

    // The session outlives each of them, so that only the password tells who came too late.
    let changes = (0..4).map(|number| {
        let password = format!("a-fine-password-{number}");
        put(&app, &session, json!({ "password": password }))
    });
    let replies = join_all(changes).await;

    let count = |status| {
        let same = replies.iter().filter(|it| it.status.as_u16() == status);
        same.count()
    };
    assert_eq!((count(200), count(409)), (1, 3), "{replies:?}");
}
