//! "Why was this denied?"

use serde_json::json;

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

#[tokio::test]
async fn a_request_of_the_log_opens_its_own_explanation() {
    let app = app().await;
    let owner = kit::owner(&app).await;
    let viewer = kit::admin(&app, &owner, "viewer").await;
    let ann = kit::user(&app, "ann@mail.example").await;
    let sql = app.sql().await;
    let insert = "insert into public.notes (owner_id, body) \
                  values ($1::text::uuid, 'mine'), (gen_random_uuid(), 'theirs')";
    sql.execute(insert, &[&kit::id(&ann)]).await.expect("rows");
    let ann = app.user(&kit::id(&ann));
    let read = "/rest/v1/notes?or=(id.eq.2,id.eq.9)&select=id";
    let reply = ann.get(read).header("x-request-id", "read").send().await;
    assert_eq!(reply.expect_status(200).text, "[]");
    let body = json!({ "body": "x", "secret": "s" });
    let write = ann.post("/rest/v1/notes", &body);
    let reply = write.header("x-request-id", "write").send().await;
    reply.expect_status(400);
    let change = ann.patch("/rest/v1/notes?id=lt.9", &json!({ "body": "y" }));
    let change = change.header("x-request-id", "change").send().await;
    change.expect_status(204);
    let hidden = app
        .anon()
        .get("/rest/v1/orders")
        .header("x-request-id", "closed");
    hidden.send().await.expect_status(404);
    let ask = async |query: &str| {
        let path = format!("/console/policies/why?request={query}");
        viewer.get(&path).await.expect_status(200).text
    };

    let trace = viewer
        .get("/console/logs/read")
        .await
        .expect_status(200)
        .text;
    assert!(trace.contains("request=read"), "{trace}");
    let page = ask("read").await;
    for said in [
        "From the log",
        "href=\"/console/logs/read\"",
        "or=(id.eq.2,id.eq.9)",
        "200",
        "Denied",
        "own notes",
        "The claims are those of a sign-in now",
    ] {
        assert!(page.contains(said), "{said}: {page}");
    }
    assert!(
        !page.contains("Allowed</span>"),
        "only the rows it named: {page}"
    );
    let secret = ann.get("/rest/v1/notes?secret=eq.k&select=id");
    let secret = secret.header("x-request-id", "secret").send().await;
    assert_eq!(secret.status.as_u16(), 400);
    let page = ask("secret").await;
    assert!(page.contains("The value of secret is not kept"), "{page}");
    let page = ask("write").await;
    assert!(page.contains("Bodies are not kept"), "{page}");
    assert!(!page.contains("needs the new row"), "{page}");
    let page = ask("write&values=%7B%22secret%22%3A%22s%22%7D").await;
    assert!(page.contains("The column secret is not granted"), "{page}");
    let page = ask("change").await;
    assert!(
        page.contains("Allowed</span>") && page.contains("Denied</span>"),
        "{page}"
    );
    let page = ask("closed").await;
    assert!(page.contains("does not exist for them"), "{page}");
    let page = ask("forgotten&table=public.notes&verb=select").await;
    assert!(
        page.contains("The log has forgotten this request"),
        "{page}"
    );
    assert!(page.contains("Denied"), "the fields stand in: {page}");
}
