//! Reading test files: what they say, and what they cannot say.

use serde_json::json;

use super::*;

fn source(text: &str) -> SourceFile {
    SourceFile {
        path: "tests/todos.test.toml".into(),
        text: text.into(),
    }
}

fn suite(text: &str) -> Suite {
    read_suite(&source(text)).unwrap_or_else(|found| panic!("{found:?}"))
}

/// The codes of what is wrong.
fn wrong(text: &str) -> Vec<&'static str> {
    let found = read_suite(&source(text)).unwrap_err();
    found.into_iter().map(|it| it.code).collect()
}

#[test]
fn rows_cases_and_personas_are_read() {
    let suite = suite(
        r#"
[given]
"public.todos" = [ {id=1, user_id="$alice", ratio=0.5, due=2026-01-02, note="$null"} ]
[[case]]
as = { role = "authenticated", sub = "$bob" }
request = "GET /rest/v1/todos?user_id=eq.$alice&price=eq.$5"
expect = { status = 200, rows = [ {id=2} ] }
[[case]]
name = "visitors get nothing"
as = "anon"
expect_none = ["public.todos"]
"#,
    );

    let alice = suite.given[0].values["user_id"].clone();
    assert_eq!(
        json!(suite.given[0].values),
        json!({"id": 1, "user_id": alice, "ratio": 0.5, "due": "2026-01-02", "note": null})
    );
    let alice = alice.as_str().unwrap();
    assert_eq!(alice.len(), 36);
    let [first, second] = suite.cases.as_slice() else {
        panic!("{suite:?}");
    };
    let asked = format!("GET /rest/v1/todos?user_id=eq.{alice}&price=eq.$5");
    assert_eq!(first.request.as_deref(), Some(asked.as_str()));
    assert_eq!((first.line, first.expected.status), (4, Some(200)));
    assert_ne!(first.caller.sub.as_deref(), Some(alice));
    assert_eq!(second.caller.role, "anon");
    assert_eq!(second.nothing_of.len(), 1);
    assert_eq!(second.name, "visitors get nothing");
}

#[test]
fn described_personas_have_their_role_and_claims() {
    let suite = suite(
        r#"
[personas]
sam = { role = "staff", claims = { app_metadata = { role = "staff" } } }
[[case]]
as = "sam"
request = "GET /rest/v1/todos"
expect = "allowed"
"#,
    );

    let caller = &suite.cases[0].caller;
    assert_eq!(caller.role, "staff");
    assert_eq!(
        json!(caller.claims),
        json!({"app_metadata": {"role": "staff"}})
    );
    assert!(caller.sub.is_some());
    assert_eq!(suite.cases[0].expected.allowed, Some(true));
}

#[test]
fn a_case_that_proves_nothing_is_an_error() {
    assert_eq!(wrong(""), ["no-case"]);
    assert_eq!(
        wrong("[[case]]\nas = 'anon'\nrequest = 'GET /rest/v1/t'"),
        ["incomplete-case"]
    );
    assert_eq!(
        wrong("[[case]]\nas = 'anon'\nexpect = 'allowed'"),
        ["incomplete-case"]
    );
    assert_eq!(
        wrong("[[case]]\nrequest = 'GET /rest/v1/t'\nexpect = 'denied'"),
        ["missing-key"]
    );
    assert_eq!(
        wrong("[[case]]\nas = 'anon'\nrequest = 'GET /rest/v1/t'\nexpect = 'maybe'"),
        ["unknown-value"]
    );
    assert_eq!(
        wrong("[[case]]\nas = 'anon'\nrequest = 'GET /'\nexpect = { staus = 200 }"),
        ["unknown-key"]
    );
}
