//! Findings with one obvious edit, and texts that lose their finding by it.

use super::refused;

const FILE: &str = "public.todos.toml";
const TEXT: &str = r#"
table = "public.todos"
[columns.authenticated]
select = ["id", "title"]
[[allow]]
name = "own"
roles = ["authenticated"]
for = ["select"]
where = "user_id = auth.uid()"
"#;

/// Writes a slip into the file; the one fix that is found must lead back.
#[track_caller]
fn check(right: &str, slip: &str) {
    let wrong = TEXT.replacen(right, slip, 1);
    assert_ne!(wrong, TEXT, "{right}");

    let found = refused(&[(FILE, &wrong)]);
    let fixes: Vec<_> = found.iter().filter_map(|it| it.fix.as_ref()).collect();

    let [fix] = fixes.as_slice() else {
        panic!("{slip}: {found:?}");
    };
    assert_eq!(fix.apply(&wrong).as_deref(), Some(TEXT), "{slip}");
    assert_eq!(fix.apply("ä"), None, "another text is left alone");
}

#[test]
fn slips_lead_back_to_what_was_meant() {
    check("public.todos", "public.todo");
    check("\"public.todos\"", "\"todos\"");
    check("roles =", "rolls =");
    check("[\"authenticated\"]", "[\"authentificated\"]");
    check("[\"select\"]", "[\"selct\"]");
    check("user_id =", "usr_id =");
    check("auth.uid()", "auth.uuid()");
    check("\"title\"]", "\"titel\"]");
}

#[test]
fn what_is_not_certain_has_no_fix() {
    for (right, slip) in [
        ("user_id =", "zzz ="),
        // Twice the same name: which one is meant is the author's to say.
        ("user_id = auth.uid()", "lower(usr_id) = lower(usr_id"),
        ("where = \"user_id = auth.uid()\"\n", ""),
    ] {
        let found = refused(&[(FILE, &TEXT.replacen(right, slip, 1))]);
        assert!(found.iter().all(|it| it.fix.is_none()), "{slip}: {found:?}");
    }
}
