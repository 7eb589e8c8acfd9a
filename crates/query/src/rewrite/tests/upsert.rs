//! Upserts where BEFORE triggers may still change the row.

use postern_base::limits::Limits;
use postern_base::{Claims, Identity, Trust};
use postern_catalog::Triggers;
use postern_policy::{SourceFile, load};

use super::catalog;
use crate::request::{Method, RawRequest, Representation, Target};
use crate::{View, parse, plan, rewrite};

const TODOS: &str = r#"
table = "public.todos"
[columns.authenticated]
select = ["id", "owner_id", "title"]
insert = ["id", "title"]
update = ["id", "title"]
[[allow]]
name = "own rows"
roles = ["authenticated"]
for = ["select", "insert", "update"]
where = "owner_id = auth.uid()"
"#;

/// The statement of an upsert on a table with a BEFORE INSERT trigger.
fn upserted(prefer: &str) -> String {
    let catalog = catalog(Triggers {
        before_insert: true,
        ..Triggers::default()
    });
    let file = SourceFile {
        path: "policies/public.todos.toml".into(),
        text: TODOS.into(),
    };
    let bundle = load(&[file], &catalog, None).expect("loads").bundle;
    let claims = serde_json::json!({ "role": "authenticated" });
    let claims = Claims::new(claims.as_object().expect("an object").clone());
    let identity = Identity::from_verified(claims, Trust::Project).expect("a user");
    let raw = RawRequest {
        method: Method::Post,
        target: Target::Relation("todos".into()),
        schema: "public",
        query: "",
        prefer: vec![prefer],
        range: None,
        representation: Representation::default(),
        body: Some(r#"{"id":1,"title":"a"}"#.into()),
    };
    let limits = Limits::default();
    let view = View::new(&catalog, &bundle, &identity).expect("a role");
    let request = parse(&raw, &limits).expect("parses");
    let plan = plan(request, &view, &limits).expect("plans");
    rewrite(&plan, &view).expect("rewrites").sql().to_owned()
}

#[test]
fn a_merge_checks_what_triggers_made_of_the_proposed_row() {
    let sql = upserted("resolution=merge-duplicates");

    let (proposed, merged) = sql.split_once("DO UPDATE SET").expect("it merges");
    assert!(
        merged.starts_with(r#" "id" = CASE WHEN (("excluded"."owner_id") = "#),
        "{merged}"
    );
    assert!(!proposed.contains("deny"), "{proposed}");
    assert!(
        merged.contains(r#""w"."owner_id""#),
        "the stored row is checked: {merged}"
    );
}

#[test]
fn an_ignored_row_is_checked_as_it_was_sent() {
    let sql = upserted("resolution=ignore-duplicates");

    let (proposed, ignored) = sql.split_once("DO NOTHING").expect("it ignores");
    assert!(
        proposed.contains(r#"CASE WHEN (("s"."owner_id") = "#),
        "{proposed}"
    );
    assert!(
        ignored.contains(r#""w"."owner_id""#),
        "the stored row is checked: {ignored}"
    );
}
