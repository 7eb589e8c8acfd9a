//! Foreign tables stand under policies like others, and are written where their server takes it.

use postern_testkit::{TestApp, database, skip};
use serde_json::json;

use super::{ANNA, BORIS, described};

/// The foreign server is this one: the address is known only in the test's own database.
const FAR: &str = "
do $$ begin
  begin
    create role native_far login password 'far-away-and-long-enough';
  exception when duplicate_object or unique_violation then null;
  end;
end $$;
create extension postgres_fdw;
create schema far;
create table far.letters (
  id int primary key, owner_id uuid not null, body text, secret text default 'sealed'
);
grant usage on schema far to native_far;
grant select, insert, update, delete on far.letters to native_far;
";

const LINK: &str = "
do $$ begin
  execute format('create server far foreign data wrapper postgres_fdw options (host %L, port %L, \
    dbname %L)', '127.0.0.1', current_setting('port'), current_database());
end $$;
create user mapping for public server far
  options (user 'native_far', password 'far-away-and-long-enough');
create foreign table public.letters (
  id int not null, owner_id uuid not null, body text, secret text
) server far options (schema_name 'far', table_name 'letters');
grant select, insert, update, delete on public.letters to postern_gateway
";

const POLICY: &str = r#"
table = "public.letters"
[columns.authenticated]
select = ["id", "body"]
insert = ["id", "body"]
update = ["body"]
[preset.insert]
owner_id = "auth.uid()"
[[allow]]
name = "own"
roles = ["authenticated"]
for = ["select", "insert", "update", "delete"]
where = "owner_id = auth.uid()"
"#;

async fn app() -> Option<TestApp> {
    let found = "select from pg_available_extensions where name = 'postgres_fdw'";
    let client = database("").await.client().await;
    if client.query_opt(found, &[]).await.ok().flatten().is_none() {
        skip("the server has no postgres_fdw");
        return None;
    }
    let rows = format!(
        "insert into far.letters (id, owner_id, body) values (1, '{ANNA}', 'a'), (2, '{BORIS}', 'b')"
    );
    let policies = [("public.letters.toml".to_owned(), POLICY.to_owned())];
    // The policy names a table that the template does not have yet.
    let app = described(&[FAR, &rows].concat(), &policies).arranged(LINK);
    Some(app.start().await)
}

#[tokio::test]
async fn rows_and_columns_of_a_foreign_table_are_those_of_its_policy() {
    let Some(app) = app().await else { return };
    let (anna, boris) = (app.user(ANNA), app.user(BORIS));

    let rows = anna
        .get("/rest/v1/letters")
        .prefer("count=exact")
        .send()
        .await;
    assert_eq!(rows.header("content-range"), Some("0-0/1"));
    assert_eq!(rows.json(), json!([{"id": 1, "body": "a"}]));
    let his = boris.get("/rest/v1/letters?body=like.*").send().await;
    assert_eq!(
        his.expect_status(200).json(),
        json!([{"id": 2, "body": "b"}])
    );
    let secret = anna.get("/rest/v1/letters?select=secret").send().await;
    assert_eq!(secret.expect_status(400).json()["code"], "42703");
    let anon = app.anon().get("/rest/v1/letters").send().await;
    anon.expect_status(404);
}

#[tokio::test]
async fn a_foreign_table_is_written_under_its_policy() {
    let Some(app) = app().await else { return };
    let (anna, boris) = (app.user(ANNA), app.user(BORIS));
    let back = "return=representation";

    let made = anna.post("/rest/v1/letters", &json!({"id": 3, "body": "new"}));
    let made = made.prefer(back).send().await;
    assert_eq!(
        made.expect_status(201).json(),
        json!([{"id": 3, "body": "new"}])
    );
    let stolen = boris.patch("/rest/v1/letters?id=eq.3", &json!({"body": "his"}));
    let stolen = stolen.prefer(back).send().await;
    assert_eq!(stolen.expect_status(200).json(), json!([]));
    let changed = anna.patch("/rest/v1/letters?id=eq.3", &json!({"body": "x"}));
    let changed = changed.prefer(back).send().await;
    assert_eq!(
        changed.expect_status(200).json(),
        json!([{"id": 3, "body": "x"}])
    );
    let gone = anna.delete("/rest/v1/letters").prefer(back).send().await;
    assert_eq!(
        gone.expect_status(200).json().as_array().map(Vec::len),
        Some(2)
    );
    let left = app.sql().await;
    let left = left
        .query_one("select count(*) from far.letters", &[])
        .await;
    assert_eq!(left.expect("a count").get::<_, i64>(0), 1);
}
