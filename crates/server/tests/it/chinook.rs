//! The Chinook music store, a schema that nobody here designed, served by policy files alone.
//!
//! The store knows people by mail address, so `auth.email()` says who is asking. The data lies
//! beside the repository and is not part of it; where it is absent the tests say "skipped".

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use postern_testkit::{TestApp, TestClient, skip};
use serde_json::{Value, json};

use super::starter::{described, policy_folder};

const LUIS: &str = "luisg@embraer.com.br";
const LEONIE: &str = "leonekohler@surfeu.de";
const JANE: &str = "jane@chinookcorp.com";

/// The store with its policies, or `None` where the data is absent.
async fn store() -> Option<TestApp> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let shared =
        std::env::var_os("POSTERN_SHARED").map_or_else(|| root.join("../shared"), PathBuf::from);
    let path = shared.join("data/chinook/chinook.sql");
    let Ok(script) = std::fs::read_to_string(&path) else {
        skip(&format!("the Chinook data is not at `{}`", path.display()));
        return None;
    };
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/chinook/policies");
    Some(
        described(&tables_only(&script), &policy_folder(&folder))
            .start()
            .await,
    )
}

/// The script without the lines that make a database and connect to it, which are psql's.
fn tables_only(script: &str) -> String {
    let elsewhere = ["DROP DATABASE", "CREATE DATABASE", "\\c"];
    let lines = script
        .lines()
        .filter(|line| !elsewhere.iter().any(|word| line.starts_with(word)));
    lines.collect::<Vec<_>>().join("\n")
}

fn customer(app: &TestApp, email: &str) -> TestClient {
    app.caller(json!({"sub": "9b2d6c1e-7f43-4d52-9c06-8f1f8b1e0a11", "email": email}))
}

fn representative(app: &TestApp, email: &str) -> TestClient {
    app.caller(json!({
        "sub": "1a5d0c3b-55a7-4a3e-8a53-0a8f5d7f4c22",
        "email": email,
        "app_metadata": {"role": "support"},
    }))
}

async fn rows(client: &TestClient, path: &str) -> Vec<Value> {
    let reply = client.get(path).send().await.expect_status(200);
    let Value::Array(rows) = reply.json() else {
        panic!("no array: {}", reply.text)
    };
    rows
}

fn numbers(rows: &[Value], column: &str) -> HashSet<i64> {
    rows.iter().filter_map(|row| row[column].as_i64()).collect()
}

#[tokio::test]
async fn everybody_reads_the_catalogue() {
    let Some(app) = store().await else { return };
    let visitor = app.anon();

    let albums = rows(
        &visitor,
        "/rest/v1/album?select=title,artist(name),track(name,genre(name),media_type(name))\
         &title=eq.Big%20Ones&track.order=track_id&track.limit=1",
    )
    .await;
    let playlists = rows(
        &visitor,
        "/rest/v1/playlist?select=name,track(name)&playlist_id=eq.18",
    )
    .await;

    let expected = json!([{
        "title": "Big Ones",
        "artist": {"name": "Aerosmith"},
        "track": [{
            "name": "Walk On Water",
            "genre": {"name": "Rock"},
            "media_type": {"name": "MPEG audio file"},
        }],
    }]);
    assert_eq!(Value::Array(albums), expected);
    assert_eq!(
        Value::Array(playlists),
        json!([{"name": "On-The-Go 1", "track": [{"name": "Now's The Time"}]}])
    );
}

#[tokio::test]
async fn visitors_find_no_customers_invoices_or_employees() {
    let Some(app) = store().await else { return };
    let visitor = app.anon();

    for table in ["customer", "invoice", "invoice_line", "employee"] {
        let reply = visitor
            .get(&format!("/rest/v1/{table}"))
            .send()
            .await
            .expect_status(404);
        assert_eq!(reply.json()["code"], "PGRST205", "{table}");
    }
    let embedded = visitor
        .get("/rest/v1/track?select=name,invoice_line(quantity)")
        .send()
        .await;
    assert_eq!(embedded.expect_status(400).json()["code"], "PGRST200");
}

#[tokio::test]
async fn customers_see_their_own_invoices_and_lines() {
    let Some(app) = store().await else { return };
    let luis = customer(&app, LUIS);

    let invoices = rows(
        &luis,
        "/rest/v1/invoice?select=customer_id,invoice_line(track(name))",
    )
    .await;
    let lines = rows(&luis, "/rest/v1/invoice_line?select=invoice_line_id").await;
    let people = rows(&luis, "/rest/v1/customer?select=email").await;
    let serving = rows(&luis, "/rest/v1/customer?select=employee(first_name)").await;

    assert_eq!(invoices.len(), 7);
    assert_eq!(numbers(&invoices, "customer_id"), HashSet::from([1]));
    let embedded: usize = invoices
        .iter()
        .filter_map(|it| Some(it["invoice_line"].as_array()?.len()))
        .sum();
    assert_eq!((embedded, lines.len()), (38, 38));
    assert_eq!(people, [json!({"email": LUIS})]);
    assert_eq!(serving, [json!({"employee": {"first_name": "Jane"}})]);
}

#[tokio::test]
async fn customers_find_nothing_of_each_other() {
    let Some(app) = store().await else { return };
    let luis = customer(&app, LUIS);

    for path in [
        "/rest/v1/invoice?customer_id=eq.2",
        "/rest/v1/customer?email=eq.leonekohler@surfeu.de",
        "/rest/v1/customer?customer_id=eq.2&select=*,invoice(*)",
        "/rest/v1/invoice?select=*,customer!inner(*)&customer.customer_id=eq.2",
        "/rest/v1/employee?employee_id=neq.3",
    ] {
        assert_eq!(rows(&luis, path).await, [] as [Value; 0], "{path}");
    }
}

#[tokio::test]
async fn the_customers_together_see_each_invoice_once() {
    let Some(app) = store().await else { return };
    let emails = rows(&app.service(), "/rest/v1/customer?select=email").await;

    let mut seen = HashSet::new();
    let mut total = 0;
    for email in emails.iter().filter_map(|it| it["email"].as_str()) {
        let invoices = rows(&customer(&app, email), "/rest/v1/invoice?select=invoice_id").await;
        total += invoices.len();
        seen.extend(numbers(&invoices, "invoice_id"));
    }

    assert_eq!((emails.len(), total, seen.len()), (59, 412, 412));
}

#[tokio::test]
async fn representatives_see_the_customers_that_they_serve() {
    let Some(app) = store().await else { return };
    let jane = representative(&app, JANE);

    let customers = rows(&jane, "/rest/v1/customer?select=customer_id,support_rep_id").await;
    let invoices = rows(&jane, "/rest/v1/invoice?select=customer_id").await;
    let lines = rows(&jane, "/rest/v1/invoice_line?select=invoice_line_id").await;
    let revenue = rows(&jane, "/rest/v1/invoice?select=total.sum()").await;

    assert_eq!(customers.len(), 21);
    assert_eq!(numbers(&customers, "support_rep_id"), HashSet::from([3]));
    assert_eq!(invoices.len(), 146);
    assert!(numbers(&invoices, "customer_id").is_subset(&numbers(&customers, "customer_id")));
    assert_eq!(lines.len(), 796);
    assert_eq!(revenue, [json!({"sum": 833.04})]);
}

#[tokio::test]
async fn an_employee_without_the_role_serves_nobody() {
    let Some(app) = store().await else { return };
    let jane = customer(&app, JANE);

    assert_eq!(rows(&jane, "/rest/v1/customer").await, [] as [Value; 0]);
    assert_eq!(rows(&jane, "/rest/v1/invoice").await, [] as [Value; 0]);
    assert_eq!(
        rows(&jane, "/rest/v1/employee?select=first_name").await,
        [json!({"first_name": "Jane"})]
    );
}

#[tokio::test]
async fn private_data_of_employees_is_for_the_role_only() {
    let Some(app) = store().await else { return };
    let path = "/rest/v1/employee?select=first_name,birth_date";

    let own = rows(&representative(&app, JANE), path).await;
    let hidden = customer(&app, LUIS)
        .get(path)
        .send()
        .await
        .expect_status(400)
        .json();
    let made_up = "/rest/v1/employee?select=first_name,shoe_size";
    let missing = customer(&app, LUIS)
        .get(made_up)
        .send()
        .await
        .expect_status(400)
        .json();

    assert_eq!(
        own,
        [json!({"first_name": "Jane", "birth_date": "1973-08-29T00:00:00"})]
    );
    assert_eq!(hidden["code"], "42703");
    assert_eq!(
        hidden.to_string().replace("birth_date", "?"),
        missing.to_string().replace("shoe_size", "?")
    );
}

#[tokio::test]
async fn customers_correct_their_own_address_and_nothing_else() {
    let Some(app) = store().await else { return };
    let luis = customer(&app, LUIS);
    let city = |name: &str| json!({"city": name});

    let own = luis
        .patch(
            "/rest/v1/customer?customer_id=eq.1&select=city",
            &city("Campinas"),
        )
        .prefer("return=representation")
        .send()
        .await
        .expect_status(200)
        .json();
    let other = luis
        .patch(
            "/rest/v1/customer?customer_id=eq.2&select=city",
            &city("Campinas"),
        )
        .prefer("return=representation")
        .send()
        .await
        .expect_status(200)
        .json();
    let identity = luis
        .patch(
            "/rest/v1/customer?customer_id=eq.1",
            &json!({"email": LEONIE}),
        )
        .send()
        .await;
    let discount = luis
        .patch("/rest/v1/invoice?customer_id=eq.1", &json!({"total": 0}))
        .send()
        .await;

    assert_eq!(own, json!([city("Campinas")]));
    assert_eq!(other, json!([]));
    assert!(identity.status.is_client_error(), "{}", identity.text);
    assert!(discount.status.is_client_error(), "{}", discount.text);
    let kept = rows(
        &app.service(),
        "/rest/v1/customer?select=city&customer_id=eq.2",
    )
    .await;
    assert_eq!(kept, [json!({"city": "Stuttgart"})]);
}
