//! One row: changed, made and deleted.

use serde_json::Value;

use super::{form_of, part, send, shop, typed};
use crate::it::kit;

const FIRST: &str = "/console/tables/public.orders/rows/1";

async fn text(app: &postern_testkit::TestApp, sql: &str) -> Option<String> {
    let row = app.sql().await.query_one(sql, &[]).await.expect("a row");
    row.get(0)
}

/// The traits of the newest entry of the audit log with this action.
async fn noted(app: &postern_testkit::TestApp, action: &str) -> Value {
    let sql = "select payload -> 'traits' from auth.audit_log_entries \
        where payload ->> 'action' = $1 and payload ->> 'actor_username' = $2 \
        order by created_at desc limit 1";
    let client = app.sql().await;
    let row = client
        .query_opt(sql, &[&action, &kit::OWNER])
        .await
        .expect("an answer");
    row.map_or(Value::Null, |it| it.get(0))
}

#[tokio::test]
async fn only_what_was_changed_is_written() {
    let (app, owner) = shop().await;
    let sql = "create function public.tell() returns trigger language plpgsql as $$ begin
        new.note := coalesce(new.note, 'none') || case when new.extra is distinct from old.extra
        then ' extra' else '' end; return new; end $$;
        create trigger tell before update on public.orders for each row execute function public.tell()";
    app.sql().await.batch_execute(sql).await.expect("a trigger");
    let page = owner.get(FIRST).await.expect_status(200).text;
    let mut fields = form_of(&page);

    typed(&mut fields, "total_cents", Some("1300"));
    let reply = send(&owner, FIRST, &fields).await.expect_status(303);

    let saved = format!("{FIRST}?saved=1");
    assert_eq!(reply.header("location"), Some(saved.as_str()));
    assert!(owner.get(&saved).await.text.contains("Saved."));
    let row = "select row(total_cents, note, extra, encode(scan, 'hex'), is_paid)::text \
        from public.orders where id = 1";
    let row = text(&app, row).await.expect("a row");
    assert_eq!(row, "(1300,first,\"{\"\"a\"\": 1}\",deadbeef,f)");
    let traits = noted(&app, "row_updated").await;
    let expected = serde_json::json!({
        "table": "public.orders", "key": "1", "columns": ["total_cents"] });
    assert_eq!(traits, expected);
}

#[tokio::test]
async fn an_unchanged_form_writes_nothing() {
    let (app, owner) = shop().await;
    let page = owner.get(FIRST).await.expect_status(200).text;
    let before = text(&app, "select xmin::text from public.orders where id = 1").await;

    send(&owner, FIRST, &form_of(&page))
        .await
        .expect_status(303);

    let after = text(&app, "select xmin::text from public.orders where id = 1").await;
    assert_eq!(before, after);
    assert_eq!(noted(&app, "row_updated").await, Value::Null);
}

#[tokio::test]
async fn values_of_every_type_come_out_as_they_were_typed() {
    let table = "create type public.mood as enum ('calm', 'odd');
        create table public.kinds (id uuid primary key default gen_random_uuid(), t text,
          n numeric, b boolean, j jsonb, s json, a text[], m public.mood, w timestamptz, d date,
          x bytea, i int, made int generated always as (i * 2) stored);
        insert into public.kinds (id) values ('00000000-0000-4000-8000-000000000001')";
    let app = kit::app().migrations(table).start().await;
    let owner = kit::owner(&app).await;
    let path = "/console/tables/public.kinds/rows/00000000-0000-4000-8000-000000000001";
    let mut fields = form_of(&owner.get(path).await.expect_status(200).text);
    for (column, value) in [
        ("t", "two\r\nlines <b>"),
        ("n", "12345678901234567890.123456789"),
        ("b", "true"),
        ("j", "{\"n\": 12345678901234567890}"),
        ("s", "[1.10]"),
        ("a", "{a,\"b c\"}"),
        ("m", "odd"),
        ("w", "2026-01-02 03:04:05.678901+00"),
        ("d", "2026-01-02"),
        ("x", "\\x00ff"),
        ("i", "-7"),
    ] {
        typed(&mut fields, column, Some(value));
    }

    send(&owner, path, &fields).await.expect_status(303);

    let row = "select concat_ws('|', t, n, b, j, s, a, m, w at time zone 'utc', d, x, i, made) \
        from public.kinds";
    assert_eq!(
        text(&app, row).await.as_deref(),
        Some(
            "two\nlines <b>|12345678901234567890.123456789|t|{\"n\": 12345678901234567890}|[1.10]|\
             {a,\"b c\"}|odd|2026-01-02 03:04:05.678901|2026-01-02|\\x00ff|-7|-14"
        )
    );
    let mut fields = form_of(&owner.get(path).await.expect_status(200).text);
    typed(&mut fields, "t", Some(""));
    typed(&mut fields, "j", None);
    typed(&mut fields, "i", Some(""));
    send(&owner, path, &fields).await.expect_status(303);
    let row = "select concat(t = '', j is null, i is null) from public.kinds";
    assert_eq!(text(&app, row).await.as_deref(), Some("ttt"));
}

#[tokio::test]
async fn a_long_value_is_loaded_whole_where_it_is_asked_for() {
    let (app, owner) = shop().await;
    let sql = app.sql().await;
    let long = "update public.orders set note = repeat('x', 149999) || 'y' where id = 1";
    sql.batch_execute(long).await.expect("a long note");

    let page = owner.get(FIRST).await.expect_status(200).text;
    assert!(
        page.contains("Only its first 20,000 characters"),
        "its beginning"
    );
    assert!(page.len() < 100_000, "{} bytes", page.len());
    let address = format!("{FIRST}?whole=note");
    assert!(
        page.contains(&format!("href=\"{address}\"")),
        "a way to the rest"
    );
    // What is not open is not sent, and stays.
    let mut fields = form_of(&page);
    typed(&mut fields, "total_cents", Some("5"));
    send(&owner, FIRST, &fields).await.expect_status(303);

    let page = owner.get(&address).await.expect_status(200).text;
    let mut fields = form_of(&page);
    let note = fields.iter().find(|it| it.0 == "v.note").expect("a field");
    assert_eq!((note.1.len(), note.1.ends_with('y')), (150_000, true));
    typed(&mut fields, "note", Some(&"z".repeat(150_001)));
    send(&owner, FIRST, &fields).await.expect_status(303);
    let row = "select length(note) || left(note, 1) || total_cents from public.orders where id = 1";
    assert_eq!(text(&app, row).await.as_deref(), Some("150001z5"));

    // A change by somebody else is told of here as well, and beyond the limit nothing is open.
    let stale = form_of(&owner.get(&address).await.expect_status(200).text);
    sql.batch_execute("update public.orders set note = repeat('w', 200001) where id = 1")
        .await
        .expect("their change");
    let page = owner.get(&address).await.expect_status(200).text;
    assert!(page.contains("Longer than 200,000 characters"), "the limit");
    assert!(!page.contains("name=\"v.note\""), "no field");
    let mut stale = stale;
    typed(&mut stale, "note", Some("mine"));
    send(&owner, FIRST, &stale).await;
    let row = "select length(note)::text from public.orders where id = 1";
    assert_eq!(text(&app, row).await.as_deref(), Some("200001"));
}

#[tokio::test]
async fn what_somebody_else_changed_is_not_overwritten_unseen() {
    let (app, owner) = shop().await;
    let mut fields = form_of(&owner.get(FIRST).await.expect_status(200).text);
    let sql = app.sql().await;
    let theirs = "update public.orders set note = 'theirs', total_cents = 1 where id = 1";
    sql.batch_execute(theirs).await.expect("their change");

    typed(&mut fields, "note", Some("mine"));
    let page = send(&owner, FIRST, &fields).await.expect_status(409).text;

    assert!(
        page.contains("Changed since you opened it: note."),
        "{page}"
    );
    assert!(page.contains("mine"), "{page}");
    let row = "select note || total_cents from public.orders where id = 1";
    assert_eq!(text(&app, row).await.as_deref(), Some("theirs1"));
    // Who saves again knows it; and what only they changed stays as it is.
    send(&owner, FIRST, &form_of(&page))
        .await
        .expect_status(303);
    assert_eq!(text(&app, row).await.as_deref(), Some("mine1"));
}

#[tokio::test]
async fn refusals_of_the_database_are_told_beside_what_was_typed() {
    let (app, owner) = shop().await;
    let page = owner.get(FIRST).await.expect_status(200).text;
    for (column, value, said) in [
        ("customer_id", "99", "customer_id"),
        (
            "total_cents",
            "many",
            "Invalid input syntax for type integer",
        ),
        ("extra", "{oops", "is no JSON"),
    ] {
        let mut fields = form_of(&page);
        typed(&mut fields, column, Some(value));
        let reply = send(&owner, FIRST, &fields).await;
        assert!(reply.status.is_client_error(), "{column}: {}", reply.status);
        assert!(reply.text.contains(said), "{column}: {}", reply.text);
        assert!(reply.text.contains(value), "{column}: {}", reply.text);
    }
    let mut fields = form_of(&page);
    typed(&mut fields, "total_cents", None);
    let reply = send(&owner, FIRST, &fields).await;
    assert!(reply.text.contains("blamed"), "{}", reply.text);
    assert_eq!(noted(&app, "row_updated").await, Value::Null);
}

#[tokio::test]
async fn rows_are_made_and_deleted() {
    let (app, owner) = shop().await;
    let insert = "/console/tables/public.customers/insert";
    let page = owner.get(insert).await.expect_status(200).text;
    let mut fields = form_of(&page);
    typed(&mut fields, "name", Some("Dora, \"the\" first"));

    let reply = send(&owner, insert, &fields).await.expect_status(303);

    let place = "/console/tables/public.customers/rows/4";
    assert_eq!(
        reply.header("location"),
        Some(format!("{place}?saved=1").as_str())
    );
    assert_eq!(noted(&app, "row_inserted").await["key"], "4");
    let none = send(&owner, insert, &form_of(&page)).await;
    assert!(
        none.status.is_client_error() && none.text.contains("Null value"),
        "{}",
        none.text
    );
    owner
        .post(&format!("{place}/delete"), &[])
        .await
        .expect_status(303);
    owner.get(place).await.expect_status(404);
    owner
        .post(&format!("{place}/delete"), &[])
        .await
        .expect_status(404);
    assert_eq!(
        noted(&app, "row_deleted").await["table"],
        "public.customers"
    );
    let taken = owner
        .post("/console/tables/public.customers/rows/1/delete", &[])
        .await;
    assert!(taken.status.is_client_error(), "{}", taken.status);
    assert!(taken.text.contains("orders"), "{}", taken.text);
}

#[tokio::test]
async fn rows_lead_to_each_other() {
    let (_app, owner) = shop().await;

    let order = owner.get(FIRST).await.expect_status(200).text;
    assert!(
        order.contains("/console/tables/public.customers/rows/1\""),
        "{order}"
    );
    let customer = "/console/tables/public.customers/rows/1";
    let customer = owner.get(customer).await.expect_status(200).text;
    let orders = "/console/tables/public.orders?where=customer_id.eq.1";
    assert!(customer.contains(orders), "{customer}");
    assert!(
        customer.contains("Other rows refer to it: 2."),
        "{customer}"
    );
    let pick = "/console/tables/public.orders?part=pick&column=customer_id";
    for (search, found) in [
        ("an", "Ann"),
        ("2", "Ben"),
        ("%2A%29%22%5C%2C", "called that"),
    ] {
        let page = part(&owner, &format!("{pick}&q={search}")).await;
        assert!(page.contains(found), "{search}: {page}");
    }
    owner
        .get("/console/tables/public.orders?part=pick&column=note")
        .await
        .expect_status(404);
}

#[tokio::test]
async fn rows_that_are_not_there_are_not_found() {
    let (_app, owner) = shop().await;
    for path in [
        "public.orders/rows/99",
        "public.orders/rows/nonsense",
        "public.orders/rows/1,2",
        "public.unkeyed/rows/one",
        "back_office.ledger/rows/1",
        "public.nothing/rows/1",
    ] {
        owner
            .get(&format!("/console/tables/{path}"))
            .await
            .expect_status(404);
    }
}

#[tokio::test]
async fn a_viewer_looks_and_an_editor_writes() {
    let (app, owner) = shop().await;
    let viewer = kit::admin(&app, &owner, "viewer").await;
    let editor = kit::admin(&app, &owner, "editor").await;
    let page = viewer.get(FIRST).await.expect_status(200).text;
    assert!(
        !page.contains("Save changes") && !page.contains("Delete row"),
        "{page}"
    );
    let mut fields = form_of(&editor.get(FIRST).await.expect_status(200).text);
    typed(&mut fields, "note", Some("edited"));

    send(&viewer, FIRST, &fields).await.expect_status(403);
    viewer
        .post(&format!("{FIRST}/delete"), &[])
        .await
        .expect_status(403);

    let note = "select note from public.orders where id = 1";
    assert_eq!(text(&app, note).await.as_deref(), Some("first"));
    send(&editor, FIRST, &fields).await.expect_status(303);
    assert_eq!(text(&app, note).await.as_deref(), Some("edited"));
}
