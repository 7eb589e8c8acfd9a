//! Two sessions: ownership that moves between a write's read and its write.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::world::{ALICE, BOB, World, world};

/// How long a request may take to run into the lock.
const BLOCKED_WITHIN: Duration = Duration::from_secs(60);

/// Waits until another session of this database waits for a lock.
async fn wait_until_blocked(world: &World) {
    let client = world.app.sql().await;
    let waiting = "select count(*) from pg_stat_activity \
                   where datname = current_database() and wait_event_type = 'Lock'";
    let deadline = Instant::now() + BLOCKED_WITHIN;
    while Instant::now() < deadline {
        let row = client
            .query_one(waiting, &[])
            .await
            .expect("statistics can be read");
        if row.get::<_, i64>(0) > 0 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("the request did not run into the lock");
}

/// Runs `end` on the other session while Alice's write waits for it; returns her answer.
async fn race(end: &str, owner: &str, write: &str) -> (World, u16, Value) {
    let world = world().await;
    let session = world.app.sql().await;
    let give = format!("begin; update public.records set owner_id = '{owner}' where id = 1");
    session
        .batch_execute(&give)
        .await
        .expect("the row can be locked");
    let path = "/rest/v1/records?id=eq.1&select=id";
    let body = json!({ "title": "changed" });
    let request = match write {
        "update" => world.alice.patch(path, &body),
        _ => world.alice.delete(path),
    };
    let answer = tokio::spawn(request.prefer("return=representation").send());
    wait_until_blocked(&world).await;
    session
        .batch_execute(end)
        .await
        .expect("the other session ends its transaction");
    let reply = answer.await.expect("the request ends");
    (world, reply.status.as_u16(), reply.json())
}

async fn first_record(world: &World) -> Value {
    world
        .truth("select owner_id, title from public.records where id = 1")
        .await
}

#[tokio::test]
async fn invariant_10_an_update_loses_when_ownership_moves_away() {
    let (world, status, rows) = race("commit", BOB, "update").await;
    assert_eq!((status, rows), (200, json!([])));
    let expected = json!([{ "owner_id": BOB, "title": "her first" }]);
    assert_eq!(first_record(&world).await, expected);
}

#[tokio::test]
async fn invariant_10_an_update_wins_when_ownership_stays() {
    let (world, status, rows) = race("rollback", BOB, "update").await;
    assert_eq!((status, rows), (200, json!([{ "id": 1 }])));
    let expected = json!([{ "owner_id": ALICE, "title": "changed" }]);
    assert_eq!(first_record(&world).await, expected);
}

#[tokio::test]
async fn invariant_10_a_delete_loses_when_ownership_moves_away() {
    let (world, status, rows) = race("commit", BOB, "delete").await;
    assert_eq!((status, rows), (200, json!([])));
    let expected = json!([{ "owner_id": BOB, "title": "her first" }]);
    assert_eq!(first_record(&world).await, expected);
}
