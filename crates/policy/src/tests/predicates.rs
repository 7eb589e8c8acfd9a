//! What a predicate means.

use expect_test::{Expect, expect};

use super::{access, loaded, refused, show};
use crate::{Expr, Verb, describe};

pub(super) fn todos(condition: &str) -> String {
    format!(
        "table = 'public.todos'\n[columns.authenticated]\nselect = ['id', 'title']\n[[allow]]\n\
         name = 'rule'\nroles = ['authenticated']\nfor = ['select']\nwhere = {condition:?}\n"
    )
}

pub(super) fn lower(condition: &str) -> Expr {
    let loaded = loaded(&[
        ("_shared.toml", super::examples::SHARED),
        ("public.todos.toml", &todos(condition)),
    ]);
    let access = access(&loaded, "todos", "authenticated", Verb::Select);
    access.expect("a grant").filter.clone()
}

/// Lowers a condition on `public.todos` and writes it back.
#[track_caller]
#[expect(
    clippy::needless_pass_by_value,
    reason = "expect! reads better without `&`"
)]
pub(super) fn check(condition: &str, expected: Expect) {
    expected.assert_eq(&describe(&lower(condition)));
}

/// The codes with which a condition on `public.todos` is refused.
#[track_caller]
pub(super) fn check_refused(condition: &str, codes: &[&str]) {
    let found = refused(&[
        ("_shared.toml", super::examples::SHARED),
        ("public.todos.toml", &todos(condition)),
    ]);
    let errors = found
        .iter()
        .filter(|it| it.severity == crate::Severity::Error);
    let got: Vec<_> = errors.map(|it| it.code).collect();
    assert_eq!(got, codes, "{condition}\n{}", show(&found));
}

#[test]
fn operators_bind_as_in_postgres() {
    check(
        "id = 1 OR done AND title = 'a'",
        expect!["id = 1 OR (done AND title = 'a')"],
    );
    check("NOT id = 1 AND done", expect!["(NOT (id = 1)) AND done"]);
    check("id = 1 + 2 * 3", expect!["id = (1 + (2 * 3))"]);
    check("id - 1 - 2 = 0", expect!["((id - 1) - 2) = 0"]);
    check("id = -1", expect!["id = (0 - 1)"]);
    check("title || 'a' = 'b'", expect!["(title || 'a') = 'b'"]);
    check("id IN (1, 2) IS TRUE", expect!["(id IN (1, 2)) IS TRUE"]);
    check(
        "title || 'x' LIKE 'a%'",
        expect!["(title || 'x') LIKE 'a%'"],
    );
    check(
        "id BETWEEN 1 AND 2 AND done",
        expect!["(id BETWEEN 1 AND 2) AND done"],
    );
    check(
        "(storage.foldername(title))[1]::uuid = user_id",
        expect!["(storage.foldername(title))[1]::uuid = user_id"],
    );
    check(
        "auth.jwt() -> 'a' ->> 'b' = 'c'",
        expect!["((auth.jwt() -> 'a') ->> 'b') = 'c'"],
    );
}

#[test]
fn what_postgres_prints_is_understood() {
    check(
        "(( SELECT auth.uid() AS uid) = user_id)",
        expect!["auth.uid() = user_id"],
    );
    let joined = lower(
        "(id IN ( SELECT t.id\n   FROM (public.teams t\n     JOIN public.members m ON \
         ((m.team_id = t.id)))\n  WHERE (m.user_id = ( SELECT auth.uid() AS uid))))",
    );
    let mut relations = Vec::new();
    joined.walk(&mut |node| {
        let from = node.subquery().into_iter().flat_map(|it| &it.from);
        relations.extend(from.map(|it| it.relation.to_string()));
    });
    assert_eq!(relations, ["public.teams", "public.members"]);
    check_refused("id = (SELECT 1 LIMIT 1)", &["refused-subquery"]);
    check_refused("id = (SELECT 1, 2)", &["refused-subquery"]);
}

#[test]
fn one_rule_cannot_break_out_of_another() {
    let text = format!(
        "{}\n[[require]]\nname = 'mine'\nwhere = 'user_id = auth.uid()'\n\
         [[deny]]\nname = 'done'\nwhen = 'done'\n",
        todos("id = 1 or true")
    );
    let loaded = loaded(&[("public.todos.toml", &text)]);
    let access = access(&loaded, "todos", "authenticated", Verb::Select).expect("a grant");

    expect!["user_id = auth.uid() AND done IS FALSE"].assert_eq(&describe(&access.filter));
}

#[test]
fn all_allow_rules_are_joined_by_or_and_the_rest_by_and() {
    let text = format!(
        "{}\n[[allow]]\nname = 'b'\nroles = ['authenticated']\nfor = ['select']\nwhere = 'done'\n\
         [[require]]\nname = 'c'\nwhere = 'id > 1 OR id < 0'\n\
         [[require]]\nname = 'anonymous only'\nroles = ['anon']\nwhere = 'false'\n\
         [[require]]\nname = 'writes only'\nfor = ['delete']\nwhere = 'false'\n",
        todos("title = 'a' AND id = 1")
    );
    let loaded = loaded(&[("public.todos.toml", &text)]);
    let access = access(&loaded, "todos", "authenticated", Verb::Select).expect("a grant");

    expect!["((title = 'a' AND id = 1) OR done) AND (id > 1 OR id < 0)"]
        .assert_eq(&describe(&access.filter));
}

#[test]
fn literals_are_data() {
    check("title = 'it''s'", expect!["title = 'it''s'"]);
    check(r"title = 'a\'", expect![r"title = 'a\'"]);
    check("title = ''' OR 1=1 --'", expect!["title = ''' OR 1=1 --'"]);
    check(
        "created_at > now() - interval '5 minutes'",
        expect!["created_at > (now() - '5 minutes'::interval)"],
    );
    check(
        "created_at > date '2026-01-01'",
        expect!["created_at > '2026-01-01'::date"],
    );
    for condition in [
        r"title = E'a\'' OR true --'",
        "title = U&'a'",
        "title = $$a$$",
        "title = $1",
        "title = B'1'",
        "title = X'1F'",
        "title = N'a'",
    ] {
        let found = refused(&[("public.todos.toml", &todos(condition))]);
        assert!(!found.is_empty(), "{condition}");
    }
}

#[test]
fn a_subquery_in_many_brackets_has_many_rows_as_in_postgres() {
    let rows = "id IN (SELECT pol_3.team_id FROM public.members pol_3)";
    for condition in [
        "id IN (SELECT m.team_id FROM public.members m)",
        "id = ANY (SELECT m.team_id FROM public.members m)",
        "id = ANY ((SELECT m.team_id FROM public.members m))",
    ] {
        assert_eq!(describe(&lower(condition)), rows, "{condition}");
    }
    check_refused(
        "id IN ((SELECT m.team_id FROM public.members m))",
        &["refused-subquery"],
    );
    check_refused("title < ANY ((SELECT auth.role()))", &["refused"]);
    check_refused(
        "id = ANY (ARRAY[(SELECT m.team_id FROM public.members m)])",
        &["refused"],
    );
    check(
        "title = ANY (ARRAY[(SELECT auth.role())])",
        expect!["title IN (auth.role())"],
    );
}

#[test]
fn an_index_and_an_array_are_written_back_in_brackets() {
    check(
        "(storage.foldername(title))[(1 + 1)] = 'a'",
        expect!["(storage.foldername(title))[(1 + 1)] = 'a'"],
    );
    check(
        "title = ANY ((auth.jwt() -> 'a')::text[])",
        expect!["title = ANY ((auth.jwt() -> 'a')::text[])"],
    );
    check(
        "title = ANY ((auth.jwt() ->> 'a') || title)",
        expect!["title = ANY (((auth.jwt() ->> 'a') || title))"],
    );
}

#[test]
fn calls_with_a_syntax_of_their_own_are_written_back_in_it() {
    check(
        "created_at > current_date",
        expect!["created_at > current_date"],
    );
    check(
        "EXTRACT(epoch FROM created_at) > 5",
        expect!["extract(epoch FROM created_at) > 5"],
    );
    check(
        "left(title, 1) = coalesce(title, 'a')",
        expect!["left(title, 1) = coalesce(title, 'a')"],
    );
}

#[test]
fn a_column_that_is_called_like_a_word_is_written_back_as_a_name() {
    for name in ["null", "true", "user", "current_date", "order"] {
        let column = Expr::Column {
            source: crate::Source::Row,
            name: name.into(),
        };
        assert_eq!(describe(&column), format!("\"{name}\""));
    }
}

#[test]
fn names_are_folded_as_in_postgres() {
    check(
        "ID = 1 AND Todos.Title = 'a'",
        expect!["id = 1 AND title = 'a'"],
    );
    check("public.todos.id = 1", expect!["id = 1"]);
    check_refused("\"ID\" = 1", &["unknown-column"]);
    check_refused("todos IS NOT NULL", &["whole-row"]);
    check_refused("ctid IS NOT NULL", &["unknown-column"]);
    check_refused("xmin = 1", &["unknown-column"]);
    check_refused("public.members.id = 1", &["unknown-qualifier"]);
    check_refused("(todos).id = 1", &["whole-row"]);
    check_refused("todos.* IS NULL", &["refused"]);
    check_refused("arg.id = 1", &["argument-outside"]);
}

#[test]
fn subquery_columns_resolve_innermost_first() {
    check(
        "EXISTS (SELECT 1 FROM public.members m WHERE user_id = auth.uid() AND m.team_id = todos.id)",
        expect![
            "EXISTS (SELECT 1 FROM public.members pol_3 WHERE pol_3.user_id = auth.uid() AND pol_3.team_id = id)"
        ],
    );
    check(
        "id IN (SELECT m.team_id FROM public.members m JOIN public.teams t ON t.id = m.team_id WHERE t.name = title)",
        expect![
            "id IN (SELECT pol_3.team_id FROM public.members pol_3, public.teams pol_4 WHERE pol_4.id = pol_3.team_id AND pol_4.name = title)"
        ],
    );
    check_refused(
        "id IN (SELECT id FROM public.members m, public.teams t)",
        &["ambiguous-name"],
    );
    check_refused("id IN (SELECT m FROM public.members m)", &["whole-row"]);
    check_refused(
        "id IN (SELECT members.id FROM public.members m)",
        &["unknown-qualifier"],
    );
    check_refused(
        "id IN (SELECT m.id FROM public.members m, public.teams m)",
        &["ambiguous-name"],
    );
}

#[test]
fn named_predicates_are_inlined_as_trees() {
    check(
        "predicates.is_owner(user_id) OR done",
        expect!["user_id = auth.uid() OR done"],
    );
    check(
        "predicates.member_of(id)",
        expect![
            "id IN (SELECT pol_3.team_id FROM public.members pol_3 WHERE pol_3.user_id = auth.uid())"
        ],
    );
    check_refused("predicates.is_ower(user_id)", &["unknown-predicate"]);
    check_refused("predicates.is_owner()", &["wrong-arguments"]);
    let shared = "[predicates]\n\
                  a = { sql = 'predicates.b()' }\n\
                  b = { sql = 'predicates.a()' }\n\
                  c = { args = ['x int8'], sql = 'x = 1 OR x = 2' }\n\
                  role = { args = ['team_id int8'], sql = 'EXISTS (SELECT 1 FROM public.members m WHERE m.id = team_id)' }\n";
    let found = refused(&[("_shared.toml", shared)]);
    let codes: Vec<_> = found.iter().map(|it| it.code).collect();
    assert_eq!(
        codes,
        [
            "recursive-predicate",
            "recursive-predicate",
            "ambiguous-name"
        ],
        "{}",
        show(&found)
    );
}

#[test]
fn an_argument_keeps_its_own_brackets() {
    let shared = "[predicates]\nc = { args = ['x bool'], sql = 'x AND false' }\n\
                  d = { args = ['x bool'], sql = 'NOT x' }\n";
    let text = todos("predicates.d(done OR id = 1)");
    let loaded = loaded(&[("_shared.toml", shared), ("public.todos.toml", &text)]);
    let access = access(&loaded, "todos", "authenticated", Verb::Select).expect("a grant");

    expect!["NOT (done OR id = 1)"].assert_eq(&describe(&access.filter));
}
