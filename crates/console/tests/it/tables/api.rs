//! How apps read and write a table's rows.

use super::shop;
use crate::it::kit;

async fn page(browser: &kit::Browser, path: &str) -> String {
    let path = format!("/console/tables/{path}");
    browser.get(&path).await.expect_status(200).text
}

/// The text of a snippet; none where there is no such snippet.
fn snippet(page: &str, id: &str) -> Option<String> {
    let start = page.split_once(&format!("<pre id=\"{id}\""))?.1;
    let inside = start.split_once('>')?.1.split_once("</pre>")?.0;
    assert!(!inside.contains('<'), "{inside}");
    let text = inside.replace("&#34;", "\"").replace("&#39;", "'");
    let text = text.replace("&#60;", "<").replace("&#62;", ">");
    Some(text.replace("&#38;", "&"))
}

#[tokio::test]
async fn a_tables_api_is_shown_in_the_language_of_the_address() {
    let (app, owner) = shop().await;

    let text = page(&owner, "public.orders/api").await;

    assert!(text.contains(app.publishable_key()), "{text}");
    assert!(!text.contains(app.secret_key()), "{text}");
    assert!(text.contains("href=\"/console/tables/public.orders/policies\""));
    assert!(text.contains("/rest/v1/\">OpenAPI description"), "{text}");
    let list = snippet(&text, "list").expect("a list");
    assert!(list.contains("await supabase\n  .from('orders')"), "{list}");
    let python = page(&owner, "public.orders/api?in=python").await;
    let one = snippet(&python, "one").expect("a row");
    assert!(one.contains("supabase.table(\"orders\")"), "{one}");
    assert!(one.contains(".eq(\"id\", 1)"), "{one}");
    assert!(python.contains("?in=python\" aria-current=\"true\">Python"));
    let curl = page(&owner, "public.orders/api?in=curl").await;
    assert_eq!(snippet(&curl, "connect"), None);
    let odd = page(&owner, "public.orders/api?in=cobol").await;
    assert_eq!(snippet(&odd, "list"), Some(list));
}

#[tokio::test]
async fn each_snippet_says_who_may_run_it() {
    let (_app, owner) = shop().await;
    let text = page(&owner, "public.orders/api").await;

    let mark = |title: &str| {
        let after = text
            .split_once(&format!("<h2>{title}</h2>"))
            .expect("a block")
            .1;
        after
            .split_once("</header>")
            .expect("its head")
            .0
            .to_owned()
    };
    assert!(mark("Read rows").contains("Signed-in users may"));
    assert!(mark("Add a row").contains("No policy lets apps do this"));
    let insert = snippet(&text, "insert").expect("a new row");
    for (part, is_there) in [("total_cents: 1", true), ("id:", false), ("is_paid", false)] {
        assert_eq!(insert.contains(part), is_there, "{part}: {insert}");
    }
    assert!(snippet(&text, "embed").is_some_and(|it| it.contains("customers(id, name, city)")));
}

#[tokio::test]
async fn what_cannot_be_done_has_no_snippet() {
    let (_app, owner) = shop().await;
    let steps = ["list", "one", "embed", "insert", "update", "delete"];
    for (path, expected) in [
        ("public.unkeyed/api", vec!["list", "insert"]),
        (
            "public.paid/api",
            vec!["list", "one", "insert", "update", "delete"],
        ),
        (
            "public.secrets/api",
            vec!["list", "one", "insert", "update", "delete"],
        ),
    ] {
        let text = page(&owner, path).await;
        let there = steps.into_iter().filter(|it| snippet(&text, it).is_some());
        assert_eq!(there.collect::<Vec<_>>(), expected, "{path}");
    }
    for missing in ["public.nothing", "back_office.ledger", "orders"] {
        let path = format!("/console/tables/{missing}/api");
        owner.get(&path).await.expect_status(404);
    }
}

#[tokio::test]
async fn names_and_labels_of_others_stay_text() {
    let app = kit::app().migrations(
        "create type public.mood as enum ('</pre><script>alert(1)</script>', 'it''s');
         create table public.\"it's \"\"odd\"\" % ?\" (\"select\" int primary key,
           mood public.mood not null, \"</pre>\" text);
         create table public.\"a/b\" (id int primary key);
         create view public.counted as select mood, count(*) from public.\"it's \"\"odd\"\" % ?\"
           group by mood;
         create schema \"more tables\";
         create table \"more tables\".t (id int primary key);",
    );
    let app = app
        .setting("api.schemas", "public,more tables")
        .start()
        .await;
    let owner = kit::owner(&app).await;

    for language in ["js", "python", "dart", "swift", "kotlin", "curl"] {
        let path = format!("public.it's%20%22odd%22%20%25%20%3F/api?in={language}");
        let text = page(&owner, &path).await;
        assert!(!text.contains("<script>alert"), "{text}");
        assert!(snippet(&text, "list").is_some(), "{language}");
    }
    let text = page(&owner, "more%20tables.t/api?in=curl").await;
    let list = snippet(&text, "list").expect("a list");
    assert!(list.contains("-H 'Accept-Profile: more tables'"), "{list}");
    assert!(!text.contains("OpenAPI description"), "{text}");
    let text = page(&owner, "public.counted/api").await;
    assert!(snippet(&text, "list").is_some(), "{text}");
    for step in ["one", "insert", "update", "delete"] {
        assert_eq!(snippet(&text, step), None, "{step}");
    }
    let text = page(&owner, "public.a%2Fb/api").await;
    assert!(text.contains("No request can name this table"), "{text}");
}
