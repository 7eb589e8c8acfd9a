//! The dialect's rows on writing, calling and answering, over HTTP.

use postern_testkit::{Reply, TestApp, TestAppBuilder};

use super::starter::{ANNA, BORIS, described};

mod answers;
mod calls;
mod foreign;
mod geo;
mod handlers;
mod media;
mod once;
mod overloads;
mod put;
mod requests;
mod transactions;

const TABLES: &str = "
create table public.seats (
  id       int primary key,
  place    int not null unique deferrable initially deferred,
  owner_id uuid not null,
  note     text,
  at       timestamptz not null default '2026-01-01 12:00+00'
);
create table public.keyless (id int not null, owner_id uuid not null);
create table public.sealed (id int primary key, name text);
create table public.unseen (id int primary key, token text);
comment on table public.seats is 'Who sits where';
";

const SEATS: &str = r#"
table = "public.seats"
[columns.authenticated]
select = ["id", "place", "owner_id", "note", "at"]
insert = ["id", "place", "note"]
update = ["id", "place", "note"]
[preset.insert]
owner_id = "auth.uid()"
[[allow]]
name  = "own"
roles = ["authenticated"]
for   = ["select", "insert", "update", "delete"]
where = "owner_id = auth.uid()"
"#;

/// The key cannot be read, and so cannot be put to either.
const SEALED: &str = r#"
table = "public.sealed"
[columns.authenticated]
select = ["name"]
insert = ["id", "name"]
update = ["name"]
[[allow]]
name  = "all"
roles = ["authenticated"]
for   = ["select", "insert", "update"]
where = "true"
"#;

const KEYLESS: &str = r#"
table = "public.keyless"
[columns.authenticated]
select = ["id", "owner_id"]
insert = ["id", "owner_id"]
update = ["id"]
[[allow]]
name  = "all"
roles = ["authenticated"]
for   = ["select", "insert", "update"]
where = "true"
"#;

/// A server with the tables, these functions and their policies.
fn served(functions: &str, policies: &str) -> TestAppBuilder {
    let rows = format!(
        "insert into public.seats (id, place, owner_id) values
           (1, 1, '{ANNA}'), (2, 2, '{ANNA}'), (3, 3, '{BORIS}');
         insert into public.sealed values (1, 'one');"
    );
    let files = [
        ("public.seats.toml", SEATS),
        ("public.sealed.toml", SEALED),
        ("public.keyless.toml", KEYLESS),
        ("functions.toml", policies),
    ];
    let files: Vec<_> = files
        .iter()
        .filter(|(_, text)| !text.is_empty())
        .map(|(name, text)| ((*name).to_owned(), (*text).to_owned()))
        .collect();
    described(&[TABLES, &rows, functions].concat(), &files)
}

/// Policy entries that let everybody call these functions with their own rights.
fn callable(signatures: &[&str]) -> String {
    let entries = signatures.iter().map(|it| {
        format!("[function.\"{it}\"]\nroles = [\"anon\", \"authenticated\"]\nmode = \"trusted\"\n")
    });
    entries.collect()
}

async fn app() -> TestApp {
    served("", "").start().await
}

/// The number of rows that a condition holds for, whoever may see them.
async fn rows(app: &TestApp, table: &str, condition: &str) -> i64 {
    let query = format!("select count(*) from public.{table} where {condition}");
    let row = app.sql().await.query_one(&query, &[]).await;
    row.unwrap_or_else(|error| panic!("{query}: {error}"))
        .get(0)
}

#[track_caller]
fn assert_refused(reply: &Reply, status: u16, body: &str) {
    assert_eq!((reply.status.as_u16(), reply.text.as_str()), (status, body));
}
