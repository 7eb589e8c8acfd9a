//! Statements kept by shape: what is filled in is what would have been rewritten, for every caller
//! and every value.

use postern_base::limits::{Limits, SHAPES_MAX};
use postern_base::{Claims, Identity, RoleName, Trust};
use postern_catalog::Triggers;
use postern_policy::{Bundle, SourceFile, load};
use serde_json::{Value, json};

use super::{PEOPLE, TODOS, catalog};
use crate::request::{Format, Method, RawRequest, Representation, Target};
use crate::{Rewritten, Shape, Shapes, View, parse, plan, rewrite};

const ALICE: &str = "00000000-0000-4000-8000-000000000001";
const BOB: &str = "00000000-0000-4000-8000-000000000002";

const EDITORS: &str = r#"
[columns.editor]
select = ["id", "title"]
[[allow]]
name = "all"
roles = ["editor"]
for = ["select"]
where = "title = auth.email() OR owner_id = auth.uid()"
"#;

const ROLES: &str = r#"
[roles.editor]
when = "auth.jwt() #>> '{app_metadata,role}' = 'editor'"
"#;

fn bundle(catalog: &postern_catalog::Catalog, more: &str) -> Bundle {
    let todos = format!("{TODOS}{more}");
    let files = [
        ("_shared", ROLES),
        ("public.todos", todos.as_str()),
        ("public.people", PEOPLE),
    ];
    let files = files.map(|(name, text)| SourceFile {
        path: format!("policies/{name}.toml"),
        text: text.into(),
    });
    load(&files, catalog, None).expect("loads").bundle
}

fn caller(sub: &str, more: &Value) -> Identity {
    let mut claims = json!({ "role": "authenticated", "sub": sub, "aal": "aal1" });
    for (name, value) in more.as_object().expect("an object") {
        claims[name] = value.clone();
    }
    let claims = Claims::new(claims.as_object().expect("an object").clone());
    Identity::from_verified(claims, Trust::Project).expect("an identity")
}

fn editor(sub: &str, email: &str) -> Identity {
    let metadata = json!({ "role": "editor" });
    caller(sub, &json!({ "email": email, "app_metadata": metadata }))
}

fn request<'q>(url: &'q str, prefer: &'q str) -> RawRequest<'q> {
    let (table, query) = url.split_once('?').unwrap_or((url, ""));
    RawRequest {
        method: Method::Get,
        target: Target::Relation(table.into()),
        schema: "public",
        query,
        prefer: vec![prefer],
        range: None,
        representation: Representation::default(),
        body: None,
    }
}

fn fresh(request: &RawRequest<'_>, view: &View<'_>) -> Result<Rewritten, crate::Error> {
    let limits = Limits::default();
    let plan = plan(parse(request, &limits)?, view, &limits)?;
    rewrite(&plan, view)
}

/// Learns the shape of a request if it has one.
fn learn(shapes: &Shapes, request: &RawRequest<'_>, view: &View<'_>) {
    let made = fresh(request, view).expect("a statement");
    if let Some(shape) = Shape::of(request, view) {
        shapes.learn(shape, request, &made, (view, &Limits::default()));
    }
}

fn find(shapes: &Shapes, request: &RawRequest<'_>, view: &View<'_>) -> Option<Rewritten> {
    let shape = Shape::of(request, view)?;
    shapes.find(&shape, view).expect("no demand on the sign-in")
}

/// Requests as pairs: one is learnt from, the other is asked.
const PAIRS: [(&str, &str); 14] = [
    ("todos?id=eq.1", "todos?id=eq.2"),
    ("todos?id=eq.1", "todos?id=eq."),
    ("todos?title=eq.a", "todos?title=eq.%22b%22,(c).d%25*%C3%A9"),
    ("todos?title=eq.null", "todos?title=eq.select=1+or+2"),
    (
        "todos?title=neq.a&id=gt.1&id=lte.9",
        "todos?title=neq.9&id=gt.a&id=lte.1",
    ),
    ("todos?id=eq.7&id=eq.7", "todos?id=eq.7&id=eq.8"),
    (
        "todos?select=id,t:title&order=id.desc&limit=3&id=gte.5",
        "todos?select=id,t:title&order=id.desc&limit=3&id=gte.6",
    ),
    (
        "todos?select=id,people(email)&people.email=eq.a",
        "todos?select=id,people(email)&people.email=eq.b",
    ),
    (
        "todos?select=id,o:people!inner(id)&o.email=neq.a&id=lt.4",
        "todos?select=id,o:people!inner(id)&o.email=neq.z&id=lt.5",
    ),
    ("todos?title=is.null&id=eq.1", "todos?title=is.null&id=eq.3"),
    ("todos?title->>a=eq.x", "todos?title->>a=eq.y"),
    ("todos", "todos"),
    ("people?select=*&id=eq.a", "people?select=*&id=eq.b"),
    (
        "todos?id=eq.mark-0-of-the-shape",
        "todos?id=eq.mark-1-of-the-shape",
    ),
];

#[test]
fn what_is_filled_in_is_what_would_be_rewritten() {
    let catalog = catalog(Triggers::default());
    let bundle = bundle(&catalog, EDITORS);
    let alice = caller(ALICE, &json!({}));
    let bob = caller(BOB, &json!({ "email": "b@x.y" }));
    let (of_alice, of_bob) = (
        View::new(&catalog, &bundle, &alice).expect("a role"),
        View::new(&catalog, &bundle, &bob).expect("a role"),
    );
    for (first, second) in PAIRS {
        for prefer in ["", "count=exact"] {
            let shapes = Shapes::default();
            learn(&shapes, &request(first, prefer), &of_alice);
            for view in [&of_bob, &of_alice] {
                let asked = request(second, prefer);
                let kept = find(&shapes, &asked, view).expect(second);
                let made = fresh(&asked, view).expect("a statement");
                assert_eq!(kept.sql(), made.sql(), "{second}");
                assert_eq!(kept.params(), made.params(), "{second}");
                assert_eq!(kept.answer(), made.answer(), "{second}");
                assert_eq!(kept.route(), made.route(), "{second}");
                assert_eq!(kept.transaction(), made.transaction(), "{second}");
            }
        }
    }
}

#[test]
fn callers_are_not_mixed() {
    let catalog = catalog(Triggers::default());
    let bundle = bundle(&catalog, EDITORS);
    let shapes = Shapes::default();
    let asked = request("todos?select=id&id=eq.1", "");
    let alice = caller(ALICE, &json!({}));
    let view = View::new(&catalog, &bundle, &alice).expect("a role");
    learn(&shapes, &asked, &view);

    let bob = caller(BOB, &json!({}));
    let view = View::new(&catalog, &bundle, &bob).expect("a role");
    let of_bob = find(&shapes, &asked, &view).expect("the shape is known");
    assert!(!format!("{:?}", of_bob.params()).contains(ALICE));
    assert!(format!("{:?}", of_bob.params()).contains(BOB));

    // Another role, the database's role, and the secret key each have shapes of their own.
    let red = editor(ALICE, "red");
    let view = View::new(&catalog, &bundle, &red).expect("a role");
    assert!(find(&shapes, &asked, &view).is_none());
    learn(&shapes, &asked, &view);
    let other = editor(BOB, "blue");
    let view = View::new(&catalog, &bundle, &other).expect("a role");
    let of_other = find(&shapes, &asked, &view).expect("the shape is known");
    assert_eq!(
        of_other.params(),
        fresh(&asked, &view).expect("made").params()
    );
    assert!(!format!("{:?}", of_other.params()).contains("red"));
    let view = View::new(&catalog, &bundle, &alice).expect("a role");
    let view = view.in_database_role(RoleName::new("authenticated"));
    assert!(find(&shapes, &asked, &view).is_none());
    let native = View::native(&catalog, &bundle, &alice, RoleName::new("authenticated"));
    assert!(find(&shapes, &asked, &native).is_none());
    let service = Identity::service();
    let view = View::new(&catalog, &bundle, &service).expect("no role");
    assert!(find(&shapes, &asked, &view).is_none());
}

#[test]
fn everything_else_that_decides_is_part_of_the_shape() {
    let catalog = catalog(Triggers::default());
    let bundle = bundle(&catalog, "");
    let alice = caller(ALICE, &json!({}));
    let view = View::new(&catalog, &bundle, &alice).expect("a role");
    let shapes = Shapes::default();
    let known = request("todos?select=id&id=eq.1&limit=5", "");
    learn(&shapes, &known, &view);
    assert!(find(&shapes, &known, &view).is_some());

    for url in [
        "todos?select=id&id=eq.1&limit=6",
        "todos?select=id&id=neq.1&limit=5",
        "todos?select=id&id=not.eq.1&limit=5",
        "todos?select=id,title&id=eq.1&limit=5",
        "todos?select=id&id=eq.1&limit=5&id=eq.2",
        "todos?id=eq.1&select=id&limit=5",
        "people?select=id&id=eq.1&limit=5",
    ] {
        assert!(find(&shapes, &request(url, ""), &view).is_none(), "{url}");
    }
    let counted = request("todos?select=id&id=eq.1&limit=5", "count=exact");
    let ranged = RawRequest {
        range: Some("0-1"),
        ..known.clone()
    };
    let head = RawRequest {
        method: Method::Head,
        ..known.clone()
    };
    let mut csv = known.clone();
    csv.representation.format = Format::Csv;
    let elsewhere = RawRequest {
        schema: "other",
        ..known.clone()
    };
    for other in [counted, ranged, head, csv, elsewhere] {
        assert!(find(&shapes, &other, &view).is_none(), "{other:?}");
    }
}

#[test]
fn what_has_values_elsewhere_is_not_kept() {
    let catalog = catalog(Triggers::default());
    let bundle = bundle(&catalog, "");
    let alice = caller(ALICE, &json!({}));
    let view = View::new(&catalog, &bundle, &alice).expect("a role");
    for url in [
        "todos?title=like.*a*",
        "todos?id=in.(1,2)",
        "todos?or=(id.eq.1,id.eq.2)",
        "todos?id=not.eq.1",
        "todos?offset=7",
        "todos?title=fts.cat",
        "todos?id=eq(any).{1,2}",
        "todos?%69d=eq.1",
    ] {
        assert!(Shape::of(&request(url, ""), &view).is_none(), "{url}");
    }
    for prefer in ["timezone=UTC", "tx=rollback"] {
        assert!(Shape::of(&request("todos", prefer), &view).is_none());
    }
    // A word of an order that looks like a value is not taken for one.
    let shapes = Shapes::default();
    let ordered = request("todos?order=title.desc", "");
    learn(&shapes, &ordered, &view);
    assert!(find(&shapes, &request("todos?order=title.asc", ""), &view).is_none());
}

#[test]
fn a_demand_on_the_sign_in_is_checked_for_everybody() {
    const NOW: i64 = 1_800_000_000;
    let catalog = catalog(Triggers::default());
    let bundle = bundle(&catalog, "[[require]]\nassurance = 'aal2'\n");
    let proof = json!({ "aal": "aal2", "amr": [{ "method": "totp", "timestamp": NOW }] });
    let sure = caller(ALICE, &proof);
    let unsure = caller(BOB, &json!({}));
    let shapes = Shapes::default();
    let asked = request("todos?id=eq.1", "");

    let view = View::new(&catalog, &bundle, &sure).expect("a role").at(NOW);
    learn(&shapes, &asked, &view);
    assert!(find(&shapes, &asked, &view).is_some());

    let view = View::new(&catalog, &bundle, &unsure)
        .expect("a role")
        .at(NOW);
    let shape = Shape::of(&asked, &view).expect("a shape");
    let refused = shapes.find(&shape, &view).expect_err("refused");
    let as_ever = fresh(&asked, &view).expect_err("refused");
    assert_eq!(refused.code.code, as_ever.code.code);
    assert_eq!(refused.message, as_ever.message);
}

#[test]
fn there_is_an_end_to_what_is_kept() {
    let catalog = catalog(Triggers::default());
    let bundle = bundle(&catalog, "");
    let alice = caller(ALICE, &json!({}));
    let view = View::new(&catalog, &bundle, &alice).expect("a role");
    let shapes = Shapes::default();
    let busy = request("todos?id=eq.1", "");
    learn(&shapes, &busy, &view);
    for limit in 0..2 * SHAPES_MAX {
        let url = format!("todos?limit={limit}");
        learn(&shapes, &request(&url, ""), &view);
        assert!(find(&shapes, &busy, &view).is_some(), "what is used stays");
    }
    assert!(find(&shapes, &request("todos?limit=0", ""), &view).is_none());
}
