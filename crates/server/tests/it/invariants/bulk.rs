//! One row that is refused leaves all tables as they were.

use rand::Rng as _;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom as _;
use serde_json::{Value, json};

use super::super::leaks::world::{World, world};
use super::chance;

const ROUNDS: usize = 30;

/// Everything that a request could have changed.
const STATE: &str = "select (select json_agg(r order by r.id) from public.records r) as records, \
                     (select json_agg(t order by t.id) from public.tags t) as tags, \
                     (select json_agg(t) from public.record_tags t) as record_tags";

/// What is wrong with a row, by the policies or by the database.
const FAULTS: &[(&str, &str)] = &[
    ("tenant_id", "2"),
    ("tenant_id", "999"),
    ("tenant_id", "\"one\""),
    ("parent_id", "11"),
    ("parent_id", "99"),
    ("title", "null"),
    ("code", "\"B1\""),
    ("code", "\"A2\""),
];

async fn bulk(world: &World, random: &mut StdRng, fault: Option<&(&str, &str)>) -> u16 {
    let count = random.random_range(2..40);
    let round: u32 = random.random();
    let mut rows: Vec<Value> = (0..count)
        .map(|n| {
            json!({
                "title": format!("n{n}"), "code": format!("{round}-{n}"), "tenant_id": 1,
                "parent_id": null,
            })
        })
        .collect();
    if let Some((column, value)) = fault {
        let index = random.random_range(0..rows.len());
        rows[index][*column] = serde_json::from_str(value).unwrap_or_default();
    }
    let (path, prefer) = match random.random_range(0..3) {
        0 => ("/rest/v1/records", "return=minimal"),
        1 => (
            "/rest/v1/records?select=id,tags(name)",
            "return=representation",
        ),
        _ => (
            "/rest/v1/records?on_conflict=id",
            "resolution=merge-duplicates",
        ),
    };
    let request = world.alice.post(path, &json!(rows));
    request.prefer(prefer).send().await.status.as_u16()
}

#[tokio::test]
async fn invariant_07_a_refused_bulk_leaves_the_tables_untouched() {
    let mut random = chance("bulk");
    let world = world().await;
    for _ in 0..ROUNDS {
        let before = world.truth(STATE).await;
        let fault = FAULTS.choose(&mut random);

        let status = bulk(&world, &mut random, fault).await;

        assert!((400..500).contains(&status), "{fault:?}: {status}");
        assert_eq!(world.truth(STATE).await, before, "{fault:?}");
    }
    let before = world.truth(STATE).await;
    assert_eq!(bulk(&world, &mut random, None).await, 201);
    assert_ne!(world.truth(STATE).await, before);
}

#[tokio::test]
async fn invariant_07_a_refused_update_of_many_leaves_the_tables_untouched() {
    let world = world().await;
    let before = world.truth(STATE).await;
    // Of her two rows only one can have the code.
    for body in [
        json!({ "title": "all", "code": "same" }),
        json!({ "title": "all", "tenant_id": 2 }),
        json!({ "title": "all", "parent_id": 11 }),
    ] {
        let reply = world.update("records?id=gt.0", &body).await;

        assert!(reply.status.is_client_error(), "{body}: {}", reply.text);
        assert_eq!(world.truth(STATE).await, before, "{body}");
    }
    let fine = world
        .update("records?id=gt.0", &json!({ "title": "all" }))
        .await;
    assert_eq!(
        fine.expect_status(200).json().as_array().map(Vec::len),
        Some(2)
    );
}
