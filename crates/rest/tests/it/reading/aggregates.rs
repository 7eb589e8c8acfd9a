//! Aggregates: over visible rows and columns alone, and where the policy allows them.

use serde_json::json;

use super::{check, get, refused, rows, start};
use crate::kit::anon;

#[actix_web::test]
async fn of_the_whole_and_of_groups() {
    let project = start().await;

    check(&project, "/projects?select=count()", json!([{"count": 5}])).await;
    check(
        &project,
        "/projects?select=n:count()::text,budget.sum(),budget.avg()::int,budget.min(),m:budget.max()",
        json!([{"n": "5", "sum": 1050, "avg": 210, "min": 50, "m": 400}]),
    )
    .await;
    check(
        &project,
        "/projects?select=client_id,budget.sum()&order=client_id",
        json!([
            {"client_id": 1, "sum": 300},
            {"client_id": 2, "sum": 700},
            {"client_id": null, "sum": 50},
        ]),
    )
    .await;
    check(
        &project,
        "/projects?select=top:data->>rank::int.max()",
        json!([{"top": 3}]),
    )
    .await;
    // Ordered by what it is grouped by, by another name.
    check(
        &project,
        "/projects?select=rank:data->>rank,count()&data=not.is.null&order=data->>rank.desc&limit=2",
        json!([{"rank": "3", "count": 1}, {"rank": "2", "count": 1}]),
    )
    .await;
    check(
        &project,
        "/projects?select=client_id,data.count(),doc&id=eq.1",
        json!([{"client_id": 1, "count": 1, "doc": {"cat": "fat cats"}}]),
    )
    .await;
}

#[actix_web::test]
async fn beside_and_inside_of_embeds() {
    let project = start().await;

    check(
        &project,
        "/projects?select=client_id,total:budget.sum(),clients(name)&order=client_id&limit=2",
        json!([
            {"client_id": 1, "total": 300, "clients": {"name": "Microsoft"}},
            {"client_id": 2, "total": 700, "clients": {"name": "Apple"}},
        ]),
    )
    .await;
    check(
        &project,
        "/clients?select=id,projects(count(),budget.max())&order=id",
        json!([
            {"id": 1, "projects": [{"count": 2, "max": 200}]},
            {"id": 2, "projects": [{"count": 2, "max": 400}]},
            {"id": 3, "projects": [{"count": 0, "max": null}]},
        ]),
    )
    .await;
}

#[actix_web::test]
async fn spread_aggregates_are_computed_for_the_parent() {
    let project = start().await;

    check(
        &project,
        "/tasks?select=hours.sum(),...projects(budget.max(),n:count(),client_id)\
         &order=projects(client_id)",
        json!([
            {"sum": 13, "max": 100, "n": 2, "client_id": 1},
            {"sum": 3, "max": 300, "n": 1, "client_id": 2},
            {"sum": 40, "max": null, "n": 0, "client_id": null},
        ]),
    )
    .await;
    let path = "/tasks?select=...projects(...clients(name,id.count(),parent_id.max()::text))";
    let nested = rows(&project.send(get(path)).await);
    let mut nested = nested.as_array().expect("rows").clone();
    nested.sort_by_key(|it| it["count"].as_u64());
    assert_eq!(
        json!(nested),
        json!([
            {"name": null, "count": 0, "max": null},
            {"name": "Apple", "count": 1, "max": "1"},
            {"name": "Microsoft", "count": 2, "max": null},
        ])
    );
}

#[actix_web::test]
async fn only_where_the_policy_allows_them() {
    let project = start().await;

    for path in [
        "/people?select=count()",
        "/people?select=id.max(),name",
        "/tasks?select=id,people(id.max())",
        "/people_tasks?select=...people(id.max())",
        // Allowed on the far side alone: the rows that are grouped are the parent's.
        "/people_tasks?select=...tasks(hours.sum())",
    ] {
        let reply = refused(&project, path, 400, "PGRST123").await;
        assert_eq!(
            reply.body,
            r#"{"code":"PGRST123","details":null,"hint":null,"message":"Use of aggregate functions is not allowed"}"#,
            "{path}"
        );
    }
    let reply = project.send(anon("GET", "/clients?select=count()")).await;
    assert_eq!(reply.status, 400, "{reply:?}");
    let many = "/clients?select=name,...projects(budget.sum())";
    let many = refused(&project, many, 400, "PGRST127").await;
    assert_eq!(
        many.body,
        r#"{"code":"PGRST127","details":"Aggregates are not implemented for one-to-many or many-to-many spreads.","hint":null,"message":"Feature not implemented"}"#
    );
    // Hidden columns cannot be aggregated, hidden rows are in no sum.
    refused(&project, "/projects?select=secret.max()", 400, "42703").await;
    let all = project.send(get("/projects?select=budget.max()")).await;
    assert_eq!(rows(&all), json!([{"max": 400}]));
}
