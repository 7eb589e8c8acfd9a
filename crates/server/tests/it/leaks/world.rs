//! The tables, policies and callers of the leak tests.

use postern_testkit::{Reply, TestApp, TestAppBuilder, TestClient};
use serde_json::{Value, json};

pub(crate) const ALICE: &str = "a11ce000-0000-4000-8000-000000000001";
pub(crate) const BOB: &str = "b0b00000-0000-4000-8000-000000000002";
/// Stands in every value of Bob's that Alice must never see.
pub(crate) const MARKER: &str = "BOBS";

const SQL: &str = include_str!("world.sql");

const POLICIES: &[(&str, &str)] = &[
    ("public.records.toml", include_str!("policies/records.toml")),
    ("public.tenants.toml", include_str!("policies/tenants.toml")),
    ("public.tags.toml", include_str!("policies/tags.toml")),
    (
        "public.record_tags.toml",
        include_str!("policies/record_tags.toml"),
    ),
    (
        "public.profiles.toml",
        include_str!("policies/profiles.toml"),
    ),
];

/// A running server, and the callers who talk to it.
pub(crate) struct World {
    pub(crate) app: TestApp,
    pub(crate) alice: TestClient,
}

/// The tables, their policies and generic plans, for a server that needs more.
pub(crate) fn described() -> TestAppBuilder {
    let builder = TestApp::builder().migrations(SQL).generic_plans();
    POLICIES
        .iter()
        .fold(builder, |builder, (name, text)| builder.policy(name, text))
}

/// Starts a server on a fresh copy of the tables.
pub(crate) async fn world() -> World {
    let app = described().start().await;
    let alice = app.user(ALICE);
    World { app, alice }
}

impl World {
    /// Alice reads `/rest/v1/{path}`.
    pub(crate) async fn read(&self, path: &str) -> Reply {
        self.alice.get(&format!("/rest/v1/{path}")).send().await
    }

    /// The rows that Alice gets, with a status of 200.
    pub(crate) async fn rows(&self, path: &str) -> Value {
        self.read(path).await.expect_status(200).json()
    }

    /// Alice posts to `/rest/v1/{path}` and wants the row back.
    pub(crate) async fn insert(&self, path: &str, body: &Value) -> Reply {
        let request = self.alice.post(&format!("/rest/v1/{path}"), body);
        request.prefer("return=representation").send().await
    }

    /// Alice patches `/rest/v1/{path}` and wants the rows back.
    pub(crate) async fn update(&self, path: &str, body: &Value) -> Reply {
        let request = self.alice.patch(&format!("/rest/v1/{path}"), body);
        request.prefer("return=representation").send().await
    }

    /// What the table really holds, as one JSON array in the order of the first column.
    pub(crate) async fn truth(&self, sql: &str) -> Value {
        let client = self.app.sql().await;
        let wrapped = format!("select coalesce(json_agg(t), '[]')::text from ({sql}) t");
        let row = client
            .query_one(&wrapped, &[])
            .await
            .expect("the SQL of the test is right");
        serde_json::from_str(row.get(0)).expect("Postgres prints JSON")
    }
}

/// The headers but for those that differ from one request to the next, or repeat its address.
pub(crate) fn lasting_headers(reply: &Reply) -> Vec<(String, String)> {
    let passing = ["date", "x-request-id", "content-location"];
    let mut headers: Vec<_> = reply
        .headers
        .iter()
        .filter(|(name, _)| !passing.contains(&name.as_str()))
        .map(|(name, value)| (name.to_string(), format!("{value:?}")))
        .collect();
    headers.sort();
    headers
}

/// Makes sure that two answers cannot be told apart, byte for byte, headers included.
#[track_caller]
pub(crate) fn same(left: &Reply, right: &Reply) {
    assert_eq!((left.status, &left.text), (right.status, &right.text));
    assert_eq!(lasting_headers(left), lasting_headers(right));
}

/// As [`same`], after putting the second name, which is of the same length, where the first one
/// stands.
#[track_caller]
pub(crate) fn same_but_for_the_name(hidden: (&Reply, &str), missing: (&Reply, &str)) {
    assert!(missing.0.status.is_client_error(), "{}", missing.0.text);
    let renamed = hidden.0.text.replace(hidden.1, missing.1);
    assert_eq!(
        (hidden.0.status, &renamed),
        (missing.0.status, &missing.0.text)
    );
    assert_eq!(lasting_headers(hidden.0), lasting_headers(missing.0));
}

/// Makes sure of status and code.
#[track_caller]
pub(crate) fn refused(reply: &Reply, status: u16, code: &str) {
    assert_eq!(
        (reply.status.as_u16(), &reply.json()["code"]),
        (status, &json!(code)),
        "{}",
        reply.text
    );
}
