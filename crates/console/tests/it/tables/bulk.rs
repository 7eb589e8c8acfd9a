//! Several rows at once, and cells that were changed in the grid.

use serde_json::{Value, json};

use super::shop;
use crate::it::kit;

const ORDERS: &str = "/console/tables/public.orders";

async fn text(app: &postern_testkit::TestApp, sql: &str) -> String {
    let row = app.sql().await.query_one(sql, &[]).await.expect("a row");
    row.get(0)
}

async fn edit(browser: &kit::Browser, rows: &Value) -> Value {
    let fields = [("rows", rows.to_string())];
    let fields: Vec<_> = fields.iter().map(|(n, v)| (*n, v.as_str())).collect();
    let reply = browser.post(&format!("{ORDERS}/edit"), &fields).await;
    reply.expect_status(200).json()
}

#[tokio::test]
async fn selected_rows_are_set_and_deleted() {
    let (app, owner) = shop().await;
    let here = format!("{ORDERS}?order=id.desc");
    let fields = [
        ("key", "1"),
        ("key", "3"),
        ("column", "note"),
        ("value", "checked, \"twice\""),
        ("here", here.as_str()),
    ];

    let reply = owner
        .post(&format!("{ORDERS}/bulk/set"), &fields)
        .await
        .expect_status(303);

    assert_eq!(reply.header("location"), Some(here.as_str()));
    let notes = "select string_agg(coalesce(note, '-'), '|' order by id) from public.orders";
    assert_eq!(
        text(&app, notes).await,
        "checked, \"twice\"|-|checked, \"twice\""
    );
    let fields = [("key", "1"), ("key", "2"), ("key", "99")];
    owner
        .post(&format!("{ORDERS}/bulk/delete"), &fields)
        .await
        .expect_status(303);
    assert_eq!(
        text(&app, "select string_agg(id::text, ',') from public.orders").await,
        "3"
    );
    let noted = "select string_agg((payload ->> 'action') || (payload -> 'traits' ->> 'rows') || \
        (payload -> 'traits' -> 'keys')::text, ' ' order by payload ->> 'action' desc) \
        from auth.audit_log_entries where payload ->> 'action' like 'rows%'";
    let expected = "rows_updated2[\"1\",\"3\"] rows_deleted2[\"1\",\"2\",\"99\"]";
    assert_eq!(text(&app, noted).await, expected);
}

#[tokio::test]
async fn rows_with_keys_of_several_columns_are_selected_as_well() {
    let table = "create table public.seats (hall text, number int, taken text, primary key (hall, number));
        insert into public.seats select h, n, null from unnest(array['a', 'b, c']) h, generate_series(1, 100) n";
    let app = kit::app().migrations(table).start().await;
    let owner = kit::owner(&app).await;
    let keys: Vec<String> = (1..=90).map(|it| format!("b\\, c,{it}")).collect();
    let mut fields: Vec<_> = keys.iter().map(|it| ("key", it.as_str())).collect();
    fields.extend([("column", "taken"), ("value", "yes")]);

    let path = "/console/tables/public.seats/bulk/set";
    owner.post(path, &fields).await.expect_status(303);

    let taken = "select count(*) || min(hall) from public.seats where taken = 'yes'";
    assert_eq!(text(&app, taken).await, "90b, c");
    let page = owner
        .get("/console/tables/public.seats/rows/b%5C,%20c,7")
        .await;
    assert!(page.expect_status(200).text.contains("yes"));
}

#[tokio::test]
async fn what_cannot_be_done_to_rows_is_told_and_changes_nothing() {
    let (app, owner) = shop().await;
    let viewer = kit::admin(&app, &owner, "viewer").await;
    let bulk = |path: &str| format!("/console/tables/{path}");

    let fields = [("key", "1"), ("column", "total_cents"), ("value", "much")];
    let reply = owner.post(&bulk("public.orders/bulk/set"), &fields).await;
    assert_eq!(reply.status, 400);
    assert!(
        reply.text.contains("Invalid input syntax"),
        "{}",
        reply.text
    );
    let reply = owner
        .post(&bulk("public.customers/bulk/delete"), &[("key", "1")])
        .await;
    assert_eq!(reply.status, 409);
    for (path, fields) in [
        (
            "public.orders/bulk/set",
            &[("key", "1"), ("column", "gone")][..],
        ),
        ("public.orders/bulk/delete", &[("key", "1,2")][..]),
        ("public.unkeyed/bulk/delete", &[("key", "one")][..]),
    ] {
        owner.post(&bulk(path), fields).await.expect_status(404);
    }
    let fields = [("key", "1")];
    viewer
        .post(&bulk("public.orders/bulk/delete"), &fields)
        .await
        .expect_status(403);
    assert_eq!(
        text(&app, "select count(*)::text from public.orders").await,
        "3"
    );
}

#[tokio::test]
async fn cells_are_saved_row_by_row() {
    let (app, owner) = shop().await;
    let cell =
        |column, was: Value, value: Value| json!({ "column": column, "was": was, "value": value });
    let rows = json!([
        { "key": "1", "cells": [cell("note", json!("first"), json!("=second")),
            cell("total_cents", json!("1200"), json!("7"))] },
        { "key": "2", "cells": [cell("note", Value::Null, json!(""))] },
        { "key": "3", "cells": [cell("total_cents", json!("1"), json!("2"))] },
        { "key": "1", "cells": [cell("total_cents", json!("7"), json!("seven"))] },
        { "key": "1", "cells": [cell("extra", json!("{}"), json!("{}"))] },
        { "key": "x", "cells": [cell("gone", json!("1"), json!("2"))] },
    ]);

    let answer = edit(&owner, &rows).await;

    let saved: Vec<_> = answer
        .as_array()
        .expect("rows")
        .iter()
        .map(|it| it["saved"] == true)
        .collect();
    assert_eq!(saved, [true, true, false, false, false, false], "{answer}");
    let told = |index: usize| {
        answer[index]["message"]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    };
    assert!(told(2).contains("Somebody else"), "{answer}");
    assert!(told(3).contains("Invalid input syntax"), "{answer}");
    let row = "select string_agg(concat(note = '', left(note, 7), total_cents), '|' order by id) \
        from public.orders";
    assert_eq!(text(&app, row).await, "f=second7|t900|fxxxxxxx5000");
}

#[tokio::test]
async fn a_viewer_sees_no_tool_that_changes() {
    let (app, owner) = shop().await;
    let viewer = kit::admin(&app, &owner, "viewer").await;

    let page = viewer.get(ORDERS).await.expect_status(200).text;

    for tool in ["pn-grid", "bulk", "checkbox\" name=\"key", "/insert"] {
        assert!(!page.contains(tool), "{tool}: {page}");
    }
    let page = owner.get(ORDERS).await.expect_status(200).text;
    assert!(
        page.contains("pn-grid") && page.contains("bulk/delete"),
        "{page}"
    );
}
