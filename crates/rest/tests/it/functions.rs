//! Functions: results, verbs, what they say about the answer, what they learn of the request.

use crate::kit::{ALICE, Project, anon, json, user};

#[actix_web::test]
async fn results_come_as_what_they_are() {
    let project = Project::start().await;

    let posted = project
        .send(json(anon("POST", "/rpc/add"), r#"{"a":1,"b":2}"#))
        .await;
    let got = project.send(anon("GET", "/rpc/add?a=1&b=2")).await;
    let many = project.send(anon("GET", "/rpc/many?n=3")).await;
    let nothing = project.send(json(anon("POST", "/rpc/nothing"), "{}")).await;

    assert_eq!(
        (posted.status, posted.body.as_str()),
        (200, "3"),
        "{posted:?}"
    );
    assert_eq!((got.status, got.body.as_str()), (200, "3"), "{got:?}");
    assert_eq!(many.body.replace([' ', '\n'], ""), "[1,2,3]", "{many:?}");
    assert_eq!(
        (nothing.status, nothing.body.as_str()),
        (204, ""),
        "{nothing:?}"
    );
}

#[actix_web::test]
async fn functions_take_few_verbs_and_unlisted_ones_do_not_exist() {
    let project = Project::start().await;

    let put = project.send(json(anon("PUT", "/rpc/add"), "{}")).await;
    let unlisted = project
        .send(json(anon("POST", "/rpc/unlisted"), "{}"))
        .await;
    let missing = project.send(json(anon("POST", "/rpc/nothere"), "{}")).await;

    assert_eq!(put.status, 405);
    assert!(put.body.contains("Cannot use the PUT method on RPC"));
    let allow = put.header("allow");
    assert_eq!(allow.as_deref(), Some("OPTIONS,GET,HEAD,POST"));
    assert_eq!(
        (unlisted.status, missing.status),
        (404, 404),
        "{unlisted:?}"
    );
    assert!(missing.body.contains("PGRST202"));
}

#[actix_web::test]
async fn a_function_may_set_status_and_headers() {
    let project = Project::start().await;

    let reply = project.send(json(anon("POST", "/rpc/teapot"), "{}")).await;

    assert_eq!(reply.status, 418, "{reply:?}");
    assert_eq!(reply.header("x-pot").as_deref(), Some("tea"));
    assert_eq!(reply.header("set-cookie").as_deref(), Some("a=1, b=2"));
}

#[actix_web::test]
async fn a_function_learns_of_the_request() {
    let project = Project::start().await;
    let request = json(user(ALICE, "POST", "/rpc/asked"), "{}")
        .insert_header(("X-Agent", "me"))
        .insert_header(("cookie", "c=7"));

    let reply = project.send(request).await;

    let answer: serde_json::Value = serde_json::from_str(&reply.body).expect("JSON");
    assert_eq!(
        answer,
        serde_json::json!({
            "method": "POST", "path": "/rpc/asked", "agent": "me", "cookie": "7", "sub": ALICE,
        })
    );
}

#[actix_web::test]
async fn a_function_may_refuse_with_a_status_of_its_own() {
    let project = Project::start().await;

    let reply = project
        .send(json(anon("POST", "/rpc/fails"), r#"{"code":"no"}"#))
        .await;

    assert_eq!(reply.status, 402, "{reply:?}");
    assert_eq!(
        reply.body,
        r#"{"code":"PT402","details":null,"hint":"pay","message":"no"}"#
    );
}
