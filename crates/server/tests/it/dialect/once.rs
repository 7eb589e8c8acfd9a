//! What is called before a request is called once, however much the request asks for.

use postern_testkit::{database, skip};

use super::served;

/// A connection of its own remembers the calls: a transaction that reads cannot.
const COUNTED: &str = "
do $$ begin
  begin
    create role native_caller login password 'calls-back-and-long-enough';
  exception when duplicate_object or unique_violation then null;
  end;
end $$;
create extension dblink;
create schema private;
create table private.calls (at timestamptz default now());
grant usage on schema private to native_caller;
grant insert on private.calls to native_caller;
create function private.before() returns void language plpgsql as $$
begin
  perform public.dblink_exec(format('host=127.0.0.1 port=%s dbname=%s user=native_caller '
    'password=calls-back-and-long-enough', current_setting('port'), current_database()),
    'insert into private.calls default values');
end $$;
";

#[tokio::test]
async fn an_estimate_is_asked_for_in_the_same_transaction() {
    let found = "select from pg_available_extensions where name = 'dblink'";
    let client = database("").await.client().await;
    if client.query_opt(found, &[]).await.ok().flatten().is_none() {
        return skip("the server has no dblink");
    }
    let builder = served(COUNTED, "").setting("api.pre_request", "private.before");
    let app = builder.setting("limits.rows_max", "2").start().await;
    let sql = app.sql().await;
    let calls = async || {
        let row = sql
            .query_one("select count(*) from private.calls", &[])
            .await;
        row.expect("a count").get::<_, i64>(0)
    };

    for (index, count) in ["planned", "estimated"].iter().enumerate() {
        let read = app.service().get("/rest/v1/seats?select=id");
        let read = read.prefer(&format!("count={count}")).send().await;

        let applied = format!("count={count}");
        assert_eq!(read.header("preference-applied"), Some(applied.as_str()));
        let range = read.header("content-range").unwrap_or_default();
        assert!(
            range.starts_with("0-1/") && !range.ends_with('*'),
            "{range}"
        );
        assert_eq!(calls().await, i64::try_from(index + 1).expect("few"));
    }
}
