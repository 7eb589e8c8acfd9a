//! What the rewriter prints: one function knows the API, the cases show the SQL.

mod assurance;
mod shapes;
mod upsert;

use expect_test::{Expect, expect};
use postern_base::limits::Limits;
use postern_base::{Claims, Identity, RelationName, Trust};
use postern_catalog::{
    Catalog, CatalogParts, Column, ForeignKey, Generated, Leakproof, PgType, Relation,
    RelationKind, SessionNeeds, Triggers, UniqueKey,
};
use postern_policy::{SourceFile, load};

use crate::request::{Method, RawRequest, Representation, Target};
use crate::{Param, Route, View, parse, plan, rewrite};

const TODOS: &str = r#"
table = "public.todos"
[columns.authenticated]
select = ["id", "owner_id", "title"]
insert = ["title"]
update = ["title"]
[preset.insert]
owner_id = "auth.uid()"
[[allow]]
name = "own rows"
roles = ["authenticated"]
for = ["select", "insert", "update", "delete"]
where = "owner_id = auth.uid()"
"#;

const PEOPLE: &str = r#"
table = "public.people"
[columns.authenticated]
select = ["id", "email"]
[mask.authenticated]
email = { unless = "id = auth.uid()", value = "NULL" }
[[allow]]
name = "directory"
roles = ["authenticated"]
for = ["select"]
where = "true"
"#;

fn column(name: &str, ty: &str, default: Option<&str>) -> Column {
    Column {
        name: name.into(),
        attnum: 1,
        ty: PgType::builtin(ty),
        nullable: true,
        default: default.map(Into::into),
        generated: Generated::No,
        comment: None,
    }
}

fn table(name: &str, columns: Vec<Column>, foreign_keys: Vec<ForeignKey>) -> Relation {
    Relation {
        name: RelationName::new("public", name),
        oid: 1,
        kind: RelationKind::Table,
        columns,
        primary_key: vec!["id".into()],
        unique_keys: vec![UniqueKey {
            name: format!("{name}_pkey"),
            columns: vec!["id".into()],
        }],
        foreign_keys,
        indexed: vec!["id".into(), "owner_id".into()],
        insertable: true,
        updatable: true,
        deletable: true,
        triggers: Triggers::default(),
        session: SessionNeeds::default(),
        security_invoker: false,
        comment: None,
    }
}

fn catalog(triggers: Triggers) -> Catalog {
    let owner = ForeignKey {
        name: "todos_owner_id_fkey".into(),
        columns: vec!["owner_id".into()],
        target: RelationName::new("public", "people"),
        target_columns: vec!["id".into()],
    };
    let columns = vec![
        column("id", "int8", None),
        column("owner_id", "uuid", None),
        column("title", "text", None),
        column("secret", "text", None),
    ];
    let mut todos = table("todos", columns, vec![owner]);
    todos.triggers = triggers;
    let people = table(
        "people",
        vec![column("id", "uuid", None), column("email", "text", None)],
        vec![],
    );
    let leakproof = ["int8", "text", "uuid"].map(|ty| ("=".into(), ty.into(), ty.into()));
    Catalog::new(CatalogParts {
        relations: vec![todos, people],
        leakproof: Leakproof::new(leakproof),
        ..CatalogParts::default()
    })
}

/// Rewrites a request for a signed-in user and compares the whole statement.
#[track_caller]
fn check(method: Method, url: &str, body: Option<&str>, expect: &Expect) {
    check_with(Triggers::default(), method, url, body, expect);
}

#[track_caller]
fn check_with(triggers: Triggers, method: Method, url: &str, body: Option<&str>, expect: &Expect) {
    let catalog = catalog(triggers);
    let files = [("todos", TODOS), ("people", PEOPLE)].map(|(name, text)| SourceFile {
        path: format!("policies/public.{name}.toml"),
        text: text.into(),
    });
    let bundle = load(&files, &catalog, None).expect("loads").bundle;
    let claims = serde_json::json!({ "role": "authenticated", "sub": "00000000-0000-4000-8000-000000000001" });
    let claims = Claims::new(claims.as_object().expect("an object").clone());
    let identity = Identity::from_verified(claims, Trust::Project).expect("a user");
    let (table, query) = url.split_once('?').unwrap_or((url, ""));
    let raw = RawRequest {
        method,
        target: Target::Relation(table.into()),
        schema: "public",
        query,
        prefer: vec![if body.is_some() {
            "return=representation"
        } else {
            ""
        }],
        range: None,
        representation: Representation::default(),
        body: body.map(Into::into),
    };
    let limits = Limits::default();
    let view = View::new(&catalog, &bundle, &identity).expect("a role");
    let plan = parse(&raw, &limits).and_then(|request| plan(request, &view, &limits));
    let text = match plan.and_then(|plan| rewrite(&plan, &view)) {
        Ok(it) => {
            assert_eq!(*it.route(), Route::Fast);
            let params: Vec<_> = it.params().iter().map(shown).collect();
            format!("{}\n{params:?}\n", it.sql())
        }
        Err(error) => format!("{} {}\n", error.code.code, error.message),
    };
    expect.assert_eq(&text);
}

fn shown(param: &Param) -> String {
    match param {
        Param::Null => "NULL".into(),
        Param::Text(text) => text.clone(),
        Param::Shared(text) => text.to_string(),
    }
}

#[test]
fn a_table_becomes_a_projection_of_granted_columns_and_rows() {
    check(
        Method::Get,
        "todos?select=id,title&id=eq.7",
        None,
        &expect![[r#"
            SELECT COALESCE(pg_catalog.json_agg("postern.row")::text, '[]') AS body, pg_catalog.count(*) AS page_rows, NULL::int8 AS total_rows, 0::int8 AS inserted_rows FROM (SELECT "t0"."id" AS "id", "t0"."title" AS "title" FROM (SELECT "b0"."id" AS "id", "b0"."owner_id" AS "owner_id", "b0"."title" AS "title" FROM "public"."todos" AS "b0" WHERE (("b0"."owner_id") = ($1::uuid))) AS "t0" WHERE TRUE AND (("t0"."id" = $2)) LIMIT 1000) AS "postern.row"
            ["00000000-0000-4000-8000-000000000001", "7"]
        "#]],
    );
}

#[test]
fn a_hidden_column_is_not_there() {
    check(
        Method::Get,
        "todos?select=secret",
        None,
        &expect![[r#"
        42703 column todos.secret does not exist
    "#]],
    );
    check(
        Method::Get,
        "todos?secret=eq.x",
        None,
        &expect![[r#"
        42703 column todos.secret does not exist
    "#]],
    );
    check(
        Method::Get,
        "todos?order=secret",
        None,
        &expect![[r#"
        42703 column todos.secret does not exist
    "#]],
    );
    check(
        Method::Get,
        "todos?select=nothing",
        None,
        &expect![[r#"
        42703 column todos.nothing does not exist
    "#]],
    );
}

#[test]
fn a_filter_that_is_not_leakproof_waits_for_the_verdict() {
    check(
        Method::Get,
        "todos?select=id&title=match.x",
        None,
        &expect![[r#"
            SELECT COALESCE(pg_catalog.json_agg("postern.row")::text, '[]') AS body, pg_catalog.count(*) AS page_rows, NULL::int8 AS total_rows, 0::int8 AS inserted_rows FROM (SELECT "t0"."id" AS "id" FROM (SELECT "b0"."id" AS "id", "b0"."owner_id" AS "owner_id", "b0"."title" AS "title", (("b0"."owner_id") = ($1::uuid)) AS "postern.visible" FROM "public"."todos" AS "b0" WHERE (("b0"."owner_id") = ($1::uuid))) AS "t0" WHERE TRUE AND (CASE WHEN "t0"."postern.visible" THEN ("t0"."title" ~ $2) ELSE FALSE END) LIMIT 1000) AS "postern.row"
            ["00000000-0000-4000-8000-000000000001", "x"]
        "#]],
    );
}

#[test]
fn a_mask_replaces_the_column_within_the_projection() {
    check(
        Method::Get,
        "people?select=id&email=eq.a",
        None,
        &expect![[r#"
            SELECT COALESCE(pg_catalog.json_agg("postern.row")::text, '[]') AS body, pg_catalog.count(*) AS page_rows, NULL::int8 AS total_rows, 0::int8 AS inserted_rows FROM (SELECT "t0"."id" AS "id" FROM (SELECT "b0"."id" AS "id", CASE WHEN (("b0"."id") = ($1::uuid)) THEN "b0"."email" ELSE (NULL) END AS "email" FROM "public"."people" AS "b0") AS "t0" WHERE TRUE AND (("t0"."email" = $2)) LIMIT 1000) AS "postern.row"
            ["00000000-0000-4000-8000-000000000001", "a"]
        "#]],
    );
}

#[test]
fn an_embed_reads_its_own_projection() {
    check(
        Method::Get,
        "todos?select=id,people!inner(email)",
        None,
        &expect![[r#"
            SELECT COALESCE(pg_catalog.json_agg("postern.row")::text, '[]') AS body, pg_catalog.count(*) AS page_rows, NULL::int8 AS total_rows, 0::int8 AS inserted_rows FROM (SELECT "t0"."id" AS "id", (SELECT pg_catalog.row_to_json("postern.e2") FROM (SELECT "t1"."email" AS "email" FROM (SELECT "b1"."id" AS "id", CASE WHEN (("b1"."id") = ($1::uuid)) THEN "b1"."email" ELSE (NULL) END AS "email" FROM "public"."people" AS "b1") AS "t1" WHERE TRUE AND "t0"."owner_id" = "t1"."id") AS "postern.e2") AS "people" FROM (SELECT "b0"."id" AS "id", "b0"."owner_id" AS "owner_id", "b0"."title" AS "title" FROM "public"."todos" AS "b0" WHERE (("b0"."owner_id") = ($1::uuid))) AS "t0" WHERE TRUE AND (EXISTS (SELECT FROM (SELECT "b1"."id" AS "id", CASE WHEN (("b1"."id") = ($1::uuid)) THEN "b1"."email" ELSE (NULL) END AS "email" FROM "public"."people" AS "b1") AS "t1" WHERE TRUE AND "t0"."owner_id" = "t1"."id")) LIMIT 1000) AS "postern.row"
            ["00000000-0000-4000-8000-000000000001"]
        "#]],
    );
}

#[test]
fn an_insert_carries_its_check_in_the_first_column() {
    check(
        Method::Post,
        "todos?select=id",
        Some(r#"{"title":"x"}"#),
        &expect![[r#"
            WITH "w" AS (INSERT INTO "public"."todos" AS "b0" ("owner_id", "title") SELECT CASE WHEN (("s"."owner_id") = ($1::uuid)) THEN "s"."owner_id" ELSE "postern"."deny"('new row violates row-level security policy for table "todos"', "s"."owner_id") END, "s"."title" FROM (SELECT ($1::uuid)::uuid AS "owner_id", "j"."title" AS "title" FROM pg_catalog.json_to_recordset($2::json) AS "j"("title" text)) AS "s" RETURNING 1 AS "postern.one", "b0"."id", "b0"."owner_id", "b0"."title") SELECT (SELECT COALESCE(pg_catalog.json_agg("postern.row")::text, '[]') FROM (SELECT "t0"."id" AS "id" FROM (SELECT "b0"."id" AS "id", "b0"."owner_id" AS "owner_id", "b0"."title" AS "title" FROM "w" AS "b0") AS "t0" WHERE TRUE) AS "postern.row") AS body, n AS page_rows, NULL::int8 AS total_rows, inserted AS inserted_rows FROM (SELECT pg_catalog.count(*) AS n, pg_catalog.count(*) AS inserted FROM "w") AS "c"
            ["00000000-0000-4000-8000-000000000001", "[{\"title\":\"x\"}]"]
        "#]],
    );
}

#[test]
fn an_update_checks_the_old_and_the_new_row() {
    check(
        Method::Patch,
        "todos?id=eq.1&select=id",
        Some(r#"{"title":"x"}"#),
        &expect![[r#"
            WITH "w" AS (UPDATE "public"."todos" AS "b0" SET "title" = CASE WHEN (("b0"."owner_id") = ($1::uuid)) THEN "s"."title" ELSE "postern"."deny"('new row violates row-level security policy for table "todos"', "s"."title") END FROM (SELECT * FROM pg_catalog.json_to_recordset($2::json) AS "j"("title" text) LIMIT 1) AS "s" WHERE TRUE AND (("b0"."owner_id") = ($1::uuid)) AND ((("b0"."id") = $3)) RETURNING 1 AS "postern.one", "b0"."id", "b0"."owner_id", "b0"."title") SELECT (SELECT COALESCE(pg_catalog.json_agg("postern.row")::text, '[]') FROM (SELECT "t0"."id" AS "id" FROM (SELECT "b0"."id" AS "id", "b0"."owner_id" AS "owner_id", "b0"."title" AS "title" FROM "w" AS "b0") AS "t0" WHERE TRUE) AS "postern.row") AS body, n AS page_rows, NULL::int8 AS total_rows, inserted AS inserted_rows FROM (SELECT pg_catalog.count(*) AS n, 0::int8 AS inserted FROM "w") AS "c"
            ["00000000-0000-4000-8000-000000000001", "[{\"title\":\"x\"}]", "1"]
        "#]],
    );
}

#[test]
fn a_trigger_moves_the_check_to_the_stored_row() {
    let triggers = Triggers {
        before_update: true,
        ..Triggers::default()
    };
    check_with(
        triggers,
        Method::Patch,
        "todos?id=eq.1&select=id",
        Some(r#"{"title":"x"}"#),
        &expect![[r#"
            WITH "w" AS (UPDATE "public"."todos" AS "b0" SET "title" = "s"."title" FROM (SELECT * FROM pg_catalog.json_to_recordset($1::json) AS "j"("title" text) LIMIT 1) AS "s" WHERE TRUE AND (("b0"."owner_id") = ($2::uuid)) AND ((("b0"."id") = $3)) RETURNING 1 AS "postern.one", "b0"."id", "b0"."owner_id", "b0"."title") SELECT (SELECT COALESCE(pg_catalog.json_agg("postern.row")::text, '[]') FROM (SELECT "t0"."id" AS "id" FROM (SELECT "b0"."id" AS "id", "b0"."owner_id" AS "owner_id", "b0"."title" AS "title" FROM "w" AS "b0") AS "t0" WHERE TRUE) AS "postern.row") AS body, n AS page_rows, NULL::int8 AS total_rows, inserted AS inserted_rows FROM (SELECT pg_catalog.count(CASE WHEN (("w"."owner_id") = ($2::uuid)) THEN 1 ELSE "postern"."deny"('new row violates row-level security policy for table "todos"', 1) END) AS n, 0::int8 AS inserted FROM "w") AS "c"
            ["[{\"title\":\"x\"}]", "00000000-0000-4000-8000-000000000001", "1"]
        "#]],
    );
}

#[test]
fn a_delete_filters_by_its_own_and_the_select_policy() {
    check(
        Method::Delete,
        "todos?title=like.a*",
        None,
        &expect![[r#"
            WITH "w" AS (DELETE FROM "public"."todos" AS "b0" WHERE TRUE AND (("b0"."owner_id") = ($1::uuid)) AND (CASE WHEN (("b0"."owner_id") = ($1::uuid)) THEN (("b0"."title") LIKE $2) ELSE FALSE END) RETURNING 1 AS "postern.one") SELECT NULL::text AS body, n AS page_rows, NULL::int8 AS total_rows, inserted AS inserted_rows FROM (SELECT pg_catalog.count(*) AS n, 0::int8 AS inserted FROM "w") AS "c"
            ["00000000-0000-4000-8000-000000000001", "a%"]
        "#]],
    );
}

#[test]
fn a_preset_column_is_refused_and_an_ungranted_one_too() {
    check(
        Method::Post,
        "todos",
        Some(r#"{"title":"x","owner_id":null}"#),
        &expect![[r#"
            42501 column "owner_id" of table "todos" is set by the server
        "#]],
    );
    check(
        Method::Post,
        "todos",
        Some(r#"{"id":1}"#),
        &expect![[r#"
        42501 permission denied for column "id" of table "todos"
    "#]],
    );
    check(
        Method::Post,
        "todos",
        Some(r#"{"secret":1}"#),
        &expect![[r#"
            PGRST204 Could not find the 'secret' column of 'todos' in the schema cache
        "#]],
    );
    check(
        Method::Post,
        "people",
        Some(r#"{"email":"x"}"#),
        &expect![[r#"
            42501 permission denied for table people
        "#]],
    );
    check(
        Method::Get,
        "elsewhere",
        None,
        &expect![[r#"
        PGRST205 Could not find the table 'public.elsewhere' in the schema cache
    "#]],
    );
}

#[test]
fn embedded_rows_are_counted_without_brackets() {
    check(
        Method::Get,
        "people?select=id,todos(count)",
        None,
        &expect![[r#"
            SELECT COALESCE(pg_catalog.json_agg("postern.row")::text, '[]') AS body, pg_catalog.count(*) AS page_rows, NULL::int8 AS total_rows, 0::int8 AS inserted_rows FROM (SELECT "t0"."id" AS "id", (SELECT COALESCE(pg_catalog.json_agg("postern.e2"), '[]') FROM (SELECT pg_catalog.count(*) AS "count" FROM (SELECT "b1"."id" AS "id", "b1"."owner_id" AS "owner_id", "b1"."title" AS "title" FROM "public"."todos" AS "b1" WHERE (("b1"."owner_id") = ($1::uuid))) AS "t1" WHERE TRUE AND "t0"."id" = "t1"."owner_id" LIMIT 1000) AS "postern.e2") AS "todos" FROM (SELECT "b0"."id" AS "id", CASE WHEN (("b0"."id") = ($1::uuid)) THEN "b0"."email" ELSE (NULL) END AS "email" FROM "public"."people" AS "b0") AS "t0" WHERE TRUE LIMIT 1000) AS "postern.row"
            ["00000000-0000-4000-8000-000000000001"]
        "#]],
    );
}
