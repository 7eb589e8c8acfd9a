//! What rules demand of the sign-in, put together for each role and verb.

use super::{access, loaded};
use crate::Verb;

const SHARED: &str = r#"
[roles.admin]
inherits = "authenticated"
when = "auth.jwt() #>> '{app_metadata,role}' = 'admin'"
"#;

fn posts(rules: &str) -> String {
    format!(
        r#"
table = "public.posts"
[columns.authenticated]
select = ["id", "title"]
update = ["title"]
[[allow]]
name = "all"
roles = ["authenticated"]
for = ["select", "update"]
where = "true"
{rules}
"#
    )
}

#[track_caller]
fn check(rules: &str, role: &str, verb: Verb, expected: Option<&str>) {
    let loaded = loaded(&[
        ("_shared.toml", SHARED),
        ("public.posts.toml", &posts(rules)),
    ]);
    let access = access(&loaded, "posts", role, verb).expect("granted");
    assert!(
        access.filter.is_true(),
        "it is no part of the row's condition"
    );
    let demanded = access.assurance.map(|it| it.to_string());
    assert_eq!(demanded.as_deref(), expected);
}

#[test]
fn a_demand_holds_for_its_verbs_and_roles() {
    let writes = r#"
[[require]]
for = ["update"]
assurance = "aal2 within 300s"
"#;
    check(
        writes,
        "authenticated",
        Verb::Update,
        Some("aal2 within 5m"),
    );
    check(writes, "admin", Verb::Update, Some("aal2 within 5m"));
    check(writes, "authenticated", Verb::Select, None);

    let admins = "[[require]]\nroles = ['admin']\nassurance = 'aal2'";
    check(admins, "admin", Verb::Select, Some("aal2"));
    check(admins, "authenticated", Verb::Select, None);
}

#[test]
fn several_demands_are_met_together() {
    let rules = r#"
require = [
  { assurance = "aal2" },
  { assurance = "aal1 within 10m", for = ["update"] },
  { assurance = "aal1 within 1h" },
]
"#;
    // Inline rules stand above the tables of the file.
    let text = format!("{rules}{}", posts(""));
    let loaded = loaded(&[("_shared.toml", SHARED), ("public.posts.toml", &text)]);
    let of = |verb| {
        let access = access(&loaded, "posts", "authenticated", verb).expect("granted");
        access.assurance.map(|it| it.to_string())
    };
    assert_eq!(of(Verb::Update).as_deref(), Some("aal2 within 10m"));
    assert_eq!(of(Verb::Select).as_deref(), Some("aal2 within 1h"));
}

#[test]
fn one_text_demands_of_everybody_by_every_verb() {
    let text = format!("require = 'aal2 within 5m'\n{}", posts(""));
    let loaded = loaded(&[("_shared.toml", SHARED), ("public.posts.toml", &text)]);

    for (role, verb) in [("authenticated", Verb::Select), ("admin", Verb::Update)] {
        let access = access(&loaded, "posts", role, verb).expect("granted");
        let demanded = access.assurance.map(|it| it.to_string());
        assert_eq!(demanded.as_deref(), Some("aal2 within 5m"));
    }
}

#[test]
fn the_bundles_hash_knows_demands() {
    let hash = |rules: &str| {
        let files = [
            ("_shared.toml", SHARED),
            ("public.posts.toml", &posts(rules)),
        ];
        loaded(&files).bundle.hash
    };
    let of = |demand: &str| hash(&format!("[[require]]\nassurance = '{demand}'"));

    assert_ne!(hash(""), of("aal2"));
    assert_ne!(of("aal2"), of("aal2 within 5m"));
    assert_eq!(of("aal2 within 300s"), of("aal2 within 5m"));
}

#[test]
fn functions_demand_for_themselves() {
    let function = |demand: &str| {
        let text = format!(
            "[function.\"public.search_posts(text)\"]\nroles = ['authenticated']\n{demand}"
        );
        let loaded = loaded(&[("functions.toml", &text)]);
        let role = postern_base::RoleName::new("authenticated");
        let signature = "public.search_posts(text)";
        let access = loaded.bundle.function(signature, &role).expect("listed");
        (
            access.assurance.map(|it| it.to_string()),
            loaded.bundle.hash.clone(),
        )
    };

    let (none, plain) = function("");
    let (some, strict) = function("assurance = 'aal2 within 1m'");

    assert_eq!((none, some.as_deref()), (None, Some("aal2 within 1m")));
    assert_ne!(plain, strict);
}
