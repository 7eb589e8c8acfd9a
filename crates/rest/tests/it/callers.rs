//! Callers: keys and tokens at the door, and which verbs they are told of.

use crate::kit::{ALICE, Project, anon, service, user};

#[actix_web::test]
async fn a_bad_token_is_refused_before_anything_else() {
    let project = Project::start().await;
    let request = anon("GET", "/nothere").insert_header(("authorization", "Bearer a.b.c"));

    let reply = project.send(request).await;

    assert_eq!(reply.status, 401);
    assert!(reply.body.contains("PGRST301"));
    assert_eq!(
        reply.header("www-authenticate").as_deref(),
        Some("Bearer error=\"invalid_token\", error_description=\"JWT couldn't be decoded\"")
    );
}

#[actix_web::test]
async fn verbs_are_listed_as_far_as_they_are_granted() {
    let project = Project::start().await;

    for (request, allow) in [
        (anon("OPTIONS", "/items"), "OPTIONS,GET,HEAD"),
        (
            service("OPTIONS", "/items"),
            "OPTIONS,GET,HEAD,POST,PUT,PATCH,DELETE",
        ),
        (
            user(ALICE, "OPTIONS", "/notes"),
            "OPTIONS,GET,HEAD,POST,PUT,PATCH,DELETE",
        ),
        (anon("OPTIONS", "/rpc/add"), "OPTIONS,GET,HEAD,POST"),
        (anon("OPTIONS", "/rpc/nothing"), "OPTIONS,POST"),
        (anon("OPTIONS", "/"), "OPTIONS,GET,HEAD"),
    ] {
        let reply = project.send(request).await;
        assert_eq!(reply.header("allow").as_deref(), Some(allow), "{reply:?}");
    }
    assert_eq!(project.send(anon("OPTIONS", "/notes")).await.status, 404);
}

#[actix_web::test]
async fn odd_verbs_and_paths() {
    let project = Project::start().await;

    let brew = project.send(anon("BREW", "/items")).await;
    let deep = project.send(anon("GET", "/items/1")).await;
    let root = project.send(anon("POST", "/")).await;

    assert_eq!(brew.status, 405);
    assert!(brew.body.contains("PGRST117"));
    assert_eq!(deep.status, 404);
    assert!(deep.body.contains("PGRST125"));
    assert_eq!(root.status, 405);
    assert_eq!(root.header("allow").as_deref(), Some("OPTIONS,GET,HEAD"));
}

#[actix_web::test]
async fn a_refused_verb_names_those_that_any_table_takes() {
    let project = Project::start().await;

    let known = project.send(anon("TRACE", "/items")).await;
    let hidden = project.send(anon("TRACE", "/notes")).await;
    let read = project.send(anon("GET", "/items")).await;

    let all = "OPTIONS,GET,HEAD,POST,PUT,PATCH,DELETE";
    assert_eq!(known.header("allow").as_deref(), Some(all));
    assert_eq!(hidden.header("allow"), known.header("allow"));
    assert_eq!(read.header("allow"), None);
}
