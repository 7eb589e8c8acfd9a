//! Saved queries: the forms beyond the plainest, and where their mistakes stand.

use super::catalog::catalog;
use crate::saved::{SavedQuery, Term, read_saved};
use crate::{Bundle, SourceFile, load};

const HEAD: &str = "-- roles: authenticated, staff\n-- param size: int8\n";

const POLICY: &str = "
table = 'public.todos'
[columns.authenticated]
select = ['id', 'title', 'done']
[columns.staff]
select = ['id', 'title', 'user_id']
[[allow]]
name = 'all'
roles = ['authenticated', 'staff']
for = ['select']
where = 'true'
";

const ROLES: &str = "[roles.staff]\nwhen = \"auth.jwt() ->> 'kind' = 'staff'\"\n";

fn bundle() -> Bundle {
    let file = |path: &str, text: &str| SourceFile {
        path: path.into(),
        text: text.into(),
    };
    let files = [
        file("policies/_shared.toml", ROLES),
        file("policies/public.todos.toml", POLICY),
    ];
    let loaded = load(&files, &catalog(), None);
    loaded.unwrap_or_else(|found| panic!("{found:?}")).bundle
}

fn read(sql: &str) -> Result<SavedQuery, (usize, usize, String)> {
    let source = SourceFile {
        path: "queries/todos.sql".into(),
        text: format!("{HEAD}{sql}\nlimit :size"),
    };
    let bundle = bundle();
    read_saved(&source, &catalog(), Some(&bundle), "public").map_err(|found| {
        let first = &found[0];
        (first.line, first.column, first.message.clone())
    })
}

#[track_caller]
fn outputs(sql: &str) -> Vec<String> {
    let query = read(sql).unwrap_or_else(|problem| panic!("{problem:?}"));
    query.query.output_names()
}

#[track_caller]
fn refused(sql: &str, at: &str, words: &str) {
    let (line, column, message) = read(sql).expect_err(sql);
    assert!(message.contains(words), "{sql}\n{message}");
    let before = &sql[..sql.rfind(at).expect("it is a part of the query")];
    let wanted = 3 + before.matches('\n').count();
    let start = before.rfind('\n').map_or(0, |it| it + 1);
    assert_eq!(
        (line, column),
        (wanted, before.len() - start + 1),
        "{sql}\n{message}"
    );
}

#[test]
fn a_star_is_what_every_role_may_read() {
    assert_eq!(outputs("select * from todos"), ["id", "title"]);
    assert_eq!(
        outputs("select t.*, 1 as one from todos t"),
        ["id", "title", "one"]
    );
    let inner = "select * from (select id as a, done as b from todos) x";
    assert_eq!(outputs(inner), ["a", "b"]);
    let cte = "with x as (select * from todos) select x.* from x";
    assert_eq!(outputs(cte), ["id", "title"]);
    refused("select * from todos a, todos b", "*", "two outputs `id`");
    refused("select *", "*", "stands for no column");
}

#[test]
fn using_makes_one_column_of_two() {
    let joined = "from todos a join todos b using (id) left join todos c using (id, title)";
    refused(
        &format!("select title {joined}"),
        "title)",
        "left side of the join",
    );
    let joined = "from todos a join (select id, done as x from todos) b using (id)";
    assert_eq!(
        outputs(&format!("select id, b.id as other {joined}")),
        ["id", "other"]
    );
    assert_eq!(outputs(&format!("select * {joined}")), ["id", "title", "x"]);
    let full = read("select id from todos a full join todos b using (id)").expect("it is read");
    let crate::saved::Body::Select(select) = &full.query.body else {
        panic!("{full:?}");
    };
    assert!(matches!(
        &select.outputs[0].0,
        Term::Call {
            function: "coalesce",
            ..
        }
    ));
    refused(
        "select id from todos a join todos b using (nothing)",
        "nothing",
        "right side",
    );
    refused(
        "select x.id from todos a natural join todos b",
        "todos b",
        "a join without ON",
    );
    refused(
        "select id from todos x, todos a join todos b using (id)",
        "id from",
        "several sources",
    );
}

#[test]
fn windows_take_listed_calls_over_plain_frames() {
    for call in [
        "row_number() over (order by id)",
        "count(*) over (partition by done)",
        "sum(id) over (order by id rows between 2 preceding and current row)",
        "lag(title, 1) over (partition by done order by id desc nulls last)",
        "max(id) over (order by id range between unbounded preceding and unbounded following)",
    ] {
        assert_eq!(
            outputs(&format!("select {call} as x from todos")),
            ["x"],
            "{call}"
        );
    }
    for (call, words) in [
        (
            "lower(title) over ()",
            "function `lower` is not on the list",
        ),
        ("count(distinct id) over ()", "DISTINCT with OVER"),
        ("sum(id) over w", "a named window"),
        (
            "sum(id) over (order by id range 2 preceding)",
            "this end of a frame",
        ),
        (
            "sum(id) over (order by secret)",
            "no source has a column `secret`",
        ),
        ("rank()", "`rank` is called with OVER"),
    ] {
        let problem = read(&format!("select {call} as x from todos")).expect_err(call);
        assert!(problem.2.contains(words), "{problem:?}");
    }
}

#[test]
fn lateral_subqueries_see_the_columns_of_their_neighbours_and_no_others() {
    let lateral =
        "from todos t cross join lateral (select o.id as later from todos o where o.id > t.id) n";
    assert_eq!(
        outputs(&format!("select t.id, n.later {lateral}")),
        ["id", "later"]
    );
    let plain = lateral.replace("lateral ", "");
    refused(
        &format!("select t.id {plain}"),
        "t.id)",
        "there is no source `t`",
    );
    let whole = "select n.x from todos t, lateral (select t as x) n";
    refused(whole, "t as x", "a whole row");
}

#[test]
fn windows_of_rows_are_made_of_numbers_and_parameters() {
    let text = |tail: &str| SourceFile {
        path: "queries/q.sql".into(),
        text: format!("{HEAD}select id from todos\n{tail}"),
    };
    for tail in [
        "limit :size * 2 offset (:size - 1) * 10",
        "limit coalesce(:size, 10)",
        "offset :size rows fetch first 5 rows only",
        "limit least(:size, 50)",
    ] {
        let read = read_saved(&text(tail), &catalog(), None, "public");
        assert!(read.is_ok(), "{tail}\n{read:?}");
    }
    for (tail, words) in [
        ("limit id + :size", "no source has a column"),
        ("limit (select :size)", "this kind of LIMIT"),
        ("limit length('a') + :size", "this kind of LIMIT"),
    ] {
        let found = read_saved(&text(tail), &catalog(), None, "public").expect_err(tail);
        assert!(found[0].message.contains(words), "{found:?}");
        assert_eq!(found[0].line, 4, "{found:?}");
    }
}

#[test]
fn mistakes_are_told_where_they_stand() {
    refused(
        "select id,\n  titel from todos",
        "titel",
        "no source has a column `titel`",
    );
    refused("select id\nfrom nothing", "nothing", "there is no table");
    refused(
        "select id from todos\nwhere id = = 1",
        "= 1",
        "cannot be read",
    );
    refused(
        "select id\nfrom todos where\n pg_sleep(1) = 1",
        "pg_sleep",
        "function `pg_sleep`",
    );
    let unused =
        "-- roles: staff\n-- param a: int8\n-- param b: int8\nselect id from todos where id = :a";
    let source = SourceFile {
        path: "queries/q.sql".into(),
        text: unused.into(),
    };
    let found = read_saved(&source, &catalog(), None, "public").expect_err("b is not used");
    assert_eq!((found[0].line, found[0].column), (3, 1), "{found:?}");
    let query = read("select id, t.title\nfrom todos t").expect("it is read");
    let todos = &query.reads[0].0;
    assert_eq!(query.places.of(todos, None), (4, 6));
    assert_eq!(query.places.of(todos, Some("title")), (3, 12));
    assert_eq!(query.places.roles, (1, 1));
}
