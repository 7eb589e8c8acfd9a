//! Saved queries: what they may say, and the attacks that they may not.

use super::catalog::catalog;
use crate::SourceFile;
use crate::saved::{SavedQuery, Term, read_saved};

fn read(sql: &str) -> Result<SavedQuery, String> {
    let text = format!("-- Todos.\n-- roles: authenticated\n-- param wanted: int8\n{sql}\n");
    let source = SourceFile {
        path: "queries/todos.sql".into(),
        text,
    };
    read_saved(&source, &catalog(), None, "public").map_err(|found| {
        assert_eq!(found.len(), 1, "{found:?}");
        format!("{}:{}: {}", found[0].file, found[0].line, found[0].message)
    })
}

/// Reads a query that names the parameter besides.
fn with_param(sql: &str) -> Result<SavedQuery, String> {
    read(&format!("{sql} limit :wanted"))
}

#[track_caller]
fn refused(sql: &str, words: &str) {
    match with_param(sql) {
        Ok(query) => panic!("{sql}\n{query:?}"),
        Err(problem) => {
            assert!(problem.contains(words), "{sql}\n{problem}");
            assert!(problem.starts_with("queries/todos.sql:"), "{problem}");
        }
    }
}

#[test]
fn ordinary_queries_are_bound_to_the_catalogue() {
    let query = with_param(
        "with mine as (select id, title from todos where user_id = auth.uid())
         select m.id, lower(m.title) as title, count(*) as many,
                (select max(t.id) from public.todos t where t.id > m.id) as later
         from mine m left join todos t on t.id = m.id and not t.done
         where m.title like 'a%' or m.id in (1, 2)
         group by m.id, m.title having count(*) > 0
         order by many desc nulls last, m.id",
    );
    let query = query.unwrap_or_else(|problem| panic!("{problem}"));

    assert_eq!(query.name, "todos");
    assert_eq!(query.description, "Todos.");
    assert_eq!(query.query.output_names(), ["id", "title", "many", "later"]);
    let [(relation, columns)] = query.reads.as_slice() else {
        panic!("{:?}", query.reads);
    };
    assert_eq!(relation.to_string(), "public.todos");
    assert!(columns.contains(&"user_id".to_owned()) && columns.contains(&"done".to_owned()));
    assert_eq!(query.query.limit, Some(Term::Param(0)));
    let union = with_param("select id from todos union all select t.id from todos t order by id");
    assert!(union.is_ok(), "{union:?}");
}

#[test]
fn other_places_cannot_be_read() {
    for sql in [
        "select rolname from pg_catalog.pg_authid",
        "select table_name from information_schema.tables",
        "select id from secrets.todos",
        "select relname from pg_class",
        "select id from only todos",
    ] {
        refused(sql, "there is no table");
    }
    refused(
        "select id from other.public.todos",
        "a name of another database",
    );
    refused(
        "select id from todos tablesample system (10)",
        "TABLESAMPLE",
    );
    refused(
        "select x from generate_series(1, 9) x",
        "a function in FROM",
    );
    refused(
        "select x.id from todos t, lateral generate_series(1, 9) x",
        "a function in FROM",
    );
    refused(
        "select x from unnest('{1}'::int4[]) x",
        "a function in FROM",
    );
}

#[test]
fn functions_that_run_text_or_look_around_are_not_on_the_list() {
    for call in [
        "ts_stat('select secret from todos')",
        "query_to_xml('select 1', true, true, '')",
        "table_to_xml('todos', true, true, '')",
        "pg_read_file('/etc/passwd')",
        "current_setting('is_superuser')",
        "set_config('role', 'postgres', false)",
        "pg_sleep(10)",
        "nextval('s')",
        "dblink('', '')",
        "lo_import('/etc/passwd')",
        "pg_catalog.lower(title)",
        "public.lower(title)",
        "random()",
        "row_to_json(t)",
    ] {
        let name = call.split('(').next().unwrap_or_default();
        refused(
            &format!("select {call} as x from todos t"),
            &format!("function `{name}`"),
        );
    }
    refused(
        "select auth.admin() as x from todos",
        "function `auth.admin`",
    );
    refused(
        "select pg_sleep(1) over () as x from todos",
        "function `pg_sleep` is not on the list",
    );
    refused("select row_number() as x from todos", "is called with OVER");
    refused(
        "select count(*) filter (where done) as x from todos",
        "a saved query cannot hold",
    );
}

#[test]
fn whole_rows_wildcards_and_disguised_calls_are_refused() {
    refused("select t as x from todos t", "a whole row");
    refused("select count(t) as x from todos t", "a whole row");
    refused("select t::text as x from todos t", "a whole row");
    refused(
        "select (t).secret as x from todos t",
        "a saved query cannot hold",
    );
    refused("select t.secret from todos t", "`t` has no column `secret`");
    refused("select * except (id) from todos", "");
    refused("select public.todos.* from todos", "this form of `*`");
    refused("select other.* from todos", "there is no source `other`");
    refused("select t.ctid from todos t", "`t` has no column `ctid`");
    refused(
        "select tableoid from todos t",
        "no source has a column `tableoid`",
    );
    refused(
        "select public.todos.id from todos",
        "a name of this many parts",
    );
}

#[test]
fn casts_that_look_names_up_are_refused() {
    for ty in [
        "regclass",
        "regproc",
        "regrole",
        "oid",
        "name",
        "xml",
        "public.todos",
    ] {
        refused(&format!("select 'x'::{ty} as x from todos"), "casts to `");
    }
    refused(
        "select id from todos where id = any(select 1)",
        "a saved query cannot hold",
    );
    refused(
        "select id from todos where title ~ 'a'",
        "operator `~` is refused",
    );
    refused(
        "select id from todos where id operator(pg_catalog.=) 1",
        "operator `",
    );
    refused(
        "select id from todos where title similar to 'a'",
        "`SIMILAR TO`",
    );
}

#[test]
fn nothing_but_one_select_is_a_saved_query() {
    let writing = "with w as (delete from todos returning id) select id from w";
    refused(writing, "a statement that writes");
    refused(
        "with recursive r as (select id from todos) select id from r",
        "WITH RECURSIVE",
    );
    refused("select id into other from todos", "INTO");
    refused("select distinct on (id) id from todos", "DISTINCT ON");
    for (sql, words) in [
        (
            "select id from todos limit :wanted for update",
            "FOR UPDATE",
        ),
        (
            "select id from todos where id = :wanted; select 1",
            "another number of statements",
        ),
        ("delete from todos where id = :wanted", "one SELECT"),
        ("copy todos to stdout", "one SELECT"),
        ("set search_path = evil", "one SELECT"),
        ("table todos", ""),
        ("select id from todos", "parameter `wanted` is not used"),
    ] {
        let problem = read(sql).expect_err(sql);
        assert!(problem.contains(words), "{sql}\n{problem}");
    }
}

#[test]
fn parameters_are_values_and_never_names() {
    for sql in [
        "select id from :wanted",
        "select t.:wanted from todos t",
        "select id as :wanted from todos",
        "select id from todos order by id collate :wanted",
    ] {
        assert!(read(sql).is_err(), "{sql}");
    }
    refused(
        "select id from todos where id = :other",
        "there is no parameter `:other`",
    );
    refused(
        "select id from todos where id = $1",
        "there is no parameter `$1`",
    );
    let ordered = read("select id from todos order by :wanted").expect("a value orders nothing");
    assert_eq!(ordered.query.order.len(), 1);
    refused("select id from todos order by 1", "a number in ORDER BY");
    refused("select id from todos group by 1", "this key of GROUP BY");
}

#[test]
fn the_head_says_who_may_ask() {
    let source = |text: &str| SourceFile {
        path: "queries/q.sql".into(),
        text: text.into(),
    };
    for (text, words) in [
        ("select id from todos", "does not say who may ask it"),
        (
            "-- roles: anon\n-- param x: regclass\nselect id from todos",
            "there is no type",
        ),
        (
            "-- roles: anon\n-- param X: int8\nselect id from todos",
            "is no name of a parameter",
        ),
        (
            "-- roles: anon\n-- param x\nselect id from todos",
            "has no type",
        ),
    ] {
        let found = read_saved(&source(text), &catalog(), None, "public").expect_err(text);
        assert!(found[0].message.contains(words), "{found:?}");
    }
    let deep = format!(
        "-- roles: anon\nselect {}1{} as x from todos",
        "(".repeat(500),
        ")".repeat(500)
    );
    assert!(read_saved(&source(&deep), &catalog(), None, "public").is_err());
}
