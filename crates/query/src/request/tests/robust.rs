//! No text makes the parser panic or take long.

use std::time::{Duration, Instant};

use proptest::prelude::*;

use super::*;

fn methods() -> impl Strategy<Value = Method> {
    prop_oneof![
        Just(Method::Get),
        Just(Method::Post),
        Just(Method::Put),
        Just(Method::Patch)
    ]
}

/// Pieces of the grammar in any order: far more often nearly right than arbitrary text.
fn nearly_right() -> impl Strategy<Value = String> {
    let pieces = vec![
        "select=",
        "order=",
        "limit=",
        "offset=",
        "columns=",
        "on_conflict=",
        "and=",
        "or=",
        "not.",
        "id",
        "rel",
        "\"q\"",
        "\"",
        "\\",
        "*",
        "...",
        "!inner",
        "!fk",
        "(",
        ")",
        ",",
        ".",
        "&",
        "=",
        ":",
        "::",
        "->",
        "->>",
        "-1",
        "eq.",
        "in.",
        "is.null",
        "fts(a)",
        "like(any)",
        "{",
        "}",
        "[",
        "]",
        "count()",
        "sum()",
        "asc",
        "nullslast",
        " ",
        "+",
        "%20",
        "%",
        "é",
        "0",
        "99999999999",
        "-",
    ];
    prop::collection::vec(prop::sample::select(pieces), 0..40).prop_map(|it| it.concat())
}

fn parse_all(method: Method, query: &str, header: &str, body: &str) {
    let relation = RawRequest {
        prefer: vec![header],
        range: Some(header),
        ..with_body(method, query, body)
    };
    let _ = parsed(&relation);
    let _ = parsed(&RawRequest {
        target: Target::Function("f".into()),
        ..relation
    });
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn arbitrary_text_never_panics(
        method in methods(), query in "\\PC*", header in "\\PC*", body in "\\PC*",
    ) {
        parse_all(method, &query, &header, &body);
    }

    #[test]
    fn nearly_right_text_never_panics(method in methods(), query in nearly_right()) {
        parse_all(method, &query, "1-5", "{}");
    }

    #[test]
    fn names_in_quotes_come_back(name in "[^\\x00]{1,20}") {
        let quoted = format!("\"{}\"", name.replace('\\', "\\\\").replace('"', "\\\""));
        let query = format!("select={}", encoded(&quoted));
        let request = parsed(&get(&query)).map_err(|it| TestCaseError::fail(refusal(&it)))?;

        let [SelectItem::Field(SelectField { field: Some(field), .. })] = &request.query.select[..]
        else {
            return Err(TestCaseError::fail("not one column"));
        };
        prop_assert_eq!(&field.name, &name);
    }

    #[test]
    fn values_come_back_as_they_are(value in "[^\\x00]*") {
        let query = format!("a=eq.{}", encoded(&value));
        let request = parsed(&get(&query)).map_err(|it| TestCaseError::fail(refusal(&it)))?;

        let (_, scope) = &request.query.scopes[0];
        let expected = Operation::Compare { operator: Operator::Eq, value };
        let [Logic::Filter(filter)] = &scope.filters[..] else {
            return Err(TestCaseError::fail("not one filter"));
        };
        prop_assert_eq!(&filter.operation, &expected);
    }
}

#[test]
fn long_texts_take_time_in_proportion() {
    let quick = parsing_time(512);
    let long = parsing_time(16 * 1024);

    // 32 times the text: what grows with its square would take a thousand times as long.
    let limit = quick.max(Duration::from_millis(1)) * 256;
    assert!(long < limit, "{quick:?} became {long:?}");
}

/// The time for texts of so many pieces; the best of three, because the machine may be busy.
fn parsing_time(count: usize) -> Duration {
    let times = (0..3).map(|_| parse_repeated(count));
    times.min().unwrap_or_default()
}

fn parse_repeated(count: usize) -> Duration {
    let started = Instant::now();
    for piece in [
        "(", "\"", "a(", "and(", "{", "[", "a:", "->", "-", ".", "not.", "a,", "\\\"", "::", "é",
        " ",
    ] {
        let text = piece.repeat(count);
        for key in ["select", "order", "or", "a", "columns"] {
            let _ = parsed(&get(&format!("{key}={text}")));
        }
        let _ = parsed(&get(&format!("{text}=eq.1")));
        let _ = parsed(&get(&format!("a=in.({text}")));
        let _ = parsed(&get(&format!("or=(a.cs.{text}")));
    }
    started.elapsed()
}
