//! Lists of what exists name what the caller's role has rights to, and nothing else.

use postern_testkit::TestClient;
use serde_json::{Value, json};

use super::{ALICE, in_role, refusal, value, world};

async fn names(client: &TestClient) -> Vec<String> {
    let document = value(client, "/rest/v1/").await;
    let paths = document["paths"].as_object().expect("paths");
    let mut names: Vec<String> = paths.keys().filter(|it| *it != "/").cloned().collect();
    names.sort();
    names.retain(|it| !it.starts_with("/rpc/") || it == "/rpc/hidden");
    names
}

#[tokio::test]
async fn the_description_follows_grants() {
    let app = world().await;
    let alice = app.user(ALICE);

    assert_eq!(names(&app.anon()).await, ["/pages"]);
    assert_eq!(
        names(&alice).await,
        ["/all_bodies", "/comments", "/notes", "/own_notes", "/pages"]
    );
    let document = value(&alice, "/rest/v1/").await;
    let columns = document["definitions"]["notes"]["properties"].as_object();
    let columns: Vec<&String> = columns.expect("columns").keys().collect();
    assert!(!columns.contains(&&"secret".to_owned()), "{columns:?}");
    let paths = &document["paths"]["/pages"];
    assert_eq!(
        (paths["get"].is_object(), &paths["patch"]),
        (true, &Value::Null)
    );
    let refused = refusal(&in_role(&app, "native_boss"), "/rest/v1/").await;
    assert_eq!(refused, (403, "42501".into()));
}

#[tokio::test]
async fn verbs_follow_grants() {
    let app = world().await;
    let options = async |client: TestClient, path: &str| {
        let method = "OPTIONS".parse().expect("a verb");
        client.request(method, path).send().await
    };

    let editor = options(in_role(&app, "native_editor"), "/rest/v1/pages").await;
    assert_eq!(editor.header("allow"), Some("OPTIONS,GET,HEAD,PATCH"));
    let anon = options(app.anon(), "/rest/v1/pages").await;
    assert_eq!(anon.header("allow"), Some("OPTIONS,GET,HEAD"));
    let hidden = options(app.anon(), "/rest/v1/notes").await;
    assert_eq!(hidden.expect_status(404).json()["hint"], json!(null));
}
