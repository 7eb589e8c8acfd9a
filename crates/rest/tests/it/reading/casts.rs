//! Casts to the operator's own types: those of columns that the caller may read, and no others.

use serde_json::json;

use super::{check, get, refused};
use crate::kit::Project;

const SCHEMA: &str = "
create schema away;
create type public.mood as enum ('sad', 'fine', 'glad');
create type away.mood as enum ('elsewhere');
create type public.sealed as enum ('x');
create domain public.short as text check (length(value) < 6);
create table public.people (
  id int primary key, said text, mood public.mood, nick public.short, vault public.sealed,
  ranked public.mood[]
);
create table public.others (id int primary key, mood away.mood);
insert into public.people values
  (1, 'glad', 'sad', 'al', 'x', '{sad}'), (2, 'fine', 'glad', 'bo', 'x', '{}'),
  (3, 'no mood at all', 'fine', null, 'x', null);
";

const PEOPLE: &str = r#"
table = "public.people"
[columns.authenticated]
select = ["id", "said", "mood", "nick", "ranked"]
[limits.authenticated]
aggregates = true
[[allow]]
name = "two"
roles = ["authenticated"]
for = ["select"]
where = "id < 3"
"#;

async fn start() -> Project {
    let policies = [("public.people.toml", PEOPLE)];
    Project::of(SCHEMA, &policies, |_| {}).await
}

#[actix_web::test]
async fn values_are_cast_to_types_of_readable_columns() {
    let project = start().await;

    for (path, expected) in [
        (
            "/people?select=id,m:said::mood&order=id",
            json!([{"id": 1, "m": "glad"}, {"id": 2, "m": "fine"}]),
        ),
        (
            "/people?select=nick:said::short&id=eq.2",
            json!([{"nick": "fine"}]),
        ),
        // An order of the enum's, not of the alphabet.
        (
            "/people?select=mood.max(),last:said::mood.min()&id=gte.1",
            json!([{"max": "glad", "last": "fine"}]),
        ),
        (
            "/people?select=r:ranked::text,ranked::_mood&id=eq.1",
            json!([{"r": "{sad}", "ranked": ["sad"]}]),
        ),
    ] {
        check(&project, path, expected).await;
    }
    // A domain's own check is asked.
    let short = "/people?select=id,c:nick::short&id=eq.1";
    check(&project, short, json!([{"id": 1, "c": "al"}])).await;
}

#[actix_web::test]
async fn a_hidden_row_is_never_cast() {
    let project = start().await;

    // The third one's words are no mood.
    check(
        &project,
        "/people?select=id,said::mood&id=gte.2",
        json!([{"id": 2, "said": "fine"}]),
    )
    .await;
    check(&project, "/people?select=said::mood&id=eq.3", json!([])).await;
    let reply = project
        .send(get("/people?select=said::short&id=eq.1"))
        .await;
    assert_eq!(reply.status, 200, "{reply:?}");
}

#[actix_web::test]
async fn types_of_hidden_columns_and_of_postgres_itself_are_not_there() {
    let project = start().await;
    let missing = refused(&project, "/people?select=said::nothere", 400, "42704").await;

    for name in ["sealed", "regclass", "others", "people", "oid", "_sealed"] {
        let path = format!("/people?select=said::{name}");
        let hidden = refused(&project, &path, 400, "42704").await;
        assert_eq!(hidden.body.replace(name, "nothere"), missing.body);
    }
}
