//! The reading half of the dialect over HTTP: counts, embeds, spreads, aggregates, functions of
//! rows; and that none of it tells of what policies hide.

#[path = "reading/aggregates.rs"]
mod aggregates;
#[path = "reading/casts.rs"]
mod casts;
#[path = "reading/computed.rs"]
mod computed;
#[path = "reading/counts.rs"]
mod counts;
#[path = "reading/doubled.rs"]
mod doubled;
#[path = "reading/embeds.rs"]
mod embeds;
#[path = "reading/filters.rs"]
mod filters;
#[path = "reading/representations.rs"]
mod representations;
#[path = "reading/spreads.rs"]
mod spreads;

use actix_web::test::TestRequest;
use serde_json::Value;

use crate::kit::{ALICE, Project, Reply, user};

const SCHEMA: &str = include_str!("reading/schema.sql");

const DETAILS: &str = r#"
table = "public.details"
[columns.authenticated]
select = ["project_id", "place"]
[[allow]]
name = "all"
roles = ["authenticated"]
for = ["select"]
where = "true"
"#;

const TASKS: &str = r#"
table = "public.tasks"
[columns.authenticated]
select = ["id", "name", "project_id", "hours"]
[limits.authenticated]
aggregates = true
[[allow]]
name = "all"
roles = ["authenticated"]
for = ["select"]
where = "true"
"#;

const PEOPLE: &str = r#"
table = "public.people"
[columns.authenticated]
select = ["id", "name"]
[limits.authenticated]
count = []
[[allow]]
name = "all"
roles = ["authenticated"]
for = ["select"]
where = "true"
"#;

const PEOPLE_TASKS: &str = r#"
table = "public.people_tasks"
[columns.authenticated]
select = ["person_id", "task_id"]
[[allow]]
name = "public ones"
roles = ["authenticated"]
for = ["select"]
where = "NOT private"
"#;

const MATCHES: &str = r#"
table = "public.matches"
[columns.authenticated]
select = ["id", "home_id", "away_id"]
[columns.anon]
select = ["id", "home_id"]
[[allow]]
name = "all"
roles = ["authenticated", "anon"]
for = ["select"]
where = "true"
"#;

const PLAIN: &str = r#"
table = "public.plain_projects"
note = "the view shows what the table shows"
[columns.authenticated]
select = ["id", "name", "client_id"]
[limits.authenticated]
count = ["exact", "planned", "estimated"]
[[allow]]
name = "open ones"
roles = ["authenticated"]
for = ["select"]
where = "NOT hidden"
"#;

const KEPT: &str = r#"
table = "public.kept_projects"
note = "it holds open projects alone"
[columns.authenticated]
select = ["Key Nr", "name", "client_id"]
[[allow]]
name = "all"
roles = ["authenticated"]
for = ["select"]
where = "true"
"#;

const MEASURES: &str = r#"
table = "public.measures"
[columns.authenticated]
select = ["id", "place", "value"]
[[allow]]
name = "place one"
roles = ["authenticated"]
for = ["select"]
where = "place = 1"
"#;

const STREETS: &str = r#"
table = "public.Straße (neu)"
[columns.authenticated]
select = ["id", "Größe, cm", "a.b"]
[[allow]]
name = "all"
roles = ["authenticated"]
for = ["select"]
where = "true"
"#;

const WRITERS: &str = r#"
table = "public.writers"
note = "who is private is for nobody"
[columns.authenticated]
select = ["id", "name"]
[[allow]]
name = "public ones"
roles = ["authenticated"]
for = ["select"]
where = "NOT private"
"#;

const BOOKS: &str = r#"
table = "public.books"
note = "all books are for everybody"
[columns.authenticated]
select = ["id", "title", "writer_id"]
[columns.anon]
select = ["id", "title", "writer_id"]
[[allow]]
name = "all"
roles = ["authenticated", "anon"]
for = ["select"]
where = "true"
"#;

const PAINTS: &str = r#"
table = "public.paints"
[columns.authenticated]
select = ["id", "shade"]
insert = ["id", "shade"]
update = ["shade"]
[limits.authenticated]
aggregates = true
[[allow]]
name = "the first three"
roles = ["authenticated"]
for = ["select", "insert", "update"]
where = "id < 4 OR shade = 1"
"#;

const POLICIES: [(&str, &str); 13] = [
    ("public.clients.toml", include_str!("reading/clients.toml")),
    (
        "public.projects.toml",
        include_str!("reading/projects.toml"),
    ),
    ("public.details.toml", DETAILS),
    ("public.tasks.toml", TASKS),
    ("public.people.toml", PEOPLE),
    ("public.people_tasks.toml", PEOPLE_TASKS),
    ("public.matches.toml", MATCHES),
    ("public.plain_projects.toml", PLAIN),
    ("public.kept_projects.toml", KEPT),
    ("public.measures.toml", MEASURES),
    ("public.writers.toml", WRITERS),
    ("public.books.toml", BOOKS),
    ("public.paints.toml", PAINTS),
];

/// The project of this folder's tests.
async fn start() -> Project {
    start_with(|_| {}).await
}

async fn start_with(change: impl FnOnce(&mut postern_rest::RestSettings)) -> Project {
    let mut policies = POLICIES.to_vec();
    policies.push(("public.streets.toml", STREETS));
    policies.push((
        "functions.toml",
        "[function.\"public.all_clients()\"]\nroles = [\"authenticated\"]\nmode = \"trusted\"\n",
    ));
    Project::of(SCHEMA, &policies, change).await
}

/// A signed-in user's request; what an address may not hold is encoded.
fn get(path: &str) -> TestRequest {
    let path = path.chars().map(|it| match it {
        '>' => "%3E".to_owned(),
        '{' => "%7B".to_owned(),
        '}' => "%7D".to_owned(),
        '^' => "%5E".to_owned(),
        other => other.to_string(),
    });
    user(ALICE, "GET", &path.collect::<String>())
}

/// The rows that a signed-in user gets.
#[track_caller]
fn rows(reply: &Reply) -> Value {
    assert!(matches!(reply.status, 200 | 201 | 206), "{reply:?}");
    serde_json::from_str(&reply.body).unwrap_or_else(|_| panic!("JSON: {reply:?}"))
}

/// Asks as a signed-in user and compares the rows.
async fn check(project: &Project, path: &str, expected: Value) {
    let reply = project.send(get(path)).await;
    assert_eq!(rows(&reply), expected, "{path}");
}

/// Asks as a signed-in user and compares status and code of the refusal.
async fn refused(project: &Project, path: &str, status: u16, code: &str) -> Reply {
    let reply = project.send(get(path)).await;
    assert_eq!(reply.status, status, "{path}: {reply:?}");
    let body: Value = serde_json::from_str(&reply.body).expect("JSON");
    assert_eq!(body["code"], code, "{path}: {reply:?}");
    reply
}
