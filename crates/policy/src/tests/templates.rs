//! The starter files.

use expect_test::expect;
use postern_base::RelationName;
use postern_catalog::Catalog;

use super::{catalog, files, show};
use crate::{Template, load, template};

fn write(kind: Template, table: &str, catalog: &Catalog) -> Option<String> {
    let relation = catalog.relation(&RelationName::new("public", table));
    template(kind, relation.expect("a table"))
}

#[test]
fn every_template_loads_for_every_table_that_fits() {
    let catalog = catalog();
    let mut written = 0;
    for kind in Template::ALL {
        for relation in catalog.relations() {
            let Some(text) = template(kind, relation) else {
                continue;
            };
            written += 1;
            match load(&files(&[("new.toml", &text)]), &catalog, None) {
                Ok(loaded) => {
                    // What the author asked for, and what only they can decide.
                    let meant = [
                        "anon-write",
                        "unindexed-column",
                        "view-without-note",
                        "hidden-key",
                    ];
                    let others = loaded
                        .warnings
                        .iter()
                        .filter(|it| !meant.contains(&it.code));
                    assert_eq!(others.count(), 0, "{text}\n{}", show(&loaded.warnings));
                }
                Err(found) => panic!("{}\n{text}\n{}", kind.as_str(), show(&found)),
            }
        }
    }
    assert!(written > 40, "{written}");
}

#[test]
fn an_owner_template_presets_the_owner() {
    expect![[r#"
        table = "public.todos"

        [columns.authenticated]
        select = ["id", "user_id", "title", "done", "created_at", "updated_at"]
        insert = ["id", "title", "done"]
        update = ["title", "done"]

        [preset.insert]
        user_id = "auth.uid()"

        [preset.update]
        updated_at = "now()"

        [[allow]]
        name = "own rows"
        roles = ["authenticated"]
        for = ["select", "insert", "update", "delete"]
        where = "user_id = auth.uid()"
    "#]]
    .assert_eq(&write(Template::Owner, "todos", &catalog()).expect("an owner"));
}

#[test]
fn a_team_template_reads_the_token() {
    expect![[r#"
        table = "public.documents"
        # The token's app_metadata names the team. With a table of members:
        # where = "team_id IN (SELECT m.team_id FROM public.members m WHERE m.user_id = auth.uid())"

        [columns.authenticated]
        select = ["id", "team_id", "title", "body", "archived"]
        insert = ["id", "team_id", "title", "body", "archived"]
        update = ["title", "body", "archived"]

        [[allow]]
        name = "own team"
        roles = ["authenticated"]
        for = ["select", "insert", "update", "delete"]
        where = "team_id = (auth.jwt() #>> '{app_metadata,team_id}')::int8"
    "#]]
    .assert_eq(&write(Template::Team, "documents", &catalog()).expect("a team"));
}

#[test]
fn secrets_are_left_out() {
    let text = write(Template::ReadOnly, "accounts", &catalog()).expect("a table");
    assert!(
        !text.contains("password_hash") && !text.contains("api_token"),
        "{text}"
    );
}

#[test]
fn a_template_needs_its_column() {
    assert_eq!(write(Template::Owner, "teams", &catalog()), None);
    assert_eq!(write(Template::Team, "todos", &catalog()), None);
}

#[test]
fn names_read_back() {
    for kind in Template::ALL {
        assert_eq!(Template::parse(kind.as_str()), Some(kind));
    }
    assert_eq!(Template::parse("owners"), None);
}
