//! A database per test: fresh, cloned from a template, gone at the end.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use postern_testkit::{Database, database};
use tokio_postgres::NoTls;

const TEMPLATE: &str = "create table notes (id int primary key); insert into notes values (1)";

async fn count(database: &Database, sql: &str) -> i64 {
    database
        .client()
        .await
        .query_one(sql, &[])
        .await
        .unwrap()
        .get(0)
}

#[tokio::test]
async fn two_tests_with_one_template_do_not_meet() {
    let (first, second) = tokio::join!(database(TEMPLATE), database(TEMPLATE));

    first
        .client()
        .await
        .execute("insert into notes values (2)", &[])
        .await
        .unwrap();

    assert_ne!(first.name(), second.name());
    assert_eq!(count(&first, "select count(*) from notes").await, 2);
    assert_eq!(count(&second, "select count(*) from notes").await, 1);
}

#[tokio::test]
async fn a_template_is_made_once() {
    let sql = "create table once as select gen_random_uuid()::text as id";
    let (first, second, third) = tokio::join!(database(sql), database(sql), database(sql));

    let mut ids = Vec::new();
    for each in [&first, &second, &third] {
        let row = each
            .client()
            .await
            .query_one("select id from once", &[])
            .await
            .unwrap();
        ids.push(row.get::<_, String>(0));
    }

    assert_eq!(ids[0], ids[1]);
    assert_eq!(ids[0], ids[2]);
}

#[tokio::test]
async fn the_support_schema_is_there_before_the_sql_runs() {
    let database = database("create table owned (owner uuid default auth.uid())").await;

    let found = count(
        &database,
        "select count(*) from pg_namespace where nspname = 'postern'",
    );

    assert_eq!(found.await, 1);
}

#[tokio::test]
async fn a_database_is_dropped_when_its_test_passes() {
    let name = database(TEMPLATE).await.name().to_owned();

    let other = database("").await;
    let sql = format!("select count(*) from pg_database where datname = '{name}'");

    assert_eq!(count(&other, &sql).await, 0);
}

#[tokio::test]
async fn the_gateway_signs_in_with_a_role_of_its_own() {
    let database = database(TEMPLATE).await;

    let connected = tokio_postgres::connect(&database.gateway_url(), NoTls).await;
    let (client, connection) = connected.unwrap();
    tokio::spawn(connection);
    let sql = "select rolsuper, (select count(*) from notes) from pg_roles \
               where rolname = current_user";
    let row = client.query_one(sql, &[]).await.unwrap();

    assert!(!row.get::<_, bool>(0), "the gateway is a superuser");
    assert_eq!(
        row.get::<_, i64>(1),
        1,
        "the gateway reads what migrations made"
    );
}
