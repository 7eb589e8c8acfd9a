//! The list of tables.

use super::{keys, part, shop};
use crate::it::kit;

#[tokio::test]
async fn tables_say_what_they_are_and_who_sees_them() {
    let (_app, owner) = shop().await;

    let page = part(&owner, "/console/tables").await;

    let names = keys(&page);
    assert_eq!(names.len(), 6, "{names:?}");
    assert!(names.contains(&"orders".to_owned()), "{names:?}");
    assert!(page.contains("1 role by policy"), "{page}");
    assert!(page.contains("No policy: nobody"), "{page}");
    assert!(page.contains("view"), "{page}");
    assert!(!page.contains("<b>customers"), "{page}");
}

#[tokio::test]
async fn tables_are_searched_by_schema_and_name() {
    let (_app, owner) = shop().await;

    let found = keys(&part(&owner, "/console/tables?q=ORD").await);
    assert_eq!(found, ["orders"]);
    let found = keys(&part(&owner, "/console/tables?schema=back_office").await);
    assert_eq!(found, ["ledger"]);
    let found = keys(&part(&owner, "/console/tables?schema=*&q=ledger").await);
    assert_eq!(found, ["back_office.ledger"]);
    let none = part(&owner, "/console/tables?q=%3Cscript%3E").await;
    assert!(
        keys(&none).is_empty() && !none.contains("<script>"),
        "{none}"
    );
    let page = owner.get("/console/tables?schema=nowhere").await;
    assert!(
        page.expect_status(200)
            .text
            .contains("No tables in this schema")
    );
}

#[tokio::test]
async fn five_hundred_tables_are_one_page() {
    let many: String = (0..500)
        .map(|it| format!("create table public.t{it:03} (id int primary key);"))
        .collect();
    let app = kit::app().migrations(&many).start().await;
    let owner = kit::owner(&app).await;

    let page = owner.get("/console/tables").await.expect_status(200).text;

    assert_eq!(keys(&page).len(), 500);
    assert!(page.len() < 512 * 1024, "{} bytes", page.len());
}

#[tokio::test]
async fn a_table_that_is_not_served_tells_its_columns_and_the_way_out() {
    let (_app, owner) = shop().await;

    let page = owner.get("/console/tables/back_office.ledger").await;

    let page = page.expect_status(200).text;
    assert!(
        page.contains("amount") && page.contains("numeric"),
        "{page}"
    );
    assert!(
        page.contains("does not serve the schema back_office"),
        "{page}"
    );
    for missing in [
        "public.nothing",
        "nothing",
        "nowhere.at_all",
        "postern.admins",
    ] {
        let path = format!("/console/tables/{missing}");
        owner.get(&path).await.expect_status(404);
    }
}

#[tokio::test]
async fn a_new_table_is_there_without_a_restart() {
    let (app, owner) = shop().await;
    owner
        .get("/console/tables/public.later")
        .await
        .expect_status(404);

    let sql = app.sql().await;
    sql.batch_execute("create table public.later (id int primary key)")
        .await
        .expect("a table");

    assert!(keys(&part(&owner, "/console/tables").await).contains(&"later".to_owned()));
    let ends = std::time::Instant::now() + std::time::Duration::from_secs(30);
    while owner.get("/console/tables/public.later").await.status != 200 {
        assert!(
            std::time::Instant::now() < ends,
            "the new table did not come"
        );
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
}
