//! Rules that demand a surer or more recent sign-in: what the refusal looks like, that nothing
//! happened before it, and that it tells nothing to whom the table does not exist for.

use crate::kit::{ALICE, Project, Reply, anon, json, proven, service, user};

const CHALLENGE: &str =
    r#"Bearer error="insufficient_user_authentication", acr_values="aal2", max_age=300"#;

#[track_caller]
fn refused(reply: &Reply) {
    assert_eq!(reply.status, 403, "{reply:?}");
    assert!(reply.body.contains(r#""code":"PSTRN403""#), "{reply:?}");
}

/// The answer's rows, without the layout that the database gives them.
fn rows(reply: &Reply) -> String {
    reply.body.replace(" \n ", "")
}

#[actix_web::test]
async fn the_refusal_says_what_to_do() {
    let project = Project::start().await;

    let reply = project.send(proven("aal1", 10, "GET", "/safes")).await;

    assert_eq!(reply.status, 403);
    assert_eq!(
        reply.body,
        r#"{"code":"PSTRN403","details":{"required":"aal2","within_seconds":300,"current":"aal1","challenge":"/auth/v1/factors"},"hint":"Verify a second factor, then repeat the request with the new token.","message":"this needs a sign-in of aal2 within 5m"}"#
    );
    assert_eq!(reply.header("www-authenticate").as_deref(), Some(CHALLENGE));
}

#[actix_web::test]
async fn reads_take_a_second_factor_that_is_recent() {
    let project = Project::start().await;

    for request in [
        user(ALICE, "GET", "/safes"),
        proven("aal1", 0, "GET", "/safes"),
        proven("aal2", 310, "GET", "/safes"),
        proven("aal2", -60, "GET", "/safes"),
        proven("aal2", 310, "HEAD", "/safes"),
    ] {
        assert_eq!(project.send(request).await.status, 403);
    }
    let read = project
        .send(proven("aal2", 200, "GET", "/safes?select=content"))
        .await;
    assert_eq!(rows(&read), r#"[{"content":"gold"}]"#);
    let all = project.send(service("GET", "/safes?select=id")).await;
    assert_eq!(
        rows(&all),
        r#"[{"id":1},{"id":2}]"#,
        "the secret key is exempt"
    );
}

#[actix_web::test]
async fn a_refused_write_changes_nothing() {
    let project = Project::start().await;
    let safe = r#"{"id":1,"content":"lead"}"#;
    let merge = ("prefer", "resolution=merge-duplicates");

    for request in [
        json(
            proven("aal1", 0, "POST", "/safes"),
            r#"{"id":3,"content":"lead"}"#,
        ),
        json(proven("aal2", 310, "POST", "/safes"), safe).insert_header(merge),
        json(
            proven("aal1", 0, "PATCH", "/safes?id=eq.1"),
            r#"{"content":"lead"}"#,
        ),
        proven("aal1", 0, "DELETE", "/safes?id=eq.1"),
    ] {
        refused(&project.send(request).await);
    }
    let left = project.send(service("GET", "/safes?select=content")).await;
    assert_eq!(rows(&left), r#"[{"content":"gold"},{"content":"silver"}]"#);

    let upsert = json(proven("aal2", 10, "POST", "/safes"), safe).insert_header(merge);
    assert_eq!(project.send(upsert).await.status, 200);
    let kept = project
        .send(service("GET", "/safes?id=eq.1&select=content"))
        .await;
    assert_eq!(rows(&kept), r#"[{"content":"lead"}]"#);
}

#[actix_web::test]
async fn an_embedded_table_demands_what_it_demands_alone() {
    let project = Project::start().await;

    let plain = project
        .send(proven("aal1", 9_000, "GET", "/labels?select=text"))
        .await;
    assert_eq!(rows(&plain), r#"[{"text":"old"},{"text":"new"}]"#);
    for path in [
        "/labels?select=text,safes(content)",
        "/labels?select=text,safes!inner()",
        "/labels?select=text,s:safes(*)&s.content=eq.gold",
        "/labels?select=text,...safes(content)",
    ] {
        let reply = project.send(proven("aal1", 0, "GET", path)).await;
        refused(&reply);
        assert_eq!(
            reply.header("www-authenticate").as_deref(),
            Some(CHALLENGE),
            "{path}"
        );
    }
    let path = "/labels?select=text,safes!inner(content)";
    let embedded = project.send(proven("aal2", 10, "GET", path)).await;
    assert_eq!(
        rows(&embedded),
        r#"[{"text":"old","safes":{"content":"gold"}}]"#
    );
}

#[actix_web::test]
async fn a_write_that_reads_back_needs_what_both_demand() {
    let project = Project::start().await;
    let label = r#"{"id":3,"text":"more","safe_id":1}"#;
    let back = ("prefer", "return=representation");

    refused(
        &project
            .send(json(proven("aal1", 700, "POST", "/labels"), label))
            .await,
    );
    let embed = "/labels?select=text,safes(content)";
    let both = json(proven("aal1", 10, "POST", embed), label).insert_header(back);
    refused(&project.send(both).await);

    let fresh = json(proven("aal1", 10, "POST", "/labels"), label);
    assert_eq!(project.send(fresh).await.status, 201);
}

#[actix_web::test]
async fn functions_demand_for_themselves() {
    let project = Project::start().await;
    let call = |request| project.send(json(request, r#"{"safe":1}"#));

    refused(&call(proven("aal2", 70, "POST", "/rpc/open_safe")).await);
    refused(&call(user(ALICE, "POST", "/rpc/open_safe")).await);
    let opened = call(proven("aal2", 10, "POST", "/rpc/open_safe")).await;
    assert_eq!(opened.body, "1");
}

#[actix_web::test]
async fn whoever_has_no_grant_learns_nothing() {
    let project = Project::start().await;

    for method in ["GET", "DELETE", "OPTIONS"] {
        let hidden = project.send(anon(method, "/safes")).await;
        let missing = project.send(anon(method, "/sofas")).await;
        assert_eq!(hidden.status, 404, "{hidden:?}");
        assert_eq!(hidden.body.replace("safes", "sofas"), missing.body);
        assert_eq!(hidden.header("www-authenticate"), None);
    }
    let call = |name: &str| json(anon("POST", &format!("/rpc/{name}")), r#"{"safe":1}"#);
    let hidden = project.send(call("open_safe")).await;
    let missing = project.send(call("open_sofa")).await;
    assert_eq!(hidden.status, 404);
    assert_eq!(hidden.body.replace("open_safe", "open_sofa"), missing.body);
    // A column that is not granted is not there, however sure the sign-in is.
    let column = project
        .send(proven("aal1", 0, "GET", "/safes?select=owner"))
        .await;
    assert!(column.body.contains("42703"), "{column:?}");
}
