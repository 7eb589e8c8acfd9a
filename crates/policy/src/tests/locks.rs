//! What `"*"` grants under a lock.

use postern_base::{RelationName, RoleName};
use postern_catalog::{Catalog, CatalogParts, PgType, Relation};

use super::catalog::relation;
use super::files;
use crate::{Loaded, Verb, load, lock_text};

const STAR: &str = "table = 'public.t'\n[columns.anon]\nselect = '*'\n\
                    [[allow]]\nroles = ['anon']\nfor = ['select']\nwhere = 'true'\n";
const NAMED: &str = "table = 'public.t'\n[columns.anon]\nselect = ['id', 'a']\n\
                     [[allow]]\nroles = ['anon']\nfor = ['select']\nwhere = 'true'\n";

fn of(relation: Relation) -> Catalog {
    Catalog::new(CatalogParts {
        relations: vec![relation],
        ..CatalogParts::default()
    })
}

fn columns(loaded: &Loaded) -> Option<Vec<String>> {
    let name = RelationName::new("public", "t");
    let access = loaded
        .bundle
        .access(&name, &RoleName::new("anon"), Verb::Select)?;
    Some(access.columns.clone())
}

#[track_caller]
fn check(file: &str, now: Relation, expected: Option<&[&str]>, codes: &[&str]) {
    let files = files(&[("t.toml", file)]);
    let lock = lock_text(&files, &of(relation("public.t", "id int8, a text")));
    let loaded = load(&files, &of(now), Some(&lock)).expect("a bundle");
    let columns = columns(&loaded);
    assert_eq!(
        columns,
        expected.map(|it| it.iter().map(ToString::to_string).collect())
    );
    let found: Vec<_> = loaded.warnings.iter().map(|it| it.code).collect();
    assert_eq!(found, codes);
}

#[test]
fn what_is_unchanged_is_granted() {
    check(
        STAR,
        relation("public.t", "id int8, a text"),
        Some(&["id", "a"]),
        &[],
    );
}

#[test]
fn a_new_column_is_left_out() {
    let now = relation("public.t", "id int8, a text, secret text");
    check(STAR, now, Some(&["id", "a"]), &["lock-missing"]);
}

#[test]
fn a_dropped_column_is_no_mismatch() {
    check(STAR, relation("public.t", "id int8"), Some(&["id"]), &[]);
}

#[test]
fn a_column_made_anew_closes_the_table() {
    let mut now = relation("public.t", "id int8, a text");
    now.columns[1].attnum = 3;
    check(STAR, now.clone(), None, &["lock-mismatch"]);
    check(NAMED, now, None, &["lock-mismatch"]);
}

#[test]
fn a_changed_type_closes_the_table() {
    let mut now = relation("public.t", "id int8, a text");
    now.columns[1].ty = PgType::builtin("int8");
    check(STAR, now, None, &["lock-mismatch"]);
}

#[test]
fn a_broken_lock_refuses_the_bundle() {
    let catalog = of(relation("public.t", "id int8, a text"));
    for lock in [
        "",
        "version = 2",
        "version = 1\n[tables.t]\n",
        "version = 1\ntables = 3",
        "versio",
    ] {
        assert!(
            load(&files(&[("t.toml", STAR)]), &catalog, Some(lock)).is_err(),
            "{lock}"
        );
    }
}

#[test]
fn an_empty_lock_opens_nothing_by_star() {
    let catalog = of(relation("public.t", "id int8, a text"));
    let loaded =
        load(&files(&[("t.toml", STAR)]), &catalog, Some("version = 1")).expect("a bundle");

    assert_eq!(columns(&loaded), None);
}
