//! What a read must not tell: rows, values and counts that the caller may not see.

use serde_json::json;

use super::world::{MARKER, World, refused, same, world};

/// The answer must be the same whether the code belongs to a hidden row or to none.
async fn no_oracle(world: &World, filter: &str) {
    let hidden = world
        .read(&format!("records?select=id&code=eq.B1&{filter}"))
        .await;
    let nothing = world
        .read(&format!("records?select=id&code=eq.X9&{filter}"))
        .await;
    same(&hidden, &nothing);
    assert_eq!(hidden.expect_status(200).json(), json!([]));
}

#[tokio::test]
async fn attack_48_error_oracle_by_regular_expression_is_closed() {
    let world = world().await;
    no_oracle(&world, "title=match.(").await;
    no_oracle(&world, "amount=not.imatch.(").await;
    no_oracle(&world, "or=(title.match.%22(%22,id.lt.0)").await;
    refused(
        &world
            .read("records?select=id&code=eq.A1&title=match.(")
            .await,
        400,
        "2201B",
    );
    let rows = world
        .rows("records?select=id&code=eq.A1&title=match.^her")
        .await;
    assert_eq!(rows, json!([{ "id": 1 }]));
}

#[tokio::test]
async fn attack_48_error_oracle_by_like_pattern_is_closed() {
    let world = world().await;
    no_oracle(&world, r"title=like.BOBS%5C").await;
    no_oracle(&world, r"title=like(any).%7BBOBS%5C%5C%7D").await;
    let rows = world
        .rows("records?select=id&code=eq.A1&title=like.her*")
        .await;
    assert_eq!(rows, json!([{ "id": 1 }]));
}

#[tokio::test]
async fn attack_48_error_oracle_by_json_value_is_closed() {
    let world = world().await;
    no_oracle(&world, "doc->>n=match.(").await;
    no_oracle(&world, "doc=cs.%7B%22n%22:%20%22BOBS%20n%22%7D").await;
    let rows = world.rows("records?select=id&doc->>n=eq.12").await;
    assert_eq!(rows, json!([{ "id": 1 }]));
}

#[tokio::test]
async fn attack_48_error_oracle_by_full_text_search_is_closed() {
    let world = world().await;
    no_oracle(&world, "title=fts(english).a%20%26%26").await;
    let rows = world
        .rows("records?select=id&title=plfts(english).second")
        .await;
    assert_eq!(rows, json!([{ "id": 2 }]));
}

#[tokio::test]
async fn attack_48_value_in_error_text_by_cast_is_closed() {
    let world = world().await;
    let cast = world.read("records?select=id,amount::int&code=eq.B1").await;
    assert_eq!(cast.expect_status(200).json(), json!([]));
    let all = world.read("records?select=id,amount::int").await;
    refused(&all, 400, "22P02");
    assert!(!all.text.contains(MARKER), "{}", all.text);
    let own = world.rows("records?select=id,amount::int&id=eq.1").await;
    assert_eq!(own, json!([{ "id": 1, "amount": 12 }]));
}

#[tokio::test]
async fn attack_48_value_in_error_text_by_json_path_is_closed() {
    let world = world().await;
    let all = world
        .read("records?select=id,n:doc->>n::int&order=id.desc")
        .await;
    refused(&all, 400, "22P02");
    assert!(!all.text.contains(MARKER), "{}", all.text);
    let own = world.rows("records?select=n:doc->>n::int&id=eq.1").await;
    assert_eq!(own, json!([{ "n": 12 }]));
}

#[tokio::test]
async fn attack_49_aggregates_see_visible_rows_only() {
    let world = world().await;
    let rows = world
        .rows("records?select=count(),code.max(),id.sum()")
        .await;
    assert_eq!(rows, json!([{ "count": 2, "max": "A2", "sum": 3 }]));
}

#[tokio::test]
async fn attack_49_counts_do_not_count_hidden_rows() {
    let world = world().await;
    for count in ["exact", "planned", "estimated"] {
        let request = world.alice.get("/rest/v1/records?select=id&order=id");
        let reply = request.prefer(&format!("count={count}")).send().await;
        let range = reply.header("content-range").map(String::from);
        assert_eq!(range.as_deref(), Some("0-1/2"), "count={count}");
    }
}

#[tokio::test]
async fn attack_46_a_masked_column_is_filtered_and_ordered_by_its_mask() {
    let world = world().await;
    assert_eq!(
        world.rows("profiles?select=name&phone=eq.555-0122").await,
        json!([])
    );
    assert_eq!(
        world.rows("profiles?select=name&phone=like.555-012*").await,
        json!([])
    );
    assert_eq!(
        world
            .rows("profiles?select=name&or=(phone.eq.555-0122)")
            .await,
        json!([])
    );
    let by_mask = world
        .rows("profiles?select=name,phone&phone=like.****22")
        .await;
    assert_eq!(by_mask, json!([{ "name": "Bob", "phone": "***22" }]));
    let own = world.rows("profiles?select=name&phone=eq.555-0111").await;
    assert_eq!(own, json!([{ "name": "Alice" }]));
    let ordered = world.rows("profiles?select=name&order=phone.asc").await;
    assert_eq!(ordered, json!([{ "name": "Bob" }, { "name": "Alice" }]));
    let largest = world.rows("profiles?select=phone.min()").await;
    assert_eq!(largest, json!([{ "min": "***22" }]));
}

#[tokio::test]
async fn attack_46_attribute_notation_reaches_nothing() {
    let world = world().await;
    for name in [
        "records",
        "ctid",
        "xmin",
        "tableoid",
        "text",
        "row_to_json",
        "pol_1",
    ] {
        for path in [
            format!("records?select={name}"),
            format!("records?select=id&order={name}"),
            format!("records?select=id&{name}=eq.1"),
            format!("records?select={name}->secret"),
        ] {
            let reply = world.read(&path).await;
            assert_eq!(reply.status.as_u16(), 400, "{path}: {}", reply.text);
            assert!(!reply.text.contains(MARKER), "{path}: {}", reply.text);
        }
    }
}

/// The policy of every embedded table applies, whatever the way in.
async fn embeds(path: &str, expected: serde_json::Value) {
    let world = world().await;
    let reply = world.read(path).await.expect_status(200);
    assert!(!reply.text.contains(MARKER), "{}", reply.text);
    assert_eq!(reply.json(), expected);
}

#[tokio::test]
async fn attack_47_an_embedded_to_many_is_filtered() {
    let expected = json!([{ "name": "hers", "records": [{ "id": 1 }, { "id": 2 }] }]);
    embeds("tenants?select=name,records(id)&records.order=id", expected).await;
}

#[tokio::test]
async fn attack_47_an_embedded_alias_is_filtered() {
    let expected = json!([{ "r": [{ "t": "her first" }, { "t": "her second" }] }]);
    embeds("tenants?select=r:records(t:title)&r.order=id", expected).await;
}

#[tokio::test]
async fn attack_47_an_inner_join_does_not_tell_of_hidden_rows() {
    embeds(
        "tenants?select=name,records!inner(id)&records.code=eq.B2",
        json!([]),
    )
    .await;
}

#[tokio::test]
async fn attack_47_a_null_filter_on_an_embed_does_not_tell_of_hidden_rows() {
    let expected = json!([{ "id": 2 }]);
    embeds(
        "records?select=id,records()&records=is.null&order=id",
        expected,
    )
    .await;
}

#[tokio::test]
async fn attack_47_a_self_join_is_filtered() {
    let expected = json!([{ "id": 1, "children": [{ "id": 2 }] }]);
    embeds("records?select=id,children:records(id)&id=eq.1", expected).await;
}

#[tokio::test]
async fn attack_47_a_self_join_is_filtered_at_every_depth() {
    let path = "records?select=id,records(id,parent_id(id,records(id)))&id=eq.1";
    let deep = json!([{ "id": 2, "parent_id": { "id": 1, "records": [{ "id": 2 }] } }]);
    embeds(path, json!([{ "id": 1, "records": deep }])).await;
}

#[tokio::test]
async fn attack_47_a_spread_is_filtered() {
    let expected = json!([{ "id": 1, "name": "hers" }, { "id": 2, "name": "hers" }]);
    embeds("records?select=id,...tenants(name)&order=id", expected).await;
}

#[tokio::test]
async fn attack_47_a_many_to_many_filters_the_junction_and_the_target() {
    let expected = json!([
        { "id": 1, "tags": [{ "name": "her tag" }] },
        { "id": 2, "tags": [] },
    ]);
    embeds("records?select=id,tags(name)&order=id", expected).await;
}

#[tokio::test]
async fn attack_47_an_order_by_a_related_table_sees_its_mask_and_rows() {
    let expected = json!([{ "id": 1 }, { "id": 2 }]);
    embeds(
        "records?select=id,tenants()&order=tenants(name),id",
        expected,
    )
    .await;
}
