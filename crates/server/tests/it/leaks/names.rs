//! Hidden and missing names answer with the same bytes.

use serde_json::{Value, json};

use super::world::{World, refused, same_but_for_the_name, world};

const HIDDEN: &str = "secret";
const MISSING: &str = "zzzzzz";

/// Asks with `{}` standing for the column.
async fn column(path: &str) -> World {
    let world = world().await;
    let hidden = world.read(&path.replace("{}", HIDDEN)).await;
    let missing = world.read(&path.replace("{}", MISSING)).await;
    same_but_for_the_name((&hidden, HIDDEN), (&missing, MISSING));
    world
}

#[tokio::test]
async fn attack_46_a_hidden_column_in_select() {
    let world = column("records?select=id,{}").await;
    let rows = world.rows("records?select=id,title&id=eq.1").await;
    assert_eq!(rows, json!([{ "id": 1, "title": "her first" }]));
}

#[tokio::test]
async fn attack_46_a_hidden_column_in_select_star_is_absent() {
    let world = world().await;
    let rows = world.rows("records?id=eq.1").await;
    let keys: Vec<_> = rows[0]
        .as_object()
        .expect("a row")
        .keys()
        .cloned()
        .collect();
    assert_eq!(keys.len(), 8, "{keys:?}");
    assert!(
        !keys.iter().any(|key| key == HIDDEN || key == "owner_id"),
        "{keys:?}"
    );
}

#[tokio::test]
async fn attack_46_a_hidden_column_in_a_filter() {
    let world = column("records?select=id&{}=eq.sA1").await;
    assert_eq!(
        world.rows("records?select=id&title=eq.her first").await,
        json!([{ "id": 1 }])
    );
}

#[tokio::test]
async fn attack_46_a_hidden_column_in_a_logic_tree() {
    let world = column("records?select=id&or=(id.lt.0,not.and({}.like.s*,id.gt.0))").await;
    assert_eq!(
        world.rows("records?select=id&or=(code.eq.A1)").await,
        json!([{ "id": 1 }])
    );
}

#[tokio::test]
async fn attack_46_a_hidden_column_in_order() {
    let world = column("records?select=id&order={}.desc").await;
    let rows = world.rows("records?select=id&order=title.desc").await;
    assert_eq!(rows, json!([{ "id": 2 }, { "id": 1 }]));
}

#[tokio::test]
async fn attack_46_a_hidden_column_in_an_embed() {
    let world = column("tenants?select=name,records({})").await;
    let rows = world
        .rows("tenants?select=records(code)&records.order=id")
        .await;
    assert_eq!(
        rows,
        json!([{ "records": [{ "code": "A1" }, { "code": "A2" }] }])
    );
}

#[tokio::test]
async fn attack_46_a_hidden_column_in_a_filter_of_an_embed() {
    column("tenants?select=name,records!inner(id)&records.{}=eq.sA1").await;
}

#[tokio::test]
async fn attack_46_a_hidden_column_in_an_aggregate() {
    let world = column("records?select={}.max()").await;
    assert_eq!(
        world.rows("records?select=code.max()").await,
        json!([{ "max": "A2" }])
    );
}

#[tokio::test]
async fn attack_46_a_hidden_column_as_a_json_path() {
    column("records?select={}->>x").await;
}

#[tokio::test]
async fn attack_46_a_hidden_column_in_returning() {
    let world = world().await;
    let body = json!({ "title": "new" });
    let ask = async |name: &str| {
        let insert = world.insert(&format!("records?select={name}"), &body).await;
        let update = world
            .update(&format!("records?id=eq.1&select={name}"), &body)
            .await;
        let request = world
            .alice
            .delete(&format!("/rest/v1/records?id=eq.1&select={name}"));
        [
            insert,
            update,
            request.prefer("return=representation").send().await,
        ]
    };
    let (hidden, missing) = (ask(HIDDEN).await, ask(MISSING).await);
    for (hidden, missing) in hidden.iter().zip(&missing) {
        same_but_for_the_name((hidden, HIDDEN), (missing, MISSING));
    }
    assert_eq!(
        world.truth("select count(*) from public.records").await,
        json!([{ "count": 4 }])
    );
    let row = world
        .insert("records?select=title,length", &body)
        .await
        .expect_status(201)
        .json();
    assert_eq!(row, json!([{ "title": "new", "length": 3 }]));
}

/// Asks by every verb for a table.
async fn table_answers(world: &World, name: &str) -> Vec<postern_testkit::Reply> {
    let body = json!({ "id": 9, "content": "x" });
    let path = format!("/rest/v1/{name}");
    let alice = &world.alice;
    vec![
        alice.get(&format!("{path}?select=content")).send().await,
        alice.head(&path).send().await,
        alice.post(&path, &body).send().await,
        alice
            .post(&path, &body)
            .prefer("resolution=merge-duplicates")
            .send()
            .await,
        alice.patch(&format!("{path}?id=eq.1"), &body).send().await,
        alice.delete(&format!("{path}?id=eq.1")).send().await,
    ]
}

#[tokio::test]
async fn attack_49_a_hidden_table_answers_as_a_missing_one() {
    let world = world().await;
    let hidden = table_answers(&world, "vault").await;
    let missing = table_answers(&world, "vxxxt").await;
    for (hidden, missing) in hidden.iter().zip(&missing) {
        same_but_for_the_name((hidden, "vault"), (missing, "vxxxt"));
    }
    refused(&missing[0], 404, "PGRST205");
    let left = world.truth("select id from public.vault").await;
    assert_eq!(left, json!([{ "id": 1 }]));
}

#[tokio::test]
async fn attack_49_a_hidden_table_is_never_suggested() {
    let world = world().await;
    let reply = world.read("vaults").await;
    assert_eq!(reply.json()["hint"], Value::Null, "{}", reply.text);
    let near = world.read("recordz").await;
    assert!(near.text.contains("public.records"), "{}", near.text);
}

#[tokio::test]
async fn attack_47_a_hidden_relationship_answers_as_a_missing_one() {
    let world = world().await;
    for select in ["id,{}(content)", "id,{}!inner()", "id,x:{}!record_id(id)"] {
        let path = format!("records?select={select}");
        let hidden = world.read(&path.replace("{}", "vault")).await;
        let missing = world.read(&path.replace("{}", "vxxxt")).await;
        same_but_for_the_name((&hidden, "vault"), (&missing, "vxxxt"));
        refused(&missing, 400, "PGRST200");
    }
}

#[tokio::test]
async fn attack_54_a_hidden_function_answers_as_a_missing_one() {
    let world = world().await;
    let ask = async |name: &str| {
        let path = format!("/rest/v1/rpc/{name}");
        [
            world.alice.post(&path, &json!({ "a": 1 })).send().await,
            world.alice.post(&path, &json!({ "b": 1 })).send().await,
            world.alice.get(&format!("{path}?a=1")).send().await,
        ]
    };
    let (hidden, missing) = (ask("unlisted").await, ask("unlizzed").await);
    for (hidden, missing) in hidden.iter().zip(&missing) {
        same_but_for_the_name((hidden, "unlisted"), (missing, "unlizzed"));
        refused(missing, 404, "PGRST202");
    }
}

#[tokio::test]
async fn attack_46_a_hidden_column_in_a_body() {
    let world = world().await;
    let ask = async |name: &str| {
        let body = json!({ "title": "t", name: "x" });
        [
            world.insert("records", &body).await,
            world.insert("records", &json!([body])).await,
            world
                .insert(&format!("records?columns=title,{name}"), &json!([body]))
                .await,
            world.insert("records?on_conflict=code", &body).await,
            world.update("records?id=eq.1", &body).await,
        ]
    };
    let (hidden, missing) = (ask(HIDDEN).await, ask(MISSING).await);
    for (hidden, missing) in hidden.iter().zip(&missing) {
        same_but_for_the_name((hidden, HIDDEN), (missing, MISSING));
        refused(missing, 400, "PGRST204");
    }
}
