//! What the policies do not grant is nowhere in the document, by name or by reference.

use postern_policy::SourceFile;

use super::*;

const NOTES: &str = r#"
table = "public.notes"

[columns.anon]
select = ["id", "body"]

[columns.authenticated]
select = ["id", "owner_id", "body"]
insert = ["body"]

[[allow]]
name  = "everybody reads"
roles = ["anon", "authenticated"]
for   = ["select"]
where = "true"

[[allow]]
name  = "own rows"
roles = ["authenticated"]
for   = ["insert", "delete"]
where = "owner_id = auth.uid()"

[preset.insert]
owner_id = "auth.uid()"
"#;

const PEOPLE: &str = r#"
table = "public.people"

[columns.authenticated]
select = ["id", "name"]

[[allow]]
name  = "self"
roles = ["authenticated"]
for   = ["select"]
where = "id = auth.uid()"
"#;

const FUNCTIONS: &str = r#"
[function."public.search(text,_text)"]
roles = ["authenticated"]
mode  = "native"
"#;

fn bundle(catalog: &Catalog, texts: &[(&str, &str)]) -> Bundle {
    let file = |(name, text): &(&str, &str)| SourceFile {
        path: format!("policies/{name}.toml"),
        text: (*text).into(),
    };
    let files: Vec<_> = texts.iter().map(file).collect();
    let loaded = postern_policy::load(&files, catalog, None);
    loaded.expect("the files are sound").bundle
}

fn document_for(identity: &Identity) -> Value {
    let catalog = catalog();
    let files = [
        ("notes", NOTES),
        ("people", PEOPLE),
        ("functions", FUNCTIONS),
    ];
    document(&catalog, identity, &bundle(&catalog, &files))
}

fn user() -> Identity {
    Identity::User(postern_base::Claims::with_role("authenticated"))
}

#[test]
fn an_anonymous_caller_sees_the_granted_columns_and_verbs() {
    let document = document_for(&Identity::anonymous());

    check(
        &document,
        "/definitions",
        expect![[
            r#"{"notes":{"description":"Notes\n\nWhat somebody\nwrote down.","required":["id"],"type":"object","properties":{"id":{"type":"integer","format":"int64","description":"Note:\nThis is a Primary Key.<pk/>"},"body":{"type":"string","format":"text","default":"it's empty","description":"The text"}}}}"#
        ]],
    );
    let paths = document["paths"].as_object().expect("an object");
    assert_eq!(paths.keys().collect::<Vec<_>>(), ["/", "/notes"]);
    let verbs = document["paths"]["/notes"].as_object().expect("an object");
    assert_eq!(verbs.keys().collect::<Vec<_>>(), ["get"]);
}

#[test]
fn a_user_sees_more_and_not_all() {
    let document = document_for(&user());

    check(
        &document,
        "/definitions",
        expect![[
            r#"{"notes":{"description":"Notes\n\nWhat somebody\nwrote down.","required":["id","owner_id"],"type":"object","properties":{"id":{"type":"integer","format":"int64","description":"Note:\nThis is a Primary Key.<pk/>"},"owner_id":{"type":"string","format":"uuid","description":"Note:\nThis is a Foreign Key to `people.id`.<fk table='people' column='id'/>"},"body":{"type":"string","format":"text","default":"it's empty","description":"The text"}}},"people":{"required":["id"],"type":"object","properties":{"id":{"type":"string","format":"uuid","description":"Note:\nThis is a Primary Key.<pk/>"},"name":{"type":"string","format":"text"}}}}"#
        ]],
    );
    let paths = document["paths"].as_object().expect("an object");
    assert_eq!(
        paths.keys().collect::<Vec<_>>(),
        ["/", "/notes", "/people", "/rpc/search"]
    );
    let verbs = document["paths"]["/notes"].as_object().expect("an object");
    assert_eq!(verbs.keys().collect::<Vec<_>>(), ["get", "post", "delete"]);
}

#[test]
fn hidden_names_are_nowhere() {
    for (identity, hidden) in [
        (
            Identity::anonymous(),
            &[
                "people", "owner_id", "secret", "totals", "vault", "search", "purge", "sum_all",
            ][..],
        ),
        (
            user(),
            &["secret", "totals", "vault", "purge", "sum_all"][..],
        ),
    ] {
        let text = document_for(&identity).to_string();

        for name in hidden {
            assert!(!text.contains(name), "`{name}` is told to {identity:?}");
        }
    }
}

#[test]
fn without_policies_nothing_exists() {
    let catalog = catalog();
    for identity in [Identity::anonymous(), user()] {
        let document = document(&catalog, &identity, &bundle(&catalog, &[]));

        check(&document, "/definitions", expect!["{}"]);
        let paths = document["paths"].as_object().expect("an object");
        assert_eq!(paths.keys().collect::<Vec<_>>(), ["/"]);
    }
}
