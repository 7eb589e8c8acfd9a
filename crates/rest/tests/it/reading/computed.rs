//! Functions of a row as columns and relationships: listed ones alone, over visible rows alone.

use serde_json::json;

use super::{check, get, refused, rows, start};
use crate::kit::{ALICE, anon, json as with_body, service, user};

#[actix_web::test]
async fn a_function_of_the_row_is_a_column() {
    let project = start().await;

    check(
        &project,
        "/projects?select=id,code_name&order=code_name.desc&limit=2",
        json!([
            {"id": 1, "code_name": "Windows 7/s1"},
            {"id": 2, "code_name": "Windows 10/s2"},
        ]),
    )
    .await;
    check(
        &project,
        "/projects?select=id,c:code_name&code_name=like.*s3",
        json!([{"id": 3, "c": "IOS/s3"}]),
    )
    .await;
    check(
        &project,
        "/clients?select=id,projects(code_name)&projects.code_name=eq.OSX/s4&projects.order=code_name&id=eq.2",
        json!([{"id": 2, "projects": [{"code_name": "OSX/s4"}]}]),
    )
    .await;
    check(
        &project,
        "/projects?select=code_name::json,id&id=eq.0",
        json!([]),
    )
    .await;
    check(
        &project,
        "/projects?select=client_id,code_name.max()&client_id=eq.2",
        json!([{"client_id": 2, "max": "OSX/s4"}]),
    )
    .await;
    check(
        &project,
        "/details?select=place,projects(id)&order=projects(code_name)&project_id=lt.4",
        json!([
            {"place": "Cupertino", "projects": {"id": 3}},
            {"place": "Redmond", "projects": {"id": 1}},
        ]),
    )
    .await;
    // It knows who asks.
    check(
        &project,
        "/projects?select=caller&id=eq.1",
        json!([{"caller": "authenticated"}]),
    )
    .await;
    // It is not part of the star.
    let star = project.send(get("/projects?id=eq.1")).await;
    assert!(!star.body.contains("code_name"), "{star:?}");
}

#[actix_web::test]
async fn a_function_may_lead_to_other_rows() {
    let project = start().await;

    check(
        &project,
        "/projects?select=id,sponsor(name)&id=in.(1,5)&order=id",
        json!([{"id": 1, "sponsor": {"name": "Microsoft"}}, {"id": 5, "sponsor": null}]),
    )
    .await;
    check(
        &project,
        "/clients?select=id,parent(id,work(id))&parent.work.order=id&id=lt.3&order=id",
        json!([
            {"id": 1, "parent": null},
            {"id": 2, "parent": {"id": 1, "work": [{"id": 1}, {"id": 2}]}},
        ]),
    )
    .await;
    // The rows pass the policy of the table that they are of.
    check(
        &project,
        "/clients?select=id,w:work(id)&w.order=id.desc&order=id",
        json!([
            {"id": 1, "w": [{"id": 2}, {"id": 1}]},
            {"id": 2, "w": [{"id": 4}, {"id": 3}]},
            {"id": 3, "w": []},
        ]),
    )
    .await;
    check(
        &project,
        "/clients?select=id,work!inner(id)&work.id=eq.6",
        json!([]),
    )
    .await;
    check(
        &project,
        "/clients?select=id,work()&work=is.null",
        json!([{"id": 3}]),
    )
    .await;
    check(
        &project,
        "/clients?select=id,...work(ids:id),...parent(p:name)&work.order=id&id=lt.3&order=id",
        json!([
            {"id": 1, "ids": [1, 2], "p": null},
            {"id": 2, "ids": [3, 4], "p": "Microsoft"},
        ]),
    )
    .await;
    check(
        &project,
        "/projects?select=id,sponsor(id)&order=sponsor(name).desc.nullslast,id&limit=1",
        json!([{"id": 1, "sponsor": {"id": 1}}]),
    )
    .await;
    let hidden = refused(&project, "/clients?select=work(secret)", 400, "42703").await;
    assert!(
        hidden
            .body
            .contains("column projects.secret does not exist")
    );
}

#[actix_web::test]
async fn after_writes_and_calls() {
    let project = start().await;
    let back = ("prefer", "return=representation");

    let made = project
        .send(
            with_body(
                user(ALICE, "POST", "/clients?select=id,parent(name),work(id)"),
                r#"{"id":9,"name":"New","parent_id":2}"#,
            )
            .insert_header(back),
        )
        .await;
    assert_eq!(
        rows(&made),
        json!([{"id": 9, "parent": {"name": "Apple"}, "work": []}])
    );
    let changed = project
        .send(
            with_body(
                user(
                    ALICE,
                    "PATCH",
                    "/projects?code_name=eq.IOS/s3&select=code_name,sponsor(id)",
                ),
                r#"{"name":"iOS"}"#,
            )
            .insert_header(back),
        )
        .await;
    assert_eq!(
        rows(&changed),
        json!([{"code_name": "iOS/s3", "sponsor": {"id": 2}}])
    );
    let called = project
        .send(get(
            "/rpc/all_clients?select=id,work(id)&work.order=id&id=eq.1",
        ))
        .await;
    assert_eq!(
        rows(&called),
        json!([{"id": 1, "work": [{"id": 1}, {"id": 2}]}])
    );
}

#[actix_web::test]
async fn what_is_not_listed_does_not_exist() {
    let project = start().await;

    for (hidden, missing) in [
        ("/projects?select=unlisted", "/projects?select=nowhere1"),
        ("/projects?unlisted=eq.1", "/projects?nowhere1=eq.1"),
        ("/projects?order=unlisted", "/projects?order=nowhere1"),
        ("/clients?select=spy(id)", "/clients?select=nowhere1(id)"),
        (
            "/projects?select=clients(spy())",
            "/projects?select=clients(nowhere1())",
        ),
        ("/projects?select=hidden", "/projects?select=nowhere1"),
    ] {
        let name = if hidden.contains("spy") {
            "spy"
        } else if hidden.contains("unlisted") {
            "unlisted"
        } else {
            "hidden"
        };
        let hidden = project.send(get(hidden)).await;
        let missing = project.send(get(missing)).await;
        assert_eq!(hidden.status, 400, "{hidden:?}");
        assert_eq!(hidden.body.replace(name, "nowhere1"), missing.body);
    }
    // What is listed for users is not there for visitors.
    let hidden = project
        .send(anon("GET", "/projects?select=code_name"))
        .await;
    let missing = project
        .send(anon("GET", "/projects?select=nowhere_1"))
        .await;
    assert_eq!(hidden.status, 400, "{hidden:?}");
    assert_eq!(hidden.body.replace("code_name", "nowhere_1"), missing.body);
    let hidden = project.send(anon("GET", "/clients?select=work(id)")).await;
    let missing = project.send(anon("GET", "/clients?select=wark(id)")).await;
    assert_eq!(hidden.body.replace("work", "wark"), missing.body);
    // The secret key has them all.
    let all = service("GET", "/projects?select=unlisted&id=eq.6");
    assert_eq!(rows(&project.send(all).await), json!([{"unlisted": "s6"}]));
}

#[actix_web::test]
async fn functions_never_meet_hidden_rows() {
    let project = start().await;

    for path in [
        "/projects?select=id&picky=eq.1",
        "/projects?select=id&or=(picky.eq.1,picky.eq.77)",
        "/projects?select=id&order=picky&limit=1",
        "/projects?select=id,wary!inner()&id=eq.1",
        "/projects?select=id,wary()&wary=not.is.null&id=eq.1",
        "/clients?select=id,projects!inner()&projects.picky=eq.1",
    ] {
        check(&project, path, json!([{"id": 1}])).await;
    }
    check(
        &project,
        "/tasks?select=id,...projects(picky,...wary(n:name))&order=id.desc&limit=2",
        json!([{"id": 4, "picky": null, "n": null}, {"id": 3, "picky": 3, "n": ["Apple"]}]),
    )
    .await;
    check(
        &project,
        "/projects?select=id,...wary(n:name)&order=id.desc&limit=1",
        json!([{"id": 5, "n": []}]),
    )
    .await;
}
