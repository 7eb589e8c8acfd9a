//! Numbers that a setting confirms and nobody has proved: as with addresses, their owner may
//! still come (attack 22).

use postern_testkit::{Reply, TestApp};
use serde_json::{Value, json};

use super::kit::{PASSWORD, app, refresh, sign_in, with_session};
use super::stub::{Answer, Noted, Stub};

const NUMBER: &str = "+15550100123";
const EMAIL: &str = "ann@example.com";

async fn confirming(stub: &Stub) -> TestApp {
    let app = app()
        .setting("signup.phone", "true")
        .setting("signup.phone_autoconfirm", "true")
        .setting("sms.vendor", "twilio")
        .setting("sms.account", "AC123")
        .setting("sms.secret", "s3cret")
        .setting("sms.sender", "+15550199")
        .setting("sms.url", &stub.url(""))
        .setting("outbound.allow", &stub.address);
    app.start().await
}

fn vendor() -> Stub {
    Stub::start(|_: &Noted| Answer::json(&json!({ "sid": "SM1" })).status(201))
}

async fn by_password(app: &TestApp) -> Reply {
    let body = json!({ "phone": NUMBER, "password": PASSWORD });
    let path = "/auth/v1/token?grant_type=password";
    app.anon().post(path, &body).send().await
}

/// Proves the number by the text that comes; returns the session.
async fn prove(app: &TestApp, stub: &Stub) -> Value {
    let before = stub.noted().len();
    let asked = app.anon().post("/auth/v1/otp", &json!({ "phone": NUMBER }));
    asked.send().await.expect_status(200);
    let text = stub.wait_for(before + 1).await.remove(before);
    let code = text.field("Body");
    let code = code.split(' ').next_back().expect("a code");
    let body = json!({ "type": "sms", "phone": NUMBER, "token": code });
    let reply = app.anon().post("/auth/v1/verify", &body).send().await;
    reply.expect_status(200).json()
}

fn is_verified(user: &Value) -> &Value {
    let identities = user["identities"].as_array().expect("identities");
    let own = identities.iter().find(|it| it["provider"] == "phone");
    &own.expect("an identity")["identity_data"]["phone_verified"]
}

#[tokio::test]
async fn attack_22_a_text_empties_an_account_that_a_setting_confirmed() {
    let stub = vendor();
    let app = confirming(&stub).await;
    let body = json!({ "phone": NUMBER, "password": PASSWORD });
    let stranger = app.anon().post("/auth/v1/signup", &body).send().await;
    let stranger = stranger.expect_status(200).json();
    assert_eq!(is_verified(&stranger["user"]), false);
    by_password(&app).await.expect_status(200);

    let owner = prove(&app, &stub).await;

    assert_eq!(owner["user"]["id"], stranger["user"]["id"]);
    assert_eq!(is_verified(&owner["user"]), true);
    by_password(&app).await.expect_status(400);
    refresh(&app, &stranger["refresh_token"])
        .await
        .expect_status(400);
    // From now on the number is proved: the next text takes nothing away.
    let set = with_session(&app, &owner).put("/auth/v1/user", &json!({ "password": PASSWORD }));
    set.send().await.expect_status(200);
    prove(&app, &stub).await;
    by_password(&app).await.expect_status(200);
}

#[tokio::test]
async fn a_text_takes_nothing_from_an_account_with_a_proved_address() {
    let stub = vendor();
    let app = confirming(&stub).await;
    let body = json!({ "email": EMAIL, "password": PASSWORD, "email_confirm": true });
    let made = app.service().post("/auth/v1/admin/users", &body).send();
    made.await.expect_status(200);
    let session = sign_in(&app, EMAIL).await;
    let moved = with_session(&app, &session).put("/auth/v1/user", &json!({ "phone": NUMBER }));
    let moved = moved.send().await.expect_status(200).json();
    assert_eq!(is_verified(&moved), false);

    let texted = prove(&app, &stub).await;

    assert_eq!(texted["user"]["id"], session["user"]["id"]);
    assert_eq!(texted["user"]["email"], EMAIL);
    assert_eq!(is_verified(&texted["user"]), false);
    by_password(&app).await.expect_status(200);
}
