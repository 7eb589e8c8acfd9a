//! Migrations and seeds on a real database.

use postern_db::Admin;
use postern_db::managed::Login;
use postern_db::migrate::{self, Error, MigrationFile};

use super::server::Database;

fn file(name: &str, sql: &str) -> MigrationFile {
    MigrationFile {
        name: name.into(),
        sql: sql.into(),
    }
}

async fn admin(database: &Database) -> Admin {
    Admin::connect(&database.url(Login::Owner).await)
        .await
        .expect("connects")
}

#[tokio::test]
async fn applies_each_file_once_and_in_order() {
    let database = Database::with("").await;
    let mut admin = admin(&database).await;
    let files = [
        file("002.sql", "alter table t add b int"),
        file("001.sql", "create table t (a int); set search_path = ''"),
    ];

    let first = migrate::apply(&mut admin, &files).await.expect("applies");
    let second = migrate::apply(&mut admin, &files).await.expect("applies");

    assert_eq!(first, ["001.sql", "002.sql"]);
    assert!(second.is_empty());
}

#[tokio::test]
async fn a_refused_file_names_its_place_and_leaves_nothing() {
    let database = Database::with("").await;
    let mut admin = admin(&database).await;
    let files = [
        file("001.sql", "create table kept (a int)"),
        file(
            "002.sql",
            "create table lost (a int);\nselect nope\n  from lost;",
        ),
    ];

    let error = migrate::apply(&mut admin, &files)
        .await
        .expect_err("refused");

    assert!(
        error
            .to_string()
            .starts_with("002.sql:2:8: column \"nope\""),
        "{error}"
    );
    let client = database.client().await;
    let row = client
        .query_one(
            "select to_regclass('kept') is null, to_regclass('lost') is null",
            &[],
        )
        .await
        .expect("asks");
    assert_eq!((row.get(0), row.get(1)), (false, true));
}

#[tokio::test]
async fn an_edited_file_is_refused() {
    let database = Database::with("").await;
    let mut admin = admin(&database).await;
    migrate::apply(&mut admin, &[file("001.sql", "create table t (a int)")])
        .await
        .expect("applies");

    let refused = migrate::apply(&mut admin, &[file("001.sql", "create table t (b int)")]).await;

    assert!(matches!(refused, Err(Error::Edited { .. })));
}

#[tokio::test]
async fn a_file_may_not_end_its_transaction() {
    let database = Database::with("").await;
    let mut admin = admin(&database).await;

    let refused = migrate::apply(&mut admin, &[file("001.sql", "commit; begin")]).await;

    assert!(
        matches!(refused, Err(Error::EndsTransaction { .. })),
        "{refused:?}"
    );
}

#[tokio::test]
async fn the_seed_is_sown_once() {
    let database = Database::with("create table t (a int)").await;
    let mut admin = admin(&database).await;
    let seed = file("seed.sql", "insert into t values (1)");

    assert!(migrate::seed(&mut admin, &seed).await.expect("sows"));
    assert!(
        !migrate::seed(&mut admin, &seed)
            .await
            .expect("does nothing")
    );

    let row = database
        .client()
        .await
        .query_one("select count(*) from t", &[])
        .await;
    assert_eq!(row.expect("counts").get::<_, i64>(0), 1);
}
