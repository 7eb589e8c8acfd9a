//! What holds for any text at all.

use postern_base::{RelationName, RoleName};
use proptest::prelude::*;

use super::{catalog, files};
use crate::{SourceFile, Verb, describe, load};

/// Words that predicates are made of, joined at random: most are nonsense, some load.
fn sql() -> impl Strategy<Value = String> {
    let words = prop::sample::select(vec![
        "id",
        "title",
        "done",
        "user_id",
        "todos",
        "1",
        "'a'",
        "NULL",
        "TRUE",
        "=",
        "<>",
        "<",
        "-",
        "+",
        "*",
        "||",
        "->",
        "->>",
        "@>",
        "?",
        "AND",
        "OR",
        "NOT",
        "IS",
        "IN",
        "(",
        ")",
        ",",
        "::",
        "text",
        "int8",
        "CASE",
        "WHEN",
        "THEN",
        "ELSE",
        "END",
        "EXISTS",
        "SELECT",
        "FROM",
        "WHERE",
        "public.members",
        "m",
        "m.team_id",
        "auth.uid()",
        "auth.jwt()",
        "lower(",
        "coalesce(",
        "predicates.is_owner(",
        "LIKE",
        "BETWEEN",
        "ANY",
        "[1]",
        "interval",
        "--",
        "\"",
        "'",
        "$1",
        ";",
        ".",
        "DISTINCT",
        "LATERAL",
        "WITH",
        "UNION",
        "^",
        "~",
        "ARRAY[",
    ]);
    prop::collection::vec(words, 0..24).prop_map(|words| words.join(" "))
}

/// Conditions that make sense, with brackets or without, as a person might write them.
fn condition() -> impl Strategy<Value = String> {
    let leaf = prop::sample::select(vec![
        "done",
        "TRUE",
        "FALSE",
        "NULL",
        "id = 1",
        "title = 'a'",
        "user_id = auth.uid()",
        "auth.jwt() ->> 'a' = 'b'",
        "id BETWEEN 1 AND 2",
        "title NOT LIKE 'a%'",
        "id + 1 * 2 < 3",
        "title || 'a' = 'b'",
        "id IN (1, 2)",
        "created_at IS NULL",
        "-id = 1",
    ]);
    leaf.prop_map(str::to_owned)
        .prop_recursive(5, 40, 2, |inner| {
            let both = (inner.clone(), inner.clone());
            prop_oneof![
                both.clone().prop_map(|(a, b)| format!("{a} AND {b}")),
                both.clone().prop_map(|(a, b)| format!("{a} OR {b}")),
                both.clone()
                    .prop_map(|(a, b)| format!("{a} IS DISTINCT FROM {b}")),
                both.prop_map(|(a, b)| format!("CASE WHEN {a} THEN {b} ELSE done END")),
                inner.clone().prop_map(|it| format!("NOT {it}")),
                inner.clone().prop_map(|it| format!("{it} IS NOT TRUE")),
                inner.prop_map(|it| format!("({it})")),
            ]
        })
}

/// A truth value as a condition.
fn truth() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec!["TRUE", "FALSE", "NULL", "NOT NULL", "NULL OR FALSE"])
}

/// A name of each kind of file.
fn file_name() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "_shared.toml",
        "functions.toml",
        "t.toml",
        "realtime.channels.toml",
    ])
}

fn todos(sql: &str) -> String {
    format!(
        "table = 'public.todos'\n[columns.anon]\nselect = ['id']\n\
         [[allow]]\nroles = ['anon']\nfor = ['select']\nwhere = {}\n",
        crate::toml_text::quoted(sql)
    )
}

/// The filter of a condition on `public.todos`, as text.
fn filter(sql: &str) -> Option<String> {
    let text = todos(sql);
    let named = [
        ("_shared.toml", super::examples::SHARED),
        ("todos.toml", &text),
    ];
    let loaded = load(&files(&named), &catalog(), None).ok()?;
    let todos = RelationName::new("public", "todos");
    let access = loaded
        .bundle
        .access(&todos, &RoleName::new("anon"), Verb::Select)?;
    Some(describe(&access.filter))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn any_text_is_a_file(name in file_name(), text in any::<String>()) {
        let source = SourceFile { path: name.into(), text };
        let _ = load(&[source], &catalog(), None);
    }

    #[test]
    fn any_cut_of_an_example_is_a_file(
        index in 0..super::examples::ALL.len(),
        start in 0..400_usize,
        length in 0..900_usize,
    ) {
        let (name, text) = super::examples::ALL[index];
        let cut: String = text.chars().skip(start).take(length).collect();
        let _ = load(&files(&[(name, &cut)]), &catalog(), Some(&cut));
    }

    #[test]
    fn any_text_is_a_predicate(text in any::<String>()) {
        filter(&text);
    }

    #[test]
    fn invariant_09_what_loads_means_the_same_when_it_is_written_back(
        sql in prop_oneof![sql(), condition()],
    ) {
        // Text with aliases of ours does not parse as an author's; everything else must.
        if let Some(text) = filter(&sql).filter(|it| !it.contains("pol_")) {
            prop_assert_eq!(filter(&text), Some(text), "from {}", sql);
        }
    }

    #[test]
    fn rules_combine_as_in_postgres(
        allow in prop::collection::vec(truth(), 1..4),
        require in prop::collection::vec(truth(), 0..3),
        deny in prop::collection::vec(truth(), 0..3),
    ) {
        let mut text = String::from("table = 'public.todos'\n");
        for it in &allow {
            text += &format!("[[allow]]\nroles = ['anon']\nfor = ['update']\nwhere = '{it}'\n");
        }
        for it in &require {
            text += &format!("[[require]]\nwhere = '{it}'\n");
        }
        for it in &deny {
            text += &format!("[[deny]]\nwhen = '{it}'\n");
        }
        text += "[columns.anon]\nupdate = ['title']\n";
        let loaded = load(&files(&[("t.toml", &text)]), &catalog(), None).expect("a bundle");
        let todos = RelationName::new("public", "todos");
        let access = loaded.bundle.access(&todos, &RoleName::new("anon"), Verb::Update);
        let access = access.expect("a rule and a column");

        let expected = allow.contains(&"TRUE")
            && require.iter().all(|it| *it == "TRUE")
            && deny.iter().all(|it| *it == "FALSE");
        let claims = postern_base::Claims::anonymous();
        prop_assert_eq!(crate::evaluate::holds(&access.filter, &claims), Ok(expected));
        prop_assert_eq!(crate::evaluate::holds(&access.check, &claims), Ok(expected));
    }
}
