//! Metadata: replaced as a whole, unless somebody else was faster.

use serde_json::{Value, json};

use super::{as_user, deeds, field};
use crate::it::kit;

async fn stored(app: &postern_testkit::TestApp, column: &str) -> Value {
    let select = format!("select {column} from auth.users where email = 'ann@mail.example'");
    let row = app.sql().await.query_one(&select, &[]).await;
    row.expect("a user").get(0)
}

#[tokio::test]
async fn metadata_is_replaced_and_tokens_hear_of_it() {
    let app = kit::app().start().await;
    let owner = kit::owner(&app).await;
    let session = kit::user(&app, "ann@mail.example").await;
    let user = format!("/console/users/{}", kit::id(&session));
    let page = owner.get(&user).await.expect_status(200).text;
    let mark = field(&page, "value=\"app_metadata\"", "mark");
    let post = async |json: &str, mark: &str| {
        let fields = [("which", "app_metadata"), ("json", json), ("mark", mark)];
        owner.post(&format!("{user}/metadata"), &fields).await
    };

    // What the service keeps itself stays, whatever is typed.
    let wish = r#"{"plan": "team", "providers": ["evil"]}"#;
    post(wish, &mark).await.expect_status(303);

    let expected = json!({ "plan": "team", "provider": "email", "providers": ["email"] });
    assert_eq!(stored(&app, "raw_app_meta_data").await, expected);
    let stale = as_user(&app, &session).get("/auth/v1/user").send().await;
    assert!(stale.status.is_client_error(), "{}", stale.text);
    assert_eq!(deeds(&app, "user_modified", kit::OWNER).await, 1);
    // The page that was open before does not undo it.
    let late = post(r#"{"plan": "free"}"#, &mark).await.expect_status(409);
    assert!(late.text.contains("Somebody else"), "{}", late.text);
    assert!(
        late.text.contains("&#34;free&#34;"),
        "what was typed is kept: {}",
        late.text
    );
    assert_eq!(stored(&app, "raw_app_meta_data").await, expected);
}

#[tokio::test]
async fn what_is_no_object_is_refused_with_its_place() {
    let app = kit::app().start().await;
    let owner = kit::owner(&app).await;
    let session = kit::user(&app, "ann@mail.example").await;
    let user = format!("/console/users/{}", kit::id(&session));
    let page = owner.get(&user).await.expect_status(200).text;
    let mark = field(&page, "value=\"user_metadata\"", "mark");
    let before = stored(&app, "raw_user_meta_data").await;
    for (json, said) in [
        ("[1]", "is a JSON object"),
        ("{\"a\": \n oops}", "line 2, column 2"),
        (
            "{\"a\": \"</textarea><script>alert(1)</script>\"",
            "This is no JSON",
        ),
    ] {
        let fields = [("which", "user_metadata"), ("json", json), ("mark", &mark)];
        let reply = owner.post(&format!("{user}/metadata"), &fields).await;
        let text = reply.expect_status(400).text;
        assert!(text.contains(said), "{text}");
        assert!(!text.contains("<script>alert"), "{text}");
    }
    let viewer = kit::admin(&app, &owner, "viewer").await;
    let fields = [
        ("which", "user_metadata"),
        ("json", "{}"),
        ("mark", mark.as_str()),
    ];
    let refused = viewer.post(&format!("{user}/metadata"), &fields).await;
    refused.expect_status(403);
    assert_eq!(stored(&app, "raw_user_meta_data").await, before);
}
