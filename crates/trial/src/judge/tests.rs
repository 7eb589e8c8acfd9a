//! Which outcomes satisfy which expectations.

use postern_policy::{SourceFile, read_suite};
use serde_json::json;

use super::*;

fn expected(text: &str) -> Expected {
    let text = format!("[[case]]\nas = 'anon'\nrequest = 'GET /rest/v1/t'\nexpect = {text}");
    let source = SourceFile {
        path: "t.test.toml".into(),
        text,
    };
    let suite = read_suite(&source).expect("the expectation is well formed");
    suite.cases[0].expected.clone()
}

fn problems(text: &str, outcome: &Outcome) -> Vec<String> {
    judge(&expected(text), outcome, Order::Any)
}

fn read(rows: Value) -> Outcome {
    let Value::Array(rows) = rows else {
        panic!("rows are an array");
    };
    Outcome {
        status: 200,
        effective: !rows.is_empty(),
        rows: Some(rows),
        ..Outcome::default()
    }
}

#[test]
fn rows_are_compared_by_the_values_that_are_named() {
    let outcome = read(json!([{"id": 2, "title": "b"}, {"id": 1, "title": "a"}]));

    assert!(problems("{ rows = [{id=1}, {id=2, title='b'}] }", &outcome).is_empty());
    assert_eq!(
        problems("{ rows = [{id=1}, {id=3}] }", &outcome),
        [
            "missing rows: {\"id\":3}",
            "rows that should not be there: {\"id\":2,\"title\":\"b\"}"
        ]
    );
    let ordered = judge(
        &expected("{ rows = [{id=1}, {id=2}] }"),
        &outcome,
        Order::Asked,
    );
    assert_eq!(ordered.len(), 1, "{ordered:?}");
}

#[test]
fn columns_must_be_all_of_them() {
    let outcome = read(json!([{"id": 2, "title": "b"}]));

    assert!(problems("{ columns = ['title', 'id'] }", &outcome).is_empty());
    assert_eq!(problems("{ columns = ['id'] }", &outcome).len(), 1);
    assert_eq!(problems("{ columns = ['id'] }", &read(json!([]))).len(), 1);
}

#[test]
fn denied_means_that_nothing_came_of_it() {
    let refused = Outcome::refused(403, "42501", "permission denied");

    assert!(problems("'denied'", &refused).is_empty());
    assert!(problems("'denied'", &read(json!([]))).is_empty());
    assert_eq!(problems("'denied'", &read(json!([{"id": 1}]))).len(), 1);
    assert_eq!(
        problems("'allowed'", &refused),
        ["expected to be allowed, but it was 403 42501: permission denied"]
    );
    assert_eq!(problems("{ status = 200, code = 'x' }", &refused).len(), 2);
}
