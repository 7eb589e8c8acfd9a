//! Demands on the sign-in: which statements are refused, whatever table brings the demand in.

use postern_base::limits::Limits;
use postern_base::{Claims, Identity, Trust};
use postern_catalog::Triggers;
use postern_policy::{SourceFile, load};
use serde_json::{Value, json};

use super::{PEOPLE, TODOS, catalog};
use crate::request::{Method, RawRequest, Representation, Target};
use crate::{Error, Rewritten, View, parse, plan, rewrite};

const NOW: i64 = 1_800_000_000;
const BODY: &str = r#"{"title":"x"}"#;

/// What is asked of whom.
struct Case {
    todos: &'static str,
    people: &'static str,
    claims: Value,
    now: Option<i64>,
}

impl Case {
    /// Demands of the two tables, asked by somebody with one factor, proven just now.
    fn new(todos: &'static str, people: &'static str) -> Self {
        let claims = json!({
            "role": "authenticated", "sub": "00000000-0000-4000-8000-000000000001",
            "aal": "aal1", "amr": [{ "method": "password", "timestamp": NOW }],
        });
        let now = Some(NOW);
        Self {
            todos,
            people,
            claims,
            now,
        }
    }

    fn with(mut self, name: &str, value: Value) -> Self {
        self.claims[name] = value;
        self
    }

    fn ask(&self, method: Method, url: &str, prefer: &str) -> Result<Rewritten, Error> {
        let catalog = catalog(Triggers::default());
        let files = [
            ("todos", TODOS, self.todos),
            ("people", PEOPLE, self.people),
        ];
        let files = files.map(|(name, text, rules)| SourceFile {
            path: format!("policies/public.{name}.toml"),
            text: format!("{text}\n{rules}"),
        });
        let bundle = load(&files, &catalog, None).expect("loads").bundle;
        let claims = Claims::new(self.claims.as_object().expect("an object").clone());
        let identity = Identity::from_verified(claims, Trust::Project).expect("an identity");
        let (table, query) = url.split_once('?').unwrap_or((url, ""));
        let writes = matches!(method, Method::Post | Method::Patch);
        let raw = RawRequest {
            method,
            target: Target::Relation(table.into()),
            schema: "public",
            query,
            prefer: vec![prefer],
            range: None,
            representation: Representation::default(),
            body: writes.then(|| BODY.into()),
        };
        let limits = Limits::default();
        let mut view = View::new(&catalog, &bundle, &identity)?;
        if let Some(now) = self.now {
            view = view.at(now);
        }
        let plan = plan(parse(&raw, &limits)?, &view, &limits)?;
        rewrite(&plan, &view)
    }

    #[track_caller]
    fn passes(&self, method: Method, url: &str, prefer: &str) {
        if let Err(error) = self.ask(method, url, prefer) {
            panic!("{url}: {} {error}", error.code.code);
        }
    }

    #[track_caller]
    fn demands(&self, method: Method, url: &str, prefer: &str, expected: &str) {
        let error = self.ask(method, url, prefer).expect_err("refused");
        assert_eq!(error.code.code, "PSTRN403", "{url}: {error}");
        let shortfall = error.shortfall.expect("it says what is missing");
        assert_eq!(shortfall.required.to_string(), expected, "{url}");
    }
}

const STRONG: &str = "[[require]]\nassurance = 'aal2'";
const STRONG_READS: &str = "[[require]]\nfor = ['select']\nassurance = 'aal2'";
const STRONG_WRITES: &str =
    "[[require]]\nfor = ['insert', 'update', 'delete']\nassurance = 'aal2 within 5m'";

#[test]
fn each_verb_has_its_own_demand() {
    let case = Case::new(STRONG_WRITES, "");

    case.passes(Method::Get, "todos", "");
    case.demands(Method::Post, "todos", "", "aal2 within 5m");
    case.demands(Method::Patch, "todos?id=eq.1", "", "aal2 within 5m");
    case.demands(Method::Delete, "todos?id=eq.1", "", "aal2 within 5m");
}

#[test]
fn a_write_that_reads_demands_what_reading_does() {
    let case = Case::new(STRONG_READS, "");
    let ignore = "resolution=ignore-duplicates";

    case.passes(Method::Post, "todos", "return=minimal");
    case.demands(Method::Post, "todos", "return=representation", "aal2");
    case.demands(Method::Post, "todos", "return=headers-only", "aal2");
    case.demands(Method::Post, "todos?on_conflict=id", ignore, "aal2");
    case.demands(Method::Patch, "todos?id=eq.1", "return=minimal", "aal2");
    case.demands(Method::Delete, "todos?id=eq.1", "", "aal2");
}

#[test]
fn an_embed_brings_its_demand_in() {
    let case = Case::new("", STRONG);

    case.passes(Method::Get, "todos?select=id", "");
    for url in [
        "todos?select=id,people(id)",
        "todos?select=id,people!inner()",
        "todos?select=id,p:people(id)&p.id=not.is.null",
        "todos?select=id,...people(email)",
        "todos?select=id,people()&people=not.is.null",
        "todos?select=id,people(id)&order=people(id)",
    ] {
        case.demands(Method::Get, url, "", "aal2");
    }
    let back = "return=representation";
    case.demands(Method::Post, "todos?select=id,people(id)", back, "aal2");
    Case::new(STRONG, "").demands(Method::Get, "people?select=id,todos(id)", "", "aal2");
}

#[test]
fn one_step_up_is_enough_for_all_tables() {
    let recent = "[[require]]\nassurance = 'aal1 within 2m'";
    let url = "todos?select=id,people(id)";
    let case = Case::new(STRONG, recent);

    case.demands(Method::Get, url, "", "aal2 within 2m");
    case.with("aal", json!("aal2")).passes(Method::Get, url, "");
}

#[test]
fn a_referenced_row_that_must_be_visible_demands_what_reading_it_does() {
    let case = Case::new("[references]\nowner_id = 'visible'", STRONG);

    // `owner_id` is written by the preset of an insert.
    case.demands(Method::Post, "todos", "", "aal2");
    case.with("aal", json!("aal2"))
        .passes(Method::Post, "todos", "");
}

#[test]
fn a_subquery_in_the_callers_scope_demands_and_another_does_not() {
    const DEFINER: &str = "[[require]]\nwhere = 'owner_id IN (SELECT p.id FROM public.people p)'\n";
    const CALLER: &str = "[[require]]\nwhere = 'owner_id IN (SELECT p.id FROM public.people p)'\n\
                          scope = 'caller'";

    Case::new(CALLER, STRONG).demands(Method::Get, "todos", "", "aal2");
    Case::new(DEFINER, STRONG).passes(Method::Get, "todos", "");
}

#[test]
fn nothing_is_recent_without_a_time() {
    let mut case = Case::new("[[require]]\nassurance = 'aal1 within 1h'", "");
    case.passes(Method::Get, "todos", "");

    case.now = None;
    case.demands(Method::Get, "todos", "", "aal1 within 1h");
    case.now = Some(NOW + 3_601);
    case.demands(Method::Get, "todos", "", "aal1 within 1h");
}

#[test]
fn odd_claims_prove_nothing() {
    for (name, value) in [
        ("aal", json!(null)),
        ("aal", json!(2)),
        ("aal", json!(["aal2"])),
        ("amr", json!(null)),
        ("amr", json!(["totp"])),
        ("amr", json!([{ "timestamp": "1800000000" }])),
        ("amr", json!([{ "timestamp": NOW + 31 }])),
    ] {
        let case = Case::new(STRONG_WRITES, "").with("aal", json!("aal2"));
        case.passes(Method::Post, "todos", "");
        case.with(name, value)
            .demands(Method::Post, "todos", "", "aal2 within 5m");
    }
}

#[test]
fn the_service_is_exempt_and_strangers_see_no_table() {
    let service = Case::new(STRONG, STRONG).with("role", json!("service_role"));
    service.passes(Method::Get, "todos?select=id,people(id)", "");
    service.passes(Method::Post, "todos", "return=representation");

    let anonymous = Case::new(STRONG, STRONG).with("role", json!("anon"));
    let hidden = anonymous
        .ask(Method::Get, "todos", "")
        .expect_err("refused");
    assert_eq!(hidden.code.code, "PGRST205");
    assert_eq!(hidden.shortfall, None);
}

#[test]
fn what_does_not_exist_is_refused_first() {
    let case = Case::new(STRONG, "");
    let code = |url: &str| {
        case.ask(Method::Get, url, "")
            .expect_err("refused")
            .code
            .code
    };

    assert_eq!(code("todos?select=secret"), "42703");
    assert_eq!(code("todas"), "PGRST205");
}
