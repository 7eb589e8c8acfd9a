//! Files that are wrong or doubtful, and what is said about them.
//!
//! `tests/cases/*.toml` hold many small files each, headed by `### file name`; what is found in
//! them stands in the `.txt` file of the same name. `UPDATE_EXPECT=1` writes it anew.

use std::fmt::Write as _;

use expect_test::{ExpectFile, expect_file};

use super::{files, show};
use crate::load;

/// Loads each file of a corpus beside the examples' shared one, and shows what was found.
#[track_caller]
#[expect(
    clippy::needless_pass_by_value,
    reason = "expect_file! reads better without `&`"
)]
fn check(corpus: &str, expected: ExpectFile) {
    let mut shown = String::new();
    for case in corpus.split("### ").skip(1) {
        let (name, text) = case.split_once('\n').expect("a name");
        let mut named = vec![(name, text)];
        if name != "_shared.toml" {
            named.push(("_shared.toml", super::examples::SHARED));
        }
        let found = match load(&files(&named), &super::catalog(), None) {
            Ok(loaded) => loaded.warnings,
            Err(found) => found,
        };
        assert!(!found.is_empty(), "nothing was found in\n{text}");
        let text = text.trim_end();
        writeln!(shown, "{text}\n\n{}\n", show(&found)).expect("a string grows");
        writeln!(shown, "{}", "-".repeat(100)).expect("a string grows");
    }
    expected.assert_eq(&shown);
}

macro_rules! corpus {
    ($($name:ident)*) => {
        $(#[test]
        fn $name() {
            check(
                include_str!(concat!("../../tests/cases/", stringify!($name), ".toml")),
                expect_file![concat!("../../tests/cases/", stringify!($name), ".txt")],
            );
        })*
    };
}

corpus! {
    assurance
    columns
    computed
    functions
    predicates
    rule_lints
    rules
    settings
    shared
    speed
    syntax
    unknown_names
}

#[test]
fn files_are_limited_and_not_repeated() {
    let found = super::refused(&[
        ("a.toml", "table = 'public.posts'"),
        ("b.toml", "table = 'public.posts'"),
        ("c.toml", &"#".repeat(300_000)),
    ]);
    let codes: Vec<_> = found.iter().map(|it| it.code).collect();
    assert_eq!(codes, ["duplicate", "file-limit"]);
}
