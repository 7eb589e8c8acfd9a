//! "Why was this denied?"

use super::matrix::app;
use crate::it::kit;

#[tokio::test]
async fn every_rule_is_told_with_what_it_is_for_the_row() {
    let app = app().await;
    let owner = kit::owner(&app).await;
    let viewer = kit::admin(&app, &owner, "viewer").await;
    let ann = kit::user(&app, "ann@mail.example").await;
    let sql = app.sql().await;
    let insert = "insert into public.notes (owner_id, body) \
                  values ($1::text::uuid, 'mine'), (gen_random_uuid(), 'theirs')";
    sql.execute(insert, &[&kit::id(&ann)]).await.expect("rows");
    let ask = async |fields: &[(&str, &str)]| {
        let path = format!("/console/policies/why?{}", kit::encoded(fields));
        viewer.get(&path).await.expect_status(200).text
    };
    let empty = viewer
        .get("/console/policies/why")
        .await
        .expect_status(200)
        .text;
    assert!(empty.contains("Tell why"), "{empty}");

    let as_ann = [
        ("table", "public.notes"),
        ("verb", "delete"),
        ("user", "ann@mail.example"),
    ];
    let mine = ask(&[&as_ann[..], &[("key", "id=1")]].concat()).await;
    assert!(
        mine.contains("Allowed") && !mine.contains("Denied"),
        "{mine}"
    );
    let theirs = ask(&[&as_ann[..], &[("key", "id=2")]].concat()).await;
    for said in [
        "Denied",
        "allow &#34;own notes&#34;",
        "policies/public.notes.toml:",
        "is false",
    ] {
        assert!(theirs.contains(said), "{said}: {theirs}");
    }
    let closed = ask(&[("table", "public.orders"), ("verb", "select")]).await;
    assert!(closed.contains("does not exist for them"), "{closed}");
    let nothing = ask(&[("table", "public.nothing"), ("verb", "select")]).await;
    assert!(nothing.contains("That cannot be tried"), "{nothing}");
    let pasted = ask(&[
        ("request", "GET /rest/v1/notes?id=eq.2"),
        ("user", "ann@mail.example"),
    ])
    .await;
    assert!(pasted.contains("Denied"), "{pasted}");
}
