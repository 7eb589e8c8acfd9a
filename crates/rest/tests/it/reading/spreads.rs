//! Spread embeds: one row flattened, many rows as arrays.

use serde_json::json;

use super::{check, start};

#[actix_web::test]
async fn one_row_is_flattened() {
    let project = start().await;

    check(
        &project,
        "/projects?select=id,...clients(client:name)&order=id&limit=5",
        json!([
            {"id": 1, "client": "Microsoft"},
            {"id": 2, "client": "Microsoft"},
            {"id": 3, "client": "Apple"},
            {"id": 4, "client": "Apple"},
            {"id": 5, "client": null},
        ]),
    )
    .await;
    // A hidden row is no row, at whatever depth.
    check(
        &project,
        "/tasks?select=name,...projects(project:name,...clients(client:name),d:details(place))\
         &order=id.desc&limit=2",
        json!([
            {"name": "dig", "project": null, "client": null, "d": null},
            {"name": "draw", "project": "IOS", "client": "Apple", "d": {"place": "Cupertino"}},
        ]),
    )
    .await;
    check(
        &project,
        "/people_tasks?select=...people(name),...tasks(task:name)&order=person_id,task_id&limit=1",
        json!([{"name": "Angela", "task": "design"}]),
    )
    .await;
}

#[actix_web::test]
async fn many_rows_become_an_array_for_each_column() {
    let project = start().await;

    check(
        &project,
        "/clients?select=id,...projects(id_list:id,names:name)&projects.order=name.desc&order=id",
        json!([
            {"id": 1, "id_list": [1, 2], "names": ["Windows 7", "Windows 10"]},
            {"id": 2, "id_list": [4, 3], "names": ["OSX", "IOS"]},
            {"id": 3, "id_list": [], "names": []},
        ]),
    )
    .await;
    check(
        &project,
        "/clients?select=id,...projects(places:details(place),...clients(c:name),...tasks(t:name))\
         &projects.order=id&projects.tasks.order=id.desc&id=eq.1",
        json!([{
            "id": 1,
            "places": [{"place": "Redmond"}, null],
            "c": ["Microsoft", "Microsoft"],
            "t": [["code", "design"], []],
        }]),
    )
    .await;
    check(
        &project,
        "/people?select=id,...tasks(t:name)&tasks.order=name&order=id",
        json!([
            {"id": 1, "t": ["code", "design"]},
            {"id": 2, "t": ["code", "dig"]},
            {"id": 3, "t": []},
        ]),
    )
    .await;
    check(
        &project,
        "/clients?select=id,...projects(n:name)&projects=is.null",
        json!([{"id": 3, "n": []}]),
    )
    .await;
    check(
        &project,
        "/clients?select=id,...projects!inner(n:data->rank)&projects.data->rank=gt.2",
        json!([{"id": 1, "n": [3]}]),
    )
    .await;
}

#[actix_web::test]
async fn the_parent_can_be_ordered_by_what_is_spread() {
    let project = start().await;

    check(
        &project,
        "/projects?select=id,...clients(client:name)&order=clients(name),id.desc&limit=3",
        json!([
            {"id": 4, "client": "Apple"},
            {"id": 3, "client": "Apple"},
            {"id": 2, "client": "Microsoft"},
        ]),
    )
    .await;
}
