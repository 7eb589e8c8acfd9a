//! Reads: representations, ranges, counts, what is not there.

use crate::kit::{ALICE, BOB, Project, anon, service, user};

#[actix_web::test]
async fn rows_come_as_json_with_the_headers_of_the_dialect() {
    let project = Project::start().await;

    let reply = project
        .send(anon("GET", "/items?select=id,name&order=id&limit=2"))
        .await;

    assert_eq!(reply.status, 200, "{reply:?}");
    assert_eq!(
        reply.body,
        "[{\"id\":1,\"name\":\"item 1\"}, \n {\"id\":2,\"name\":\"item 2\"}]"
    );
    assert_eq!(
        reply.header("content-type").as_deref(),
        Some("application/json; charset=utf-8")
    );
    assert_eq!(reply.header("content-range").as_deref(), Some("0-1/*"));
    assert_eq!(
        reply.header("content-location").as_deref(),
        Some("/items?limit=2&order=id&select=id%2Cname")
    );
    assert_eq!(reply.header("content-profile"), None);
    assert_eq!(reply.header("preference-applied"), None);
}

#[actix_web::test]
async fn a_count_makes_a_partial_answer() {
    let project = Project::start().await;
    let ask = |query: &str| {
        anon("GET", &format!("/items?select=id&order=id{query}"))
            .insert_header(("prefer", "count=exact"))
    };

    let part = project.send(ask("&limit=5&offset=5")).await;
    let whole = project.send(ask("")).await;
    let none = project.send(ask("&id=gt.100")).await;
    let beyond = project.send(ask("&offset=100")).await;
    let ranged = project.send(ask("").insert_header(("range", "0-2"))).await;

    assert_eq!(
        (part.status, part.header("content-range").as_deref()),
        (206, Some("5-9/15"))
    );
    assert_eq!(
        part.header("preference-applied").as_deref(),
        Some("count=exact")
    );
    assert_eq!(
        (whole.status, whole.header("content-range").as_deref()),
        (200, Some("0-14/15"))
    );
    assert_eq!(
        (none.status, none.header("content-range").as_deref()),
        (200, Some("*/0"))
    );
    assert_eq!(
        (beyond.status, beyond.header("content-range").as_deref()),
        (416, Some("*/15"))
    );
    assert!(beyond.body.contains("PGRST103"), "{beyond:?}");
    assert_eq!(
        (ranged.status, ranged.header("content-range").as_deref()),
        (206, Some("0-2/15"))
    );
}

#[actix_web::test]
async fn head_has_the_headers_of_get_and_no_body() {
    let project = Project::start().await;
    let request = anon("HEAD", "/items").insert_header(("prefer", "count=exact"));

    let reply = project.send(request).await;

    assert_eq!((reply.status, reply.body.as_str()), (200, ""));
    assert_eq!(reply.header("content-range").as_deref(), Some("0-14/15"));
    assert_eq!(
        reply.header("content-type").as_deref(),
        Some("application/json; charset=utf-8")
    );
}

#[actix_web::test]
async fn one_row_is_an_object_and_any_other_number_is_refused() {
    let project = Project::start().await;
    let ask = |query: &str| {
        anon("GET", &format!("/items?select=id,note{query}"))
            .insert_header(("accept", "application/vnd.pgrst.object+json"))
    };

    let one = project.send(ask("&id=eq.1")).await;
    let none = project.send(ask("&id=eq.99")).await;
    let many = project.send(ask("")).await;

    assert_eq!(
        (one.status, one.body.as_str()),
        (200, r#"{"id":1,"note":null}"#)
    );
    assert_eq!(
        one.header("content-type").as_deref(),
        Some("application/vnd.pgrst.object+json; charset=utf-8")
    );
    assert_eq!(none.status, 406);
    assert_eq!(
        none.body,
        concat!(
            r#"{"code":"PGRST116","details":"The result contains 0 rows","hint":null,"#,
            r#""message":"Cannot coerce the result to a single JSON object"}"#
        )
    );
    assert_eq!(many.status, 406);
}

#[actix_web::test]
async fn other_representations() {
    let project = Project::start().await;
    let ask = |accept: &str| {
        anon("GET", "/items?select=id,note&id=in.(1,2)&order=id")
            .insert_header(("accept", accept.to_owned()))
    };

    let csv = project.send(ask("text/csv")).await;
    let stripped = project
        .send(ask("application/vnd.pgrst.array+json;nulls=stripped"))
        .await;
    let other = project.send(ask("image/png")).await;

    assert_eq!(csv.body, "id,note\n1,\n2,even", "{csv:?}");
    assert_eq!(
        csv.header("content-type").as_deref(),
        Some("text/csv; charset=utf-8")
    );
    assert_eq!(stripped.body, "[{\"id\":1}, {\"id\":2,\"note\":\"even\"}]");
    assert_eq!(other.status, 406);
    assert!(
        other
            .body
            .contains("None of these media types are available: image/png")
    );
    assert_eq!(
        other.header("proxy-status").as_deref(),
        Some("PostgREST; error=PGRST107")
    );
}

#[actix_web::test]
async fn what_is_hidden_and_what_is_missing_answer_alike() {
    let project = Project::start().await;

    let hidden = project.send(anon("GET", "/hidden")).await;
    let missing = project.send(anon("GET", "/nothere")).await;
    let for_service = project.send(service("GET", "/hidden")).await;

    assert_eq!((hidden.status, missing.status), (404, 404));
    assert_eq!(hidden.body.replace("hidden", "nothere"), missing.body);
    assert!(missing.body.contains("PGRST205"));
    assert_eq!((for_service.status, for_service.body.as_str()), (200, "[]"));
}

#[actix_web::test]
async fn each_user_sees_their_own_rows() {
    let project = Project::start().await;

    for (subject, body) in [(ALICE, "of alice"), (BOB, "of bob")] {
        let reply = project
            .send(user(subject, "GET", "/notes?select=body"))
            .await;
        assert_eq!(
            reply.body,
            format!("[{{\"body\":\"{body}\"}}]"),
            "{reply:?}"
        );
    }
    let masked = project
        .send(user(ALICE, "GET", "/notes?select=secret"))
        .await;
    assert_eq!(masked.status, 400, "{masked:?}");
    assert!(masked.body.contains("42703"), "{masked:?}");
}

#[actix_web::test]
async fn the_profile_header_chooses_among_served_schemas() {
    let project = Project::with(|it| it.schemas = vec!["public".into(), "other".into()]).await;
    let ask = |schema: &str| {
        service("GET", "/things?select=id").insert_header(("accept-profile", schema.to_owned()))
    };

    let other = project.send(ask("other")).await;
    let unknown = project.send(ask("pg_catalog")).await;

    assert_eq!(other.body, "[{\"id\":1}]", "{other:?}");
    assert_eq!(other.header("content-profile").as_deref(), Some("other"));
    assert_eq!(unknown.status, 406);
    assert!(
        unknown
            .body
            .contains("Only the following schemas are exposed: public, other")
    );
}

#[actix_web::test]
async fn the_root_describes_what_the_caller_may_use() {
    let project = Project::start().await;

    let reply = project.send(anon("GET", "/")).await;

    assert_eq!(
        reply.header("content-type").as_deref(),
        Some("application/openapi+json; charset=utf-8")
    );
    assert!(reply.body.contains("\"/items\""));
    assert!(!reply.body.contains("hidden") && !reply.body.contains("/notes"));
}
