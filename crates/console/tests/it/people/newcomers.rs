//! Inviting somebody, and making a user with a password.

use serde_json::json;

use super::{deeds, mail_of};
use crate::it::kit;

#[tokio::test]
async fn an_invitation_opens_the_account() {
    let app = kit::app().start().await;
    let owner = kit::owner(&app).await;
    let wish = [("email", "new@mail.example")];

    let reply = owner
        .post("/console/users/invite", &wish)
        .await
        .expect_status(303);

    let page = reply.header("location").expect("a place").to_owned();
    let page = owner.get(&page).await.expect_status(200).text;
    assert!(page.contains("The invitation is on its way"), "{page}");
    assert!(page.contains("Unconfirmed"), "{page}");
    mail_of(&app, "new@mail.example", "invite").await;
    assert_eq!(deeds(&app, "user_invited", kit::OWNER).await, 1);
    kit::user(&app, "ann@mail.example").await;
    for (email, said) in [
        ("ann@mail.example", "already been registered"),
        ("x", "invalid format"),
    ] {
        let reply = owner
            .post("/console/users/invite", &[("email", email)])
            .await;
        assert!(reply.status.is_client_error(), "{}", reply.status);
        assert!(reply.text.contains(said), "{}", reply.text);
    }
}

#[tokio::test]
async fn a_user_is_made_with_a_password_that_is_good_enough() {
    let app = kit::app().start().await;
    let owner = kit::owner(&app).await;
    let create = async |email: &str, password: &str| {
        let fields = [
            ("email", email),
            ("password", password),
            ("confirmed", "yes"),
        ];
        owner.post("/console/users/new", &fields).await
    };

    let weak = create("new@mail.example", "12345").await;
    assert!(weak.status.is_client_error(), "{}", weak.text);
    assert!(!weak.text.contains("12345"), "{}", weak.text);
    create("new@mail.example", kit::PASSWORD)
        .await
        .expect_status(303);

    let body = json!({ "email": "new@mail.example", "password": kit::PASSWORD });
    let path = "/auth/v1/token?grant_type=password";
    app.anon().post(path, &body).send().await.expect_status(200);
    let twice = create("new@mail.example", kit::PASSWORD).await;
    assert!(
        twice.text.contains("already been registered"),
        "{}",
        twice.text
    );
}
