//! What two sets of files let people do differently.

use super::loaded;
use crate::diff;

const OLD: &str = "
table = 'public.todos'
[columns.authenticated]
select = ['id', 'title']
update = ['title']
[mask.authenticated]
title = { unless = 'user_id = auth.uid()', value = 'NULL' }
[limits.authenticated]
rows = 10
[[allow]]
name = 'own'
roles = ['authenticated']
for = ['select', 'update']
where = 'user_id = auth.uid()'
";

/// The differences as `stand part`.
#[track_caller]
fn check(edits: &[(&str, &str)], expected: &[&str]) {
    let mut new = OLD.to_owned();
    for (from, to) in edits {
        assert!(new.contains(from), "{from}");
        new = new.replace(from, to);
    }
    let of = |text: &str| loaded(&[("public.todos.toml", text)]).bundle;
    let found = diff(&of(OLD), &of(&new));
    let told: Vec<_> = found
        .iter()
        .map(|it| format!("{} {} {}", it.stand.as_str(), it.subject, it.part))
        .collect();
    assert_eq!(told, expected, "{found:#?}");
}

#[test]
fn equal_meanings_are_no_difference() {
    check(&[("name = 'own'", "name = 'mine'")], &[]);
    check(
        &[(
            "'user_id = auth.uid()'\n",
            "'NOT (user_id <> auth.uid())'\n",
        )],
        &[],
    );
}

#[test]
fn rows_columns_and_verbs_are_told_apart() {
    check(
        &[(
            "for = ['select', 'update']\nwhere = 'user_id = auth.uid()'",
            "for = ['select', 'update', 'delete']\nwhere = 'user_id = auth.uid() AND NOT done'",
        )],
        &[
            "narrowed public.todos  authenticated  select rows",
            "narrowed public.todos  authenticated  update rows",
            "narrowed public.todos  authenticated  update new rows",
            "widened public.todos  authenticated  delete verb",
        ],
    );
    check(
        &[("select = ['id', 'title']", "select = ['id', 'done']")],
        &[
            "widened public.todos  authenticated  select column done",
            "narrowed public.todos  authenticated  select column title",
        ],
    );
}

#[test]
fn masks_limits_and_what_nobody_can_decide_are_named() {
    check(
        &[
            ("rows = 10", "rows = 20"),
            ("value = 'NULL'", "value = 'lower(title)'"),
        ],
        &[
            "undecided public.todos  authenticated  select mask of title",
            "widened public.todos  authenticated  select limit of rows",
            "widened public.todos  authenticated  update limit of rows",
        ],
    );
    check(
        &[("where = 'user_id = auth.uid()'", "where = 'id > 5'")],
        &[
            "undecided public.todos  authenticated  select rows",
            "undecided public.todos  authenticated  update rows",
            "undecided public.todos  authenticated  update new rows",
        ],
    );
}
