//! The same requests to several servers, which must agree.

use std::path::Path;

use postern_testkit::{TestApp, TestClient};
use serde_json::{Value, json};

use crate::it::starter::read;

const ALICE: &str = "a0000000-0000-4000-8000-000000000001";
const BOB: &str = "b0000000-0000-4000-8000-000000000002";
const CAROL: &str = "c0000000-0000-4000-8000-000000000003";

/// Requests, each made by every persona.
pub(super) struct Requests {
    personas: Vec<Option<Value>>,
    reads: Vec<&'static str>,
    writes: Vec<(&'static str, &'static str, Value)>,
}

impl Requests {
    /// Sends all of them everywhere: successes must be equal, and so must be what fails.
    pub(super) async fn agree(&self, apps: &[(&str, &TestApp)]) {
        let mut succeeded = 0;
        for persona in &self.personas {
            let reads = self.reads.iter().map(|path| ("GET", *path, Value::Null));
            for (verb, path, body) in reads.chain(self.writes.iter().cloned()) {
                let mut answers = Vec::new();
                for (name, app) in apps {
                    let client = match persona {
                        None => app.anon(),
                        Some(claims) => app.caller(claims.clone()),
                    };
                    answers.push((*name, answer(&client, verb, path, &body).await));
                }
                let first = &answers[0].1;
                succeeded += usize::from(first.is_ok());
                let told = |(name, it): &(&str, Result<Value, String>)| match (it, first) {
                    (Ok(value), Ok(expected)) if value == expected => None,
                    (Err(_), Err(_)) => None,
                    _ => Some(format!("{name}: {it:?}")),
                };
                let differing: Vec<_> = answers.iter().filter_map(told).collect();
                assert!(
                    differing.is_empty(),
                    "{persona:?} {verb} {path}\n{}: {first:?}\n{}",
                    answers[0].0,
                    differing.join("\n")
                );
            }
        }
        assert!(
            succeeded > self.personas.len(),
            "the requests prove nothing"
        );
    }
}

/// Status and body of a success, the whole answer of a failure.
async fn answer(
    client: &TestClient,
    verb: &str,
    path: &str,
    body: &Value,
) -> Result<Value, String> {
    let path = format!("/rest/v1/{path}");
    let returning = |it: postern_testkit::Request| it.prefer("return=representation");
    let reply = match verb {
        "POST" => returning(client.post(&path, body)).send().await,
        "POST minimal" => client.post(&path, body).send().await,
        "PATCH" => returning(client.patch(&path, body)).send().await,
        "DELETE" => returning(client.delete(&path)).send().await,
        _ => client.get(&path).send().await,
    };
    if reply.status.is_success() {
        let mut body = if reply.text.is_empty() {
            Value::Null
        } else {
            reply.json()
        };
        if verb != "GET"
            && let Value::Array(rows) = &mut body
        {
            // Nobody asked for an order of what was written.
            rows.sort_by_key(ToString::to_string);
        }
        Ok(json!([reply.status.as_u16(), body]))
    } else {
        Err(format!("{} {}", reply.status, reply.text))
    }
}

pub(super) fn supabase_requests() -> Requests {
    Requests {
        personas: vec![
            None,
            Some(json!({"sub": ALICE})),
            Some(json!({"sub": BOB, "app_metadata": {"billing": "true"}})),
            Some(json!({"sub": CAROL})),
        ],
        reads: vec![
            "profiles?order=username",
            "teams?order=id",
            "team_members?order=team_id",
            "projects?select=id,name,teams(name)&order=id",
            "teams?select=id,projects(id),team_members(role)&order=id",
            "todos?order=id",
            "posts?order=id",
            "posts?select=id,comments(body)&order=id",
            "comments?order=id",
            "invoices?order=id",
            "events?order=id",
        ],
        writes: vec![
            ("POST", "todos", json!({"id": 10, "title": "new"})),
            (
                "POST",
                "todos",
                json!({"id": 11, "title": "x", "user_id": BOB}),
            ),
            (
                "PATCH",
                "todos?id=eq.1&select=id,done",
                json!({"done": true}),
            ),
            ("DELETE", "todos?id=eq.2&select=id", Value::Null),
            ("PATCH", "profiles?select=id,bio", json!({"bio": "changed"})),
            ("PATCH", "profiles?select=id", json!({"is_private": false})),
            (
                "POST",
                "projects",
                json!({"id": 20, "team_id": 1, "name": "made"}),
            ),
            (
                "PATCH",
                "projects?select=id,name&order=id",
                json!({"name": "renamed"}),
            ),
            (
                "POST",
                "teams",
                json!({"id": 9, "name": "mine", "owner": ALICE}),
            ),
            (
                "POST minimal",
                "teams",
                json!({"id": 8, "name": "hers", "owner": ALICE}),
            ),
            (
                "POST",
                "posts",
                json!({"id": 9, "author_id": BOB, "body": "b", "status": "draft"}),
            ),
            (
                "POST",
                "comments",
                json!({"id": 9, "post_id": 2, "user_id": ALICE, "body": "ok"}),
            ),
            (
                "POST",
                "comments",
                json!({"id": 8, "post_id": 2, "user_id": ALICE, "body": "x"}),
            ),
            ("POST", "events", json!({"id": 3, "kind": "public"})),
            ("DELETE", "events?select=id", Value::Null),
        ],
    }
}

/// The tables of the example, with a few rows; people are no users of the auth service here.
pub(super) fn example_schema(example: &Path) -> String {
    let mut paths: Vec<_> = std::fs::read_dir(example.join("migrations"))
        .expect("a folder")
        .filter_map(|entry| Some(entry.ok()?.path()))
        .collect();
    paths.sort();
    let mut schema: String = paths.iter().map(|path| read(path) + "\n").collect();
    schema.push_str(include_str!("../../round_trip/team_rows.sql"));
    schema
}

pub(super) fn team_requests() -> Requests {
    Requests {
        personas: vec![
            None,
            Some(json!({"sub": ALICE})),
            Some(json!({"sub": BOB})),
            Some(json!({"sub": CAROL})),
            Some(json!({"sub": CAROL, "app_metadata": {"role": "staff"}})),
        ],
        reads: vec![
            "teams?select=id,name&order=id",
            "members?select=team_id,user_id,role&order=team_id,user_id",
            "profiles?select=id,username&order=username",
            "projects?select=id,name,is_public&order=id",
            "tasks?select=project_id,title,status,tags&order=title,project_id",
            "tasks?select=title,projects(name)&order=title,project_id",
            "comments?select=body&order=body",
            "labels?select=name&order=name",
            "task_labels?select=task_id,label_id&order=task_id",
        ],
        writes: vec![
            (
                "POST",
                "tasks?select=title,created_by,status",
                json!({"project_id": 1, "title": "A new task"}),
            ),
            (
                "POST",
                "tasks?select=title",
                json!({"project_id": 2, "title": "In the archive"}),
            ),
            (
                "PATCH",
                "tasks?id=eq.1&select=id,title",
                json!({"title": "Changed"}),
            ),
            (
                "PATCH",
                "tasks?id=eq.1&select=id",
                json!({"assignee_id": CAROL}),
            ),
            (
                "PATCH",
                "tasks?id=eq.1&select=id,status",
                json!({"status": "done"}),
            ),
            (
                "POST",
                "comments?select=body,author_id",
                json!({"task_id": 1, "body": "Hello"}),
            ),
            (
                "PATCH",
                "comments?id=eq.1&select=id,body",
                json!({"body": "Edited"}),
            ),
            (
                "POST",
                "labels?select=name",
                json!({"team_id": 1, "name": "urgent"}),
            ),
            (
                "POST",
                "task_labels?select=task_id",
                json!({"task_id": 1, "label_id": 1}),
            ),
            (
                "PATCH",
                "teams?id=eq.1&select=id,name",
                json!({"name": "Renamed"}),
            ),
            (
                "PATCH",
                "profiles?select=id,full_name",
                json!({"full_name": "Somebody"}),
            ),
            ("DELETE", "tasks?id=eq.3&select=id", Value::Null),
            ("DELETE", "members?team_id=eq.1&select=user_id", Value::Null),
        ],
    }
}
