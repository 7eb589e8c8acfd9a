//! `select=`.
use expect_test::{Expect, expect};

use super::*;

#[track_caller]
fn check(select: &str, expect: Expect) {
    let query = format!("select={}", encoded(select));
    expect.assert_eq(&shown(&get(&query), |it| print::select(&it.query.select)));
}

#[test]
fn columns_and_stars() {
    check("", expect![""]);
    check("*", expect!["*"]);
    check("id", expect![[r#""id""#]]);
    check("id,name", expect![[r#""id", "name""#]]);
    check("id, name , body", expect![[r#""id", "name", "body""#]]);
    check("*,extra:id", expect![[r#"*, "extra" = "id""#]]);
    check(
        "full name,snake_case,kebab-case,do$$ar",
        expect![[r#""full name", "snake_case", "kebab-case", "do$$ar""#]],
    );
    check("Über,名前,123", expect![[r#""Über", "名前", "123""#]]);
    check(
        r#""quoted, name","with \"quotes\"","back\\slash"," kept ""#,
        expect![[r#""quoted, name", "with \"quotes\"", "back\\slash", " kept ""#]],
    );
    check("a - b", expect![[r#""a-b""#]]);
}

#[test]
fn aliases_and_casts() {
    check("title:name", expect![[r#""title" = "name""#]]);
    check("id::text", expect![[r#""id"::"text""#]]);
    check(
        "total:amount::numeric",
        expect![[r#""total" = "amount"::"numeric""#]],
    );
    check("a:b::int4", expect![[r#""a" = "b"::"int4""#]]);
    check(r#""an alias":name"#, expect![[r#""an alias" = "name""#]]);
    check(
        r#"alias:"a:b"::text"#,
        expect![[r#""alias" = "a:b"::"text""#]],
    );
    check(
        "when::timestamp with time zone",
        expect![[r#""when"::"timestamp with time zone""#]],
    );
}

#[test]
fn json_paths() {
    check("data->a", expect![[r#""data"->"a""#]]);
    check("data->>a", expect![[r#""data"->>"a""#]]);
    check("data->a->b->>c", expect![[r#""data"->"a"->"b"->>"c""#]]);
    check("data->0", expect![[r#""data"->0"#]]);
    check("data->-1->>x", expect![[r#""data"->-1->>"x""#]]);
    check("data->>0::int", expect![[r#""data"->>0::"int""#]]);
    check(
        "first:data->0->name",
        expect![[r#""first" = "data"->0->"name""#]],
    );
    check(
        r#"data->"a b,c"->>"d.e""#,
        expect![[r#""data"->"a b,c"->>"d.e""#]],
    );
    check("data->a-b->>c", expect![[r#""data"->"a-b"->>"c""#]]);
    check("data->!@#$%^&*_d", expect![[r#""data"->"!@#$%^&*_d""#]]);
    check("data->'x'", expect![[r#""data"->"'x'""#]]);
    check("data->99999999999", expect![[r#""data"->2147483647"#]]);
    check("data->78xy", expect![[r#""data"->"78xy""#]]);
    check(
        "settings->foo->>int::integer",
        expect![[r#""settings"->"foo"->>"int"::"integer""#]],
    );
}

#[test]
fn aggregates() {
    check("count()", expect!["() Count"]);
    check("total:count()", expect![[r#""total" = () Count"#]]);
    check("count()::text", expect![[r#"() Count::"text""#]]);
    check("amount.sum()", expect![[r#""amount" Sum"#]]);
    check("amount.avg()::int", expect![[r#""amount" Avg::"int""#]]);
    check(
        "amount::float8.max()::text",
        expect![[r#""amount"::"float8" Max::"text""#]],
    );
    check(
        "low:amount.min(),high:amount.max()",
        expect![[r#""low" = "amount" Min, "high" = "amount" Max"#]],
    );
    check("id.count(),kind", expect![[r#""id" Count, "kind""#]]);
    check(
        "data->price::numeric.sum()",
        expect![[r#""data"->"price"::"numeric" Sum"#]],
    );
    check("count", expect![[r#""count""#]]);
    check("count:id", expect![[r#""count" = "id""#]]);
}

#[test]
fn embeds() {
    check("clients(id)", expect![[r#""clients" ("id")"#]]);
    check(
        "id,clients(id,name)",
        expect![[r#""id", "clients" ("id", "name")"#]],
    );
    check(
        "client:clients(*)",
        expect![[r#""client" = "clients" (*)"#]],
    );
    check(
        "clients!fk_client(id)",
        expect![[r#""clients" hint "fk_client" ("id")"#]],
    );
    check("clients!inner(id)", expect![[r#""clients" Inner ("id")"#]]);
    check("clients!left(id)", expect![[r#""clients" Left ("id")"#]]);
    check(
        "clients!fk!inner(id)",
        expect![[r#""clients" hint "fk" Inner ("id")"#]],
    );
    check(
        "clients!inner!fk(id)",
        expect![[r#""clients" hint "fk" Inner ("id")"#]],
    );
    check(
        r#"c:clients!"my fk"!inner(id)"#,
        expect![[r#""c" = "clients" hint "my fk" Inner ("id")"#]],
    );
    check("rel()", expect![[r#""rel" ()"#]]);
    check("rel!inner()", expect![[r#""rel" Inner ()"#]]);
    check("a(b(c(d)))", expect![[r#""a" ("b" ("c" ("d")))"#]]);
    check(
        "tasks(*,project:projects(id,client:clients(name))),users(*)",
        expect![[
            r#""tasks" (*, "project" = "projects" ("id", "client" = "clients" ("name"))), "users" (*)"#
        ]],
    );
    check(
        "clients( id , name ), other( * )",
        expect![[r#""clients" ("id", "name"), "other" (*)"#]],
    );
    check(
        "rel(data->0,data->>k::text)",
        expect![[r#""rel" ("data"->0, "data"->>"k"::"text")"#]],
    );
    check("client_id(name)", expect![[r#""client_id" ("name")"#]]);
    check("rel(count())", expect![[r#""rel" (() Count)"#]]);
    check(
        "rel(amount.sum(),kind)",
        expect![[r#""rel" ("amount" Sum, "kind")"#]],
    );
    check(r#""my rel"("a b")"#, expect![[r#""my rel" ("a b")"#]]);
    check(
        "clients!inner_fk(id)",
        expect![[r#""clients" hint "inner_fk" ("id")"#]],
    );
    check(
        "clients!leftover(id)",
        expect![[r#""clients" hint "leftover" ("id")"#]],
    );
}

#[test]
fn spreads() {
    check("...clients(id)", expect![[r#"..."clients" ("id")"#]]);
    check(
        "id,...clients(client_name:name)",
        expect![[r#""id", ..."clients" ("client_name" = "name")"#]],
    );
    check(
        "...clients!fk!inner(id,...address(city))",
        expect![[r#"..."clients" hint "fk" Inner ("id", ..."address" ("city"))"#]],
    );
    check("...rel()", expect![[r#"..."rel" ()"#]]);
}

#[test]
fn strays_after_the_list() {
    check(
        "name,projects(count)'",
        expect![[r#""name", "projects" ("count")"#]],
    );
    check(
        "name,...a(b,...c(d)))",
        expect![[r#""name", ..."a" ("b", ..."c" ("d"))"#]],
    );
    check("id)", expect![[r#""id""#]]);
}

#[test]
fn mistakes() {
    check(
        "id,",
        expect![[
            r#"PGRST100 "failed to parse select parameter (id,)" (line 1, column 4) | unexpected end of input expecting "...", field name (* or [a..z0..9_$]), "*" or "count()""#
        ]],
    );
    check(
        "id,,name",
        expect![[
            r#"PGRST100 "failed to parse select parameter (id,,name)" (line 1, column 4) | unexpected "," expecting "...", field name (* or [a..z0..9_$]), "*" or "count()""#
        ]],
    );
    check(
        ",id",
        expect![[
            r#"PGRST100 "failed to parse select parameter (,id)" (line 1, column 1) | unexpected ',' expecting "...", field name (* or [a..z0..9_$]), "*", "count()" or end of input"#
        ]],
    );
    check(
        "(id)",
        expect![[
            r#"PGRST100 "failed to parse select parameter ((id))" (line 1, column 1) | unexpected '(' expecting "...", field name (* or [a..z0..9_$]), "*", "count()" or end of input"#
        ]],
    );
    check("id)", expect![[r#""id""#]]);
    check(
        "clients(id",
        expect![[
            r#"PGRST100 "failed to parse select parameter (clients(id)" (line 1, column 11) | unexpected end of input expecting letter, digit, "-", "->>", "->", "::", ".", ")" or ",""#
        ]],
    );
    check("clients(id))", expect![[r#""clients" ("id")"#]]);
    check(
        "clients(id)x",
        expect![[
            r#"PGRST100 "failed to parse select parameter (clients(id)x)" (line 1, column 12) | unexpected 'x' expecting "," or end of input"#
        ]],
    );
    check(
        "clients(name[])",
        expect![[
            r#"PGRST100 "failed to parse select parameter (clients(name[]))" (line 1, column 13) | unexpected '[' expecting letter, digit, "-", "->>", "->", "::", ".", ")", "," or end of input"#
        ]],
    );
    check(
        "name!hint",
        expect![[
            r#"PGRST100 "failed to parse select parameter (name!hint)" (line 1, column 5) | unexpected '!' expecting letter, digit, "-", "->>", "->", "::", ".", ")", "," or end of input"#
        ]],
    );
    check(
        "*!hint",
        expect![[
            r#"PGRST100 "failed to parse select parameter (*!hint)" (line 1, column 2) | unexpected '!' expecting ")", "," or end of input"#
        ]],
    );
    check(
        "name::",
        expect![[
            r#"PGRST100 "failed to parse select parameter (name::)" (line 1, column 7) | unexpected end of input expecting letter or digit"#
        ]],
    );
    check(
        "name::text[]",
        expect![[
            r#"PGRST100 "failed to parse select parameter (name::text[])" (line 1, column 11) | unexpected '[' expecting letter, digit, ".", ")", "," or end of input"#
        ]],
    );
    check(
        "name::numeric(10,2)",
        expect![[
            r#"PGRST100 "failed to parse select parameter (name::numeric(10,2))" (line 1, column 14) | unexpected '(' expecting letter, digit, ".", ")", "," or end of input"#
        ]],
    );
    check(
        "data->",
        expect![[
            r#"PGRST100 "failed to parse select parameter (data->)" (line 1, column 7) | unexpected end of input expecting "-", digit or any non reserved character different from: .,>()"#
        ]],
    );
    check(
        "data->>--34",
        expect![[
            r#"PGRST100 "failed to parse select parameter (data->>--34)" (line 1, column 9) | unexpected "-" expecting digit"#
        ]],
    );
    check(
        "data->>-78xy",
        expect![[
            r#"PGRST100 "failed to parse select parameter (data->>-78xy)" (line 1, column 11) | unexpected 'x' expecting digit, "->", "::", ".", "," or end of input"#
        ]],
    );
    check(
        "data->>-xy-4",
        expect![[
            r#"PGRST100 "failed to parse select parameter (data->>-xy-4)" (line 1, column 9) | unexpected "x" expecting digit"#
        ]],
    );
    check(
        "data->(!@#$%^&*_d->>!@#$%^&*_e::integer",
        expect![[
            r#"PGRST100 "failed to parse select parameter (data->(!@#$%^&*_d->>!@#$%^&*_e::integer)" (line 1, column 7) | unexpected "(" expecting "-", digit or any non reserved character different from: .,>()"#
        ]],
    );
    check(
        "users.*",
        expect![[
            r#"PGRST100 "failed to parse select parameter (users.*)" (line 1, column 7) | unexpected "*" expecting "sum", "avg", "count", "max" or "min""#
        ]],
    );
    check(
        "id.sum",
        expect![[
            r#"PGRST100 "failed to parse select parameter (id.sum)" (line 1, column 7) | unexpected end of input expecting "()""#
        ]],
    );
    check(
        "id.median()",
        expect![[
            r#"PGRST100 "failed to parse select parameter (id.median())" (line 1, column 4) | unexpected "m" expecting "sum", "avg", "count", "max" or "min""#
        ]],
    );
    check(
        "a::b::c",
        expect![[
            r#"PGRST100 "failed to parse select parameter (a::b::c)" (line 1, column 5) | unexpected ':' expecting letter, digit, ".", ")", "," or end of input"#
        ]],
    );
    check(
        "alias:*",
        expect![[
            r#"PGRST100 "failed to parse select parameter (alias:*)" (line 1, column 7) | unexpected "*" expecting field name (* or [a..z0..9_$])"#
        ]],
    );
    check(
        "alias:...rel(id)",
        expect![[
            r#"PGRST100 "failed to parse select parameter (alias:...rel(id))" (line 1, column 7) | unexpected "." expecting field name (* or [a..z0..9_$])"#
        ]],
    );
    check(
        "...rel",
        expect![[
            r#"PGRST100 "failed to parse select parameter (...rel)" (line 1, column 7) | unexpected end of input expecting letter, digit, "-", "!" or "(""#
        ]],
    );
    check(
        "...id",
        expect![[
            r#"PGRST100 "failed to parse select parameter (...id)" (line 1, column 6) | unexpected end of input expecting letter, digit, "-", "!" or "(""#
        ]],
    );
    check(
        "rel!a!b(id)",
        expect![[
            r#"PGRST100 "failed to parse select parameter (rel!a!b(id))" (line 1, column 4) | unexpected '!' expecting letter, digit, "-", "->>", "->", "::", ".", ")", "," or end of input"#
        ]],
    );
    check(
        "rel!inner!left(id)",
        expect![[
            r#"PGRST100 "failed to parse select parameter (rel!inner!left(id))" (line 1, column 4) | unexpected '!' expecting letter, digit, "-", "->>", "->", "::", ".", ")", "," or end of input"#
        ]],
    );
    check(
        r#""open"#,
        expect![[
            r#"PGRST100 "failed to parse select parameter ("open)" (line 1, column 6) | unexpected end of input expecting "\\" or "\"""#
        ]],
    );
    check(
        r#""""#,
        expect![[
            r#"PGRST100 "failed to parse select parameter ("")" (line 1, column 3) | unexpected end of input"#
        ]],
    );
    check(
        r#""",id"#,
        expect![[
            r#"PGRST100 "failed to parse select parameter ("",id)" (line 1, column 3) | unexpected ",""#
        ]],
    );
    check(
        ":id",
        expect![[
            r#"PGRST100 "failed to parse select parameter (:id)" (line 1, column 1) | unexpected ':' expecting "...", field name (* or [a..z0..9_$]), "*", "count()" or end of input"#
        ]],
    );
    check(
        "a:",
        expect![[
            r#"PGRST100 "failed to parse select parameter (a:)" (line 1, column 3) | unexpected end of input expecting field name (* or [a..z0..9_$])"#
        ]],
    );
    check(
        "id name(",
        expect![[
            r#"PGRST100 "failed to parse select parameter (id name()" (line 1, column 9) | unexpected end of input expecting "...", field name (* or [a..z0..9_$]), "*", "count()" or ")""#
        ]],
    );
    check(
        "é→",
        expect![[
            r#"PGRST100 "failed to parse select parameter (é→)" (line 1, column 2) | unexpected '\8594' expecting letter, digit, "-", "->>", "->", "::", ".", ")", "," or end of input"#
        ]],
    );
    check(
        "prt.*,u.email",
        expect![[
            r#"PGRST100 "failed to parse select parameter (prt.*,u.email)" (line 1, column 5) | unexpected "*" expecting "sum", "avg", "count", "max" or "min""#
        ]],
    );
    check(
        "name!(id)",
        expect![[
            r#"PGRST100 "failed to parse select parameter (name!(id))" (line 1, column 5) | unexpected '!' expecting letter, digit, "-", "->>", "->", "::", ".", ")", "," or end of input"#
        ]],
    );
    check(
        "count(id)",
        expect![[
            r#"PGRST100 "failed to parse select parameter (count(id))" (line 1, column 6) | unexpected '(' expecting letter, digit, "-", "->>", "->", "::", ".", ")", "," or end of input"#
        ]],
    );
    check(
        "-id",
        expect![[
            r#"PGRST100 "failed to parse select parameter (-id)" (line 1, column 1) | unexpected '-' expecting "...", field name (* or [a..z0..9_$]), "*", "count()" or end of input"#
        ]],
    );
    check(
        "id-",
        expect![[
            r#"PGRST100 "failed to parse select parameter (id-)" (line 1, column 4) | unexpected end of input expecting letter or digit"#
        ]],
    );
}
