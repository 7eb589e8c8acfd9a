//! Finding things by a few letters.

use super::kit;

#[tokio::test]
async fn pages_tables_queries_files_and_users_are_found() {
    let app = kit::app()
        .migrations("create table public.notebooks (id int primary key)")
        .policy("public.notebooks.toml", "table = \"public.notebooks\"\n")
        .start()
        .await;
    let owner = kit::owner(&app).await;
    let user = kit::id(&kit::user(&app, "noah@mail.example").await);
    let kept = [("name", "Notes <of> today"), ("sql", "select 1")];
    owner.post("/console/sql", &kept).await.expect_status(303);

    let found = owner
        .get_part("/console/palette?q=NO")
        .await
        .expect_status(200)
        .text;

    assert!(
        found.contains("href=\"/console/tables/public.notebooks\""),
        "{found}"
    );
    assert!(found.contains("Notes &#60;of&#62; today"), "{found}");
    assert!(found.contains("public.notebooks.toml"), "{found}");
    assert!(
        found.contains(&format!("href=\"/console/users/{user}\"")),
        "{found}"
    );
    assert!(!found.contains("<html"), "{found}");
    let page = owner
        .get("/console/palette?q=audit")
        .await
        .expect_status(200)
        .text;
    assert!(page.contains("<small>Operate</small>"), "{page}");
    let empty = owner.get_part("/console/palette?q=").await.text;
    assert!(
        empty.contains("href=\"/console/users\"") && !empty.contains("Tables</h2>"),
        "{empty}"
    );
    let none = owner
        .get_part("/console/palette?q=%25%27xyz")
        .await
        .expect_status(200)
        .text;
    assert!(none.contains("Nothing is called like that"), "{none}");
}

#[tokio::test]
async fn the_keys_are_those_of_the_rail() {
    let app = kit::app().start().await;
    let owner = kit::owner(&app).await;

    let page = owner.get("/console/keyboard").await.expect_status(200).text;

    assert!(page.contains("<kbd>g</kbd> <kbd>s</kbd>"), "{page}");
    assert!(page.contains("data-go=\"s\""), "{page}");
    kit::Browser::new(&app)
        .get("/console/palette?q=a")
        .await
        .expect_status(303);
}
