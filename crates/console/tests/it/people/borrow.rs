//! Acting for a user: what the token opens, what it does not, and how it ends.

use postern_testkit::{TestApp, TestClient};
use serde_json::{Value, json};

use super::{as_user, deeds};
use crate::it::kit;
use crate::it::kit::Browser;

const TABLE: &str = "create table public.notes (id int primary key, owner uuid, body text)";
const POLICY: &str = r#"
table = "public.notes"

[columns.authenticated]
select = "*"

[[allow]]
name = "own notes"
roles = ["authenticated"]
for = ["select"]
where = "owner = auth.uid()"
"#;

/// A token of a user from the page that shows it.
fn token(page: &str) -> String {
    let rest = page.split_once("id=\"token\"").expect("a token").1;
    let rest = rest.split_once('>').expect("a text").1;
    rest.split('<').next().unwrap_or_default().to_owned()
}

async fn borrow(owner: &Browser, user: &str) -> String {
    let path = format!("/console/users/{user}/impersonate");
    let page = owner.post(&path, &[("reason", "ticket 17")]).await;
    token(&page.expect_status(200).text)
}

fn with(app: &TestApp, token: &str) -> TestClient {
    app.anon().with_token(token)
}

fn claims(token: &str) -> Value {
    use base64::Engine;
    let payload = token.split('.').nth(1).expect("a payload");
    let bytes = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(payload);
    serde_json::from_slice(&bytes.expect("base64url")).expect("claims")
}

#[tokio::test]
async fn the_data_api_takes_the_token_for_the_users_and_it_says_who_holds_it() {
    let app = kit::app()
        .migrations(TABLE)
        .policy("public.notes.toml", POLICY)
        .start()
        .await;
    let owner = kit::owner(&app).await;
    let user = kit::id(&kit::user(&app, "ann@mail.example").await);
    let rows = format!(
        "insert into public.notes values (1, '{user}', 'mine'), (2, gen_random_uuid(), 'theirs')"
    );
    app.sql().await.batch_execute(&rows).await.expect("rows");

    let token = borrow(&owner, &user).await;

    let read = with(&app, &token)
        .get("/rest/v1/notes?select=body")
        .send()
        .await;
    assert_eq!(read.expect_status(200).json(), json!([{ "body": "mine" }]));
    let claims = claims(&token);
    assert_eq!(claims["act"]["email"], kit::OWNER);
    assert_eq!(claims["sub"], user.as_str());
    assert_eq!(claims["aal"], "aal1");
    let life = claims["exp"].as_i64().expect("an end") - claims["iat"].as_i64().expect("a time");
    assert!((1..=900).contains(&life), "{life}");
    assert_eq!(deeds(&app, "user_impersonated", kit::OWNER).await, 1);
    let page = owner
        .get(&format!("/console/users/{user}"))
        .await
        .expect_status(200)
        .text;
    assert!(page.contains("held by olga@shop.example"), "{page}");
    assert!(
        page.contains("ticket 17") && !page.contains(&token),
        "{page}"
    );
}

#[tokio::test]
async fn nothing_of_the_account_can_be_changed_with_it() {
    let app = kit::app()
        .setting("signup.manual_linking", "true")
        .start()
        .await;
    let owner = kit::owner(&app).await;
    let own = kit::user(&app, "ann@mail.example").await;
    let user = kit::id(&own);
    let client = with(&app, &borrow(&owner, &user).await);

    client.get("/auth/v1/user").send().await.expect_status(200);
    let nothing = json!({});
    let id = "00000000-0000-4000-8000-000000000000";
    for request in [
        client.put(
            "/auth/v1/user",
            &json!({ "password": "another-horse-battery" }),
        ),
        client.put("/auth/v1/user", &json!({ "email": "evil@mail.example" })),
        client.put("/auth/v1/user", &json!({ "data": { "a": 1 } })),
        client.get("/auth/v1/reauthenticate"),
        client.post("/auth/v1/factors", &json!({ "factor_type": "totp" })),
        client.post(&format!("/auth/v1/factors/{id}/challenge"), &nothing),
        client.post(&format!("/auth/v1/factors/{id}/verify"), &nothing),
        client.delete(&format!("/auth/v1/factors/{id}")),
        client.post("/auth/v1/factors/recovery-codes", &nothing),
        client.post("/auth/v1/passkeys/registration/options", &nothing),
        client.get("/auth/v1/user/identities/authorize?provider=github"),
        client.delete(&format!("/auth/v1/user/identities/{id}")),
    ] {
        let reply = request.send().await;
        assert_eq!(reply.status, 403, "{}", reply.text);
        assert!(reply.text.contains("acts for a user"), "{}", reply.text);
    }
    let body = json!({ "email": "ann@mail.example", "password": kit::PASSWORD });
    let path = "/auth/v1/token?grant_type=password";
    app.anon().post(path, &body).send().await.expect_status(200);
    // It opens no console, and signing out ends it alone.
    client.get("/console").send().await.expect_status(303);
    client
        .post("/auth/v1/logout?scope=global", &nothing)
        .send()
        .await
        .expect_status(204);
    let gone = client.get("/auth/v1/user").send().await;
    assert!(gone.status.is_client_error(), "{}", gone.text);
    as_user(&app, &own)
        .get("/auth/v1/user")
        .send()
        .await
        .expect_status(200);
}

#[tokio::test]
async fn it_ends_by_a_button_by_time_and_with_its_admin() {
    let app = kit::app()
        .migrations(TABLE)
        .policy("public.notes.toml", POLICY)
        .start()
        .await;
    let owner = kit::owner(&app).await;
    let user = kit::id(&kit::user(&app, "ann@mail.example").await);
    let reads = async |token: &str| {
        let reply = with(&app, token).get("/rest/v1/notes").send().await;
        reply.status.as_u16()
    };

    let token = borrow(&owner, &user).await;
    assert_eq!(reads(&token).await, 200);
    let session = claims(&token)["session_id"]
        .as_str()
        .expect("an id")
        .to_owned();
    let end = format!("/console/users/{user}/session/end");
    owner
        .post(&end, &[("session", &session)])
        .await
        .expect_status(303);
    assert_eq!(reads(&token).await, 401);

    let second = kit::admin(&app, &owner, "owner").await;
    let token = borrow(&second, &user).await;
    let demote = [("email", "owner@shop.example"), ("role", "editor")];
    let path = "/console/settings/admins/role";
    owner.post(path, &demote).await.expect_status(303);
    // Gateways hear of it from the database, a moment later.
    let mut status = 200;
    for _ in 0..1200 {
        status = reads(&token).await;
        if status == 401 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(25)).await;
    }
    assert_eq!(status, 401);

    let token = borrow(&owner, &user).await;
    app.advance(16 * 60);
    assert_eq!(reads(&token).await, 401);
    let shown = with(&app, &token).get("/auth/v1/user").send().await;
    assert!(shown.status.is_client_error(), "{}", shown.text);
}

#[tokio::test]
async fn only_owners_who_proved_themselves_and_say_why() {
    let app = kit::app().start().await;
    let owner = kit::owner(&app).await;
    let editor = kit::admin(&app, &owner, "editor").await;
    let user = kit::id(&kit::user(&app, "ann@mail.example").await);
    let path = format!("/console/users/{user}/impersonate");
    let wish = [("reason", "ticket 17")];

    editor.post(&path, &wish).await.expect_status(403);
    owner
        .post(&path, &[("reason", "  ")])
        .await
        .expect_status(400);
    let ban = format!("/console/users/{user}/ban");
    owner.post(&ban, &[("for", "24h")]).await.expect_status(303);
    let banned = owner.post(&path, &wish).await;
    assert!(banned.status.is_client_error(), "{}", banned.text);
    app.advance(11 * 60);
    let reply = owner.post(&path, &wish).await.expect_status(303);
    assert!(
        reply
            .header("location")
            .expect("a place")
            .starts_with("/console/reauth")
    );
    assert_eq!(deeds(&app, "user_impersonated", kit::OWNER).await, 0);
}
