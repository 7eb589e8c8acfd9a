//! The map of a schema.

use super::shop;
use crate::it::kit;

#[tokio::test]
async fn tables_keys_and_what_refers_to_what_are_drawn_and_told() {
    let app = shop().start().await;
    let owner = kit::owner(&app).await;

    let page = owner.get("/console/schema").await.expect_status(200).text;

    let drawing = page.split_once("<svg viewBox=").expect("a drawing").1;
    let drawing = drawing.split_once("</svg>").expect("its end").0;
    assert_eq!(drawing.matches("data-table=").count(), 2, "{drawing}");
    assert_eq!(drawing.matches("class=\"key\"").count(), 1, "{drawing}");
    for part in [">customer_id<", ">bigint<", "table=customers"] {
        assert!(drawing.contains(part), "{part}: {drawing}");
    }
    assert!(page.contains("Referred to by"), "{page}");
    assert!(
        page.contains("/console/tables/public.customers/structure"),
        "{page}"
    );
    assert!(!page.contains("style="), "{page}");
}

#[tokio::test]
async fn names_are_text_and_schemas_that_are_not_served_stay_closed() {
    let tables = "create table public.\"<b>odd</b>\" (\"<i>a\" int primary key,
          parent int references public.\"<b>odd</b>\");
        create view public.seen as select 1 as one;
        create schema hidden; create table hidden.secrets (id int primary key);";
    let app = kit::app().migrations(tables).start().await;
    let owner = kit::owner(&app).await;

    let page = owner.get("/console/schema").await.expect_status(200).text;
    let hidden = owner.get("/console/schema?schema=hidden").await;

    assert!(!page.contains("<b>odd") && !page.contains("<i>a"), "{page}");
    assert_eq!(page.matches("data-table=").count(), 1, "{page}");
    let hidden = hidden.expect_status(200).text;
    assert!(hidden.contains("There is no table here"), "{hidden}");
    assert!(!hidden.contains("secrets"), "{hidden}");
}

#[tokio::test]
async fn of_hundreds_of_tables_one_neighbourhood_is_drawn() {
    let tables: String = (0..200)
        .map(|index| match index {
            0 => "create table public.t0 (id int primary key);".to_owned(),
            1..=9 => format!(
                "create table public.t{index} (id int primary key, of int references public.t0);"
            ),
            _ => format!("create table public.t{index} (id int primary key);"),
        })
        .collect();
    let app = kit::app().migrations(&tables).start().await;
    let owner = kit::owner(&app).await;

    let all = owner.get("/console/schema").await.expect_status(200).text;
    let one = owner.get("/console/schema?table=t3").await.text;
    let found = owner.get("/console/schema?q=T150").await.text;
    let none = owner.get("/console/schema?q=nothing").await.text;

    assert_eq!(all.matches("data-table=").count(), 10, "{all}");
    assert!(all.contains("here is t0"), "{all}");
    assert!(
        all.contains("/console/tables/public.t199/structure"),
        "the list has all: {all}"
    );
    assert_eq!(one.matches("data-table=").count(), 2, "{one}");
    assert_eq!(found.matches("data-table=").count(), 1, "{found}");
    assert!(none.contains("No table is called like that"), "{none}");
}
