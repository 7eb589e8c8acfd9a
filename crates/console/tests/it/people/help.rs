//! Sessions, identities, factors and links of a user.

use serde_json::json;

use super::{as_user, deeds, mail_of};
use crate::it::kit;

#[tokio::test]
async fn one_session_ends_and_the_other_goes_on() {
    let app = kit::app().start().await;
    let owner = kit::owner(&app).await;
    let first = kit::user(&app, "ann@mail.example").await;
    let body = json!({ "email": "ann@mail.example", "password": kit::PASSWORD });
    let path = "/auth/v1/token?grant_type=password";
    let second = app
        .anon()
        .post(path, &body)
        .send()
        .await
        .expect_status(200)
        .json();
    let id = kit::id(&first);
    let stranger = kit::user(&app, "ben@mail.example").await;
    let session = app
        .sql()
        .await
        .query_one(
            "select id::text from auth.sessions where user_id = $1::text::uuid \
             order by created_at, id = any(select session_id from auth.mfa_amr_claims) limit 1",
            &[&id],
        )
        .await
        .expect("a session")
        .get::<_, String>(0);

    // The address names another user: nothing ends.
    let other = format!("/console/users/{}/session/end", kit::id(&stranger));
    let wish = [("session", session.as_str())];
    owner.post(&other, &wish).await.expect_status(303);
    for session in [&first, &second] {
        as_user(&app, session)
            .get("/auth/v1/user")
            .send()
            .await
            .expect_status(200);
    }
    let path = format!("/console/users/{id}/session/end");
    owner.post(&path, &wish).await.expect_status(303);

    let mut open = 0;
    for session in [&first, &second] {
        let reply = as_user(&app, session).get("/auth/v1/user").send().await;
        open += i32::from(reply.status == 200);
    }
    assert_eq!(open, 1);
    assert_eq!(deeds(&app, "session_ended", kit::OWNER).await, 1);
    owner
        .post(&path, &[("session", "x")])
        .await
        .expect_status(400);
}

#[tokio::test]
async fn the_last_identity_stays_and_another_goes() {
    let app = kit::app().start().await;
    let owner = kit::owner(&app).await;
    let session = kit::user(&app, "ann@mail.example").await;
    let id = kit::id(&session);
    let sql = app.sql().await;
    let ids = async || {
        let all = "select id::text from auth.identities where user_id = $1::text::uuid order by 1";
        let rows = sql.query(all, &[&id]).await.expect("identities");
        rows.iter()
            .map(|it| it.get::<_, String>(0))
            .collect::<Vec<_>>()
    };
    let path = format!("/console/users/{id}/identity/unlink");
    let only = ids().await[0].clone();
    let refused = owner
        .post(&path, &[("identity", &only)])
        .await
        .expect_status(422);
    assert!(
        refused.text.contains("at least 1 identity"),
        "{}",
        refused.text
    );
    let link = "insert into auth.identities (provider_id, user_id, provider, identity_data, \
                created_at, updated_at) values ('42', $1::text::uuid, 'github', \
                '{\"sub\": \"42\"}', now(), now())";
    sql.execute(link, &[&id]).await.expect("an identity");
    let github = ids()
        .await
        .into_iter()
        .find(|it| *it != only)
        .expect("another");

    owner
        .post(&path, &[("identity", &github)])
        .await
        .expect_status(303);

    assert_eq!(ids().await, [only]);
    let gone = as_user(&app, &session).get("/auth/v1/user").send().await;
    assert!(gone.status.is_client_error(), "{}", gone.text);
    assert_eq!(deeds(&app, "identity_unlinked", kit::OWNER).await, 1);
}

#[tokio::test]
async fn a_factor_is_removed_with_a_fresh_proof_only() {
    let app = kit::app().start().await;
    let owner = kit::owner(&app).await;
    let session = kit::user(&app, "ann@mail.example").await;
    let id = kit::id(&session);
    let body = json!({ "factor_type": "totp", "friendly_name": "phone" });
    let factor = as_user(&app, &session)
        .post("/auth/v1/factors", &body)
        .send()
        .await;
    let factor = factor.expect_status(200).json()["id"]
        .as_str()
        .expect("an id")
        .to_owned();
    let page = owner
        .get(&format!("/console/users/{id}"))
        .await
        .expect_status(200)
        .text;
    assert!(
        page.contains("Authenticator app") && page.contains("Not verified"),
        "{page}"
    );
    let path = format!("/console/users/{id}/factor/remove");
    let wish = [("proof", factor.as_str()), ("here", "/console/users")];

    app.advance(11 * 60);
    let reply = owner.post(&path, &wish).await.expect_status(303);
    let onward = reply.header("location").expect("a place");
    assert!(onward.starts_with("/console/reauth"), "{onward}");
    let password = [("password", kit::PASSWORD)];
    owner
        .post("/console/reauth", &password)
        .await
        .expect_status(303);
    assert_eq!(deeds(&app, "factor_deleted", kit::OWNER).await, 0);
    owner.post(&path, &wish).await.expect_status(303);

    assert_eq!(deeds(&app, "factor_deleted", kit::OWNER).await, 1);
}

#[tokio::test]
async fn a_link_is_mailed_by_editors_and_shown_to_owners() {
    let app = kit::app().start().await;
    let owner = kit::owner(&app).await;
    let editor = kit::admin(&app, &owner, "editor").await;
    let session = kit::user(&app, "ann@mail.example").await;
    let user = format!("/console/users/{}", kit::id(&session));

    let sent = editor
        .post(&format!("{user}/link"), &[("link", "recovery")])
        .await;
    let onward = sent
        .expect_status(303)
        .header("location")
        .expect("a place")
        .to_owned();
    let page = editor.get(&onward).await.expect_status(200).text;
    assert!(page.contains("on its way"), "{page}");
    mail_of(&app, "ann@mail.example", "recovery").await;
    assert_eq!(deeds(&app, "link_sent", "editor@shop.example").await, 1);

    let show = format!("{user}/link/show");
    editor
        .post(&show, &[("link", "magiclink")])
        .await
        .expect_status(403);
    let shown = owner
        .post(&show, &[("link", "magiclink")])
        .await
        .expect_status(200)
        .text;
    assert!(shown.contains("/auth/v1/verify?token="), "{shown}");
    assert!(!owner.get(&user).await.text.contains("/auth/v1/verify"));
    // The account is confirmed already, and there is no such link.
    for useless in ["signup", "invite", ""] {
        owner
            .post(&show, &[("link", useless)])
            .await
            .expect_status(400);
    }
}
