//! What a predicate cannot say: everything that is not on a list.

use expect_test::expect;

use super::predicates::{check, check_refused, lower, todos};
use super::{access, loaded, refused, show};
use crate::{Expr, Verb};

#[test]
fn trees_that_postgres_would_build_otherwise_are_refused() {
    for condition in [
        "id = 1 = done",
        "id < 2 < 3",
        "-1::int8 = id AND - id::int8 = 1 = done",
        "title LIKE 'a' LIKE 'b'",
    ] {
        let found = refused(&[("public.todos.toml", &todos(condition))]);
        let codes: Vec<_> = found.iter().map(|it| it.code).collect();
        assert!(
            codes.contains(&"ambiguous-operators") || codes.contains(&"predicate-syntax"),
            "{condition}\n{}",
            show(&found)
        );
    }
    check_refused("-1 ^ 2 = 1", &["ambiguous-operators"]);
    check_refused("id isnull", &["predicate-syntax"]);
    check_refused("id = 1 id", &["predicate-syntax"]);
    check_refused("id = 1; DROP TABLE todos", &["predicate-syntax"]);
    check_refused("true) OR (true", &["predicate-syntax"]);
}

#[test]
fn subqueries_of_other_forms_are_refused() {
    for construct in [
        "WITH x AS (SELECT 1) SELECT id FROM public.teams",
        "SELECT id FROM public.teams UNION SELECT id FROM public.members",
        "SELECT id FROM public.teams FOR UPDATE",
        "SELECT id FROM public.teams LIMIT 1",
        "SELECT id FROM public.teams ORDER BY id",
        "SELECT DISTINCT id FROM public.teams",
        "SELECT id FROM public.teams GROUP BY id",
        "SELECT id FROM public.teams HAVING true",
        "SELECT id INTO x FROM public.teams",
        "SELECT id FROM public.teams TABLESAMPLE SYSTEM (1)",
        "SELECT x FROM LATERAL (SELECT 1 AS x) s",
        "SELECT x FROM (SELECT 1 AS x) s",
        "SELECT x FROM generate_series(1, 2) x",
        "SELECT x FROM LATERAL f(1) x",
        "SELECT t.id FROM public.teams t LEFT JOIN public.members m ON m.team_id = t.id",
        "SELECT t.id FROM public.teams t JOIN public.members m USING (id)",
        "SELECT t.id FROM public.teams t NATURAL JOIN public.members m",
        "SELECT id, name FROM public.teams",
        "SELECT * FROM public.teams",
        "SELECT 1",
        "VALUES (1)",
        "TABLE public.teams",
        "DELETE FROM public.teams RETURNING id",
        "SELECT x FROM public.teams t(x)",
        "SELECT x FROM public.teams WITH ORDINALITY",
    ] {
        let condition = format!("id IN ({construct})");
        let found = refused(&[("public.todos.toml", &todos(&condition))]);
        let known = [
            "refused-subquery",
            "predicate-syntax",
            "refused",
            "unknown-table",
        ];
        assert!(
            found.iter().all(|it| known.contains(&it.code)),
            "{condition}\n{}",
            show(&found)
        );
    }
    check_refused(
        "id IN (SELECT id FROM ONLY public.teams)",
        &["predicate-syntax"],
    );
    check_refused("id IN (SELECT id FROM only t)", &["unqualified-name"]);
    check_refused(
        "id IN (SELECT oid FROM pg_catalog.pg_class)",
        &["system-catalog"],
    );
    check_refused(
        "id IN (SELECT oid FROM \"pg_catalog\".\"pg_authid\")",
        &["system-catalog"],
    );
    check_refused(
        "id IN (SELECT 1 FROM information_schema.tables)",
        &["system-catalog"],
    );
    check_refused("id IN (SELECT 1 FROM pg_toast.x)", &["system-catalog"]);
    check_refused("id IN (SELECT id FROM public.nowhere)", &["unknown-table"]);
    check_refused("id IN (SELECT id FROM teams)", &["unqualified-name"]);
}

#[test]
fn functions_are_an_allow_list() {
    check(
        "lower(title) = left('abc', 2)",
        expect!["lower(title) = left('abc', 2)"],
    );
    check("coalesce(done, false)", expect!["coalesce(done, false)"]);
    check(
        "substring(title, 1, 2) = btrim(title)",
        expect!["substring(title, 1, 2) = btrim(title)"],
    );
    check(
        "trim(leading 'x' from title) = 'a'",
        expect!["ltrim(title, 'x') = 'a'"],
    );
    check(
        "extract(epoch from created_at) > 0",
        expect!["extract(epoch FROM created_at) > 0"],
    );
    check(
        "created_at <= current_timestamp",
        expect!["created_at <= now()"],
    );
    check("floor(id) = ceil(id)", expect!["floor(id) = ceil(id)"]);
    for call in [
        "pg_sleep(10)",
        "pg_catalog.pg_sleep(10)",
        "set_config('role', 'postgres', false)",
        "current_setting('x')",
        "nextval('s')",
        "random()",
        "dblink('a', 'b')",
        "query_to_xml('select 1', true, true, '')",
        "pg_read_file('/etc/passwd')",
        "lo_import('/etc/passwd')",
        "ts_stat('select 1')",
        "version()",
        "public.is_admin()",
        "count(*)",
        "max(id)",
        "row_to_json(todos)",
        "clock_timestamp()",
        "auth.admin()",
        "\"LOWER\"(title)",
        "storage.nothing(title)",
    ] {
        let found = refused(&[("public.todos.toml", &todos(&format!("{call} IS NULL")))]);
        let known = ["refused-function", "whole-row", "refused"];
        assert!(
            found.iter().all(|it| known.contains(&it.code)),
            "{call}\n{}",
            show(&found)
        );
    }
    for keyword in [
        "current_user",
        "session_user",
        "current_role",
        "user",
        "current_catalog",
        "localtime",
    ] {
        let found = refused(&[("public.todos.toml", &todos(&format!("title = {keyword}")))]);
        assert!(!found.is_empty(), "{keyword}");
    }
    check_refused("lower(title, title) = 'a'", &["wrong-arguments"]);
    check_refused("row_number() OVER () = 1", &["refused"]);
    check_refused("lower(title) FILTER (WHERE true) = 'a'", &["refused"]);
    check_refused("lower(DISTINCT title) = 'a'", &["refused"]);
    check_refused("lower(str => title) = 'a'", &["refused"]);
    check_refused("auth.uid(1) IS NULL", &["wrong-arguments"]);
    check_refused("auth.uid IS NULL", &["unknown-qualifier"]);
}

#[test]
fn types_are_an_allow_list() {
    check("id::text = '1'", expect!["id::text = '1'"]);
    check("id = CAST('1' AS bigint)", expect!["id = '1'::int8"]);
    check(
        "title = ANY ('{a,b}'::text[])",
        expect!["title = ANY ('{a,b}'::text[])"],
    );
    for ty in [
        "regclass",
        "regproc",
        "regrole",
        "oid",
        "xml",
        "name",
        "varchar(3)",
        "public.mood",
        "cidr[]",
    ] {
        check_refused(&format!("title::{ty} IS NULL"), &["refused-type"]);
    }
    check_refused("regclass 'pg_authid' IS NULL", &["refused-type"]);
    check_refused("TRY_CAST(id AS text) = 'a'", &["refused"]);
}

#[test]
fn other_constructs_are_refused_by_name() {
    check(
        "title = ANY (ARRAY['a', 'b'])",
        expect!["title IN ('a', 'b')"],
    );
    check(
        "id = ANY (SELECT m.id FROM public.members m)",
        expect!["id IN (SELECT pol_3.id FROM public.members pol_3)"],
    );
    for condition in [
        "title SIMILAR TO 'a'",
        "(id, title) = (1, 'a')",
        "ARRAY[1] IS NULL",
        "id = ALL (ARRAY[1])",
        "id < ANY (SELECT m.id FROM public.members m)",
        "title COLLATE \"C\" = 'a'",
        "created_at AT TIME ZONE 'utc' IS NULL",
        "title LIKE 'a' ESCAPE 'b'",
        "position('a' in title) = 1",
        "overlay(title placing 'a' from 1) = 'a'",
        "title IS JSON",
        "interval '1' day IS NULL",
        "GROUPING SETS ((id)) IS NULL",
        "ROW(1) IS NULL",
    ] {
        let found = refused(&[("public.todos.toml", &todos(condition))]);
        let known = ["refused", "predicate-syntax", "refused-function"];
        assert!(
            found.iter().all(|it| known.contains(&it.code)),
            "{condition}\n{}",
            show(&found)
        );
    }
    for op in [
        "~", "~*", "!~", "&&", "@@", "<@", "/", "%", "^", "<<", "|", "#", "?|", "?&", "~~", "@?",
        "<=>", "^@", "###",
    ] {
        let found = refused(&[("public.todos.toml", &todos(&format!("title {op} 'a'")))]);
        let known = ["refused-operator", "predicate-syntax"];
        assert!(
            found.iter().all(|it| known.contains(&it.code)),
            "{op}\n{}",
            show(&found)
        );
    }
}

#[test]
fn depth_size_and_expansion_are_limited() {
    let nested = format!("{}done{}", "(".repeat(60), ")".repeat(60));
    let nots = format!("{}done", "NOT ".repeat(100));
    let sum = format!("id = 1{}", " + 1".repeat(400));
    let long = format!("title = '{}'", "a".repeat(20_000));
    let many = format!("id IN ({})", vec!["1"; 1_000].join(", "));
    for condition in [nested, sum, long, many] {
        check_refused(&condition, &["predicate-limit"]);
    }
    // The parser takes the limit for a syntax error and tries something else.
    check_refused(&nots, &["predicate-syntax"]);
    let chain = vec!["id = 1"; 300].join(" OR ");
    assert!(matches!(lower(&chain), Expr::Or(operands) if operands.len() == 300));

    let mut shared = String::from("[predicates]\np0 = { sql = \"auth.uid() IS NULL\" }\n");
    for n in 1..=20 {
        let before = n - 1;
        shared +=
            &format!("p{n} = {{ sql = \"predicates.p{before}() OR predicates.p{before}()\" }}\n");
    }
    let found = refused(&[("_shared.toml", &shared)]);
    assert!(
        found.iter().all(|it| it.code == "predicate-limit"),
        "{}",
        show(&found)
    );
}

#[test]
fn opaque_functions_need_native_and_a_schema() {
    let native = todos("public.is_admin(user_id)") + "native = true\n";
    let loaded = loaded(&[("public.todos.toml", &native)]);
    let access = access(&loaded, "todos", "authenticated", Verb::Select).expect("a grant");
    assert!(access.native);

    for call in [
        "is_admin()",
        "pg_catalog.pg_sleep(1)",
        "pg_sleep(1)",
        "information_schema.x()",
    ] {
        let text = todos(&format!("{call} IS NULL")) + "native = true\n";
        let found = refused(&[("public.todos.toml", &text)]);
        assert_eq!(found[0].code, "refused-function", "{call}");
    }
}

#[test]
fn comments_are_refused() {
    check_refused("id = 1 -- AND done", &["comment"]);
    check_refused("id = 1 /* AND done */", &["comment"]);
}
