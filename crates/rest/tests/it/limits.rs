//! Limits: each has a name, a code and a clear refusal.

use crate::kit::{Project, anon, json, service};

#[actix_web::test]
async fn long_bodies_and_addresses_are_refused() {
    let project = Project::with(|it| {
        it.limits.body_bytes_max = 64;
        it.limits.uri_bytes_max = 128;
    })
    .await;
    let long = Box::leak(format!(r#"{{"id":1,"name":"{}"}}"#, "x".repeat(100)).into_boxed_str());

    let body = project.send(json(service("POST", "/items"), long)).await;
    let address = project
        .send(anon("GET", &format!("/items?name=eq.{}", "x".repeat(200))))
        .await;

    assert_eq!(body.status, 413, "{body:?}");
    assert!(body.body.contains("PSTRN413"));
    assert_eq!(address.status, 414, "{address:?}");
    assert!(address.body.contains("PSTRN414"));
}

#[actix_web::test]
async fn rows_beyond_the_limit_are_left_out() {
    let project = Project::with(|it| it.limits.rows_max = 4).await;
    let request = anon("GET", "/items?order=id").insert_header(("prefer", "count=exact"));

    let reply = project.send(request).await;

    assert_eq!(reply.status, 206, "{reply:?}");
    assert_eq!(reply.header("content-range").as_deref(), Some("0-3/15"));
}
