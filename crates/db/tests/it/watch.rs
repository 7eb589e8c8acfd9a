//! Changes of the schema are heard of, with and without the event trigger.

use std::time::Duration;

use postern_db::managed::Login;
use postern_db::{Change, Db, DbConfig, SchemaWatch};

use super::server::Database;

async fn watch(database: &Database) -> SchemaWatch {
    let config = DbConfig::new(database.url(Login::Gateway).await);
    let db = Db::connect(&config).await.expect("connects");
    db.watch_schema().await
}

/// What is heard in the end, however busy the machine is.
async fn soon(watch: &mut SchemaWatch) -> Option<Change> {
    tokio::time::timeout(Duration::from_secs(60), watch.next())
        .await
        .ok()
}

/// What is heard within a moment; for what must not be heard.
async fn heard(watch: &mut SchemaWatch) -> Option<Change> {
    tokio::time::timeout(Duration::from_millis(900), watch.next())
        .await
        .ok()
}

#[tokio::test]
async fn the_event_trigger_tells_of_ddl_at_once() {
    let database = Database::with("").await;
    let mut watch = watch(&database).await;

    database.execute("create table t (a int)").await;

    // Nothing but the trigger can have told: beside it the catalogue is not compared at all.
    assert_eq!(soon(&mut watch).await, Some(Change::Schema));
    database.execute("drop table t").await;
    assert_eq!(soon(&mut watch).await, Some(Change::Schema));
}

#[tokio::test]
async fn temporary_tables_are_no_change_of_the_schema() {
    let database = Database::with("").await;
    let mut watch = watch(&database).await;

    database
        .execute("create temp table t (a int); drop table t")
        .await;

    assert_eq!(heard(&mut watch).await, None);
}

#[tokio::test]
async fn polling_finds_what_nobody_tells() {
    let database = Database::with(
        "create table t (a int); drop event trigger postern_ddl_watch; \
         drop event trigger postern_drop_watch",
    )
    .await;
    let mut watch = watch(&database).await;

    database.execute("alter table t add b int").await;

    assert_eq!(soon(&mut watch).await, Some(Change::Schema));
    assert_eq!(heard(&mut watch).await, None);
}

#[tokio::test]
async fn notifications_are_understood_and_survive_a_lost_connection() {
    let database = Database::with("").await;
    let mut watch = watch(&database).await;

    database.execute("notify pgrst, 'reload config'").await;
    assert_eq!(soon(&mut watch).await, Some(Change::Config));

    database
        .execute(
            "select pg_terminate_backend(pid) from pg_stat_activity \
             where application_name = 'postern watch' and datname = current_database()",
        )
        .await;
    // What happened meanwhile is unknown, so the schema counts as changed.
    assert_eq!(soon(&mut watch).await, Some(Change::Schema));
    database.execute("notify pgrst, 'reload config'").await;
    assert_eq!(soon(&mut watch).await, Some(Change::Config));
}
