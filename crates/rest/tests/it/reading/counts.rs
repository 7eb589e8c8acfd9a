//! Totals: exact, planned, estimated, and what they may not tell.

use serde_json::json;

use super::{ALICE, get, rows, start, start_with};
use crate::kit::{Project, Reply, service, user};

async fn counted(project: &Project, path: &str, count: &str) -> Reply {
    let request = get(path).insert_header(("prefer", format!("count={count}")));
    project.send(request).await
}

fn told(reply: &Reply) -> (u16, String, String) {
    let header = |name| reply.header(name).unwrap_or_default();
    let (range, applied) = (header("content-range"), header("preference-applied"));
    (reply.status, range, applied)
}

#[actix_web::test]
async fn the_planner_is_asked_where_nothing_is_hidden() {
    let project = start().await;

    let planned = counted(&project, "/clients?select=id&order=id", "planned").await;
    let page = counted(&project, "/clients?select=id&order=id&limit=1", "planned").await;
    let head = user(ALICE, "HEAD", "/clients").insert_header(("prefer", "count=planned"));
    let head = project.send(head).await;
    let by_service = service("GET", "/projects?select=id&id=lt.3");
    let by_service = by_service.insert_header(("prefer", "count=planned"));
    let by_service = project.send(by_service).await;

    let applied = "count=planned".to_owned();
    assert_eq!(told(&planned), (200, "0-2/3".into(), applied.clone()));
    assert_eq!(told(&page), (206, "0-0/3".into(), applied.clone()));
    assert_eq!(told(&head), (200, "0-2/3".into(), applied.clone()));
    assert_eq!(told(&by_service).2, applied);
}

#[actix_web::test]
async fn an_estimate_is_exact_up_to_the_limit_of_rows() {
    let project = start().await;
    let small = counted(&project, "/clients?select=id&name=neq.x", "estimated").await;
    assert_eq!(
        told(&small),
        (200, "0-2/3".into(), "count=estimated".into())
    );

    let project = start_with(|it| it.limits.rows_max = 2).await;
    let large = counted(&project, "/clients?select=id", "estimated").await;
    assert_eq!(
        told(&large),
        (206, "0-1/3".into(), "count=estimated".into())
    );
    let few = counted(&project, "/clients?select=id&id=eq.1", "estimated").await;
    assert_eq!(told(&few), (200, "0-0/1".into(), "count=estimated".into()));
}

#[actix_web::test]
async fn what_hides_rows_is_counted_exactly() {
    let project = start().await;

    for path in [
        "/projects?select=id",
        "/clients?select=id,projects!inner()",
        "/clients?select=id,projects()&projects=not.is.null",
        "/clients?select=id,projects()&or=(id.eq.9,projects.not.is.null)",
        "/clients?select=id,...work(id)",
        "/tasks?select=id,people!inner()",
    ] {
        for count in ["planned", "estimated"] {
            let reply = counted(&project, path, count).await;
            let exact = counted(&project, path, "exact").await;
            assert_eq!(told(&reply), told(&exact), "{path}");
            assert_eq!(told(&reply).2, "count=exact", "{path}");
        }
    }
}

#[actix_web::test]
async fn a_policy_may_allow_estimates_and_refuse_counts() {
    let project = start().await;

    let planned = counted(&project, "/plain_projects?select=id", "planned").await;
    assert_eq!(told(&planned).2, "count=planned");
    assert_eq!(rows(&planned).as_array().map(Vec::len), Some(5));
    for count in ["exact", "planned", "estimated"] {
        let refused = counted(&project, "/people?select=id", count).await;
        assert_eq!(refused.status, 403, "{refused:?}");
        assert!(refused.body.contains("42501"), "{refused:?}");
    }
}

#[actix_web::test]
async fn matches_are_counted_with_their_conditions() {
    let project = start().await;

    let with = "/clients?select=name,projects()&projects=not.is.null&order=id";
    let with = counted(&project, with, "exact").await;
    let without = "/clients?select=name,projects()&projects=is.null";
    let without = counted(&project, without, "exact").await;

    assert_eq!(told(&with).1, "0-1/2");
    assert_eq!(
        rows(&with),
        json!([{"name": "Microsoft"}, {"name": "Apple"}])
    );
    // The only project of this client is hidden.
    assert_eq!(told(&without).1, "0-0/1");
    assert_eq!(rows(&without), json!([{"name": "Ghost"}]));
}
