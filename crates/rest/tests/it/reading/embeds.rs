//! Embedded relations: shapes, filters, null filters, order, and which relationship is meant.

use serde_json::{Value, json};

use super::{check, refused, rows, start};
use crate::kit::anon;

#[actix_web::test]
async fn one_and_many_and_through_a_junction() {
    let project = start().await;

    check(
        &project,
        "/projects?select=id,clients(name),details(place)&id=in.(1,5)&order=id",
        json!([
            {"id": 1, "clients": {"name": "Microsoft"}, "details": {"place": "Redmond"}},
            {"id": 5, "clients": null, "details": null},
        ]),
    )
    .await;
    check(
        &project,
        "/clients?select=id,projects(id)&projects.order=id.desc&projects.limit=1&order=id",
        json!([
            {"id": 1, "projects": [{"id": 2}]},
            {"id": 2, "projects": [{"id": 4}]},
            {"id": 3, "projects": []},
        ]),
    )
    .await;
    // The private row of the junction and the task of a hidden project lead nowhere.
    check(
        &project,
        "/people?select=name,tasks(name,projects(name))&tasks.order=id&order=id",
        json!([
            {"name": "Angela", "tasks": [
                {"name": "design", "projects": {"name": "Windows 7"}},
                {"name": "code", "projects": {"name": "Windows 7"}},
            ]},
            {"name": "Michael", "tasks": [
                {"name": "code", "projects": {"name": "Windows 7"}},
                {"name": "dig", "projects": null},
            ]},
            {"name": "Dwight", "tasks": []},
        ]),
    )
    .await;
}

#[actix_web::test]
async fn inner_and_left() {
    let project = start().await;

    check(
        &project,
        "/clients?select=id,projects!inner(id)&projects.id=eq.3",
        json!([{"id": 2, "projects": [{"id": 3}]}]),
    )
    .await;
    check(
        &project,
        "/clients?select=id,projects!left(id)&projects.id=eq.3&order=id",
        json!([
            {"id": 1, "projects": []},
            {"id": 2, "projects": [{"id": 3}]},
            {"id": 3, "projects": []},
        ]),
    )
    .await;
    check(
        &project,
        "/projects?select=id,c:clients!projects_client_id_fkey!left(id)&id=eq.5",
        json!([{"id": 5, "c": null}]),
    )
    .await;
    // Only hidden projects match, so there is none.
    check(
        &project,
        "/clients?select=id,projects!inner(id)&projects.name=eq.Ghostwork",
        json!([]),
    )
    .await;
}

#[actix_web::test]
async fn parents_with_and_without_a_match() {
    let project = start().await;

    for (path, expected) in [
        (
            "/projects?select=id,clients()&clients=is.null",
            json!([{"id": 5}]),
        ),
        (
            "/clients?select=id,p:projects()&p=is.null",
            json!([{"id": 3}]),
        ),
        (
            "/clients?select=id,projects()&projects.id=eq.3&projects=not.is.null",
            json!([{"id": 2}]),
        ),
        (
            "/clients?select=id,projects()&projects=not.is.not_null",
            json!([{"id": 3}]),
        ),
        (
            "/people?select=id,tasks()&tasks=is.null",
            json!([{"id": 3}]),
        ),
        (
            "/projects?select=id,tasks(),details()&tasks.name=eq.dig&details.place=like.Cup*\
             &or=(tasks.not.is.null,details.not.is.null)",
            json!([{"id": 3}]),
        ),
        (
            "/projects?select=id,tasks(),details()&and=(tasks.is.null,not.or(details.not.is.null,\
             id.gt.4))&order=id",
            json!([{"id": 2}, {"id": 4}]),
        ),
        (
            "/clients?select=id,projects(id,tasks())&projects.tasks=not.is.null\
             &projects=not.is.null&order=id",
            json!([{"id": 1, "projects": [{"id": 1}]}, {"id": 2, "projects": [{"id": 3}]}]),
        ),
    ] {
        check(&project, path, expected).await;
    }
    let reply = refused(
        &project,
        "/clients?select=id,projects()&projects=eq.1",
        400,
        "PGRST120",
    )
    .await;
    assert!(
        reply
            .body
            .contains("Only is null or not is null filters are allowed")
    );
}

#[actix_web::test]
async fn rows_in_the_order_of_what_they_belong_to() {
    let project = start().await;

    check(
        &project,
        "/projects?select=id,clients(name)&order=clients(name).desc.nullslast,id.desc&limit=3",
        json!([
            {"id": 2, "clients": {"name": "Microsoft"}},
            {"id": 1, "clients": {"name": "Microsoft"}},
            {"id": 4, "clients": {"name": "Apple"}},
        ]),
    )
    .await;
    check(
        &project,
        "/details?select=place,p:projects(id)&order=p(data->rank)&project_id=lt.4",
        json!([
            {"place": "Cupertino", "p": {"id": 3}},
            {"place": "Redmond", "p": {"id": 1}},
        ]),
    )
    .await;
    let many = refused(
        &project,
        "/clients?select=id,pros:projects(id)&order=pros(id)",
        400,
        "PGRST118",
    )
    .await;
    assert_eq!(
        many.body,
        r#"{"code":"PGRST118","details":"'clients' and 'pros' do not form a many-to-one or one-to-one relationship","hint":null,"message":"A related order on 'pros' is not possible"}"#
    );
    refused(
        &project,
        "/projects?select=id&order=clients(name)",
        400,
        "PGRST108",
    )
    .await;
    // A hidden column is as missing here as elsewhere.
    let hidden = "/details?select=place,projects(id)&order=projects(secret)";
    let hidden = refused(&project, hidden, 400, "42703").await;
    let missing = "/details?select=place,projects(id)&order=projects(nothere)";
    let missing = refused(&project, missing, 400, "42703").await;
    assert_eq!(hidden.body.replace("secret", "nothere"), missing.body);
}

#[actix_web::test]
async fn which_relationship_is_meant() {
    let project = start().await;

    let reply = refused(
        &project,
        "/matches?select=id,clients(name)",
        300,
        "PGRST201",
    )
    .await;
    assert_eq!(
        reply.body,
        concat!(
            r#"{"code":"PGRST201","details":["#,
            r#"{"cardinality":"many-to-one","embedding":"matches with clients","relationship":"matches_away_id_fkey using matches(away_id) and clients(id)"},"#,
            r#"{"cardinality":"many-to-one","embedding":"matches with clients","relationship":"matches_home_id_fkey using matches(home_id) and clients(id)"}],"#,
            r#""hint":"Try changing 'clients' to one of the following: 'clients!matches_away_id_fkey', 'clients!matches_home_id_fkey'. Find the desired relationship in the 'details' key.","#,
            r#""message":"Could not embed because more than one relationship was found for 'matches' and 'clients'"}"#
        )
    );
    for path in [
        "/matches?select=id,home:home_id(name),away:away_id(name)",
        "/matches?select=id,home:clients!home_id(name),away:clients!away_id(name)",
        "/matches?select=id,home:matches_home_id_fkey(name),away:clients!matches_away_id_fkey(name)",
    ] {
        check(
            &project,
            path,
            json!([{"id": 1, "home": {"name": "Microsoft"}, "away": {"name": "Apple"}}]),
        )
        .await;
    }
    // Visitors do not know the second key: one way is left, and nothing names the other.
    let reply = project
        .send(anon("GET", "/matches?select=id,clients(name)"))
        .await;
    assert_eq!(
        rows(&reply),
        json!([{"id": 1, "clients": {"name": "Microsoft"}}])
    );
    let hinted = project
        .send(anon("GET", "/matches?select=id,clients!away_id(name)"))
        .await;
    let unknown = project
        .send(anon("GET", "/matches?select=id,clients!nothere(name)"))
        .await;
    assert_eq!(hinted.status, 400, "{hinted:?}");
    assert_eq!(hinted.body.replace("away_id", "nothere"), unknown.body);
}

#[actix_web::test]
async fn a_relation_with_itself() {
    let project = start().await;

    check(
        &project,
        "/clients?select=id,clients(id)&id=lt.3&order=id",
        json!([{"id": 1, "clients": [{"id": 2}]}, {"id": 2, "clients": []}]),
    )
    .await;
    check(
        &project,
        "/clients?select=id,p:parent_id(id)&id=lt.3&order=id",
        json!([{"id": 1, "p": null}, {"id": 2, "p": {"id": 1}}]),
    )
    .await;
}

#[actix_web::test]
async fn hints_name_nothing_that_is_hidden() {
    let project = start().await;

    let near = refused(&project, "/clients?select=id,project(id)", 400, "PGRST200").await;
    let body: Value = serde_json::from_str(&near.body).expect("JSON");
    assert_eq!(
        body["hint"],
        "Perhaps you meant 'projects' instead of 'project'."
    );
    // Visitors have no tasks, so nothing leads their misspelling there.
    let reply = project
        .send(anon("GET", "/projects?select=id,task(id)"))
        .await;
    assert_eq!(reply.status, 400);
    assert!(!reply.body.contains("'tasks'"), "{reply:?}");
    let hidden = project
        .send(anon("GET", "/projects?select=id,tasks(id)"))
        .await;
    let missing = project
        .send(anon("GET", "/projects?select=id,tusks(id)"))
        .await;
    assert_eq!(hidden.body.replace("tasks", "tusks"), missing.body);
}

#[actix_web::test]
async fn embeds_that_show_nothing_are_left_out() {
    let project = start().await;

    check(
        &project,
        "/people?select=id,people_tasks(tasks(projects())),tasks(id,projects())&tasks.id=eq.1&id=eq.1",
        json!([{"id": 1, "tasks": [{"id": 1}]}]),
    )
    .await;
}

#[actix_web::test]
async fn views_stand_for_tables_that_are_not_served() {
    let project = start().await;

    check(
        &project,
        "/books?select=title,writers(name)&order=id",
        json!([
            {"title": "1984", "writers": {"name": "Orwell"}},
            {"title": "Beowulf", "writers": null},
        ]),
    )
    .await;
    check(
        &project,
        "/writers?select=name,books(title)",
        json!([{"name": "Orwell", "books": [{"title": "1984"}]}]),
    )
    .await;
    check(
        &project,
        "/tasks?select=id,plain_projects!inner(name)&id=eq.3",
        json!([{"id": 3, "plain_projects": {"name": "IOS"}}]),
    )
    .await;
    // Visitors have no writers, and nothing says that there are any.
    let hidden = project
        .send(anon("GET", "/books?select=writers(name)"))
        .await;
    let missing = project
        .send(anon("GET", "/books?select=wryters(name)"))
        .await;
    assert_eq!(hidden.status, 400, "{hidden:?}");
    assert_eq!(hidden.body.replace("writers", "wryters"), missing.body);
    // The schema behind is not served by any name.
    refused(&project, "/behind.books?select=id", 404, "PGRST205").await;
}

#[actix_web::test]
async fn views_and_partitions_and_odd_names() {
    let project = start().await;

    check(
        &project,
        "/plain_projects?select=id,clients(name),tasks(name)&id=eq.3",
        json!([{"id": 3, "clients": {"name": "Apple"}, "tasks": [{"name": "draw"}]}]),
    )
    .await;
    check(
        &project,
        "/kept_projects?select=%22Key%20Nr%22,clients(name)&%22Key%20Nr%22=eq.3",
        json!([{"Key Nr": 3, "clients": {"name": "Apple"}}]),
    )
    .await;
    check(
        &project,
        "/measures?select=id,value",
        json!([{"id": 1, "value": 10}]),
    )
    .await;
    check(
        &project,
        "/Stra%C3%9Fe%20(neu)?select=%22Gr%C3%B6%C3%9Fe,%20cm%22,%22a.b%22&%22a.b%22=in.(%22x,y%22,%22(z)%22)\
         &order=%22Gr%C3%B6%C3%9Fe,%20cm%22.desc",
        json!([{"Größe, cm": 9, "a.b": "(z)"}, {"Größe, cm": 7, "a.b": "x,y"}]),
    )
    .await;
}
