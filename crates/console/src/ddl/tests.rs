//! Each change of a table as the statements that it becomes.

use super::*;

fn table() -> RelationName {
    RelationName::new("public", "tasks")
}

fn column(name: &str, ty: &str) -> NewColumn {
    NewColumn {
        name: name.into(),
        ty: ty.into(),
        is_required: false,
        default: None,
        references: None,
        comment: String::new(),
    }
}

fn users() -> Reference {
    Reference {
        target: Target {
            table: RelationName::new("auth", "users"),
            columns: vec!["id".into()],
        },
        on_delete: Action::Nothing,
        on_update: Action::Nothing,
    }
}

#[test]
fn a_table_is_made_with_all_that_was_asked_for() {
    let statements = create(&NewTable {
        name: table(),
        columns: vec![
            column("id", "bigint generated always as identity"),
            NewColumn {
                is_required: true,
                default: Some("'open'".into()),
                comment: "It's open, or done".into(),
                ..column("state", "text")
            },
            NewColumn {
                references: Some(Reference {
                    on_delete: Action::Cascade,
                    ..users()
                }),
                ..column("Owner", "uuid")
            },
        ],
        key: vec!["id".into()],
        enums: vec![NewEnum {
            name: RelationName::new("public", "tasks_kind"),
            labels: vec!["it's".into(), "big".into()],
        }],
        links: vec![Link {
            columns: vec!["Owner".into(), "state".into()],
            reference: users(),
        }],
        checks: vec!["id > 0".into()],
        indexes: vec![NewIndex {
            columns: vec!["Owner".into(), "state".into()],
            is_unique: true,
        }],
        comment: "What is to be done".into(),
    });

    let expected = "-- Create public.tasks\n\
        create type public.tasks_kind as enum ('it''s', 'big');\n\
        create table public.tasks (\n  \
          id bigint generated always as identity primary key,\n  \
          state text not null default 'open',\n  \
          \"Owner\" uuid references auth.users (id) on delete cascade,\n  \
          foreign key (\"Owner\", state) references auth.users (id),\n  \
          check (id > 0)\n\
        );\n\
        create unique index on public.tasks (\"Owner\", state);\n\
        comment on table public.tasks is 'What is to be done';\n\
        comment on column public.tasks.state is 'It''s open, or done';\n";
    assert_eq!(file("Create public.tasks", &statements), expected);
}

#[test]
fn changes_follow_each_other_as_they_can() {
    let name = |text: &str| text.to_owned();
    let statements = changes(
        &table(),
        &[
            Change::CommentTable { text: name("") },
            Change::AddColumn(column("due_on", "date")),
            Change::AddIndex(NewIndex {
                columns: vec![name("due_on")],
                is_unique: false,
            }),
            Change::SetType {
                column: name("size"),
                ty: name("character varying(5)"),
                using: name("character varying"),
            },
            Change::RenameColumn {
                from: name("a"),
                to: name("b"),
            },
            Change::Require { column: name("b") },
            Change::DropColumn { column: name("b") },
            Change::RenameTable { to: name("Jobs") },
            Change::AddKey {
                columns: vec![name("b"), name("Due")],
            },
            Change::DropConstraint {
                constraint: name("tasks_pkey"),
                bound: Bound::Key,
            },
            Change::DropConstraint {
                constraint: name("tasks_b_fkey"),
                bound: Bound::Reference,
            },
        ],
    );

    assert_eq!(
        statements,
        [
            "alter table public.tasks drop constraint tasks_b_fkey",
            "alter table public.tasks drop constraint tasks_pkey",
            "alter table public.tasks drop column b",
            "alter table public.tasks rename column a to b",
            "alter table public.tasks add column due_on date",
            "alter table public.tasks alter column size type \
             character varying(5) using size::character varying",
            "alter table public.tasks alter column b set not null",
            "alter table public.tasks add primary key (b, \"Due\")",
            "create index on public.tasks (due_on)",
            "comment on table public.tasks is null",
            "alter table public.tasks rename to \"Jobs\"",
        ]
    );
}

#[test]
fn names_that_change_places_step_aside() {
    let rename = |from: &str, to: &str| Change::RenameColumn {
        from: from.into(),
        to: to.into(),
    };

    let chain = changes(&table(), &[rename("a", "b"), rename("b", "c")]);
    let circle = changes(&table(), &[rename("a", "b"), rename("b", "a")]);

    let says = |it: &str| format!("alter table public.tasks rename column {it}");
    assert_eq!(chain, [says("b to c"), says("a to b")]);
    assert_eq!(
        circle,
        [says("a to a_before"), says("b to a"), says("a_before to b")]
    );
}

#[test]
fn nothing_leaves_its_quotes() {
    for (name, sql) in [
        ("plain", "plain"),
        ("order", "\"order\""),
        ("Mixed", "\"Mixed\""),
        ("a b", "\"a b\""),
        ("x\"; drop table y --", "\"x\"\"; drop table y --\""),
        ("1st", "\"1st\""),
    ] {
        assert_eq!(quoted(name), sql);
    }
    assert_eq!(literal("it's"), "'it''s'");
    assert_eq!(literal("a\\'"), "E'a\\\\'''");
    assert!(!is_name("") && !is_name(" a") && !is_name("a\nb") && !is_name(&"x".repeat(64)));
}

#[test]
fn a_default_is_a_value_or_a_closed_expression() {
    let sql = |text| default_sql(text).map(|it| it.unwrap_or_default());
    for (text, expected) in [
        ("", ""),
        ("draft", "'draft'"),
        ("0", "0"),
        ("-1.5", "-1.5"),
        ("1.2.3", "'1.2.3'"),
        ("true", "true"),
        ("now()", "'now()'"),
        ("it's", "'it''s'"),
        ("=now()", "now()"),
        ("= auth.uid()", "auth.uid()"),
        ("=now() + interval '1 day'", "(now() + interval '1 day')"),
        ("=1, drop column b", "(1, drop column b)"),
        ("='a;b'", "('a;b')"),
    ] {
        assert_eq!(sql(text).as_deref(), Ok(expected), "{text}");
    }
    for (text, error) in [
        ("=", DefaultError::Empty),
        ("=now(", DefaultError::Open),
        ("=1) , drop column (b", DefaultError::Open),
        ("='a", DefaultError::Open),
        ("=1; drop table x", DefaultError::Forbidden),
        ("=1 -- x", DefaultError::Forbidden),
        ("=1 /* x", DefaultError::Forbidden),
        ("=$$a$$", DefaultError::Forbidden),
        ("=E'a\\'' ", DefaultError::Forbidden),
    ] {
        assert_eq!(sql(text), Err(error), "{text}");
    }
}

/// A small generator, so that the same texts come again: no two runs differ.
fn texts() -> impl Iterator<Item = String> {
    let letters: Vec<char> = "ab'\"();,-/*$\\= E[]\n".chars().collect();
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    std::iter::repeat_with(move || {
        let mut text = String::new();
        for _ in 0..12 {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            let index = usize::try_from(state % letters.len() as u64).unwrap();
            text.push(letters[index]);
        }
        text
    })
}

#[test]
fn no_text_closes_the_brackets_around_a_default() {
    for text in texts().take(20_000) {
        let Ok(Some(sql)) = default_sql(&format!("={text}")) else {
            continue;
        };
        // Read again by rules of our own: quotes, then brackets; never at the ground inside.
        let (mut depth, mut quote) = (0_i32, None);
        let inside = sql.strip_prefix('(').and_then(|it| it.strip_suffix(')'));
        for letter in inside.unwrap_or_default().chars() {
            match (quote, letter) {
                (Some(open), it) if it == open => quote = None,
                (Some(_), _) => {}
                (None, '\'' | '"') => quote = Some(letter),
                (None, '(' | '[') => depth += 1,
                (None, ')' | ']') => depth -= 1,
                (None, it) => assert!(!";$\\\n".contains(it), "{sql}"),
            }
            assert!(depth >= 0, "{sql}");
        }
        assert_eq!((depth, quote), (0, None), "{sql}");
    }
}

#[test]
fn slugs_are_plain() {
    assert_eq!(
        slug("Add “due on” to public.Tasks"),
        "add_due_on_to_public_tasks"
    );
    assert_eq!(slug("../../etc/passwd"), "etc_passwd");
    assert_eq!(slug("…"), "");
}
