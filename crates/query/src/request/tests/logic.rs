//! `and`, `or` and what stands inside.
use expect_test::{Expect, expect};

use super::*;

#[track_caller]
fn check(query: &str, expect: Expect) {
    expect.assert_eq(&shown(&get(query), |it| print::scopes(&it.query)));
}

#[test]
fn trees() {
    check(
        "or=(id.eq.1,name.eq.x)",
        expect![[r#"/ ("id" Eq "1" or "name" Eq "x")"#]],
    );
    check(
        "and=(id.gte.1,id.lte.5)",
        expect![[r#"/ ("id" Gte "1" and "id" Lte "5")"#]],
    );
    check(
        "not.or=(id.eq.1,id.eq.2)",
        expect![[r#"/ not ("id" Eq "1" or "id" Eq "2")"#]],
    );
    check(
        "not.and=(id.eq.1,id.eq.2)",
        expect![[r#"/ not ("id" Eq "1" and "id" Eq "2")"#]],
    );
    check("or=(id.eq.1)", expect![[r#"/ or("id" Eq "1")"#]]);
    check(
        "or=(id.eq.1,and(a.eq.2,b.eq.3))",
        expect![[r#"/ ("id" Eq "1" or ("a" Eq "2" and "b" Eq "3"))"#]],
    );
    check(
        "or=(id.eq.1,not.and(a.eq.2,not.or(b.eq.3,c.eq.4)))",
        expect![[r#"/ ("id" Eq "1" or not ("a" Eq "2" and not ("b" Eq "3" or "c" Eq "4")))"#]],
    );
    check(
        "or=( id.eq.1 , and( a.eq.2 , b.eq.3 ) )",
        expect![[r#"/ ("id" Eq "1 " or ("a" Eq "2 " and "b" Eq "3 "))"#]],
    );
    check(
        "or=(id.not.eq.1,id.not.in.(2,3))",
        expect![[r#"/ ("id" not Eq "1" or "id" not In ["2", "3"])"#]],
    );
    check(
        "and=(a.is.null,b.is.true,c.not.is.NULL)",
        expect![[r#"/ ("a" Is Null and "b" Is True and "c" not Is Null)"#]],
    );
    check(
        "or=(id.eq.1,id.eq.2)&and=(a.eq.1,b.eq.2)&c=eq.3",
        expect![[r#"/ ("id" Eq "1" or "id" Eq "2") ("a" Eq "1" and "b" Eq "2") "c" Eq "3""#]],
    );
}

#[test]
fn embedded_paths() {
    check(
        "rel.or=(id.eq.1,id.eq.2)",
        expect![[r#"/rel ("id" Eq "1" or "id" Eq "2")"#]],
    );
    check(
        "rel.not.or=(id.eq.1,id.eq.2)",
        expect![[r#"/rel not ("id" Eq "1" or "id" Eq "2")"#]],
    );
    check(
        "rel.nested.and=(id.eq.1,id.eq.2)",
        expect![[r#"/rel/nested ("id" Eq "1" and "id" Eq "2")"#]],
    );
    check(
        "not.rel.or=(id.eq.1)",
        expect![[r#"/rel not or("id" Eq "1")"#]],
    );
    check(
        r#""my rel".or=(id.eq.1)"#,
        expect![[r#"/my rel or("id" Eq "1")"#]],
    );
}

#[test]
fn values() {
    check(
        r#"or=(name.eq."a,b",name.eq."c)d")"#,
        expect![[r#"/ ("name" Eq "a,b" or "name" Eq "c)d")"#]],
    );
    check(
        r#"or=(name.eq."a\"b",name.eq."c\\d")"#,
        expect![[r#"/ ("name" Eq "a\"b" or "name" Eq "c\\d")"#]],
    );
    check(
        r#"or=(name.eq."a"b,id.eq.1)"#,
        expect![[r#"/ ("name" Eq "\"a\"b" or "id" Eq "1")"#]],
    );
    check(
        "or=(name.eq.,id.eq.1)",
        expect![[r#"/ ("name" Eq "" or "id" Eq "1")"#]],
    );
    check(
        "or=(name.eq.a b.c(d,id.eq.1)",
        expect![[r#"/ ("name" Eq "a b.c(d" or "id" Eq "1")"#]],
    );
    check(
        "or=(name.like.*a*,name.ilike.b*)",
        expect![[r#"/ ("name" Like "%a%" or "name" Ilike "b%")"#]],
    );
    check(
        "or=(name.like(any).{a*,*b},id.eq.1)",
        expect![[r#"/ ("name" Like any "{a%,%b}" or "id" Eq "1")"#]],
    );
    check(
        r#"or=(tags.cs.{a,b},tags.cd.{"c,}",d})"#,
        expect![[r#"/ ("tags" Contains "{a,b}" or "tags" Contained "{\"c,}\",d}")"#]],
    );
    check(
        "or=(m.eq.{{1,2},{3,4}},id.eq.1)",
        expect![[r#"/ ("m" Eq "{{1,2},{3,4}}" or "id" Eq "1")"#]],
    );
    check(
        "or=(m.eq.{a}b,id.eq.1)",
        expect![[r#"/ ("m" Eq "{a}b" or "id" Eq "1")"#]],
    );
    check(
        "or=(span.ov.[1,2),span.cs.(3,4])",
        expect![[r#"/ ("span" Overlaps "[1,2)" or "span" Contains "(3,4]")"#]],
    );
    check(
        r#"or=(span.adj."[1,2)",id.eq.1)"#,
        expect![[r#"/ ("span" Adjacent "[1,2)" or "id" Eq "1")"#]],
    );
    check(
        "or=(span.ov.[1,id.eq.2)",
        expect![[r#"/ ("span" Overlaps "[1" or "id" Eq "2")"#]],
    );
    check(
        r#"or=(id.in.(1,"2,3"),id.in.())"#,
        expect![[r#"/ ("id" In ["1", "2,3"] or "id" In [])"#]],
    );
    check(
        r#"or=(t.fts(english).cat,t.wfts."a b")"#,
        expect![[r#"/ ("t" FullText Plain "english" "cat" or "t" FullText Web "a b")"#]],
    );
    check(
        "or=(data->>a.eq.1,data->0->b.gt.2)",
        expect![[r#"/ ("data"->>"a" Eq "1" or "data"->0->"b" Gt "2")"#]],
    );
    check(
        r#"or=(data->"a.b".eq.1,"x.y".eq.2)"#,
        expect![[r#"/ ("data"->"a.b" Eq "1" or "x.y" Eq "2")"#]],
    );
    check(
        "or=(a.isdistinct.1,b.not.isdistinct.2)",
        expect![[r#"/ ("a" IsDistinct "1" or "b" not IsDistinct "2")"#]],
    );
    check(
        "or=(at.gt.2026-01-01T00:00:00+00:00,id.eq.1)",
        expect![[r#"/ ("at" Gt "2026-01-01T00:00:00 00:00" or "id" Eq "1")"#]],
    );
    check(
        "or=(rel.not.is.null,id.eq.1)",
        expect![[r#"/ ("rel" not Is Null or "id" Eq "1")"#]],
    );
}

#[test]
fn trees_need_parentheses() {
    check(
        "or=.eq.5",
        expect![[
            r#"PGRST100 "failed to parse logic tree (.eq.5)" (line 1, column 3) | unexpected "." expecting "(""#
        ]],
    );
}

#[test]
fn strays_after_the_tree() {
    check(
        "and=(id.eq.1,id.neq.2))",
        expect![[r#"/ ("id" Eq "1" and "id" Neq "2")"#]],
    );
    check(
        "and=(id.eq.1))),id.eq.2",
        expect![[
            r#"PGRST100 "failed to parse logic tree ((id.eq.1))),id.eq.2)" (line 1, column 15) | unexpected ',' expecting end of input"#
        ]],
    );
}

#[test]
fn mistakes() {
    check(
        "or=()",
        expect![[
            r#"PGRST100 "failed to parse logic tree (())" (line 1, column 4) | unexpected ")" expecting field name (* or [a..z0..9_$]), negation operator (not) or logic operator (and, or)"#
        ]],
    );
    check(
        "or=",
        expect![[
            r#"PGRST100 "failed to parse logic tree ()" (line 1, column 3) | unexpected end of input expecting "(""#
        ]],
    );
    check(
        "or=id.eq.1",
        expect![[
            r#"PGRST100 "failed to parse logic tree (id.eq.1)" (line 1, column 3) | unexpected "i" expecting "(""#
        ]],
    );
    check(
        "or=(id.eq.1",
        expect![[
            r#"PGRST100 "failed to parse logic tree ((id.eq.1)" (line 1, column 11) | unexpected end of input expecting "," or ")""#
        ]],
    );
    check("or=(id.eq.1))", expect![[r#"/ or("id" Eq "1")"#]]);
    check(
        "or=(id.eq.1)x",
        expect![[
            r#"PGRST100 "failed to parse logic tree ((id.eq.1)x)" (line 1, column 12) | unexpected 'x' expecting end of input"#
        ]],
    );
    check(
        "or=(id.eq.1,)",
        expect![[
            r#"PGRST100 "failed to parse logic tree ((id.eq.1,))" (line 1, column 12) | unexpected ")" expecting field name (* or [a..z0..9_$]), negation operator (not) or logic operator (and, or)"#
        ]],
    );
    check(
        "or=(id.in.1,2,id.eq.3)",
        expect![[
            r#"PGRST100 "failed to parse logic tree ((id.in.1,2,id.eq.3))" (line 1, column 10) | unexpected "1" expecting "(""#
        ]],
    );
    check(
        "or=)(",
        expect![[
            r#"PGRST100 "failed to parse logic tree ()()" (line 1, column 3) | unexpected ")" expecting "(""#
        ]],
    );
    check(
        "and=(ord(id.eq.1,id.eq.1),id.eq.2)",
        expect![[
            r#"PGRST100 "failed to parse logic tree ((ord(id.eq.1,id.eq.1),id.eq.2))" (line 1, column 7) | unexpected "d" expecting "(""#
        ]],
    );
    check(
        "or=(id.eq.1,not.xor(id.eq.2,id.eq.3))",
        expect![[
            r#"PGRST100 "failed to parse logic tree ((id.eq.1,not.xor(id.eq.2,id.eq.3)))" (line 1, column 16) | unexpected "x" expecting logic operator (and, or)"#
        ]],
    );
    check(
        "or=(id.foo.1)",
        expect![[
            r#"PGRST100 "failed to parse logic tree ((id.foo.1))" (line 1, column 7) | unexpected "f" expecting "not" or operator (eq, gt, ...)"#
        ]],
    );
    check(
        "or=(id)",
        expect![[
            r#"PGRST100 "failed to parse logic tree ((id))" (line 1, column 6) | unexpected ")" expecting letter, digit, "-", "->>", "->" or delimiter (.)"#
        ]],
    );
    check(
        "or=(rel.id.eq.1)",
        expect![[
            r#"PGRST100 "failed to parse logic tree ((rel.id.eq.1))" (line 1, column 8) | unexpected "i" expecting "not" or operator (eq, gt, ...)"#
        ]],
    );
    check(
        "or=(JMS Homes, INC)",
        expect![[
            r#"PGRST100 "failed to parse logic tree ((JMS Homes, INC))" (line 1, column 13) | unexpected "," expecting letter, digit, "-", "->>", "->" or delimiter (.)"#
        ]],
    );
    check(
        ".or=(id.eq.1)",
        expect![[
            r#"PGRST100 "failed to parse logic path (.or)" (line 1, column 1) | unexpected "." expecting field name (* or [a..z0..9_$])"#
        ]],
    );
    check("or=(a.eq.{b)", expect![[r#"/ or("a" Eq "{b")"#]]);
}
