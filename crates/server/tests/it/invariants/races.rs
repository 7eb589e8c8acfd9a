//! Rows that change hands while their owners write: nobody's write reaches a row of another.
//!
//! `leaks::concurrency` holds each order of events once; here they happen as they come.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use postern_testkit::{TestApp, TestClient};
use rand::Rng as _;
use rand::rngs::StdRng;
use serde_json::json;

use super::super::leaks::world::{ALICE, BOB};
use super::chance;

/// Rows that are fought for.
const ROWS: usize = 4;
/// How often each session moves a row.
const MOVES: usize = 120;

/// The trigger notes in whose hands each version was that a write replaced.
const SQL: &str = "
create table public.items (id int primary key, owner_id uuid not null, title text);
create table public.seen (verb text, owner_id uuid, before text, after text);
insert into public.items
  select n, 'a11ce000-0000-4000-8000-000000000001', 'first' from generate_series(1, 4) n;
create function public.note() returns trigger language plpgsql as $$ begin
  insert into public.seen values (tg_op, old.owner_id, old.title, new.title); return null;
end $$;
create trigger note after update or delete on public.items
  for each row execute function public.note();
";

const POLICY: &str = "
table = 'public.items'
[columns.authenticated]
select = ['id', 'owner_id', 'title']
insert = ['id', 'owner_id', 'title']
update = ['title']
[[allow]]
name = 'own'
roles = ['authenticated']
for = ['select', 'insert', 'update', 'delete']
where = 'owner_id = auth.uid()'
";

/// Moves rows between the two, holding each lock for a moment so that writes run into it.
async fn mover(app: &TestApp, mut random: StdRng) {
    let sql = app.sql().await;
    for _ in 0..MOVES {
        let (id, owner) = (
            random.random_range(1..=ROWS),
            [ALICE, BOB][random.random_range(0..2)],
        );
        let end = ["commit", "commit", "rollback"][random.random_range(0..3)];
        let step = format!(
            "begin;
             insert into public.items values ({id}, '{owner}', 'again') on conflict (id)
               do update set owner_id = excluded.owner_id;
             select pg_sleep(0.004); {end}"
        );
        sql.batch_execute(&step).await.expect("a row can be moved");
    }
}

/// Writes to all rows under one name until the moves are over; tells how often it was answered.
async fn writer(
    client: TestClient,
    name: &str,
    sub: &str,
    mut random: StdRng,
    over: Arc<AtomicBool>,
) -> usize {
    let mut written = 0;
    while !over.load(Ordering::Relaxed) {
        let id = random.random_range(1..=ROWS);
        let path = format!("/rest/v1/items?id=eq.{id}");
        let title = json!({ "title": name });
        let reply = match random.random_range(0..6) {
            0 => {
                let body = json!({ "id": id, "owner_id": sub, "title": name });
                let upsert = client.post("/rest/v1/items", &body);
                upsert
                    .prefer("resolution=merge-duplicates,return=representation")
                    .send()
                    .await
            }
            1 if name == "alice" => {
                client
                    .delete(&path)
                    .prefer("return=representation")
                    .send()
                    .await
            }
            2 => {
                client
                    .patch("/rest/v1/items?id=gt.0", &title)
                    .prefer("return=representation")
                    .send()
                    .await
            }
            _ => {
                client
                    .patch(&path, &title)
                    .prefer("return=representation")
                    .send()
                    .await
            }
        };
        let status = reply.status.as_u16();
        assert!(matches!(status, 200 | 201 | 403 | 409), "{}", reply.text);
        if reply.status.is_success() {
            let rows = reply.json();
            let rows = rows.as_array().expect("rows");
            assert!(
                rows.iter().all(|row| row["owner_id"] == sub),
                "{}",
                reply.text
            );
            written += rows.len();
        }
    }
    written
}

#[tokio::test]
async fn invariant_10_nobody_writes_to_a_row_that_has_changed_hands() {
    let mut random = chance("races");
    let app = TestApp::builder()
        .migrations(SQL)
        .policy("public.items.toml", POLICY)
        .start()
        .await;
    let over = Arc::new(AtomicBool::new(false));
    let writers: Vec<_> = [("alice", ALICE), ("bob", BOB), ("alice", ALICE)]
        .into_iter()
        .map(|(name, sub)| {
            let (random, over) = (super::fork(&mut random), Arc::clone(&over));
            tokio::spawn(writer(app.user(sub), name, sub, random, over))
        })
        .collect();
    let moves = tokio::join!(
        mover(&app, super::fork(&mut random)),
        mover(&app, super::fork(&mut random))
    );
    assert_eq!(moves, ((), ()));
    over.store(true, Ordering::Relaxed);
    let mut written = 0;
    for writer in writers {
        written += writer.await.expect("the writer ends");
    }

    let sql = app.sql().await;
    let count = async |condition: &str| -> i64 {
        let query = format!("select count(*) from public.seen where {condition}");
        sql.query_one(&query, &[])
            .await
            .expect("the trigger's notes")
            .get(0)
    };
    let mut foreign = 0;
    for (name, owner) in [("alice", BOB), ("bob", ALICE)] {
        let writes = format!("verb = 'UPDATE' and after = '{name}' and before <> after");
        foreign += count(&format!("{writes} and owner_id = '{owner}'")).await;
    }
    foreign += count(&format!("verb = 'DELETE' and owner_id = '{BOB}'")).await;
    assert_eq!(foreign, 0, "a write reached a row of somebody else");
    let deleted = count("verb = 'DELETE'").await;
    println!("races: {written} rows written, {deleted} deleted");
    assert!(written > 0);
}
