//! `order=`.
use expect_test::{Expect, expect};

use super::*;

#[track_caller]
fn check(order: &str, expect: Expect) {
    let query = format!("order={}", encoded(order));
    expect.assert_eq(&shown(&get(&query), |it| {
        print::order(&it.query.scopes[0].1.order)
    }));
}

#[test]
fn terms() {
    check("id", expect![[r#""id""#]]);
    check("id.asc", expect![[r#""id" asc"#]]);
    check("id.desc", expect![[r#""id" desc"#]]);
    check("id.nullsfirst", expect![[r#""id" first"#]]);
    check("id.desc.nullslast", expect![[r#""id" desc last"#]]);
    check(
        "id.asc.nullsfirst,name.desc",
        expect![[r#""id" asc first, "name" desc"#]],
    );
    check("a, b.desc , c", expect![[r#""a", "b" desc, "c""#]]);
    check("data->a.desc", expect![[r#""data"->"a" desc"#]]);
    check(
        "data->>0.asc.nullslast",
        expect![[r#""data"->>0 asc last"#]],
    );
    check(r#"data->"a.b".desc"#, expect![[r#""data"->"a.b" desc"#]]);
    check(r#""a.b".desc"#, expect![[r#""a.b" desc"#]]);
    check("名.desc", expect![[r#""名" desc"#]]);
    check("full name.asc", expect![[r#""full name" asc"#]]);
}

#[test]
fn related_terms() {
    check("clients(name)", expect![[r#""clients" "name""#]]);
    check(
        "clients(name).desc.nullsfirst",
        expect![[r#""clients" "name" desc first"#]],
    );
    check(
        "clients(data->key).desc",
        expect![[r#""clients" "data"->"key" desc"#]],
    );
    check(
        "name,clients(name),id",
        expect![[r#""name", "clients" "name", "id""#]],
    );
    check(r#""my rel"("a b").asc"#, expect![[r#""my rel" "a b" asc"#]]);
}

#[test]
fn mistakes() {
    check(
        "",
        expect![[
            r#"PGRST100 "failed to parse order ()" (line 1, column 1) | unexpected end of input expecting field name (* or [a..z0..9_$])"#
        ]],
    );
    check(
        "id.ac",
        expect![[
            r#"PGRST100 "failed to parse order (id.ac)" (line 1, column 4) | unexpected "c" expecting "asc", "desc", "nullsfirst" or "nullslast""#
        ]],
    );
    check(
        "id.descc",
        expect![[
            r#"PGRST100 "failed to parse order (id.descc)" (line 1, column 8) | unexpected 'c' expecting delimiter (.), "," or end of input"#
        ]],
    );
    check(
        "id.nulsfist",
        expect![[
            r#"PGRST100 "failed to parse order (id.nulsfist)" (line 1, column 4) | unexpected "n" expecting "asc", "desc", "nullsfirst" or "nullslast""#
        ]],
    );
    check(
        "id.nullslasttt",
        expect![[
            r#"PGRST100 "failed to parse order (id.nullslasttt)" (line 1, column 13) | unexpected 't' expecting "," or end of input"#
        ]],
    );
    check(
        "id.asc.nlsfst",
        expect![[
            r#"PGRST100 "failed to parse order (id.asc.nlsfst)" (line 1, column 8) | unexpected "l" expecting "nullsfirst" or "nullslast""#
        ]],
    );
    check(
        "id.asc.nullslasttt",
        expect![[
            r#"PGRST100 "failed to parse order (id.asc.nullslasttt)" (line 1, column 17) | unexpected 't' expecting "," or end of input"#
        ]],
    );
    check(
        "id.asc.desc",
        expect![[
            r#"PGRST100 "failed to parse order (id.asc.desc)" (line 1, column 8) | unexpected "d" expecting "nullsfirst" or "nullslast""#
        ]],
    );
    check(
        "clients(name,id)",
        expect![[
            r#"PGRST100 "failed to parse order (clients(name,id))" (line 1, column 8) | unexpected '(' expecting letter, digit, "-", "->>", "->", delimiter (.), "," or end of input"#
        ]],
    );
    check(
        "clients(name",
        expect![[
            r#"PGRST100 "failed to parse order (clients(name)" (line 1, column 8) | unexpected '(' expecting letter, digit, "-", "->>", "->", delimiter (.), "," or end of input"#
        ]],
    );
    check(
        "id,",
        expect![[
            r#"PGRST100 "failed to parse order (id,)" (line 1, column 4) | unexpected end of input expecting field name (* or [a..z0..9_$])"#
        ]],
    );
    check(
        "id desc!",
        expect![[
            r#"PGRST100 "failed to parse order (id desc!)" (line 1, column 8) | unexpected '!' expecting letter, digit, "-", "->>", "->", delimiter (.), "," or end of input"#
        ]],
    );
    check(
        "id::text",
        expect![[
            r#"PGRST100 "failed to parse order (id::text)" (line 1, column 3) | unexpected ':' expecting letter, digit, "-", "->>", "->", delimiter (.), "," or end of input"#
        ]],
    );
    check(
        ".asc",
        expect![[
            r#"PGRST100 "failed to parse order (.asc)" (line 1, column 1) | unexpected "." expecting field name (* or [a..z0..9_$])"#
        ]],
    );
}
