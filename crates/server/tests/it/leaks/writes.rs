//! What a write must not do or tell.

use serde_json::{Value, json};

use super::world::{ALICE, BOB, MARKER, refused, same, world};

const ROWS: &str = "select id, owner_id, tenant_id, title from public.records order by id";

#[tokio::test]
async fn attack_49_a_unique_violation_has_no_detail() {
    let world = world().await;
    let reply = world
        .insert("records", &json!({ "title": "t", "code": "B1" }))
        .await;
    refused(&reply, 409, "23505");
    assert_eq!(reply.json()["details"], Value::Null);
    assert_eq!(reply.json()["hint"], Value::Null);
    world
        .insert("records", &json!({ "title": "t", "code": "C1" }))
        .await
        .expect_status(201);
}

#[tokio::test]
async fn attack_49_a_denied_row_is_refused_before_the_unique_violation() {
    let world = world().await;
    let taken = json!({ "title": "t", "code": "B1", "tenant_id": 2 });
    let free = json!({ "title": "t", "code": "free", "tenant_id": 2 });
    let (taken, free) = (
        world.insert("records", &taken).await,
        world.insert("records", &free).await,
    );
    refused(&taken, 403, "42501");
    same(&taken, &free);
}

#[tokio::test]
async fn attack_49_a_failing_row_is_not_shown_in_the_error() {
    let world = world().await;
    let reply = world
        .insert("records", &json!({ "title": null, "code": "X" }))
        .await;
    refused(&reply, 400, "23502");
    assert_eq!(reply.json()["details"], Value::Null);
    let reply = world
        .update("records?id=eq.1", &json!({ "title": null }))
        .await;
    refused(&reply, 400, "23502");
    assert!(
        !reply.text.contains("sA1") && !reply.text.contains(ALICE),
        "{}",
        reply.text
    );
}

#[tokio::test]
async fn attack_51_mass_assignment_of_a_hidden_column_is_refused() {
    let world = world().await;
    let before = world.truth(ROWS).await;
    let body = json!({ "title": "t", "owner_id": BOB });
    refused(&world.insert("records", &body).await, 400, "PGRST204");
    refused(
        &world.update("records?id=eq.1", &body).await,
        400,
        "PGRST204",
    );
    let listed = world
        .insert("records?columns=title,owner_id", &json!([body]))
        .await;
    refused(&listed, 400, "PGRST204");
    assert_eq!(world.truth(ROWS).await, before);
}

#[tokio::test]
async fn attack_51_columns_leaves_other_keys_out() {
    let world = world().await;
    let body = json!([{ "title": "t", "owner_id": BOB, "nonsense": 1 }]);
    world
        .insert("records?columns=title", &body)
        .await
        .expect_status(201);
    let rows = world
        .truth("select owner_id from public.records where title = 't'")
        .await;
    assert_eq!(rows, json!([{ "owner_id": ALICE }]));
}

#[tokio::test]
async fn attack_51_a_generated_column_cannot_be_assigned() {
    let world = world().await;
    for reply in [
        world
            .insert("records", &json!({ "title": "t", "length": 9 }))
            .await,
        world
            .update("records?id=eq.1", &json!({ "length": 9 }))
            .await,
    ] {
        assert_eq!(reply.status.as_u16(), 400, "{}", reply.text);
    }
    let row = world
        .insert("records", &json!({ "title": "four" }))
        .await
        .expect_status(201);
    assert_eq!(row.json()[0]["length"], json!(4));
}

#[tokio::test]
async fn attack_50_a_row_cannot_be_moved_into_another_tenant() {
    let world = world().await;
    let reply = world
        .update("records?id=eq.1", &json!({ "tenant_id": 2 }))
        .await;
    refused(&reply, 403, "42501");
    let rows = world
        .truth("select tenant_id from public.records where id = 1")
        .await;
    assert_eq!(rows, json!([{ "tenant_id": 1 }]));
    world
        .update("records?id=eq.1", &json!({ "tenant_id": null }))
        .await
        .expect_status(200);
}

#[tokio::test]
async fn attack_50_a_hidden_row_is_neither_updated_nor_deleted() {
    let world = world().await;
    let before = world.truth(ROWS).await;
    let updated = world
        .update("records?id=in.(11,12)", &json!({ "title": "x" }))
        .await;
    assert_eq!(updated.expect_status(200).json(), json!([]));
    world
        .alice
        .delete("/rest/v1/records?id=eq.11")
        .send()
        .await
        .expect_status(204);
    let none = world.alice.delete("/rest/v1/records?id=eq.99").send().await;
    none.expect_status(204);
    assert_eq!(world.truth(ROWS).await, before);
}

#[tokio::test]
async fn attack_50_one_bad_row_in_a_thousand_refuses_them_all() {
    let world = world().await;
    let row = |n: usize| json!({ "title": format!("n{n}"), "tenant_id": 1 });
    let mut rows: Vec<_> = (0..1000).map(row).collect();
    rows[777]["tenant_id"] = json!(2);
    refused(&world.insert("records", &json!(rows)).await, 403, "42501");
    let count = "select count(*) from public.records";
    assert_eq!(world.truth(count).await, json!([{ "count": 4 }]));

    rows[777]["tenant_id"] = json!(1);
    world
        .insert("records?select=id", &json!(rows))
        .await
        .expect_status(201);
    assert_eq!(world.truth(count).await, json!([{ "count": 1004 }]));
}

#[tokio::test]
async fn attack_49_an_upsert_on_a_hidden_row_is_an_error_and_no_skip() {
    let world = world().await;
    let before = world.truth(ROWS).await;
    let upsert = async |path: &str, body: Value| {
        let request = world.alice.post(&format!("/rest/v1/{path}"), &body);
        request.prefer("resolution=merge-duplicates").send().await
    };
    let reply = upsert("records", json!({ "id": 11, "title": "stolen" })).await;
    refused(&reply, 403, "42501");
    assert!(!reply.text.contains(MARKER), "{}", reply.text);
    let by_code = upsert(
        "records?on_conflict=code",
        json!({ "code": "B1", "title": "x" }),
    )
    .await;
    refused(&by_code, 403, "42501");
    assert_eq!(world.truth(ROWS).await, before);
    upsert("records", json!({ "id": 1, "title": "mine" }))
        .await
        .expect_status(200);
}

#[tokio::test]
async fn attack_49_a_foreign_key_does_not_tell_whether_a_hidden_row_exists() {
    let world = world().await;
    let update = async |id: i32| {
        world
            .update("records?id=eq.2", &json!({ "parent_id": id }))
            .await
    };
    let insert = async |id: i32| {
        world
            .insert("records", &json!({ "title": "t", "parent_id": id }))
            .await
    };
    for (hidden, missing) in [
        (update(11).await, update(99).await),
        (insert(11).await, insert(99).await),
    ] {
        same(&hidden, &missing);
        refused(&hidden, 409, "23503");
    }
    assert_eq!(update(1).await.status.as_u16(), 200);
    assert_eq!(insert(1).await.status.as_u16(), 201);
}

#[tokio::test]
async fn attack_51_a_column_default_of_auth_uid_is_the_caller() {
    let world = world().await;
    let row = world
        .insert("records?select=id,title", &json!({ "title": "mine" }))
        .await;
    let id = row.expect_status(201).json()[0]["id"].clone();
    let rows = world
        .truth(&format!(
            "select owner_id from public.records where id = {id}"
        ))
        .await;
    assert_eq!(rows, json!([{ "owner_id": ALICE }]));
}

#[tokio::test]
async fn attack_47_a_write_cannot_be_steered_by_an_embed_of_hidden_rows() {
    let world = world().await;
    let body = json!({ "title": "renamed" });
    let reply = world
        .update("records?id=eq.1&select=title,tags(name),records(id)", &body)
        .await;
    let expected = json!([{
        "title": "renamed",
        "tags": [{ "name": "her tag" }],
        "records": [{ "id": 2 }],
    }]);
    assert_eq!(reply.expect_status(200).json(), expected);
}

#[tokio::test]
async fn attack_48_the_filter_of_a_write_is_no_oracle() {
    let world = world().await;
    let body = json!({ "title": "x" });
    for filter in ["title=match.(", "doc->>n=match.(", "title=fts.a%20%26%26"] {
        let hidden = format!("records?code=eq.B1&{filter}");
        let nothing = format!("records?code=eq.X9&{filter}");
        for path in [hidden, nothing] {
            let updated = world.update(&path, &body).await;
            assert_eq!(updated.expect_status(200).json(), json!([]), "{path}");
            let delete = world.alice.delete(&format!("/rest/v1/{path}"));
            let _deleted = delete.send().await.expect_status(204);
        }
    }
    let own = world.update("records?code=eq.A1&title=match.^her", &body);
    assert_eq!(own.await.expect_status(200).json()[0]["title"], "x");
}
