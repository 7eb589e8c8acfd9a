//! Normal forms and implications, on conditions as authors write them.

use super::predicates::lower;
use crate::normal::{implies, normal};

/// How two conditions stand to each other: `=`, `<` (the left is narrower), `>` or `?`.
#[track_caller]
fn check(left: &str, right: &str, stands: &str) {
    let (one, other) = (normal(&lower(left)), normal(&lower(right)));
    let found = match (implies(&one, &other), implies(&other, &one)) {
        (true, true) => "=",
        (true, false) => "<",
        (false, true) => ">",
        (false, false) => "?",
    };
    assert_eq!(found, stands, "{left} … {right}");
}

#[test]
fn order_doubles_and_negations_make_no_difference() {
    check(
        "done AND user_id = auth.uid()",
        "user_id = auth.uid() AND done",
        "=",
    );
    check("done OR done", "done", "=");
    check("NOT (done AND id = 1)", "id <> 1 OR NOT done", "=");
    check("NOT NOT done", "done", "=");
    check(
        "id IN (SELECT t.id FROM public.todos t WHERE t.done)",
        "id IN (SELECT other.id FROM public.todos other WHERE other.done)",
        "=",
    );
}

#[test]
fn more_alternatives_are_wider_and_more_demands_narrower() {
    check("done AND id = 1", "done", "<");
    check("done", "done OR id = 1", "<");
    check("true", "done", ">");
    check("false", "done", "<");
    check("id IN (1, 2)", "id IN (1, 2, 3)", "<");
    check("id = 1", "id IN (1, 2)", "<");
    check("user_id = auth.uid()", "user_id IS NOT NULL", "<");
    check(
        "id IN (SELECT t.id FROM public.todos t WHERE t.done AND t.user_id = auth.uid())",
        "id IN (SELECT t.id FROM public.todos t WHERE t.done)",
        "<",
    );
    check(
        "EXISTS (SELECT 1 FROM public.todos t WHERE t.done OR t.id = 1)",
        "EXISTS (SELECT 1 FROM public.todos t WHERE t.done)",
        ">",
    );
}

#[test]
fn what_is_not_known_is_undecided() {
    check("id = 1", "id = 2", "?");
    check("id < 5", "id < 10", "?");
    check("NOT (id < 5)", "id >= 5", "?");
    check("done IS NOT TRUE", "NOT done", "?");
    check(
        "id NOT IN (SELECT t.id FROM public.todos t WHERE t.done)",
        "id NOT IN (SELECT t.id FROM public.todos t)",
        "?",
    );
}
