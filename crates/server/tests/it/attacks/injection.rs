//! SQL in every place of a request that has room for text.

use postern_testkit::{Reply, TestApp, TestAppBuilder, TestClient};
use serde_json::{Value, json};

use super::super::leaks::world::{ALICE, MARKER, described};
use super::encoded;

/// Texts that end something in SQL: strings, names, lists, statements, comments, casts.
const TEXTS: &[&str] = &[
    "'",
    "\"",
    "' or true --",
    "\" or true --",
    "') or true --",
    "1) or (1=1",
    "1; drop table public.records; --",
    "x'; update public.records set owner_id = null; --",
    "' union select secret from public.records --",
    "\") from public.vault --",
    "$1",
    "$$ || (select content from public.vault) || $$",
    "\\' or true --",
    "/* */ or /* */ true",
    "id::text, (select secret from public.records limit 1)",
    "secret from public.records r where true or (r.title",
    "1 or pg_sleep(3600) is null",
    "(select pg_sleep(3600))",
    "%' or title like '%",
    "->>'x' or true or 'x'='x",
    "{\"a\": \"' or true --\"}",
    "{1,2}'::int[] or true --",
    "\u{2019} or true --",
    "a.b\".\"c",
];

/// Places in an address with `{}` where the text stands.
const ADDRESSES: &[&str] = &[
    "records?select={}",
    "records?select=id,{}",
    "records?select=id,alias{}:title",
    "records?select=\"{}\"",
    "records?select=id::{}",
    "records?select=doc->{}",
    "records?select=doc->>{}",
    "records?select=doc->'{}'",
    "records?select=id.{}()",
    "records?select=id,{}(name)",
    "records?select=id,tenants!{}(name)",
    "records?select=id,tenants({})",
    "records?select=id,...tenants({})",
    "records?title=eq.{}",
    "records?title=neq.{}",
    "records?title=like.{}",
    "records?title=ilike(any).{}",
    "records?title=match.{}",
    "records?title=in.({})",
    "records?title=in.(\"{}\",b)",
    "records?title=fts({}).x",
    "records?title=plfts(english).{}",
    "records?id=is.{}",
    "records?id=eq.{}",
    "records?id=in.({})",
    "records?doc=cs.{}",
    "records?doc->>{}=eq.x",
    "records?title={}",
    "records?title={}.x",
    "records?{}=eq.1",
    "records?or=({})",
    "records?or=(title.eq.{})",
    "records?or=(title.eq.\"{}\",id.eq.0)",
    "records?not.and=({}.eq.1)",
    "records?order={}",
    "records?order=title.{}",
    "records?order=doc->{}",
    "records?order=tenants({})",
    "records?limit={}",
    "records?offset={}",
    "tenants?select=id,records(id)&records.title=eq.{}",
    "tenants?select=id,records(id)&records.{}=eq.1",
    "tenants?select=id,records(id)&records.order={}",
    "tenants?select=id,records(id)&records.limit={}",
    "tenants?select=id,records(id)&{}.id=eq.1",
    "{}",
    "{}?select=id",
    "rpc/{}",
    "rpc/echo?a={}",
    "rpc/echo?{}=a",
    "rpc/echo?a=x&select={}",
    "query/titled?start={}",
    "query/titled?{}=x",
    "query/{}",
];

/// Headers that say something about a read.
const HEADERS: &[&str] = &[
    "prefer",
    "range",
    "accept",
    "accept-profile",
    "range-unit",
    "x-request-id",
];

/// Places of writes: verb, address, and body with `{}` where the text stands.
const WRITES: &[(&str, &str, &str)] = &[
    ("POST", "records?on_conflict={}", r#"{"title": "t"}"#),
    ("POST", "records?columns={}", r#"[{"title": "t"}]"#),
    ("POST", "records?columns=title,{}", r#"[{"title": "t"}]"#),
    ("POST", "records?select={}", r#"{"title": "t"}"#),
    ("PATCH", "records?{}=eq.1", r#"{"title": "t"}"#),
    ("PATCH", "records?id=eq.{}", r#"{"title": "t"}"#),
    ("PUT", "records?id=eq.{}", r#"{"id": 1, "title": "t"}"#),
    ("DELETE", "records?title=eq.{}", ""),
    ("DELETE", "records?{}", ""),
];

const SQL: &str = "
create function public.echo(a text) returns text language sql immutable
  as $$ select a $$;
";

const FUNCTIONS: &str = "
[function.\"public.echo(text)\"]
roles = ['authenticated']
mode = 'trusted'
";

const TITLED: &str = "-- roles: authenticated
-- param start: text
select r.id, r.title from records r where r.title like :start order by r.id
";

fn builder() -> TestAppBuilder {
    described()
        .migrations(SQL)
        .policy("functions.toml", FUNCTIONS)
        .file("queries/titled.sql", TITLED)
        .setting("api.tx_end", "commit-allow-override")
}

/// What must not change: the tables, their rows, and who owns what.
async fn state(app: &TestApp) -> Value {
    let sql = "select json_build_array(
        (select json_agg(c.relname order by c.relname) from pg_class c
          where c.relnamespace = 'public'::regnamespace),
        (select json_agg(r order by r.id) from public.records r),
        (select json_agg(v) from public.vault v))::text";
    let row = app
        .sql()
        .await
        .query_one(sql, &[])
        .await
        .expect("the state");
    serde_json::from_str(row.get(0)).expect("JSON")
}

/// An answer, or a refusal that is about the request: nothing of Bob's, and no fault of ours.
#[track_caller]
fn harmless(reply: &Reply, of: &str) {
    let status = reply.status.as_u16();
    assert!(status < 500, "{of}: {status} {}", reply.text);
    assert!(!reply.text.contains(MARKER), "{of}: {}", reply.text);
    assert!(!reply.text.contains("sA1"), "{of}: {}", reply.text);
    // A complaint of Postgres's grammar would mean that the text has become part of a statement.
    assert!(
        !reply.text.contains("syntax error at"),
        "{of}: {}",
        reply.text
    );
}

/// Makes sure that the tables are what they were before.
async fn unharmed<T>(attack: impl AsyncFnOnce(&TestClient) -> T) {
    let app = builder().start().await;
    let before = state(&app).await;
    attack(&app.user(ALICE)).await;
    assert_eq!(state(&app).await, before);
    let rows = app
        .user(ALICE)
        .get("/rest/v1/records?select=id&order=id")
        .send()
        .await;
    assert_eq!(
        rows.expect_status(200).json(),
        json!([{ "id": 1 }, { "id": 2 }])
    );
}

#[tokio::test]
async fn attack_44_sql_in_an_address_stays_text() {
    unharmed(async |alice| {
        for (place, text) in ADDRESSES
            .iter()
            .flat_map(|it| TEXTS.iter().map(move |t| (it, t)))
        {
            let path = format!("/rest/v1/{}", place.replace("{}", &encoded(text)));
            harmless(&alice.get(&path).send().await, &format!("{place} {text}"));
        }
        let echoed = alice
            .get("/rest/v1/rpc/echo?a=%27%20or%20true%20--")
            .send()
            .await;
        assert_eq!(echoed.expect_status(200).json(), json!("' or true --"));
    })
    .await;
}

#[tokio::test]
async fn attack_44_sql_in_headers_stays_text() {
    unharmed(async |alice| {
        for text in TEXTS.iter().filter(|it| it.is_ascii()) {
            for header in HEADERS {
                for value in [
                    (*text).to_owned(),
                    format!("count={text}"),
                    format!("0-{text}"),
                ] {
                    let read = alice
                        .get("/rest/v1/records?select=id")
                        .header(header, &value);
                    harmless(&read.send().await, &format!("{header}: {value}"));
                }
            }
            for preference in [
                "timezone=",
                "tx=",
                "return=",
                "resolution=",
                "max-affected=",
                "missing=",
            ] {
                let body = json!({ "id": 1, "title": "her first" });
                let write = alice.patch("/rest/v1/records?id=eq.0", &body);
                let write = write.prefer(&format!("{preference}{text}"));
                harmless(&write.send().await, &format!("{preference}{text}"));
                let read = alice.get("/rest/v1/records?select=id");
                let read = read.prefer(&format!("handling=strict,{preference}{text}"));
                harmless(&read.send().await, &format!("{preference}{text}"));
            }
            let write = alice.patch("/rest/v1/records?id=eq.0", &json!({ "title": "x" }));
            let write = write.header("content-profile", text).send().await;
            harmless(&write, &format!("content-profile: {text}"));
        }
    })
    .await;
}

#[tokio::test]
async fn attack_44_sql_in_writes_stays_text() {
    unharmed(async |alice| {
        for text in TEXTS {
            for (verb, place, body) in WRITES {
                let path = format!("/rest/v1/{}", place.replace("{}", &encoded(text)));
                let request = alice.request(verb.parse().expect("a verb"), &path);
                // What is written by mistake is undone, so that the state can be compared.
                let request = request.body("application/json", *body);
                let request = request.prefer("tx=rollback,resolution=merge-duplicates");
                harmless(&request.send().await, &format!("{verb} {place} {text}"));
            }
            for name in ["title", "tenant_id", "doc", "parent_id", text] {
                for body in [
                    json!({ "title": "t", name: text }),
                    json!([{ "title": "t", name: { name: text } }]),
                ] {
                    let request = alice.post("/rest/v1/records", &body).prefer("tx=rollback");
                    harmless(&request.send().await, &format!("{body}"));
                }
            }
            let csv = format!("title,\"{}\"\nx,y\n", text.replace('"', "\"\""));
            let request = alice.request("POST".parse().expect("a verb"), "/rest/v1/records");
            let request = request.body("text/csv", csv.as_str()).prefer("tx=rollback");
            harmless(&request.send().await, &csv);
        }
    })
    .await;
}

#[tokio::test]
async fn attack_44_sql_in_arguments_and_questions_stays_text() {
    unharmed(async |alice| {
        for text in TEXTS {
            let echo = alice.post("/rest/v1/rpc/echo", &json!({ "a": text })).send().await;
            assert_eq!(echo.expect_status(200).json(), json!(text));
            let other = alice.post("/rest/v1/rpc/echo", &json!({ *text: 1 })).send().await;
            harmless(&other, text);
            let titled = alice.post("/rest/v1/query/titled", &json!({ "start": text })).send().await;
            harmless(&titled, text);
            for question in [
                json!({ "table": text, "verb": "select" }),
                json!({ "table": "records", "verb": text }),
                json!({ "table": "records", "verb": "select", "columns": [text] }),
                json!({ "table": "records", "verb": "select", "pk": { "id": text } }),
                json!({ "table": "records", "verb": "select", "pk": { *text: 11 } }),
                json!({ "table": "records", "verb": "insert", "row": { "title": text, *text: text } }),
            ] {
                let can = alice.post("/policy/v1/can", &question).send().await;
                harmless(&can, &question.to_string());
                let is_insert = question["verb"] == "insert";
                let may = can.text.contains(r#""allowed":true"#);
                assert!(is_insert || !may, "{question}: {}", can.text);
            }
        }
    })
    .await;
}

/// Pages are addressed by numbers and filters: there is no cursor that somebody could forge.
#[tokio::test]
async fn attack_45_there_is_no_cursor_to_forge() {
    unharmed(async |alice| {
        for (name, value) in TEXTS
            .iter()
            .flat_map(|it| ["cursor", "after", "before", "page_token"].map(|name| (name, *it)))
        {
            let path = format!("/rest/v1/records?select=id&{name}={}", encoded(value));
            let reply = alice.get(&path).send().await;
            assert_eq!(reply.status.as_u16(), 400, "{path}: {}", reply.text);
        }
        for range in [
            "0-0",
            "1-",
            "-1",
            "9-5",
            "x",
            "0-18446744073709551616",
            "0-1,5-6",
        ] {
            let page = alice
                .get("/rest/v1/records?select=id")
                .header("range", range);
            harmless(&page.prefer("count=exact").send().await, range);
        }
    })
    .await;
}
