//! Without policies nothing reaches the tables: whatever touched one would wait for its lock.

use postern_testkit::{Reply, TestApp, TestClient};
use serde_json::json;

use super::super::leaks::world::{ALICE, same_but_for_the_name};

const TABLES: &str = "
create table public.records (id int primary key, owner_id uuid, title text);
create view public.shown as select id, title from public.records;
create function public.counted() returns bigint language sql stable
  as $$ select count(*) from public.records $$;
insert into public.records values (1, 'a11ce000-0000-4000-8000-000000000001', 'hers');
";

/// Everything that can be asked about a name.
async fn asked(client: &TestClient, name: &str) -> Vec<Reply> {
    let path = format!("/rest/v1/{name}");
    let body = json!({ "id": 2, "title": "x" });
    let call = format!("/rest/v1/rpc/{name}");
    let can = json!({ "table": name, "verb": "select", "pk": { "id": 1 } });
    vec![
        client.get(&path).send().await,
        client
            .get(&format!("{path}?select=id,title&id=eq.1"))
            .prefer("count=exact")
            .send()
            .await,
        client.get(&format!("{path}?select=count()")).send().await,
        client.head(&path).send().await,
        client.post(&path, &body).send().await,
        client
            .post(&path, &body)
            .prefer("resolution=merge-duplicates")
            .send()
            .await,
        client.put(&format!("{path}?id=eq.2"), &body).send().await,
        client.patch(&format!("{path}?id=eq.1"), &body).send().await,
        client.delete(&format!("{path}?id=eq.1")).send().await,
        client.post(&call, &json!({})).send().await,
        client.get(&call).send().await,
        client.post("/policy/v1/can", &can).send().await,
    ]
}

#[tokio::test]
async fn invariant_05_without_policies_no_statement_reaches_a_table() {
    let app = TestApp::builder().migrations(TABLES).start().await;
    let lock = app.sql().await;
    lock.batch_execute("begin; lock table public.records in access exclusive mode")
        .await
        .expect("the table can be locked");

    for client in [app.anon(), app.user(ALICE)] {
        let root = client.get("/rest/v1/").send().await.expect_status(200);
        assert!(!root.text.contains("records"), "{}", root.text);
        for (name, other) in [
            ("records", "rxxxxxx"),
            ("shown", "sxxxx"),
            ("counted", "cxxxxxx"),
        ] {
            let missing = asked(&client, other).await;
            for (hidden, missing) in asked(&client, name).await.iter().zip(&missing) {
                if missing.status.is_success() {
                    assert_eq!(
                        (hidden.status, &hidden.text),
                        (missing.status, &missing.text)
                    );
                    assert_eq!(missing.text, r#"{"allowed":false}"#);
                } else {
                    same_but_for_the_name((hidden, name), (missing, other));
                }
            }
        }
    }

    // The lock does stop whatever touches the table.
    let service = app.service().get("/rest/v1/records?select=id");
    let waiting = service.send().await;
    assert!(waiting.status.is_server_error(), "{}", waiting.text);
    lock.batch_execute("commit")
        .await
        .expect("the lock can be given back");
    let service = app.service().get("/rest/v1/records?select=id").send().await;
    assert_eq!(service.expect_status(200).json(), json!([{ "id": 1 }]));
}
