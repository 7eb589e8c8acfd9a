//! Whole query strings.
use expect_test::{Expect, expect};

use super::*;

#[track_caller]
fn check(query: &str, expect: Expect) {
    expect.assert_eq(&shown(&get(query), |it| print::query(&it.query)));
}

#[track_caller]
fn check_raw(raw: &RawRequest<'_>, expect: Expect) {
    expect.assert_eq(&shown(raw, |it| print::query(&it.query)));
}

#[test]
fn names_of_columns() {
    let post = |query| with_body(Method::Post, query, "[]");

    check_raw(
        &post("columns=\"a\",\"b c\",a&on_conflict=a, b"),
        expect![[r#"select *; columns ["a", "b c"]; on conflict ["a", "b"]"#]],
    );
    check_raw(
        &post("columns="),
        expect![[
            r#"PGRST100 "failed to parse columns parameter ()" (line 1, column 1) | unexpected end of input expecting field name (* or [a..z0..9_$])"#
        ]],
    );
    check_raw(
        &post("columns=a,"),
        expect![[
            r#"PGRST100 "failed to parse columns parameter (a,)" (line 1, column 3) | unexpected end of input expecting field name (* or [a..z0..9_$])"#
        ]],
    );
    check_raw(
        &post("on_conflict="),
        expect![[
            r#"PGRST100 "failed to parse on_conflict parameter ()" (line 1, column 1) | unexpected end of input expecting field name (* or [a..z0..9_$])"#
        ]],
    );
    check_raw(
        &with_body(Method::Put, "columns=a", "{}"),
        expect!["select *"],
    );
}

#[test]
fn arguments_of_functions() {
    let read = |query| call(Method::Get, query);

    check_raw(
        &read("a=1&b={1,2}&a=3"),
        expect![[r#"select *; arguments [("a", "1"), ("b", "{1,2}"), ("a", "3")]"#]],
    );
    check_raw(
        &read("a=1&id=gt.5&select=id&order=id&limit=2"),
        expect![[r#"select "id"; / "id" Gt "5" order "id" rows 0+2; arguments [("a", "1")]"#]],
    );
    check_raw(
        &read("q=in.the.beginning&r=is.it&s=not.so&t=eq"),
        expect![[
            r#"select *; arguments [("q", "in.the.beginning"), ("r", "is.it"), ("s", "not.so"), ("t", "eq")]"#
        ]],
    );
    check_raw(&read("q="), expect![[r#"select *; arguments [("q", "")]"#]]);
    check_raw(
        &read("a.b=1"),
        expect![[
            r#"PGRST100 "failed to parse filter (1)" (line 1, column 1) | unexpected "1" expecting "not" or operator (eq, gt, ...)"#
        ]],
    );
    check_raw(
        &read("a->b=1"),
        expect![[
            r#"PGRST100 "failed to parse filter (1)" (line 1, column 1) | unexpected "1" expecting "not" or operator (eq, gt, ...)"#
        ]],
    );
    check_raw(
        &call(Method::Head, "a=1"),
        expect![[r#"select *; arguments [("a", "1")]"#]],
    );
    check_raw(
        &call(Method::Post, "id=eq.1"),
        expect![[r#"select *; / "id" Eq "1""#]],
    );
    check_raw(
        &call(Method::Post, "a=1"),
        expect![[
            r#"PGRST100 "failed to parse filter (1)" (line 1, column 1) | unexpected "1" expecting "not" or operator (eq, gt, ...)"#
        ]],
    );
    check_raw(
        &call(Method::Delete, ""),
        expect!["PGRST101 Cannot use the DELETE method on RPC"],
    );
    check_raw(
        &call(Method::Patch, ""),
        expect!["PGRST101 Cannot use the PATCH method on RPC"],
    );
    check_raw(
        &call(Method::Put, ""),
        expect!["PGRST101 Cannot use the PUT method on RPC"],
    );
}

#[test]
fn decoding() {
    check("", expect!["select *"]);
    check("&&", expect!["select *"]);
    check("select", expect!["select *"]);
    check("select=a%20b%2Cc", expect![[r#"select "a b", "c""#]]);
    check("select=a+b", expect![[r#"select "a b""#]]);
    check(
        "na%6De=eq.%C3%A9+x",
        expect![[r#"select *; / "name" Eq "é x""#]],
    );
    check("name=eq.a%2Bb", expect![[r#"select *; / "name" Eq "a+b""#]]);
    check("name=eq.100%", expect![[r#"select *; / "name" Eq "100%""#]]);
    check("name=eq.%zz", expect![[r#"select *; / "name" Eq "%zz""#]]);
    check("name=eq.a=b", expect![[r#"select *; / "name" Eq "a=b""#]]);
    check(
        "name=eq.%FF",
        expect![
            "PGRST100 failed to decode the query string | `eq.%FF` is not UTF-8 text without NUL"
        ],
    );
    check(
        "name=eq.%00",
        expect![
            "PGRST100 failed to decode the query string | `eq.%00` is not UTF-8 text without NUL"
        ],
    );
    check(
        "x;y=eq.1",
        expect![[
            r#"PGRST100 "failed to parse tree path (x;y)" (line 1, column 2) | unexpected ';' expecting letter, digit, "-", delimiter (.), "->>", "->" or end of input"#
        ]],
    );
}

#[test]
fn what_supabase_js_sends() {
    check(
        "select=*&order=id.asc&limit=10",
        expect![[r#"select *; / order "id" asc rows 0+10"#]],
    );
    check(
        "select=id,name&id=eq.1&offset=20&limit=10",
        expect![[r#"select "id", "name"; / "id" Eq "1" rows 20+10"#]],
    );
    check(
        "select=id,messages(id)&messages.order=id.desc.nullslast&messages.limit=3&messages.offset=1",
        expect![[r#"select "id", "messages" ("id"); /messages order "id" desc last rows 1+3"#]],
    );
    check(
        "select=*,a:rel!inner(b)&a.b=eq.1&or=%28id.eq.1%2Cname.eq.x%29&a.or=%28c.is.null%29",
        expect![[
            r#"select *, "a" = "rel" Inner ("b"); / ("id" Eq "1" or "name" Eq "x"); /a "b" Eq "1" or("c" Is Null)"#
        ]],
    );
    check(
        "select=%2A&name=ilike.%25a%25&tags=cs.%7Ba%2Cb%7D&data=cs.%7B%22k%22%3A1%7D",
        expect![[
            r#"select *; / "name" Ilike "%a%" "tags" Contains "{a,b}" "data" Contains "{\"k\":1}""#
        ]],
    );
    check(
        "username=like%28any%29.%7B%25a%25%2C%25b%25%7D",
        expect![[r#"select *; / "username" Like any "{%a%,%b%}""#]],
    );
}

#[test]
fn scopes() {
    check(
        "rel.order=a&rel.order=b&order=c&order=d",
        expect![[r#"select *; / order "c"; /rel order "a""#]],
    );
    check(
        "limit=1&limit=2&rel.nested.limit=3&rel.limit=4",
        expect!["select *; / rows 0+2; /rel rows 0+4; /rel/nested rows 0+3"],
    );
    check(
        "a.b.c=eq.1&a.c=eq.2&d=eq.3",
        expect![[r#"select *; / "d" Eq "3"; /a "c" Eq "2"; /a/b "c" Eq "1""#]],
    );
    check(
        "id=eq.1&id=neq.2",
        expect![[r#"select *; / "id" Eq "1" "id" Neq "2""#]],
    );
}

#[test]
fn repeated_lists() {
    check("select=a&select=b", expect![[r#"select "a""#]]);
    check("columns=a&columns=b", expect!["select *"]);
}

#[test]
fn mistakes() {
    check(
        "rel..order=a",
        expect![[
            r#"PGRST100 "failed to parse tree path (rel..order)" (line 1, column 5) | unexpected "." expecting field name (* or [a..z0..9_$])"#
        ]],
    );
    check(
        "a!b.limit=1",
        expect![[
            r#"PGRST100 "failed to parse tree path (a!b.limit)" (line 1, column 2) | unexpected '!' expecting letter, digit, "-", delimiter (.), "->>", "->" or end of input"#
        ]],
    );
    check(
        "select=a(&id=zz.1",
        expect![[
            r#"PGRST100 "failed to parse select parameter (a()" (line 1, column 3) | unexpected end of input expecting "...", field name (* or [a..z0..9_$]), "*", "count()" or ")""#
        ]],
    );
    check(
        "columns=",
        expect![[
            r#"PGRST100 "failed to parse columns parameter ()" (line 1, column 1) | unexpected end of input expecting field name (* or [a..z0..9_$])"#
        ]],
    );
    check(
        "on_conflict=,",
        expect![[
            r#"PGRST100 "failed to parse on_conflict parameter (,)" (line 1, column 1) | unexpected "," expecting field name (* or [a..z0..9_$])"#
        ]],
    );
}
