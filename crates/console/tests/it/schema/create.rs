//! New tables.

use super::{migrations, shop, shown, workshop};
use crate::it::kit;

const TASKS: &[(&str, &str)] = &[
    ("schema", "public"),
    ("table", "tasks"),
    ("comment", "What is to be done"),
    ("c0.name", "id"),
    ("c0.type", "bigint generated always as identity"),
    ("c0.key", "1"),
    ("c1.name", "title"),
    ("c1.type", "text"),
    ("c1.required", "1"),
    ("c1.default", "it's new"),
    ("c2.name", "customer_id"),
    ("c2.type", "bigint"),
    ("c2.references", "customers.id"),
    ("c3.name", ""),
    ("c3.type", "text"),
    ("i0.was", ""),
    ("i0.columns", "customer_id"),
];
const SQL: &str = "-- Create public.tasks\r\n\
    create table public.tasks (\r\n  \
      id bigint generated always as identity primary key,\r\n  \
      title text not null default 'it''s new',\r\n  \
      customer_id bigint references public.customers (id)\r\n\
    );\r\n\
    create index on public.tasks (customer_id);\r\n\
    comment on table public.tasks is 'What is to be done';\r\n";

#[tokio::test]
async fn a_table_is_shown_as_sql_then_written_and_applied() {
    let app = workshop().await;
    let owner = kit::owner(&app).await;
    owner.get("/console/tables/new").await.expect_status(200);

    let page = owner.post("/console/tables/new", TASKS).await;
    let page = page.expect_status(200).text;
    assert_eq!(shown(&page), SQL);
    assert!(
        migrations(&app).is_empty(),
        "nothing runs before it is confirmed"
    );

    let run = [TASKS, &[("step", "run"), ("shown", SQL)]].concat();
    let reply = owner.post("/console/tables/new", &run).await;
    let reply = reply.expect_status(303);

    let onward = reply.header("location").expect("a place").to_owned();
    assert_eq!(
        onward,
        "/console/tables/public.tasks/structure?applied=0001_create_tasks.sql"
    );
    let page = owner.get(&onward).await.expect_status(200).text;
    assert!(
        page.contains("Migration 0001_create_tasks.sql was applied"),
        "{page}"
    );
    assert!(page.contains("public.customers"), "{page}");
    assert_eq!(migrations(&app), ["0001_create_tasks.sql"]);
    let file = app.folder().join("migrations/0001_create_tasks.sql");
    let text = std::fs::read_to_string(file).expect("the file");
    assert_eq!(text, SQL.replace("\r\n", "\n"));
    let log = owner.get_part("/console/audit?action=schema+changed").await;
    assert!(log.text.contains(kit::OWNER), "{}", log.text);

    let again = owner
        .post("/console/tables/new", &run)
        .await
        .expect_status(200);
    assert!(
        again
            .text
            .contains("There is something called “tasks” already")
    );
    assert_eq!(migrations(&app).len(), 1);
}

#[tokio::test]
async fn what_runs_is_what_was_seen() {
    let app = workshop().await;
    let owner = kit::owner(&app).await;

    for seen in ["", "drop table customers", &SQL.replace("tasks", "risks")] {
        let run = [TASKS, &[("step", "run"), ("shown", seen)]].concat();
        let page = owner.post("/console/tables/new", &run).await;
        let page = page.expect_status(200).text;
        assert!(
            page.contains("The SQL was not the one that you had seen"),
            "{page}"
        );
    }
    assert!(migrations(&app).is_empty());
}

#[tokio::test]
async fn nothing_that_is_typed_becomes_sql_of_its_own() {
    let app = workshop().await;
    let owner = kit::owner(&app).await;
    for (field, text, problem) in [
        (
            "c1.type",
            "text); drop table customers; --",
            "which there is not",
        ),
        ("c1.default", "=1); drop table customers", "is not closed"),
        ("c1.default", "=1; drop table customers", "no semicolon"),
        (
            "c2.references",
            "pg_catalog.pg_class.oid",
            "which is no key",
        ),
        ("i0.columns", "id) where (1=1", "which is no column"),
        ("table", "", "has no name"),
        ("c1.name", "id", "Two columns are called"),
    ] {
        let fields: Vec<_> = TASKS
            .iter()
            .map(|it| if it.0 == field { (field, text) } else { *it })
            .collect();
        let page = owner.post("/console/tables/new", &fields).await;
        let page = page.expect_status(200).text;
        assert!(page.contains(problem), "{field}={text}: {page}");
        assert!(!page.contains("name=\"shown\""), "{field}={text}: {page}");
    }
    assert!(migrations(&app).is_empty());
}

#[tokio::test]
async fn a_refused_migration_leaves_nothing_unless_it_is_kept() {
    let app = workshop().await;
    let owner = kit::owner(&app).await;
    let fields: Vec<_> = TASKS
        .iter()
        .map(|it| match it.0 {
            "c1.default" => ("c1.default", "=no_such_function()"),
            _ => *it,
        })
        .collect();
    let page = owner.post("/console/tables/new", &fields).await.text;
    let sql = shown(&page);

    let run = [
        fields.as_slice(),
        &[("step", "run"), ("shown", sql.as_str())],
    ]
    .concat();
    let refused = owner.post("/console/tables/new", &run).await;
    let refused = refused.expect_status(422).text;

    assert!(
        refused.contains("Line 4: function no_such_function() does not exist"),
        "{refused}"
    );
    assert!(migrations(&app).is_empty(), "{:?}", migrations(&app));
    owner
        .get("/console/tables/public.tasks")
        .await
        .expect_status(404);

    let keep = [fields.as_slice(), &[("step", "keep")]].concat();
    let page = owner
        .post("/console/tables/new", &keep)
        .await
        .expect_status(200);
    assert!(
        page.text.contains("Kept as 0001_create_tasks.sql.draft"),
        "{}",
        page.text
    );
    assert_eq!(migrations(&app), ["0001_create_tasks.sql.draft"]);
}

#[tokio::test]
async fn a_server_without_migrations_offers_a_file_and_runs_nothing() {
    let app = shop().start().await;
    let owner = kit::owner(&app).await;
    let page = owner.post("/console/tables/new", TASKS).await;
    let page = page.expect_status(200).text;
    assert!(page.contains("Download the migration"), "{page}");
    assert!(!page.contains("value=\"run\""), "{page}");

    let file = [TASKS, &[("step", "file")]].concat();
    let file = owner
        .post("/console/tables/new", &file)
        .await
        .expect_status(200);
    assert_eq!(
        file.header("content-disposition"),
        Some("attachment; filename=\"create_tasks.sql\"")
    );
    assert_eq!(file.text, SQL.replace("\r\n", "\n"));

    let run = [TASKS, &[("step", "run"), ("shown", SQL)]].concat();
    let refused = owner
        .post("/console/tables/new", &run)
        .await
        .expect_status(422);
    assert!(
        refused.text.contains("no folder of migrations"),
        "{}",
        refused.text
    );
    owner
        .get("/console/tables/public.tasks")
        .await
        .expect_status(404);
}

#[tokio::test]
async fn a_column_and_an_index_more_are_a_button_each() {
    let app = workshop().await;
    let owner = kit::owner(&app).await;

    let more = [TASKS, &[("step", "column")]].concat();
    let page = owner.post("/console/tables/new", &more).await.text;
    assert!(page.contains("name=\"c4.name\"") && !page.contains("name=\"c5.name\""));
    let more = [TASKS, &[("step", "index")]].concat();
    let page = owner.post("/console/tables/new", &more).await.text;
    assert!(page.contains("name=\"i1.columns\""), "{page}");
}
