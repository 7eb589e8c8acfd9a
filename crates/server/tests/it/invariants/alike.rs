//! Whatever goes wrong goes wrong with the same bytes for what is hidden and for what is missing.
//!
//! Every place where a request can name something is asked with a name of each sort, headers
//! included; `leaks::names` holds those that have more to say.

use postern_testkit::{Reply, TestClient};
use serde_json::{Value, json};

use super::super::leaks::world::{ALICE, same, same_but_for_the_name, world};

/// A request with `{}` where the name stands: verb, path, headers and body.
type Place = (
    &'static str,
    &'static str,
    &'static [(&'static str, &'static str)],
    &'static str,
);

const ROWS: &[(&str, &str)] = &[("prefer", "return=representation")];
const MERGE: &[(&str, &str)] = &[("prefer", "resolution=merge-duplicates")];
const STRICT: &[(&str, &str)] = &[("prefer", "handling=strict,count=exact")];
const CSV: &[(&str, &str)] = &[("accept", "text/csv")];
const ONE: &[(&str, &str)] = &[("accept", "application/vnd.pgrst.object+json")];

const COLUMNS: &[Place] = &[
    ("GET", "records?select={}", &[], ""),
    ("HEAD", "records?select={}", &[], ""),
    ("GET", "records?select=id,alias:{}", STRICT, ""),
    ("GET", "records?select={}::text", CSV, ""),
    ("GET", "records?select={}.max()", &[], ""),
    ("GET", "records?select=id,{}->x", ONE, ""),
    ("GET", "records?select=id,{}->>x", &[], ""),
    ("GET", "records?select=id,{}(x)", &[], ""),
    ("GET", "records?{}=eq.1", &[], ""),
    ("HEAD", "records?{}=eq.1", STRICT, ""),
    ("GET", "records?{}=not.is.null", &[], ""),
    ("GET", "records?{}->x=eq.1", &[], ""),
    ("GET", "records?{}=fts.x", &[], ""),
    ("GET", "records?{}=nonsense.1", &[], ""),
    ("GET", "records?or=({}.eq.1,id.eq.1)", &[], ""),
    (
        "GET",
        "records?not.and=(id.eq.1,or({}.is.null,id.eq.2))",
        &[],
        "",
    ),
    ("GET", "records?order={}", &[], ""),
    ("GET", "records?order={}->x.desc.nullslast", CSV, ""),
    (
        "GET",
        "records?select=id,records(id)&order=records({})",
        &[],
        "",
    ),
    ("GET", "tenants?select=name,records({})", &[], ""),
    ("GET", "tenants?select=name,...records({})", &[], ""),
    (
        "GET",
        "tenants?select=name,records!inner(id)&records.{}=eq.1",
        &[],
        "",
    ),
    (
        "GET",
        "tenants?select=name,records(id)&records.order={}",
        &[],
        "",
    ),
    (
        "GET",
        "tenants?select=name,records(id)&records.or=({}.eq.1)",
        &[],
        "",
    ),
    ("POST", "records", &[], r#"{"title": "t", "{}": 1}"#),
    ("POST", "records", MERGE, r#"[{"title": "t", "{}": 1}]"#),
    (
        "POST",
        "records?columns=title,{}",
        &[],
        r#"[{"title": "t"}]"#,
    ),
    ("POST", "records?on_conflict={}", MERGE, r#"{"title": "t"}"#),
    ("POST", "records?select={}", ROWS, r#"{"title": "t"}"#),
    ("PATCH", "records?id=eq.1", ROWS, r#"{"{}": 1}"#),
    ("PATCH", "records?{}=eq.1", &[], r#"{"title": "t"}"#),
    (
        "PATCH",
        "records?id=eq.1&select={}",
        ROWS,
        r#"{"title": "t"}"#,
    ),
    ("PUT", "records?{}=eq.1", &[], r#"{"title": "t"}"#),
    (
        "PUT",
        "records?id=eq.1",
        &[],
        r#"{"id": 1, "title": "t", "{}": 1}"#,
    ),
    ("DELETE", "records?{}=eq.1", &[], ""),
    ("DELETE", "records?id=eq.1&select={}", ROWS, ""),
    ("DELETE", "records?id=eq.1&order={}&limit=1", &[], ""),
];

const RELATIONS: &[Place] = &[
    ("GET", "{}", &[], ""),
    ("GET", "{}?id=eq.1", ONE, ""),
    ("HEAD", "{}", STRICT, ""),
    ("OPTIONS", "{}", &[], ""),
    ("POST", "{}", ROWS, r#"{"id": 5}"#),
    ("POST", "{}?on_conflict=id", MERGE, r#"[{"id": 1}]"#),
    ("PUT", "{}?id=eq.1", &[], r#"{"id": 1}"#),
    ("PATCH", "{}?id=eq.1", ROWS, r#"{"content": "x"}"#),
    ("DELETE", "{}?id=eq.1", &[], ""),
    ("POST", "{}", &[], "this is no JSON"),
    ("GET", "records?select=id,{}(*)", &[], ""),
    ("GET", "records?select=id,a:{}!inner(content)", &[], ""),
    ("GET", "records?select=id,...{}(content)", &[], ""),
    ("GET", "records?select=id,{}!record_id(id)", &[], ""),
    ("GET", "records?select=id,tenants!{}(id)", &[], ""),
    ("GET", "records?select=id&{}=is.null", &[], ""),
    ("GET", "records?select=id&{}.content=eq.x", &[], ""),
    ("GET", "records?select=id&order={}(content)", &[], ""),
    (
        "PATCH",
        "records?id=eq.1&select=id,{}(*)",
        ROWS,
        r#"{"title": "t"}"#,
    ),
];

const FUNCTIONS: &[Place] = &[
    ("GET", "rpc/{}", &[], ""),
    ("GET", "rpc/{}?a=1", CSV, ""),
    ("GET", "rpc/{}?b=1&select=x", &[], ""),
    ("HEAD", "rpc/{}", &[], ""),
    ("OPTIONS", "rpc/{}", &[], ""),
    ("POST", "rpc/{}", &[], "{}"),
    ("POST", "rpc/{}", ONE, r#"{"a": 1}"#),
    (
        "POST",
        "rpc/{}",
        &[("prefer", "params=single-object")],
        r#"{"a": 1}"#,
    ),
    ("POST", "rpc/{}", &[("content-type", "text/plain")], "text"),
    ("PATCH", "rpc/{}", &[], "{}"),
    ("GET", "query/{}", &[], ""),
    ("POST", "query/{}", &[], "{}"),
    ("GET", "records?select=id,{}", &[], ""),
    ("GET", "records?{}=eq.1", &[], ""),
];

async fn ask(client: &TestClient, place: &Place, name: &str) -> Reply {
    let (verb, path, headers, body) = place;
    let path = format!("/rest/v1/{}", path.replace("{}", name));
    let verb = verb.parse().expect("a verb");
    let mut request = client.request(verb, &path);
    for (header, value) in headers.iter().filter(|(name, _)| *name != "content-type") {
        request = request.header(header, value);
    }
    if !body.is_empty() {
        let given = headers.iter().find(|(name, _)| *name == "content-type");
        let media_type = given.map_or("application/json", |(_, value)| value);
        // An object without keys has no place for a name.
        let body = if *body == "{}" {
            "{}".into()
        } else {
            body.replace("{}", name)
        };
        request = request.body(media_type, body);
    }
    request.send().await
}

#[tokio::test]
async fn invariant_12_hidden_and_missing_names_answer_alike() {
    let world = world().await;
    let callers = [world.app.user(ALICE), world.app.anon()];
    for (places, hidden, missing) in [
        (COLUMNS, "secret", "secrex"),
        (COLUMNS, "owner_id", "zzzzz_zz"),
        (RELATIONS, "vault", "vxxxt"),
        (RELATIONS, "members", "mxxxxxx"),
        (FUNCTIONS, "unlisted", "unlizzed"),
    ] {
        for (place, caller) in places
            .iter()
            .flat_map(|it| callers.iter().map(move |c| (it, c)))
        {
            let answer = ask(caller, place, hidden).await;
            let expected = ask(caller, place, missing).await;
            println!("{} {} {hidden}: {}", place.0, place.1, expected.status);
            same_but_for_the_name((&answer, hidden), (&expected, missing));
        }
    }
}

#[tokio::test]
async fn invariant_12_hidden_and_missing_schemas_answer_alike() {
    let world = world().await;
    for (hidden, missing) in [
        ("postern", "pxxxxxx"),
        ("auth", "axxx"),
        ("pg_catalog", "pg_cataloz"),
        ("information_schema", "information_schemo"),
    ] {
        for verb in ["GET", "HEAD", "POST", "PATCH", "DELETE"] {
            let ask = async |name: &str| {
                let request = world
                    .alice
                    .request(verb.parse().expect("a verb"), "/rest/v1/records");
                let request = request
                    .header("accept-profile", name)
                    .header("content-profile", name);
                request.json(&json!({})).send().await
            };
            let (answer, expected) = (ask(hidden).await, ask(missing).await);
            same_but_for_the_name((&answer, hidden), (&expected, missing));
        }
    }
}

/// Row 11 is Bob's, row 99 is nobody's.
#[tokio::test]
async fn invariant_12_hidden_and_missing_rows_answer_alike() {
    let world = world().await;
    let can = |verb: &str, id: i64, row: Value| json!({ "table": "records", "verb": verb, "pk": { "id": id }, "row": row });
    let ask = async |id: i64| -> Vec<Reply> {
        let path = format!("/rest/v1/records?id=eq.{id}");
        let mut replies = Vec::new();
        for (verb, headers) in [
            ("GET", ONE),
            ("GET", STRICT),
            ("HEAD", STRICT),
            ("GET", CSV),
            ("DELETE", ONE),
            ("DELETE", ROWS),
        ] {
            let mut request = world.alice.request(verb.parse().expect("a verb"), &path);
            for (name, value) in headers {
                request = request.header(name, value);
            }
            replies.push(request.send().await);
        }
        for (body, headers) in [
            (json!({ "title": "x" }), ONE),
            (json!({ "title": null }), ROWS),
            (json!({ "tenant_id": 2 }), ROWS),
            (json!({ "code": "A1" }), ROWS),
        ] {
            let mut request = world.alice.patch(&path, &body);
            for (name, value) in headers {
                request = request.header(name, value);
            }
            replies.push(request.send().await);
        }
        let reference = json!({ "parent_id": id });
        replies.push(world.update("records?id=eq.1", &reference).await);
        replies.push(
            world
                .insert("records", &json!({ "title": "t", "parent_id": id }))
                .await,
        );
        for (verb, row) in [
            ("select", Value::Null),
            ("update", json!({ "title": "x" })),
            ("delete", Value::Null),
        ] {
            replies.push(
                world
                    .alice
                    .post("/policy/v1/can", &can(verb, id, row))
                    .send()
                    .await,
            );
        }
        replies
    };
    for (hidden, missing) in ask(11).await.iter().zip(&ask(99).await) {
        same(hidden, missing);
    }
    let own = world
        .alice
        .post("/policy/v1/can", &can("select", 1, Value::Null));
    assert_eq!(own.send().await.json(), json!({ "allowed": true }));
}
