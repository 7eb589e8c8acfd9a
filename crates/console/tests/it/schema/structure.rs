//! The page of a table's structure.

use super::{shop, until_it_says};
use crate::it::kit;

#[tokio::test]
async fn the_structure_says_what_a_table_is_made_of() {
    let app = shop().start().await;
    let owner = kit::owner(&app).await;

    let page = owner.get("/console/tables/public.orders/structure").await;
    let page = page.expect_status(200).text;

    for part in [
        "total_cents",
        "character varying(20)",
        "counted up",
        "computed: (total_cents * 2)",
        "<code>now()</code>",
        "href=\"/console/tables/public.customers/structure\"",
        "The rows follow",
        "orders_late",
        "placed_at desc",
        "where total_cents &#62; 100",
        "CHECK (total_cents &#62;= 0)",
        "touch_it",
        "BEFORE UPDATE",
        "For the &#60;packer&#62;",
        "not counted yet",
    ] {
        assert!(page.contains(part), "{part}: {page}");
    }
    let page = owner
        .get("/console/tables/public.customers/structure")
        .await;
    let page = page.expect_status(200).text;
    assert!(page.contains("Referred to by"), "{page}");
    assert!(
        page.contains("Whoever has &#60;bought&#62; something"),
        "{page}"
    );
    assert!(page.contains("customers_email_key"), "{page}");
}

#[tokio::test]
async fn a_viewer_looks_and_changes_nothing() {
    let app = shop().start().await;
    let owner = kit::owner(&app).await;
    let viewer = kit::admin(&app, &owner, "viewer").await;

    let page = viewer.get("/console/tables/public.orders/structure").await;
    let page = page.expect_status(200).text;

    assert!(!page.contains("structure/edit"), "{page}");
    for missing in [
        "public.nothing",
        "pg_catalog.pg_class",
        "auth.users",
        "orders",
        ".",
    ] {
        let path = format!("/console/tables/{missing}/structure");
        owner.get(&path).await.expect_status(404);
    }
}

#[tokio::test]
async fn a_new_table_among_hundreds_shows_without_a_restart() {
    let many: String = (0..500)
        .map(|it| format!("create table public.t{it} (id int primary key);"))
        .collect();
    let app = kit::app().migrations(&many).start().await;
    let owner = kit::owner(&app).await;
    let path = "/console/tables/public.fresh/structure";
    owner.get(path).await.expect_status(404);

    let wide: Vec<_> = (0..200).map(|it| format!("column_{it} text")).collect();
    let create = format!("create table public.fresh ({})", wide.join(", "));
    app.sql()
        .await
        .batch_execute(&create)
        .await
        .expect("a table");

    let page = until_it_says(&owner, path, "column_199").await;
    assert_eq!(
        page.matches("<th scope=\"row\" class=\"cut\">").count(),
        200
    );
}
