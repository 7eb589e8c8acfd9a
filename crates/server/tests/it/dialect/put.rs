//! PUT: one row, named by its whole key.

use serde_json::json;

use super::{ANNA, BORIS, app, assert_refused, rows};

const FILTERS: &str = concat!(
    r#"{"code":"PGRST105","details":null,"hint":null,"#,
    r#""message":"Filters must include all and only primary key columns with 'eq' operators"}"#
);
const MISMATCH: &str = concat!(
    r#"{"code":"PGRST115","details":null,"hint":null,"#,
    r#""message":"Payload values do not match URL in primary key column(s)"}"#
);

#[tokio::test]
async fn a_put_makes_or_replaces_the_row_that_it_names() {
    let app = app().await;
    let anna = app.user(ANNA);
    let put = |place: i64| {
        anna.put(
            "/rest/v1/seats?id=eq.10&select=id,place",
            &json!({"id": 10, "place": place}),
        )
    };

    put(10).send().await.expect_status(201);
    put(11).send().await.expect_status(204);
    let reply = put(12).prefer("return=representation").send().await;

    assert_eq!(
        reply.expect_status(200).json(),
        json!([{"id": 10, "place": 12}])
    );
    assert_eq!(rows(&app, "seats", "id = 10 and place = 12").await, 1);
}

#[tokio::test]
async fn a_put_needs_the_key_and_nothing_but_the_key() {
    let app = app().await;
    let anna = app.user(ANNA);
    let body = json!({"id": 1, "place": 9, "note": "x"});

    for query in [
        "",
        "place=eq.9",
        "id=eq.1&place=eq.9",
        "id=gt.0",
        "id=not.eq.1",
        "or=(id.eq.1)",
    ] {
        let path = format!("/rest/v1/seats?{query}");
        assert_refused(&anna.put(&path, &body).send().await, 405, FILTERS);
    }
    let limited = anna.put("/rest/v1/seats?id=eq.1&limit=1", &body);
    assert_eq!(
        limited.send().await.expect_status(400).json()["code"],
        "PGRST114"
    );
    for body in [
        json!({"id": 2, "place": 9}),
        json!({"place": 9}),
        json!([]),
        json!([{"id": 7, "place": 9}, {"id": 8, "place": 10}]),
    ] {
        let reply = anna.put("/rest/v1/seats?id=eq.1", &body).send().await;
        assert_refused(&reply, 400, MISMATCH);
    }
    assert_eq!(rows(&app, "seats", "place > 3").await, 0);
}

#[tokio::test]
async fn a_put_does_not_reach_rows_of_others() {
    let app = app().await;
    let body = json!({"id": 3, "place": 30});

    let reply = app
        .user(ANNA)
        .put("/rest/v1/seats?id=eq.3", &body)
        .send()
        .await;

    assert_eq!(reply.expect_status(403).json()["code"], "42501");
    assert_eq!(rows(&app, "seats", "id = 3 and place = 3").await, 1);
    let own = app.user(BORIS).put("/rest/v1/seats?id=eq.3", &body);
    own.send().await.expect_status(204);
}

#[tokio::test]
async fn a_hidden_key_is_no_key() {
    let app = app().await;
    let anna = app.user(ANNA);

    let hidden = anna.put("/rest/v1/sealed?id=eq.1", &json!({"id": 1, "name": "x"}));
    let hidden = hidden.send().await;
    let missing = anna.put("/rest/v1/keyless?id=eq.1", &json!({"id": 1}));
    let missing = missing.send().await;

    assert_refused(&hidden, 405, FILTERS);
    assert_refused(&missing, 405, FILTERS);
    assert_eq!(rows(&app, "sealed", "name = 'one'").await, 1);
    let verbs = |path: &'static str| anna.request("OPTIONS".parse().expect("a verb"), path);
    let seats = verbs("/rest/v1/seats").send().await;
    let sealed = verbs("/rest/v1/sealed").send().await;
    assert_eq!(
        seats.header("allow"),
        Some("OPTIONS,GET,HEAD,POST,PUT,PATCH,DELETE")
    );
    assert_eq!(sealed.header("allow"), Some("OPTIONS,GET,HEAD,POST,PATCH"));
}
