//! Two worlds that differ in nothing that the caller may see answer with the same bytes.
//!
//! One of the two is disturbed between requests: rows that the caller may not see come, go and
//! change, or values of columns that they may not see. What conflicts with such a row by a key
//! that is unique for everybody, or by a reference to it, is not asked for: that much the
//! database tells under native row-level security, too.

mod disturbances;
mod requests;

use postern_testkit::Reply;
use rand::rngs::StdRng;
use serde_json::Value;

use super::super::leaks::world::{World, lasting_headers, world};
use super::chance;
use requests::Asked;

/// Requests that both worlds answer.
const STEPS: usize = 120;

/// What makes the second world another.
type Disturbance = fn(&mut StdRng, usize) -> String;

/// Sends the same requests to both worlds, and disturbs the second one before each.
async fn undisturbed(of: &str, disturbance: Disturbance) {
    let mut random = chance(of);
    let (calm, disturbed) = (world().await, world().await);
    let sql = disturbed.app.sql().await;
    let mut answered = 0;
    for step in 0..STEPS {
        let change = disturbance(&mut random, step);
        sql.batch_execute(&change)
            .await
            .unwrap_or_else(|error| panic!("{change}: {error:?}"));
        let asked = requests::random(&mut random, step);
        let (left, right) = (asked.of(&calm).await, asked.of(&disturbed).await);
        assert_eq!(
            bytes(&asked, &left),
            bytes(&asked, &right),
            "{asked:#?}\nafter {change}"
        );
        answered += usize::from(left.status.is_success());
    }
    assert!(
        answered * 2 > STEPS,
        "only {answered} of {STEPS} were answered"
    );
    assert_eq!(seen(&calm).await, seen(&disturbed).await);
    // The comparison is not blind: what the caller sees does make a difference.
    sql.batch_execute("update public.records set title = 'another' where id = 1")
        .await
        .expect("a row can be changed");
    let path = "records?select=id,title&id=eq.1";
    assert_ne!(calm.read(path).await.text, disturbed.read(path).await.text);
}

/// All that tells two answers apart. Rows that a write returns have no order of their own.
fn bytes(asked: &Asked, reply: &Reply) -> (u16, Vec<(String, String)>, String) {
    let text = match (asked.is_write(), serde_json::from_str(&reply.text)) {
        (true, Ok(Value::Array(rows))) => {
            let mut rows: Vec<_> = rows.iter().map(Value::to_string).collect();
            rows.sort();
            rows.join("\n")
        }
        _ => reply.text.clone(),
    };
    (reply.status.as_u16(), lasting_headers(reply), text)
}

/// The rows that the caller sees, as they really are.
async fn seen(world: &World) -> Value {
    let sql = "select id, tenant_id, parent_id, title, code, amount, doc from public.records \
               where owner_id = 'a11ce000-0000-4000-8000-000000000001' order by id";
    world.truth(sql).await
}

#[tokio::test]
async fn invariant_02_hidden_rows_do_not_change_an_answer() {
    undisturbed("hidden rows", disturbances::of_rows).await;
}

#[tokio::test]
async fn invariant_03_hidden_columns_do_not_change_an_answer() {
    undisturbed("hidden columns", disturbances::of_columns).await;
}
