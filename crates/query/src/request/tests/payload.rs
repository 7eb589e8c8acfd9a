//! JSON bodies.

use expect_test::{Expect, expect};

use super::*;

fn printed(request: ApiRequest) -> String {
    match request.payload {
        Payload::None => "none".into(),
        Payload::Json(it) => {
            let form = if it.single { "single" } else { "array" };
            format!("{form} {} rows {:?} {}", it.rows, it.keys, it.array)
        }
        Payload::Form(fields) => format!("form {fields:?}"),
        Payload::Whole(it) => format!("{:?} {}", it.media, it.text),
    }
}

#[track_caller]
fn check(body: &str, expect: Expect) {
    expect.assert_eq(&shown(&with_body(Method::Post, "", body), printed));
}

#[track_caller]
fn check_columns(body: &str, expect: Expect) {
    expect.assert_eq(&shown(&with_body(Method::Post, "columns=a", body), printed));
}

#[test]
fn objects_and_arrays() {
    check(
        r#"{"a":1,"b":null}"#,
        expect![[r#"single 1 rows ["a", "b"] [{"a":1,"b":null}]"#]],
    );
    check(
        r#"[{"a":1,"b":2},{"b":3,"a":4}]"#,
        expect![[r#"array 2 rows ["a", "b"] [{"a":1,"b":2},{"b":3,"a":4}]"#]],
    );
    check("{}", expect!["single 1 rows [] [{}]"]);
    check("[]", expect!["array 0 rows [] []"]);
    check("[{}]", expect!["array 1 rows [] [{}]"]);
    check("[{},{}]", expect!["array 2 rows [] [{},{}]"]);
    check(
        r#" [ {"a" : [1,{"x":"]}"}] } ] "#,
        expect![[r#"array 1 rows ["a"]  [ {"a" : [1,{"x":"]}"}] } ] "#]],
    );
    check(
        r#"{"a":1,"a":2}"#,
        expect![[r#"single 1 rows ["a"] [{"a":1,"a":2}]"#]],
    );
    check(
        r#"[{"a":1,"a":2},{"a":3}]"#,
        expect![[r#"array 2 rows ["a"] [{"a":1,"a":2},{"a":3}]"#]],
    );
    check(
        r#"{"q\"uote":1,"\u00e9":2,"ключ":3}"#,
        expect![[r#"single 1 rows ["q\"uote", "é", "ключ"] [{"q\"uote":1,"\u00e9":2,"ключ":3}]"#]],
    );
    check(
        r#"{"a":1e999,"b":123456789012345678901234567890}"#,
        expect![[r#"single 1 rows ["a", "b"] [{"a":1e999,"b":123456789012345678901234567890}]"#]],
    );
}

#[test]
fn uneven_keys() {
    check(
        r#"[{"a":1},{"b":2}]"#,
        expect!["PGRST102 All object keys must match"],
    );
    check(
        r#"[{"a":1},{"a":2,"b":2}]"#,
        expect!["PGRST102 All object keys must match"],
    );
    check(
        r#"[{"a":1,"b":2},{"a":2}]"#,
        expect!["PGRST102 All object keys must match"],
    );
    check(
        r#"[{},{"a":2}]"#,
        expect!["PGRST102 All object keys must match"],
    );
    check(
        r#"[{"a":1},{}]"#,
        expect!["PGRST102 All object keys must match"],
    );
    check_columns(
        r#"[{"a":1},{"b":2},{}]"#,
        expect![[r#"array 3 rows ["a", "b"] [{"a":1},{"b":2},{}]"#]],
    );
}

#[test]
fn bodies_that_are_no_rows() {
    for body in [
        "",
        " ",
        "{",
        "[{]",
        "}{ x = 2",
        "null",
        "5",
        r#""text""#,
        "true",
        "{} {}",
        "{'a':1}",
        r#"{"a":}"#,
    ] {
        check(body, expect!["PGRST102 Empty or invalid json"]);
    }
    for body in [
        "[1]",
        "[null]",
        "[true]",
        r#"["a"]"#,
        "[1.5,-2]",
        "[[]]",
        r#"[{"a":1},2]"#,
        r#"[[{"a":1}]]"#,
    ] {
        check(body, expect!["PGRST102 All object keys must match"]);
        check_columns(body, expect!["PGRST102 All object keys must match"]);
    }
}

#[test]
fn methods() {
    let check = |raw: RawRequest<'_>, expect: Expect| expect.assert_eq(&shown(&raw, printed));
    let missing = |method| RawRequest { method, ..get("") };

    check(
        with_body(Method::Patch, "", "[{}]"),
        expect!["array 1 rows [] [{}]"],
    );
    check(
        with_body(Method::Put, "", r#"{"id":1}"#),
        expect![[r#"single 1 rows ["id"] [{"id":1}]"#]],
    );
    check(
        with_body(Method::Delete, "", "not looked at"),
        expect!["none"],
    );
    check(with_body(Method::Get, "", "not looked at"), expect!["none"]);
    check(
        missing(Method::Post),
        expect!["PGRST102 Empty or invalid json"],
    );
    check(
        missing(Method::Patch),
        expect!["PGRST102 Empty or invalid json"],
    );
    check(call(Method::Post, ""), expect!["single 1 rows [] [{}]"]);
    check(call(Method::Get, ""), expect!["none"]);
}
