//! Keys, references, sizes, choices, checks and names, as they are made and changed: every text
//! that is shown is run against a real database.

use std::time::{Duration, Instant};

use postern_testkit::TestApp;

use super::{migrations, shown, workshop};
use crate::it::kit::{self, Browser};

const NEW: &str = "/console/tables/new";
const EDIT: &str = "/console/tables/public.orders/structure/edit";
const DROP: &str = "/console/tables/public.orders/structure/drop";

/// Shows the SQL of some fields, runs it, and gives it back with the page that it leads to.
async fn run(owner: &Browser, path: &str, fields: &[(&str, &str)]) -> (String, String) {
    let page = owner.post(path, fields).await.expect_status(200).text;
    assert!(!page.contains("This cannot run yet"), "{page}");
    let sql = shown(&page);
    let run = [fields, &[("step", "run"), ("shown", sql.as_str())]].concat();
    let path = path.replace("structure/edit", "structure/drop");
    let reply = owner.post(&path, &run).await.expect_status(303);
    let onward = reply.header("location").expect("a place").to_owned();
    (sql.replace("\r\n", "\n"), onward)
}

async fn count(app: &TestApp, sql: &str) -> i64 {
    let row = app.sql().await.query_one(sql, &[]).await.expect("a row");
    row.get(0)
}

#[tokio::test]
async fn a_table_has_keys_references_sizes_choices_and_checks() {
    let app = workshop().await;
    let owner = kit::owner(&app).await;
    let (sql, _) = run(&owner, NEW, PARTS).await;
    assert_eq!(sql, PARTS_SQL);

    let orders = [
        ("table", "notes"),
        ("c0.name", "id"),
        ("c0.type", "uuid default gen_random_uuid()"),
        ("c0.key", "1"),
        ("c1.name", "part_order"),
        ("c1.type", "bigint"),
        ("c2.name", "part_place"),
        ("c2.type", "integer"),
        ("k0.was", ""),
        ("k0.columns", "part_order, part_place"),
        ("k0.target", "public.parts (order_id, place)"),
        ("k0.on_delete", "set null"),
        ("k0.on_update", "cascade"),
    ];
    let (sql, onward) = run(&owner, NEW, &orders).await;

    assert!(
        sql.contains("id uuid default gen_random_uuid() primary key"),
        "{sql}"
    );
    let link = "foreign key (part_order, part_place) \
        references public.parts (order_id, place) on update cascade on delete set null";
    assert!(sql.contains(link), "{sql}");
    let page = owner.get(&onward).await.expect_status(200).text;
    assert!(page.contains("The value is emptied"), "{page}");

    // What holds, holds: the condition and the choice refuse, and the length does not cut.
    let client = app.sql().await;
    for (values, code) in [
        ("1, 1, 0, 'new', now(), '{}', 'a'", "23514"),
        ("1, 1, 5, 'odd', now(), '{}', 'a'", "22P02"),
        (
            "1, 1, 5, 'new', now(), '{}', 'longer than it may be'",
            "22001",
        ),
    ] {
        let error = client
            .batch_execute(&format!("insert into public.parts values ({values})"))
            .await
            .expect_err("a refusal");
        assert_eq!(error.code().map(|it| it.code()), Some(code), "{values}");
    }
}

const PARTS: &[(&str, &str)] = &[
    ("table", "parts"),
    ("c0.name", "order_id"),
    ("c0.type", "bigint"),
    ("c0.key", "1"),
    ("c0.references", "public.orders.id"),
    ("c0.on_delete", "cascade"),
    ("c0.on_update", "restrict"),
    ("c1.name", "place"),
    ("c1.type", "integer"),
    ("c1.key", "1"),
    ("c2.name", "price"),
    ("c2.type", "numeric"),
    ("c2.size", "10, 2"),
    ("c3.name", "state"),
    ("c3.type", "enum"),
    ("c3.size", "new, it's done"),
    ("c4.name", "made_at"),
    ("c4.type", "timestamp with time zone"),
    ("c4.size", "3"),
    ("c4.default", "=now()"),
    ("c5.name", "tags"),
    ("c5.type", "character varying"),
    ("c5.size", "20"),
    ("c5.list", "1"),
    ("c6.name", "code"),
    ("c6.type", "character varying"),
    ("c6.size", "5"),
    ("x0.was", ""),
    ("x0.text", "price > 0 and place < 100"),
];

const PARTS_SQL: &str = "-- Create public.parts
create type public.parts_state as enum ('new', 'it''s done');
create table public.parts (
  order_id bigint references public.orders (id) on update restrict on delete cascade,
  place integer,
  price numeric(10,2),
  state public.parts_state,
  made_at timestamp(3) with time zone default now(),
  tags character varying(20)[],
  code character varying(5),
  primary key (order_id, place),
  check (price > 0 and place < 100)
);
";

#[tokio::test]
async fn hostile_names_and_texts_are_names_and_texts() {
    let app = workshop().await;
    let owner = kit::owner(&app).await;
    let table = "x\"; drop table customers; --";
    let column = "a\"b') or (1=1";
    let comment = "it's \\'; drop table customers; -- \"";
    let fields = [
        ("table", table),
        ("comment", comment),
        ("c0.name", "order"),
        ("c0.type", "bigint generated always as identity"),
        ("c0.key", "1"),
        ("c1.name", column),
        ("c1.type", "enum"),
        ("c1.size", "'); drop table customers; --, \", $$"),
        ("c1.default", "\""),
        ("c1.comment", comment),
        ("c2.name", "ключ 🔑"),
        ("c2.type", "text"),
        ("x0.was", ""),
        ("x0.text", "\"ключ 🔑\" <> '); drop table customers; --'"),
        ("i0.was", ""),
        ("i0.columns", "ключ 🔑"),
        ("i0.unique", "1"),
    ];
    run(&owner, NEW, &fields).await;

    let named = format!(
        "select count(*) from pg_class where relname = {} and obj_description(oid) is not null",
        quoted(table)
    );
    assert_eq!(count(&app, &named).await, 1);
    let labels = "select count(*) from pg_enum where enumlabel in ('$$', '\"', \
        '''); drop table customers; --')";
    assert_eq!(count(&app, labels).await, 3);
    assert_eq!(
        count(&app, "select count(*) from public.customers").await,
        0
    );

    // The same names on the way out: renamed, bound, and dropped.
    let path = format!("/console/tables/public.{}/structure/edit", percent(table));
    let fields = [
        ("table", "tame"),
        ("c0.was", column),
        ("c0.name", "b\"; --"),
        ("c0.type", "text"),
        ("c1.was", "ключ 🔑"),
        ("c1.name", "ключ 🔑"),
        ("c1.type", "text"),
        ("c1.key", "1"),
        ("c2.was", "order"),
        ("c2.name", "order"),
        ("c2.type", "bigint"),
    ];
    let page = owner.post(&path, &fields).await.expect_status(200).text;
    let sql = shown(&page).replace("\r\n", "\n");
    assert!(sql.contains("add primary key (\"ключ 🔑\")"), "{sql}");
    assert!(sql.contains("rename to tame"), "{sql}");
    run(&owner, &path, &fields).await;
    let tame = "/console/tables/public.tame/structure/edit";
    let (sql, onward) = run(&owner, tame, &[("gone", "1")]).await;
    assert_eq!(sql, "-- Drop public.tame\ndrop table public.tame;\n");
    assert!(onward.starts_with("/console/tables?applied="), "{onward}");
    assert_eq!(
        count(&app, "select count(*) from public.customers").await,
        0
    );
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

fn percent(text: &str) -> String {
    text.bytes().map(|it| format!("%{it:02X}")).collect()
}

#[tokio::test]
async fn another_key_says_what_it_does() {
    let app = workshop().await;
    let owner = kit::owner(&app).await;
    let path = "/console/tables/public.customers/structure/edit";
    let fields = [
        ("c0.was", "id"),
        ("c0.name", "id"),
        ("c1.was", "email"),
        ("c1.name", "email"),
        ("c1.type", "text"),
        ("c1.required", "1"),
        ("c1.key", "1"),
        ("c2.was", "name"),
        ("c2.name", "name"),
        ("c2.type", "text"),
        ("c2.key", "1"),
    ];
    let page = owner.post(path, &fields).await.expect_status(200).text;
    let sql = shown(&page);

    assert_eq!(
        sql,
        "-- Change public.customers\r\n\
         alter table public.customers drop constraint customers_pkey;\r\n\
         alter table public.customers add primary key (email, name);\r\n"
    );
    for part in [
        "A row that lacks email, name, or two that share it",
        "“public.orders” refers to this table",
        "orders_customer_id_fkey",
    ] {
        assert!(page.contains(part), "{part}: {page}");
    }
    // Postgres holds on to a key that is referred to; without that reference it lets go.
    let seen = [("step", "run"), ("shown", sql.as_str())];
    let go = [fields.as_slice(), &seen].concat();
    let refused = owner.post(path, &go).await.expect_status(422).text;
    assert!(refused.contains("depend on it"), "{refused}");
    let freed = [
        ("c0.was", "customer_id"),
        ("c0.name", "customer_id"),
        ("c0.type", "bigint"),
        ("c0.required", "1"),
    ];
    run(&owner, EDIT, &freed).await;
    run(&owner, path, &fields).await;
    let key = "select count(*) from pg_index where indrelid = 'public.customers'::regclass \
        and indisprimary and indnatts = 2";
    assert_eq!(count(&app, key).await, 1);
}

#[tokio::test]
async fn rules_of_a_table_come_and_go() {
    let app = workshop().await;
    let owner = kit::owner(&app).await;
    let fields = [
        ("table", "purchases"),
        ("c0.was", "customer_id"),
        ("c0.name", "customer_id"),
        ("c0.type", "bigint"),
        ("c0.required", "1"),
        ("c0.references", "public.customers.id"),
        ("c0.on_delete", "restrict"),
        ("c0.on_update", "no action"),
        ("c1.was", "note"),
        ("c1.name", "note"),
        ("c1.type", "character varying"),
        ("c1.size", "5"),
        ("c1.comment", "For the <packer>"),
        ("x0.was", "orders_total_cents_check"),
        ("x0.gone", "1"),
        ("x1.was", ""),
        ("x1.text", "total_cents < 1000"),
    ];
    let page = owner.post(EDIT, &fields).await.expect_status(200).text;
    for part in [
        "Without “orders_total_cents_check”",
        "Under its new name the table is closed",
        "A row that breaks the check stops the migration",
        "A value that does not fit stops the migration",
    ] {
        assert!(page.contains(part), "{part}: {page}");
    }
    app.sql()
        .await
        .batch_execute(
            "insert into public.customers (email) values ('a@b.example'); \
             insert into public.orders (customer_id, note) values (1, 'too long')",
        )
        .await
        .expect("rows");

    // A value that does not fit is not cut.
    let sql = shown(&page);
    let seen = [("step", "run"), ("shown", sql.as_str())];
    let go = [fields.as_slice(), &seen].concat();
    let refused = owner.post(DROP, &go).await.expect_status(422).text;
    assert!(refused.contains("too long for type"), "{refused}");
    app.sql()
        .await
        .batch_execute("update public.orders set note = 'short'")
        .await
        .expect("a change");
    let (sql, onward) = run(&owner, EDIT, &fields).await;

    assert_eq!(
        sql,
        "-- Change public.orders\n\
         alter table public.orders drop constraint orders_customer_id_fkey;\n\
         alter table public.orders drop constraint orders_total_cents_check;\n\
         alter table public.orders alter column note type character varying(5) \
         using note::character varying;\n\
         alter table public.orders add foreign key (customer_id) \
         references public.customers (id) on delete restrict;\n\
         alter table public.orders add check (total_cents < 1000);\n\
         alter table public.orders rename to purchases;\n"
    );
    assert!(
        onward.starts_with("/console/tables/public.purchases/structure"),
        "{onward}"
    );
    owner.get(&onward).await.expect_status(200);
}

#[tokio::test]
async fn what_hangs_on_a_table_is_named_before_it_goes() {
    let app = workshop().await;
    let owner = kit::owner(&app).await;
    app.sql()
        .await
        .batch_execute(
            "create view public.notes as select id, note from public.orders; \
             create index on public.orders (note)",
        )
        .await
        .expect("a view");
    let gone = [("c0.was", "note"), ("c0.name", "note"), ("c0.gone", "1")];
    let page = owner.post(EDIT, &gone).await.expect_status(200).text;
    assert!(
        page.contains("With “note” go: index public.orders_note_idx."),
        "{page}"
    );
    let held = "refuses to drop “note” as long as these are there: view public.notes";
    assert!(page.contains(held), "{page}");

    let page = owner
        .post(EDIT, &[("gone", "1")])
        .await
        .expect_status(200)
        .text;
    assert!(page.contains("“public.orders” is gone for good"), "{page}");
    assert!(page.contains("view public.notes"), "{page}");
    assert!(!page.contains("orders_customer_id_fkey on"), "{page}");
    let sql = shown(&page);
    let go = [("gone", "1"), ("step", "run"), ("shown", sql.as_str())];

    // The address that asks for no password does not do it, and the view holds the table.
    owner.post(EDIT, &go).await.expect_status(200);
    assert!(migrations(&app).is_empty());
    let refused = owner.post(DROP, &go).await.expect_status(422).text;
    assert!(refused.contains("view notes depends on"), "{refused}");
    app.sql()
        .await
        .batch_execute("drop view public.notes")
        .await
        .expect("no view");
    let (_, onward) = run(&owner, EDIT, &[("gone", "1")]).await;
    let page = owner.get(&onward).await.expect_status(200).text;
    assert!(
        page.contains("Migration 0001_drop_orders.sql was applied"),
        "{page}"
    );
    let begun = Instant::now();
    while owner
        .get("/console/tables/public.orders")
        .await
        .status
        .as_u16()
        != 404
    {
        assert!(begun.elapsed() < Duration::from_secs(30), "still there");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test]
async fn what_makes_no_sense_is_said_and_not_run() {
    let app = workshop().await;
    let owner = kit::owner(&app).await;
    for (field, text, problem) in [
        ("c2.size", "10,2,1", "which there is not"),
        ("c2.size", "1) default (1", "which there is not"),
        ("c4.size", "7", "which there is not"),
        ("c1.size", "5", "which there is not"),
        ("c3.size", " , ", "none is given"),
        ("c3.size", "new, new", "is there twice"),
        (
            "c3.type",
            "enum; drop table customers",
            "which there is not",
        ),
        ("c0.references", "public.parts (a, b)", "which is no key"),
        (
            "x0.text",
            "price > 0) , drop column (place",
            "is not closed",
        ),
        ("x0.text", "price > 0; drop table customers", "no semicolon"),
        ("table", "customers", "already"),
    ] {
        let fields: Vec<_> = PARTS
            .iter()
            .filter(|it| it.0 != field)
            .chain(&[(field, text)])
            .copied()
            .collect();
        let page = owner.post(NEW, &fields).await.expect_status(200).text;
        assert!(page.contains(problem), "{field}={text}: {page}");
        assert!(!page.contains("name=\"shown\""), "{field}={text}: {page}");
    }
    let taken = [("table", "customers")];
    let page = owner.post(EDIT, &taken).await.expect_status(200).text;
    assert!(
        page.contains("already") && !page.contains("name=\"shown\""),
        "{page}"
    );
    let counted = [
        ("c0.was", "note"),
        ("c0.name", "note"),
        ("c0.type", "bigint generated always as identity"),
    ];
    let page = owner.post(EDIT, &counted).await.expect_status(200).text;
    assert!(page.contains("only a new column"), "{page}");
    assert!(migrations(&app).is_empty());
}
