//! Mutants: one change each, and no other.

use postern_base::RoleName;

use super::{access, loaded, predicates};
use crate::{Change, Expr, Verb, describe, hash, mutants};

const TODOS: &str = "
table = 'public.todos'
[columns.authenticated]
select = ['id', 'title']
[mask.authenticated]
title = { unless = 'user_id = auth.uid()', value = 'NULL' }
[[allow]]
name = 'own'
roles = ['authenticated']
for = ['select', 'delete']
where = 'user_id = auth.uid() AND NOT done'
[[deny]]
name = 'first'
for = ['delete']
when = 'id = 1'
";

fn filter(bundle: crate::Bundle, verb: Verb) -> Option<String> {
    let loaded = crate::Loaded {
        bundle,
        warnings: Vec::new(),
    };
    access(&loaded, "todos", "authenticated", verb).map(|it| describe(&it.filter))
}

#[test]
fn every_text_and_every_part_of_it_is_changed_in_three_ways() {
    let bundle = loaded(&[("public.todos.toml", TODOS)]).bundle;

    let told: Vec<_> = mutants(&bundle).iter().map(ToString::to_string).collect();

    // Three for each: the allow rule, its two parts, the deny rule, the mask; two rules dropped.
    assert_eq!(told.len(), 3 * 5 + 2, "{told:#?}");
    for expected in [
        "allow `own` always true",
        "`user_id = auth.uid()` of allow `own` negated",
        "`done` of allow `own` always false",
        "allow `own` dropped",
        "deny `first` always true",
        "mask `title` always true",
    ] {
        assert!(
            told.iter().any(|it| it == expected),
            "{expected}: {told:#?}"
        );
    }
}

#[test]
fn a_mutant_changes_what_it_says_and_nothing_else() {
    let bundle = loaded(&[("public.todos.toml", TODOS)]).bundle;
    let before = filter(bundle.clone(), Verb::Select);
    assert_eq!(
        before.as_deref(),
        Some("user_id = auth.uid() AND (NOT done)")
    );

    for mutant in mutants(&bundle) {
        let select = filter(mutant.apply(&bundle), Verb::Select);
        let delete = filter(mutant.apply(&bundle), Verb::Delete);
        match (mutant.rule.kind, mutant.change) {
            ("allow", Change::Dropped) => assert_eq!((select, delete), (None, None)),
            ("allow", _) => assert_ne!(select, before, "{mutant}"),
            ("deny", Change::Dropped) => {
                assert_eq!((&select, &delete), (&before, &before), "{mutant}");
            }
            ("deny", Change::True) => {
                assert_eq!((&select, delete != before), (&before, true), "{mutant}");
            }
            _ => assert_eq!(select, before, "{mutant}"),
        }
    }
}

#[test]
fn putting_the_rules_together_again_gives_what_loading_gave() {
    let shared = super::examples::SHARED;
    let todos = predicates::todos("predicates.is_owner(user_id) OR done");
    let bundle = loaded(&[("_shared.toml", shared), ("public.todos.toml", &todos)]).bundle;

    for mutant in mutants(&bundle)
        .iter()
        .filter(|it| it.change == Change::Negated)
    {
        // The contrary of the contrary means the same, so its hash is that of `NOT NOT`.
        let mutated = mutant.apply(&bundle);
        assert_eq!(mutated.tables.len(), bundle.tables.len());
        assert_ne!(hash::hash(&mutated), bundle.hash, "{mutant}");
    }
    let role = RoleName::new("authenticated");
    let relation = postern_base::RelationName::new("public", "todos");
    let rules: Vec<_> = bundle.rules_of(&relation, &role, Verb::Select).collect();
    let demands: Vec<Expr> = rules
        .iter()
        .map(|it| it.demand(crate::Side::Existing))
        .collect();
    let access = bundle
        .access(&relation, &role, Verb::Select)
        .expect("it is granted");
    assert_eq!(demands, std::slice::from_ref(&access.filter));
}
