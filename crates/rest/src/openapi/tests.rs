//! What the document holds, and what it never holds.

use expect_test::{Expect, expect};
use postern_base::{FunctionName, Identity, RelationName};
use postern_catalog::{
    Argument, Catalog, CatalogParts, Column, ForeignKey, Function, Generated, PgType, Relation,
    RelationKind, Returns, SessionNeeds, Triggers, TypeKind, Volatility,
};
use postern_policy::Bundle;
use serde_json::Value;

use super::*;

mod hidden;

fn column(name: &str, ty: &str) -> Column {
    Column {
        name: name.into(),
        attnum: 1,
        ty: PgType::builtin(ty),
        nullable: true,
        default: None,
        generated: Generated::No,
        comment: None,
    }
}

fn required(name: &str, ty: &str) -> Column {
    Column {
        nullable: false,
        ..column(name, ty)
    }
}

fn relation(name: &str, columns: Vec<Column>) -> Relation {
    Relation {
        name: RelationName::new("public", name),
        oid: 0,
        kind: RelationKind::Table,
        columns,
        primary_key: vec!["id".into()],
        unique_keys: Vec::new(),
        foreign_keys: Vec::new(),
        indexed: Vec::new(),
        insertable: true,
        updatable: true,
        deletable: true,
        triggers: Triggers::default(),
        session: SessionNeeds::default(),
        security_invoker: false,
        comment: None,
    }
}

fn function(name: &str, volatility: Volatility, arguments: Vec<Argument>) -> Function {
    Function {
        name: FunctionName::new("public", name),
        oid: 0,
        arguments,
        returns: Returns::Void,
        returns_set: false,
        volatility,
        security_definer: false,
        settings: Default::default(),
        one_row: false,
        fixed_search_path: true,
        comment: None,
    }
}

fn argument(name: &str, ty: &str) -> Argument {
    Argument {
        name: name.into(),
        ty: PgType::builtin(ty),
        has_default: false,
        variadic: false,
    }
}

/// Two tables, a view of nothing writable, a table of another schema, three functions.
fn catalog() -> Catalog {
    let mut notes = relation(
        "notes",
        vec![
            required("id", "int8"),
            required("owner_id", "uuid"),
            column("body", "text"),
            column("secret", "text"),
        ],
    );
    notes.comment = Some("Notes\n\nWhat somebody\nwrote down.".into());
    notes.columns[2].comment = Some("The text".into());
    notes.columns[2].default = Some("'it''s empty'::text".into());
    notes.foreign_keys.push(ForeignKey {
        name: "notes_owner_id_fkey".into(),
        columns: vec!["owner_id".into()],
        target: RelationName::new("public", "people"),
        target_columns: vec!["id".into()],
    });
    let people = relation(
        "people",
        vec![required("id", "uuid"), column("name", "text")],
    );
    let mut totals = relation("totals", vec![column("count", "int4")]);
    totals.kind = RelationKind::View;
    totals.primary_key.clear();
    (totals.insertable, totals.updatable, totals.deletable) = (false, false, false);
    let mut hidden = relation("vault", vec![column("id", "int8")]);
    hidden.name.schema = "private".into();

    let mut search = vec![argument("q", "text"), argument("kinds", "_text")];
    search[1].has_default = true;
    let mut sum = vec![argument("numbers", "_int4")];
    sum[0].variadic = true;
    Catalog::new(CatalogParts {
        relations: vec![hidden, notes, people, totals],
        functions: vec![
            function(
                "purge",
                Volatility::Volatile,
                vec![argument("before", "timestamptz")],
            ),
            function("search", Volatility::Stable, search),
            function("sum_all", Volatility::Immutable, sum),
        ],
        ..CatalogParts::default()
    })
}

fn document(catalog: &Catalog, identity: &Identity, bundle: &Bundle) -> Value {
    let view = View::new(catalog, bundle, identity).expect("the role is defined");
    let site = Site {
        title: "Postern".into(),
        description: "The data API".into(),
        version: "1".into(),
        scheme: "https".into(),
        host: "api.example.org".into(),
        base_path: "/rest/v1".into(),
        security: Default::default(),
    };
    describe(&view, "public", &site)
}

fn for_service() -> Value {
    document(&catalog(), &Identity::service(), &Bundle::default())
}

#[expect(clippy::needless_pass_by_value, reason = "`expect!` reads best so")]
#[track_caller]
fn check(document: &Value, pointer: &str, expect: Expect) {
    let part = document
        .pointer(pointer)
        .map_or("absent".into(), Value::to_string);
    expect.assert_eq(&part);
}

#[test]
fn definitions_tell_types_keys_and_comments() {
    let document = for_service();

    check(
        &document,
        "/definitions/notes",
        expect![[
            r#"{"description":"Notes\n\nWhat somebody\nwrote down.","required":["id","owner_id"],"type":"object","properties":{"id":{"type":"integer","format":"int64","description":"Note:\nThis is a Primary Key.<pk/>"},"owner_id":{"type":"string","format":"uuid","description":"Note:\nThis is a Foreign Key to `people.id`.<fk table='people' column='id'/>"},"body":{"type":"string","format":"text","default":"it's empty","description":"The text"},"secret":{"type":"string","format":"text"}}}"#
        ]],
    );
    check(
        &document,
        "/definitions/totals",
        expect![[
            r#"{"type":"object","properties":{"count":{"type":"integer","format":"int32"}}}"#
        ]],
    );
    check(&document, "/definitions/vault", expect!["absent"]);
}

#[test]
fn paths_have_the_verbs_that_work() {
    let document = for_service();
    let verbs = |path: &str| match &document["paths"][path] {
        Value::Object(path) => path.keys().cloned().collect::<Vec<_>>().join(" "),
        _ => "absent".into(),
    };

    assert_eq!(verbs("/notes"), "get post delete patch");
    assert_eq!(verbs("/totals"), "get");
    assert_eq!(verbs("/vault"), "absent");
    assert_eq!(verbs("/rpc/purge"), "post");
    assert_eq!(verbs("/rpc/search"), "get post");
    check(
        &document,
        "/paths/~1people/get",
        expect![[
            r##"{"tags":["people"],"parameters":[{"$ref":"#/parameters/rowFilter.people.id"},{"$ref":"#/parameters/rowFilter.people.name"},{"$ref":"#/parameters/select"},{"$ref":"#/parameters/order"},{"$ref":"#/parameters/range"},{"$ref":"#/parameters/rangeUnit"},{"$ref":"#/parameters/offset"},{"$ref":"#/parameters/limit"},{"$ref":"#/parameters/preferCount"}],"responses":{"200":{"description":"OK","schema":{"type":"array","items":{"$ref":"#/definitions/people"}}},"206":{"description":"Partial Content"}}}"##
        ]],
    );
    check(
        &document,
        "/paths/~1people/post",
        expect![[
            r##"{"tags":["people"],"parameters":[{"$ref":"#/parameters/body.people"},{"$ref":"#/parameters/select"},{"$ref":"#/parameters/preferPost"}],"responses":{"201":{"description":"Created"}}}"##
        ]],
    );
    check(
        &document,
        "/paths/~1people/patch",
        expect![[
            r##"{"tags":["people"],"parameters":[{"$ref":"#/parameters/rowFilter.people.id"},{"$ref":"#/parameters/rowFilter.people.name"},{"$ref":"#/parameters/body.people"},{"$ref":"#/parameters/preferReturn"}],"responses":{"204":{"description":"No Content"}}}"##
        ]],
    );
    check(
        &document,
        "/paths/~1people/delete",
        expect![[
            r##"{"tags":["people"],"parameters":[{"$ref":"#/parameters/rowFilter.people.id"},{"$ref":"#/parameters/rowFilter.people.name"},{"$ref":"#/parameters/preferReturn"}],"responses":{"204":{"description":"No Content"}}}"##
        ]],
    );
    check(
        &document,
        "/paths/~1notes/get/summary",
        expect![[r#""Notes""#]],
    );
    check(
        &document,
        "/paths/~1notes/get/description",
        expect![[r#""What somebody\nwrote down.""#]],
    );
}

#[test]
fn functions_tell_their_arguments() {
    let document = for_service();

    check(
        &document,
        "/paths/~1rpc~1search/get/parameters",
        expect![[
            r#"[{"name":"q","required":true,"in":"query","type":"string","format":"text"},{"name":"kinds","required":false,"in":"query","type":"string","format":"text[]"}]"#
        ]],
    );
    check(
        &document,
        "/paths/~1rpc~1search/post/parameters",
        expect![[
            r##"[{"name":"args","required":true,"in":"body","schema":{"required":["q"],"type":"object","properties":{"q":{"type":"string","format":"text"},"kinds":{"type":"array","format":"text[]","items":{"type":"string"}}}}},{"$ref":"#/parameters/preferParams"}]"##
        ]],
    );
    check(
        &document,
        "/paths/~1rpc~1sum_all/get/parameters",
        expect![[
            r#"[{"name":"numbers","required":true,"in":"query","type":"array","collectionFormat":"multi","items":{"type":"integer","format":"int32"}}]"#
        ]],
    );
    check(
        &document,
        "/paths/~1rpc~1purge/post",
        expect![[
            r##"{"tags":["(rpc) purge"],"produces":["application/json","application/vnd.pgrst.object+json;nulls=stripped","application/vnd.pgrst.object+json"],"parameters":[{"name":"args","required":true,"in":"body","schema":{"required":["before"],"type":"object","properties":{"before":{"type":"string","format":"timestamp with time zone"}}}},{"$ref":"#/parameters/preferParams"}],"responses":{"200":{"description":"OK"}}}"##
        ]],
    );
}

#[test]
fn every_reference_leads_somewhere() {
    let document = for_service();
    let text = document.to_string();

    let references: Vec<&str> = text
        .split("{\"$ref\":\"#")
        .skip(1)
        .filter_map(|it| it.split('"').next())
        .collect();

    assert!(references.len() > 20);
    for reference in references {
        assert!(document.pointer(reference).is_some(), "{reference}");
    }
}

#[test]
fn defaults_are_told_when_they_name_nothing() {
    let told = |ty: &str, text: &str| {
        types::default(&PgType::builtin(ty), text).map_or("none".into(), |it| it.to_string())
    };

    assert_eq!(told("text", "'a''b'::text"), r#""a'b""#);
    assert_eq!(told("varchar", "'a'::character varying"), r#""a""#);
    assert_eq!(told("int4", "42"), "42");
    assert_eq!(told("numeric", "-1.5"), "-1.5");
    assert_eq!(told("bool", "true"), "true");
    assert_eq!(told("timestamptz", "now()"), r#""now()""#);
    for (ty, hidden) in [
        ("int8", "nextval('private.vault_id_seq'::regclass)"),
        ("text", "private.secret_of('x'::text)"),
        ("text", "('a'::text || private.f('b'::text))"),
        ("text", "'a'::text || private.f()"),
        ("text", "'a'::text||private.f('b')"),
        ("text", "upper('a'::text)"),
        ("uuid", "auth.uid()"),
        ("regclass", "'private.vault'::regclass"),
        ("jsonb", "'{}'::jsonb"),
        ("_text", "'{}'::text[]"),
        ("int4", "true"),
    ] {
        assert_eq!(told(ty, hidden), "none", "{hidden}");
    }
}

#[test]
fn types_look_as_postgrest_shows_them() {
    let mut mood = PgType::builtin("mood");
    mood.schema = "public".into();
    mood.kind = TypeKind::Enum(vec!["sad".into(), "glad".into()]);
    let mut email = PgType::builtin("email");
    email.kind = TypeKind::Domain("varchar".into());
    let mut code = PgType::builtin("bpchar");
    code.sql = "character(3)".into();
    let mut feeling = column("feeling", "text");
    feeling.ty = mood;
    let mut columns = vec![feeling];
    for (name, ty) in [("email", email), ("code", code)] {
        columns.push(Column {
            ty,
            ..column(name, "text")
        });
    }
    for ty in [
        "bool", "int2", "int4", "int8", "float4", "numeric", "json", "date", "_int4", "_json",
    ] {
        columns.push(column(ty, ty));
    }
    let parts = CatalogParts {
        relations: vec![relation("all_types", columns)],
        ..CatalogParts::default()
    };
    let document = document(
        &Catalog::new(parts),
        &Identity::service(),
        &Bundle::default(),
    );

    let properties = document["definitions"]["all_types"]["properties"].as_object();
    let lines: Vec<String> = properties
        .into_iter()
        .flatten()
        .map(|(name, property)| format!("{name} {property}\n"))
        .collect();
    expect![[r#"
        feeling {"type":"string","format":"public.mood","enum":["sad","glad"]}
        email {"type":"string","format":"character varying"}
        code {"type":"string","format":"character","maxLength":3}
        bool {"type":"boolean","format":"boolean"}
        int2 {"type":"integer","format":"int32"}
        int4 {"type":"integer","format":"int32"}
        int8 {"type":"integer","format":"int64"}
        float4 {"type":"number","format":"real"}
        numeric {"type":"number","format":"numeric"}
        json {"format":"json"}
        date {"type":"string","format":"date"}
        _int4 {"type":"array","format":"integer[]","items":{"type":"integer"}}
        _json {"type":"array","format":"json[]","items":{}}
    "#]]
    .assert_eq(&lines.concat());
}
