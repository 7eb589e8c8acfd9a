//! Changes of the schema are heard of, with and without the event trigger.

use std::time::{Duration, Instant};

use postern_db::managed::Login;
use postern_db::{Change, Db, DbConfig, SchemaWatch};

use super::server::Database;

async fn watch(database: &Database) -> SchemaWatch {
    let config = DbConfig::new(database.url(Login::Gateway).await);
    let db = Db::connect(&config).await.expect("connects");
    let watch = db.watch_schema();
    let client = database.client().await;
    let deadline = Instant::now() + Duration::from_secs(5);
    // Listening starts in the background; the test must not be faster.
    loop {
        let row = client
            .query_one(
                "select count(*) from pg_stat_activity where application_name = 'postern watch' \
                 and state = 'idle' and datname = current_database() and query not like 'listen%'",
                &[],
            )
            .await
            .expect("asks");
        if row.get::<_, i64>(0) > 0 {
            return watch;
        }
        assert!(Instant::now() < deadline, "nobody watches");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// What is heard in the end, however busy the machine is.
async fn soon(watch: &mut SchemaWatch) -> Option<Change> {
    tokio::time::timeout(Duration::from_secs(15), watch.next())
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
    let started = Instant::now();

    database.execute("create table t (a int)").await;

    assert_eq!(soon(&mut watch).await, Some(Change::Schema));
    assert!(started.elapsed() < Duration::from_millis(500));
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
