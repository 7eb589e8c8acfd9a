//! Filters: columns, operators and values.
use expect_test::{Expect, expect};

use super::*;

#[track_caller]
fn check(query: &str, expect: Expect) {
    expect.assert_eq(&shown(&get(query), |it| print::scopes(&it.query)));
}

#[test]
fn operators() {
    check("id=eq.5", expect![[r#"/ "id" Eq "5""#]]);
    check("id=neq.5", expect![[r#"/ "id" Neq "5""#]]);
    check("id=gt.5", expect![[r#"/ "id" Gt "5""#]]);
    check("id=gte.5", expect![[r#"/ "id" Gte "5""#]]);
    check("id=lt.5", expect![[r#"/ "id" Lt "5""#]]);
    check("id=lte.5", expect![[r#"/ "id" Lte "5""#]]);
    check("name=like.*a_b*", expect![[r#"/ "name" Like "%a_b%""#]]);
    check("name=ilike.%x*", expect![[r#"/ "name" Ilike "%x%""#]]);
    check("name=match.^a.*", expect![[r#"/ "name" Match "^a.*""#]]);
    check("name=imatch.^a.*", expect![[r#"/ "name" Imatch "^a.*""#]]);
    check("tags=cs.{a,b}", expect![[r#"/ "tags" Contains "{a,b}""#]]);
    check("tags=cd.{a,b}", expect![[r#"/ "tags" Contained "{a,b}""#]]);
    check("tags=ov.{a,b}", expect![[r#"/ "tags" Overlaps "{a,b}""#]]);
    check(
        "span=sl.(1,5)",
        expect![[r#"/ "span" StrictlyLeft "(1,5)""#]],
    );
    check(
        "span=sr.[1,5)",
        expect![[r#"/ "span" StrictlyRight "[1,5)""#]],
    );
    check(
        "span=nxr.(1,5)",
        expect![[r#"/ "span" NotRightOf "(1,5)""#]],
    );
    check("span=nxl.(1,5)", expect![[r#"/ "span" NotLeftOf "(1,5)""#]]);
    check("span=adj.(1,5)", expect![[r#"/ "span" Adjacent "(1,5)""#]]);
    check(
        r#"data=cs.{"a":1}"#,
        expect![[r#"/ "data" Contains "{\"a\":1}""#]],
    );
    check("a=isdistinct.5", expect![[r#"/ "a" IsDistinct "5""#]]);
    check(
        "a=not.isdistinct.5",
        expect![[r#"/ "a" not IsDistinct "5""#]],
    );
}

#[test]
fn values_are_taken_as_they_are() {
    check("name=eq.", expect![[r#"/ "name" Eq """#]]);
    check("name=eq.a.b.c", expect![[r#"/ "name" Eq "a.b.c""#]]);
    check(
        r#"name=eq."quoted""#,
        expect![[r#"/ "name" Eq "\"quoted\"""#]],
    );
    check("name=eq. space ", expect![[r#"/ "name" Eq " space ""#]]);
    check("name=eq.(a,b)", expect![[r#"/ "name" Eq "(a,b)""#]]);
    check("name=eq.not.x", expect![[r#"/ "name" Eq "not.x""#]]);
    check("name=eq.null", expect![[r#"/ "name" Eq "null""#]]);
    check(
        "t=gte.2026-01-01T00:00:00Z",
        expect![[r#"/ "t" Gte "2026-01-01T00:00:00Z""#]],
    );
    check("name=eq.Жé名", expect![[r#"/ "name" Eq "Жé名""#]]);
}

#[test]
fn is() {
    check("a=is.null", expect![[r#"/ "a" Is Null"#]]);
    check("a=is.NULL", expect![[r#"/ "a" Is Null"#]]);
    check("a=is.not_null", expect![[r#"/ "a" Is NotNull"#]]);
    check("a=is.Not_Null", expect![[r#"/ "a" Is NotNull"#]]);
    check("a=is.true", expect![[r#"/ "a" Is True"#]]);
    check("a=is.FALSE", expect![[r#"/ "a" Is False"#]]);
    check("a=is.unknown", expect![[r#"/ "a" Is Unknown"#]]);
    check("a=not.is.null", expect![[r#"/ "a" not Is Null"#]]);
}

#[test]
fn in_lists() {
    check("id=in.(1,2,3)", expect![[r#"/ "id" In ["1", "2", "3"]"#]]);
    check("id=in.()", expect![[r#"/ "id" In []"#]]);
    check(r#"id=in.("")"#, expect![[r#"/ "id" In [""]"#]]);
    check("id=in.(1)", expect![[r#"/ "id" In ["1"]"#]]);
    check(
        r#"name=in.("a,b","c)d")"#,
        expect![[r#"/ "name" In ["a,b", "c)d"]"#]],
    );
    check(
        r#"name=in.("a\"b","c\\d")"#,
        expect![[r#"/ "name" In ["a\"b", "c\\d"]"#]],
    );
    check(
        "name=in.(a b, c)",
        expect![[r#"/ "name" In ["a b", " c"]"#]],
    );
    check("name=in.( a,b )", expect![[r#"/ "name" In ["a", "b "]"#]]);
    check(
        r#"name=in.(a"b,"c"d)"#,
        expect![[r#"/ "name" In ["a\"b", "\"c\"d"]"#]],
    );
    check("id=not.in.(1,2)", expect![[r#"/ "id" not In ["1", "2"]"#]]);
    check("name=in.(,)", expect![[r#"/ "name" In ["", ""]"#]]);
    check("name=in.(a(b,c)", expect![[r#"/ "name" In ["a(b", "c"]"#]]);
}

#[test]
fn full_text() {
    check("t=fts.cat", expect![[r#"/ "t" FullText Plain "cat""#]]);
    check(
        "t=fts(english).cat%26dog",
        expect![[r#"/ "t" FullText Plain "english" "cat&dog""#]],
    );
    check(
        "t=plfts.the cat",
        expect![[r#"/ "t" FullText Words "the cat""#]],
    );
    check(
        "t=phfts(german).die Katze",
        expect![[r#"/ "t" FullText Phrase "german" "die Katze""#]],
    );
    check(
        r#"t=wfts."a b" -c"#,
        expect![[r#"/ "t" FullText Web "\"a b\" -c""#]],
    );
    check(
        "t=not.fts(english).cat",
        expect![[r#"/ "t" not FullText Plain "english" "cat""#]],
    );
    check(
        "t=fts(my config).cat",
        expect![[r#"/ "t" FullText Plain "my config" "cat""#]],
    );
}

#[test]
fn quantifiers() {
    check("id=eq(any).{1,2}", expect![[r#"/ "id" Eq any "{1,2}""#]]);
    check(
        "name=like(all).{*a*,b*}",
        expect![[r#"/ "name" Like all "{%a%,b%}""#]],
    );
    check(
        "name=ilike(any).{*a*}",
        expect![[r#"/ "name" Ilike any "{%a%}""#]],
    );
    check(
        "name=match(any).{^a}",
        expect![[r#"/ "name" Match any "{^a}""#]],
    );
    check("id=gt(all).{1,2}", expect![[r#"/ "id" Gt all "{1,2}""#]]);
    check(
        "id=not.eq(any).{1}",
        expect![[r#"/ "id" not Eq any "{1}""#]],
    );
    check("id=lte(any).{1}", expect![[r#"/ "id" Lte any "{1}""#]]);
    check(
        "id=neq(any).{1}",
        expect![[
            r#"PGRST100 "failed to parse filter (neq(any).{1})" (line 1, column 4) | unexpected "(" expecting operator (eq, gt, ...)"#
        ]],
    );
}

#[test]
fn columns_and_paths() {
    check("data->a=eq.1", expect![[r#"/ "data"->"a" Eq "1""#]]);
    check("data->>a=eq.1", expect![[r#"/ "data"->>"a" Eq "1""#]]);
    check("data->0->>b=gt.1", expect![[r#"/ "data"->0->>"b" Gt "1""#]]);
    check(
        r#"data->>"a.b"=eq.1"#,
        expect![[r#"/ "data"->>"a.b" Eq "1""#]],
    );
    check(r#""a.b"=eq.1"#, expect![[r#"/ "a.b" Eq "1""#]]);
    check(r#""a%3Db"=eq.1"#, expect![[r#"/ "a=b" Eq "1""#]]);
    check(r#""limit"=eq.1"#, expect![[r#"/ "limit" Eq "1""#]]);
    check("rel.name=eq.x", expect![[r#"/rel "name" Eq "x""#]]);
    check(
        "rel.nested.name=eq.x",
        expect![[r#"/rel/nested "name" Eq "x""#]],
    );
    check(
        "rel.data->>k=eq.x",
        expect![[r#"/rel "data"->>"k" Eq "x""#]],
    );
    check(
        r#""my rel"."a b"=eq.x"#,
        expect![[r#"/my rel "a b" Eq "x""#]],
    );
    check("rel=is.null", expect![[r#"/ "rel" Is Null"#]]);
    check("rel=not.is.null", expect![[r#"/ "rel" not Is Null"#]]);
    check("full name=eq.x", expect![[r#"/ "full name" Eq "x""#]]);
    check("a-b=eq.1", expect![[r#"/ "a-b" Eq "1""#]]);
    check("名=eq.1", expect![[r#"/ "名" Eq "1""#]]);
}

#[test]
fn mistakes() {
    check(
        "id=0",
        expect![[
            r#"PGRST100 "failed to parse filter (0)" (line 1, column 1) | unexpected "0" expecting "not" or operator (eq, gt, ...)"#
        ]],
    );
    check(
        "id=",
        expect![[
            r#"PGRST100 "failed to parse filter ()" (line 1, column 1) | unexpected end of input expecting "not" or operator (eq, gt, ...)"#
        ]],
    );
    check(
        "id=foo.bar",
        expect![[
            r#"PGRST100 "failed to parse filter (foo.bar)" (line 1, column 1) | unexpected "f" expecting "not" or operator (eq, gt, ...)"#
        ]],
    );
    check(
        "id=noop.0",
        expect![[
            r#"PGRST100 "failed to parse filter (noop.0)" (line 1, column 1) | unexpected "o" expecting "not" or operator (eq, gt, ...)"#
        ]],
    );
    check(
        "id=eq",
        expect![[
            r#"PGRST100 "failed to parse filter (eq)" (line 1, column 3) | unexpected end of input expecting operator (eq, gt, ...)"#
        ]],
    );
    check(
        "id=eq5",
        expect![[
            r#"PGRST100 "failed to parse filter (eq5)" (line 1, column 3) | unexpected "5" expecting operator (eq, gt, ...)"#
        ]],
    );
    check(
        "id=EQ.5",
        expect![[
            r#"PGRST100 "failed to parse filter (EQ.5)" (line 1, column 1) | unexpected "E" expecting "not" or operator (eq, gt, ...)"#
        ]],
    );
    check(
        "id=in.1,2",
        expect![[
            r#"PGRST100 "failed to parse filter (in.1,2)" (line 1, column 4) | unexpected "1" expecting "(""#
        ]],
    );
    check(
        "id=in.(1,2",
        expect![[
            r#"PGRST100 "failed to parse filter (in.(1,2)" (line 1, column 8) | unexpected end of input expecting "," or ")""#
        ]],
    );
    check(
        "id=in.(1,2)x",
        expect![[
            r#"PGRST100 "failed to parse filter (in.(1,2)x)" (line 1, column 9) | unexpected 'x' expecting end of input"#
        ]],
    );
    check(
        "id=is.nil",
        expect![[
            r#"PGRST100 "failed to parse filter (is.nil)" (line 1, column 5) | unexpected "i" expecting isVal: (null, not_null, true, false, unknown)"#
        ]],
    );
    check(
        "id=is.",
        expect![[
            r#"PGRST100 "failed to parse filter (is.)" (line 1, column 4) | unexpected end of input expecting isVal: (null, not_null, true, false, unknown)"#
        ]],
    );
    check(
        "id=is.nullx",
        expect![[
            r#"PGRST100 "failed to parse filter (is.nullx)" (line 1, column 8) | unexpected 'x' expecting end of input"#
        ]],
    );
    check(
        "id=is().x",
        expect![[
            r#"PGRST100 "failed to parse filter (is().x)" (line 1, column 3) | unexpected "(" expecting operator (eq, gt, ...)"#
        ]],
    );
    check(
        "id=in().x",
        expect![[
            r#"PGRST100 "failed to parse filter (in().x)" (line 1, column 3) | unexpected "(" expecting operator (eq, gt, ...)"#
        ]],
    );
    check(
        "id=eq().x",
        expect![[
            r#"PGRST100 "failed to parse filter (eq().x)" (line 1, column 4) | unexpected ")" expecting operator (eq, gt, ...)"#
        ]],
    );
    check(
        "id=fts().x",
        expect![[
            r#"PGRST100 "failed to parse filter (fts().x)" (line 1, column 5) | unexpected ")" expecting operator (eq, gt, ...)"#
        ]],
    );
    check(
        "id=fts(a.b).x",
        expect![[
            r#"PGRST100 "failed to parse filter (fts(a.b).x)" (line 1, column 6) | unexpected "." expecting operator (eq, gt, ...)"#
        ]],
    );
    check(
        "id=not.5",
        expect![[
            r#"PGRST100 "failed to parse filter (not.5)" (line 1, column 5) | unexpected "5" expecting operator (eq, gt, ...)"#
        ]],
    );
    check(
        "id=not.not.eq.5",
        expect![[
            r#"PGRST100 "failed to parse filter (not.not.eq.5)" (line 1, column 5) | unexpected "n" expecting operator (eq, gt, ...)"#
        ]],
    );
    check(
        "id=not",
        expect![[
            r#"PGRST100 "failed to parse filter (not)" (line 1, column 4) | unexpected end of input expecting delimiter (.)"#
        ]],
    );
    check(
        "id=xor(any).{1}",
        expect![[
            r#"PGRST100 "failed to parse filter (xor(any).{1})" (line 1, column 1) | unexpected "x" expecting "not" or operator (eq, gt, ...)"#
        ]],
    );
    check(
        "id=eq(some).{1}",
        expect![[
            r#"PGRST100 "failed to parse filter (eq(some).{1})" (line 1, column 4) | unexpected "s" expecting operator (eq, gt, ...)"#
        ]],
    );
    check(
        "=eq.5",
        expect![[
            r#"PGRST100 "failed to parse tree path ()" (line 1, column 1) | unexpected end of input expecting field name (* or [a..z0..9_$])"#
        ]],
    );
    check(
        "a.=eq.5",
        expect![[
            r#"PGRST100 "failed to parse tree path (a.)" (line 1, column 3) | unexpected end of input expecting field name (* or [a..z0..9_$])"#
        ]],
    );
    check(
        ".a=eq.5",
        expect![[
            r#"PGRST100 "failed to parse tree path (.a)" (line 1, column 1) | unexpected "." expecting field name (* or [a..z0..9_$])"#
        ]],
    );
    check(
        "a!b=eq.5",
        expect![[
            r#"PGRST100 "failed to parse tree path (a!b)" (line 1, column 2) | unexpected '!' expecting letter, digit, "-", delimiter (.), "->>", "->" or end of input"#
        ]],
    );
    check(
        "a->=eq.5",
        expect![[
            r#"PGRST100 "failed to parse tree path (a->)" (line 1, column 4) | unexpected end of input expecting "-", digit or any non reserved character different from: .,>()"#
        ]],
    );
    check(
        "a::text=eq.5",
        expect![[
            r#"PGRST100 "failed to parse tree path (a::text)" (line 1, column 2) | unexpected ':' expecting letter, digit, "-", delimiter (.), "->>", "->" or end of input"#
        ]],
    );
}
