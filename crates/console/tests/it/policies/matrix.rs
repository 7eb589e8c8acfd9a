//! The matrix of table, verb and role.

use postern_testkit::TestApp;

use crate::it::kit;

pub(super) const SCHEMA: &str = "create table public.notes (\
    id bigint generated always as identity primary key, owner_id uuid not null, \
    body text not null, secret text);\
    create index on public.notes (owner_id);\
    create table public.orders (id bigint primary key, customer_id uuid not null);\
    create table public.news (id bigint primary key, title text not null);";

pub(super) const NOTES: &str = r#"
table = "public.notes"

[columns.authenticated]
select = ["id", "owner_id", "body"]
insert = ["body"]
update = ["body"]

[preset.insert]
owner_id = "auth.uid()"

[mask.authenticated]
body = { unless = "owner_id = auth.uid()", value = "'***'" }

[limits.authenticated]
max_affected = 20

[[allow]]
name = "own notes"
roles = ["authenticated"]
for = ["select", "insert", "update", "delete"]
where = "owner_id = auth.uid()"
"#;

const NEWS: &str = r#"
table = "public.news"

[columns.anon]
select = ["id", "title"]

[[allow]]
name = "everybody reads"
roles = ["anon"]
for = ["select"]
where = "true"
"#;

const SHARED: &str = r#"
[roles.staff]
inherits = "authenticated"
when = "auth.jwt() #>> '{app_metadata,role}' = 'staff'"
"#;

pub(super) async fn app() -> TestApp {
    let app = kit::app()
        .migrations(SCHEMA)
        .policy("public.notes.toml", NOTES)
        .policy("public.news.toml", NEWS)
        .policy("_shared.toml", SHARED);
    app.start().await
}

/// The part of the table that speaks of a relation.
fn of<'p>(page: &'p str, name: &str) -> &'p str {
    let parts = page.split("<tbody>").skip(1);
    let mut of = parts.filter(|it| it.contains(&format!("{name}<")));
    of.next().unwrap_or_else(|| panic!("no {name}: {page}"))
}

#[tokio::test]
async fn the_matrix_says_what_each_role_may_do() {
    let app = app().await;
    let owner = kit::owner(&app).await;

    let page = owner.get("/console/policies").await.expect_status(200).text;

    let notes = of(&page, "public.notes");
    for said in [
        "href=\"/console/policies/public.notes.toml\"",
        "some rows",
        "3 of 4 columns · 1 masked",
        "1 of 4 columns · 1 set by us",
        "at most 20 at once",
        ">anon<",
        ">staff<",
    ] {
        assert!(notes.contains(said), "{said}: {notes}");
    }
    let news = of(&page, "public.news");
    assert!(news.contains("every row"), "{news}");
    let orders = of(&page, "public.orders");
    assert!(orders.contains("Closed to everybody"), "{orders}");
    assert!(orders.contains("Write a policy"), "{orders}");
    assert!(!orders.contains("some rows"), "{orders}");
    assert!(
        page.contains("href=\"/console/policies/_shared.toml\""),
        "{page}"
    );
}

#[tokio::test]
async fn the_address_narrows_and_nonsense_in_it_does_not() {
    let app = app().await;
    let owner = kit::owner(&app).await;
    let tables = async |query: &str| {
        let path = format!("/console/policies?{query}");
        let part = owner.get_part(&path).await.expect_status(200).text;
        ["public.news", "public.notes", "public.orders"]
            .into_iter()
            .filter(|it| part.contains(&format!("{it}<")))
            .collect::<Vec<_>>()
    };

    assert_eq!(tables("q=NOTE").await, ["public.notes"]);
    assert_eq!(tables("show=anon").await, ["public.news"]);
    assert_eq!(tables("show=closed").await, ["public.orders"]);
    let open = ["public.news", "public.notes"];
    assert_eq!(tables("show=open").await, open);
    assert_eq!(
        tables("show=open&role=authenticated").await,
        ["public.notes"]
    );
    let all = ["public.news", "public.notes", "public.orders"];
    assert_eq!(tables("show=x&role=gone&page=-1").await, all);
    let none = owner.get_part("/console/policies?q=nothing").await.text;
    assert!(none.contains("No table fits"), "{none}");
}

#[tokio::test]
async fn a_viewer_is_offered_nothing_to_write() {
    let app = app().await;
    let owner = kit::owner(&app).await;
    let viewer = kit::admin(&app, &owner, "viewer").await;

    let page = viewer
        .get("/console/policies")
        .await
        .expect_status(200)
        .text;

    assert!(page.contains("Closed to everybody"), "{page}");
    assert!(!page.contains("Write a policy"), "{page}");
}

#[tokio::test]
async fn a_table_has_a_tab_for_its_policies() {
    let app = app().await;
    let owner = kit::owner(&app).await;
    let path = "/console/tables/public.notes/policies";

    let page = owner.get(path).await.expect_status(200).text;

    assert!(page.contains("some rows"), "{page}");
    assert!(!page.contains("public.news"), "{page}");
    assert!(
        page.contains("href=\"/console/policies/public.notes.toml\""),
        "{page}"
    );
    assert!(
        page.contains("/console/policies/why?table=public.notes"),
        "{page}"
    );
    for said in [
        "own notes",
        "<code>owner_id = auth.uid()</code>",
        "policies/public.notes.toml:",
        "authenticated sees &#39;***&#39; unless owner_id = auth.uid()",
        "insert: set by us to auth.uid()",
        "<strong>authenticated</strong> select, insert, update",
        "toml?table=public.notes&#38;who=user#try-title",
    ] {
        assert!(page.contains(said), "{said}: {page}");
    }
    let closed = owner.get("/console/tables/public.orders/policies").await;
    let closed = closed.expect_status(200).text;
    assert!(!closed.contains("Rows where"), "{closed}");
    let rows = owner.get("/console/tables/public.notes").await.text;
    assert!(rows.contains(&format!("href=\"{path}\"")), "{rows}");
    owner
        .get("/console/tables/public.nothing/policies")
        .await
        .expect_status(404);
}
