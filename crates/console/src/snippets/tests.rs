//! What the languages write, and that no name ends its string.

use serde_json::json;

use super::*;

fn site() -> Site {
    Site {
        address: "https://api.shop.example".to_owned(),
        key: "sb_publishable_1".to_owned(),
    }
}

fn field(name: &str, value: Value) -> Field {
    Field {
        name: name.to_owned(),
        value,
    }
}

fn orders() -> Subject {
    Subject {
        schema: None,
        table: "orders".to_owned(),
        columns: vec!["id".to_owned(), "state".to_owned()],
        order: Some("id".to_owned()),
        key: vec![field("id", json!(1))],
        neighbour: Some(Neighbour {
            table: "customers".to_owned(),
            by: None,
            columns: vec!["name".to_owned()],
        }),
        insert: Some(vec![
            field("state", json!("open")),
            field("gift", json!(true)),
        ]),
        update: Some(field("state", json!("paid"))),
        deletes: Deletes::Yes,
    }
}

/// A table all of whose names are meant to break out of something.
fn hostile() -> Subject {
    let name = "'\"`$x${y}\\(z)#{w}\\u0041;--\n<\u{202e}";
    Subject {
        schema: Some("it's".to_owned()),
        table: name.to_owned(),
        columns: vec!["__proto__".to_owned(), "'\"$(id)`\\(x)${y}".to_owned()],
        order: Some("select".to_owned()),
        key: vec![field("a.b,c", json!("'; rm -rf / #\"\\($x)"))],
        neighbour: None,
        insert: Some(vec![field(
            "__proto__",
            json!({ "k'\"$": ["'", "\"", "${a}"] }),
        )]),
        update: Some(field("größe", json!(null))),
        deletes: Deletes::Yes,
    }
}

fn written(language: Language, step: Step, subject: &Subject) -> String {
    language.write(step, subject, &site()).unwrap_or_default()
}

#[test]
fn javascript_reads_as_its_users_write() {
    assert_eq!(
        written(Language::JavaScript, Step::Embed, &orders()),
        "const { data, error } = await supabase\n  .from('orders')\n  \
         .select('id, state, customers(name)')\n  .order('id')\n  .range(0, 9)\n\n\
         console.log(error ?? data)\n"
    );
    assert_eq!(
        written(Language::JavaScript, Step::Insert, &orders()),
        "const { data, error } = await supabase\n  .from('orders')\n  .insert({\n    \
         state: 'open',\n    gift: true,\n  })\n  .select('id, state')\n\n\
         console.log(error ?? data)\n"
    );
}

#[test]
fn python_reads_as_its_users_write() {
    assert_eq!(
        written(Language::Python, Step::Update, &orders()),
        "answer = (\n    supabase.table(\"orders\")\n    .update({\n        \
         \"state\": \"paid\",\n    })\n    .eq(\"id\", 1)\n    .execute()\n)\n\
         print(answer.data)\n"
    );
    let unseen = Subject {
        columns: Vec::new(),
        ..orders()
    };
    let deleted = written(Language::Python, Step::Delete, &unseen);
    assert!(
        deleted.contains(".delete(returning=\"minimal\")"),
        "{deleted}"
    );
}

#[test]
fn dart_swift_and_kotlin_read_as_their_users_write() {
    assert_eq!(
        written(Language::Dart, Step::One, &orders()),
        "final data = await supabase\n    .from('orders')\n    .select('id, state')\n    \
         .eq('id', 1)\n    .maybeSingle();\n\nprint(data);\n"
    );
    assert_eq!(
        written(Language::Swift, Step::Update, &orders()),
        "let row: [String: AnyJSON] = [\n  \"state\": \"paid\",\n]\n\n\
         let data: [[String: AnyJSON]] = try await supabase\n  .from(\"orders\")\n  \
         .update(row)\n  .eq(\"id\", value: 1)\n  .select(\"id, state\")\n  .execute()\n  \
         .value\n\nprint(data)\n"
    );
    assert_eq!(
        written(Language::Kotlin, Step::List, &orders()),
        "val answer = supabase\n    .from(\"orders\")\n    .select(Columns.raw(\"id,state\")) {\n        \
         order(\"id\", Order.ASCENDING)\n        range(0L..9L)\n    }\n\nprintln(answer.data)\n"
    );
}

#[test]
fn curl_says_everything_in_one_line_of_a_shell() {
    assert_eq!(
        written(Language::Curl, Step::Embed, &orders()),
        "curl 'https://api.shop.example/rest/v1/orders?select=id,state,customers(name)\
         &order=id.asc&limit=10' \\\n  -H 'apikey: sb_publishable_1'\n"
    );
    let backstage = Subject {
        schema: Some("back_office".to_owned()),
        ..orders()
    };
    assert_eq!(
        written(Language::Curl, Step::Insert, &backstage),
        "curl -X POST 'https://api.shop.example/rest/v1/orders?select=id,state' \\\n  \
         -H 'apikey: sb_publishable_1' \\\n  -H 'Content-Profile: back_office' \\\n  \
         -H 'Prefer: return=representation' \\\n  -H 'Content-Type: application/json' \\\n  \
         -d '{\"state\":\"open\",\"gift\":true}'\n"
    );
    assert_eq!(Language::Curl.connect(&site()), None);
}

#[test]
fn every_language_names_a_schema_that_is_not_the_first() {
    let backstage = Subject {
        schema: Some("back_office".to_owned()),
        ..orders()
    };
    for language in Language::ALL {
        for step in Step::ALL {
            let text = written(language, step, &backstage);
            assert!(
                text.contains("back_office"),
                "{language:?} {step:?}: {text}"
            );
            let plain = written(language, step, &orders());
            assert!(
                !plain.contains("chema") && !plain.contains("Profile"),
                "{plain}"
            );
        }
    }
}

#[test]
fn names_stay_inside_of_their_strings() {
    for language in Language::ALL {
        for step in Step::ALL {
            let text = written(language, step, &hostile());
            assert!(!text.contains('\u{202e}'), "{language:?} {step:?}: {text}");
            let (quote, is_shell) = match language {
                Language::JavaScript | Language::Dart => ('\'', false),
                Language::Python | Language::Swift | Language::Kotlin => ('"', false),
                Language::Curl => ('\'', true),
            };
            let outside = outside(&text, quote, is_shell);
            for part in ["`", "$", "#", "rm ", ";-", "\\("] {
                assert!(
                    !outside.contains(part),
                    "{language:?} {step:?}: {part} in {outside}"
                );
            }
        }
    }
}

/// What of a snippet stands outside of its strings; a string that does not end is a failure.
fn outside(text: &str, quote: char, is_shell: bool) -> String {
    let (mut outside, mut is_inside) = (String::new(), false);
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        match letter {
            // Outside of quotes, and in a language inside of them too, it takes the next along.
            '\\' if !(is_shell && is_inside) => {
                let next = letters.next().expect("something follows");
                let is_known = is_inside || next == '\'' || next == '\n';
                assert!(is_known, "a stray backslash: {text}");
            }
            it if it == quote => is_inside = !is_inside,
            '\n' if is_inside && !is_shell => panic!("a string over two lines: {text}"),
            '$' if is_inside && !is_shell && quote == '\'' && text.contains("final ") => {
                panic!("a value inside of a string: {text}")
            }
            it if !is_inside => outside.push(it),
            _ => {}
        }
    }
    assert!(!is_inside, "a string without an end: {text}");
    outside
}

#[test]
fn what_a_library_would_take_apart_is_not_written() {
    let dotted = Subject {
        key: vec![field("a.b", json!(1))],
        insert: Some(vec![field("a b", json!(1))]),
        ..orders()
    };
    assert_eq!(Language::Python.write(Step::One, &dotted, &site()), None);
    assert_eq!(Language::Kotlin.write(Step::Insert, &dotted, &site()), None);
    let one = written(Language::JavaScript, Step::One, &dotted);
    assert!(one.contains(".eq('\"a.b\"', 1)"), "{one}");
    for table in ["a/b", "..", ""] {
        let odd = Subject {
            table: table.to_owned(),
            ..orders()
        };
        assert!(!odd.is_addressable(), "{table}");
        assert_eq!(written(Language::Curl, Step::List, &odd), "");
    }
    let odd = Subject {
        schema: Some("größe".to_owned()),
        ..orders()
    };
    assert!(!odd.is_addressable());
}

#[test]
fn a_table_without_a_key_is_read_and_added_to() {
    let log = Subject {
        key: Vec::new(),
        neighbour: None,
        ..orders()
    };
    let offered = Step::ALL.into_iter().filter(|it| log.offers(*it));
    assert_eq!(offered.collect::<Vec<_>>(), [Step::List, Step::Insert]);
}

#[test]
fn an_unknown_language_is_the_first() {
    assert_eq!(Language::parse("cobol"), Language::JavaScript);
    for language in Language::ALL {
        assert_eq!(Language::parse(language.as_str()), language);
    }
}
