//! What is in the database and in no policy file: not there, by whatever name it is called.

use postern_testkit::{Reply, TestApp, TestClient};
use serde_json::{Value, json};

use super::super::leaks::world::{ALICE, described};

/// Everything that reaches rows of Bob's past the policies of their table.
const SQL: &str = "
create view public.all_records as select id, title, secret from public.records;
create view public.invoked with (security_invoker) as select id, title from public.records;
create materialized view public.stored as select id, title from public.records;
create sequence public.numbers;
create function public.definer() returns setof public.records language sql security definer
  as $$ select * from public.records $$;
create procedure public.proc() language sql as $$ select 1 $$;
create aggregate public.collect(int) (sfunc = int4pl, stype = int, initcond = '0');
create function public.of_row(public.records) returns text language sql stable
  as $$ select $1.secret $$;
create schema hidden;
create table hidden.records (id int, title text);
insert into hidden.records values (1, 'BOBS own schema');
create table public.part (id int, title text) partition by list (id);
create table public.part_1 partition of public.part for values in (1);
insert into public.part values (1, 'BOBS part');
create table public.child () inherits (public.tags);
insert into public.child values (7, 'b0b00000-0000-4000-8000-000000000002', 'BOBS child');
refresh materialized view public.stored;
";

/// A foreign table needs no server to be refused.
const FOREIGN: &str = "
create extension if not exists postgres_fdw;
create server elsewhere foreign data wrapper postgres_fdw;
create foreign table public.foreign_records (id int, title text) server elsewhere;
";

/// A view that somebody did write a file for: that file alone decides.
const LISTED: &str = "
create view public.listed as select id, title, secret, owner_id from public.records;
";

const LISTED_POLICY: &str = "
table = 'public.listed'
[columns.authenticated]
select = ['id', 'title']
[[allow]]
name = 'own'
roles = ['authenticated']
for = ['select']
where = 'owner_id = auth.uid()'
";

async fn app(more: &str) -> TestApp {
    let builder = described()
        .migrations(SQL)
        .migrations(LISTED)
        .migrations(more);
    builder
        .policy("public.listed.toml", LISTED_POLICY)
        .start()
        .await
}

async fn asked(client: &TestClient, name: &str) -> Vec<Reply> {
    let path = format!("/rest/v1/{name}");
    let call = format!("/rest/v1/rpc/{name}");
    let body = json!({ "id": 1 });
    vec![
        client.get(&path).send().await,
        client
            .get(&format!("{path}?select=id&id=eq.1"))
            .send()
            .await,
        client.post(&path, &body).send().await,
        client.patch(&format!("{path}?id=eq.1"), &body).send().await,
        client.delete(&format!("{path}?id=eq.1")).send().await,
        client.get(&call).send().await,
        client.post(&call, &json!({})).send().await,
        client
            .get(&format!("/rest/v1/records?select=id,{name}(*)"))
            .send()
            .await,
        client
            .get(&format!("/rest/v1/records?select=id,{name}"))
            .send()
            .await,
    ]
}

/// What a caller learns from an answer: all of it but a suggestion, which goes by how the asked
/// name is spelt and may name what this caller has.
fn learned(reply: &Reply, name: &str) -> (u16, Value) {
    let mut body = reply.json();
    if let Some(hint) = body["hint"].as_str() {
        let own = [
            "records",
            "profiles",
            "tags",
            "tenants",
            "record_tags",
            "listed",
        ];
        let suggested = own.iter().any(|it| {
            let names = [format!("'public.{it}'"), format!("meant '{it}'")];
            names.iter().any(|name| hint.contains(name))
        });
        assert!(suggested, "{name}: {hint}");
        body["hint"] = Value::Null;
    }
    let body = body.to_string().replace(name, "*");
    let body = serde_json::from_str(&body);
    (
        reply.status.as_u16(),
        body.expect("the name is no part of JSON"),
    )
}

/// Each name answers as one that is not there.
async fn is_not_there(app: &TestApp, names: &[&str]) {
    let alice = app.user(ALICE);
    let missing = "xyzzyxyzzyq";
    let expected = asked(&alice, missing).await;
    for name in names {
        for (hidden, expected) in asked(&alice, name).await.iter().zip(&expected) {
            assert_eq!(learned(hidden, name), learned(expected, missing), "{name}");
        }
    }
}

#[tokio::test]
async fn attack_54_what_no_policy_names_is_not_there() {
    let names = [
        "all_records",
        "invoked",
        "stored",
        "numbers",
        "definer",
        "proc",
        "collect",
        "of_row",
        "part",
        "part_1",
        "child",
        "records_id_seq",
        "records_pkey",
    ];
    is_not_there(&app("").await, &names).await;
}

#[tokio::test]
async fn attack_54_foreign_tables_are_not_there() {
    let extension = "/usr/share/postgresql/15/extension/postgres_fdw.control";
    if !std::path::Path::new(extension).exists() {
        return postern_testkit::skip("the server has no foreign data wrapper");
    }
    is_not_there(&app(FOREIGN).await, &["foreign_records"]).await;
}

#[tokio::test]
async fn attack_54_catalogs_and_their_functions_are_not_there() {
    let names = [
        "pg_class",
        "pg_authid",
        "pg_roles",
        "pg_shadow",
        "pg_proc",
        "pg_policies",
        "pg_settings",
        "pg_largeobject",
        "pg_sleep",
        "pg_read_file",
        "pg_ls_dir",
        "set_config",
        "current_setting",
        "query_to_xml",
        "table_to_xml",
        "ts_stat",
        "lo_import",
        "lo_get",
        "nextval",
        "dblink",
        "version",
        "pg_terminate_backend",
        "deny",
        "refuse",
        "uid",
        "jwt",
        "users",
        "audit_log_entries",
        "rate_limits",
    ];
    is_not_there(&app("").await, &names).await;
}

#[tokio::test]
async fn attack_54_other_schemas_are_not_served() {
    let app = app("").await;
    let alice = app.user(ALICE);
    let mut texts = Vec::new();
    for schema in [
        "hidden",
        "auth",
        "postern",
        "pg_catalog",
        "information_schema",
        "pg_temp",
        "nowhere",
    ] {
        for verb in ["GET", "POST", "PATCH", "DELETE"] {
            let request = alice.request(verb.parse().expect("a verb"), "/rest/v1/records?id=eq.1");
            let request = request
                .header("accept-profile", schema)
                .header("content-profile", schema);
            let reply = request.json(&json!({ "id": 1 })).send().await;
            assert_eq!(reply.status.as_u16(), 406, "{schema}: {}", reply.text);
            texts.push(reply.text.replace(schema, "*"));
        }
    }
    texts.dedup();
    assert_eq!(texts.len(), 1, "{texts:?}");
}

#[tokio::test]
async fn attack_54_a_view_shows_what_its_own_file_says() {
    let app = app("").await;
    let alice = app.user(ALICE);
    let rows = alice
        .get("/rest/v1/listed?order=id")
        .send()
        .await
        .expect_status(200);
    let expected = json!([{ "id": 1, "title": "her first" }, { "id": 2, "title": "her second" }]);
    assert_eq!(rows.json(), expected);
    let secret = alice.get("/rest/v1/listed?select=secret").send().await;
    assert_eq!(secret.expect_status(400).json()["code"], "42703");
    let anon = app.anon().get("/rest/v1/listed").send().await;
    assert!(anon.status.is_client_error(), "{}", anon.text);
    // Rows of a table that inherits are rows of the table, and behind its policy.
    let tags = alice
        .get("/rest/v1/tags?select=id")
        .send()
        .await
        .expect_status(200);
    assert_eq!(tags.json(), json!([{ "id": 1 }]));
    let root = alice
        .get("/rest/v1/")
        .send()
        .await
        .expect_status(200)
        .json();
    let paths: Vec<&String> = root["paths"].as_object().expect("paths").keys().collect();
    let shown = [
        "all_records",
        "invoked",
        "stored",
        "definer",
        "part",
        "child",
        "vault",
    ];
    assert!(
        !paths
            .iter()
            .any(|it| shown.iter().any(|name| it.ends_with(name))),
        "{paths:?}"
    );
    assert_ne!(root["paths"]["/listed"], Value::Null);
}
