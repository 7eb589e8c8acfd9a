//! Tests of the crate as its users see it: files in, bundle or diagnostics out.

mod assurance;
mod catalog;
mod diagnostics;
mod differences;
mod examples;
mod fixes;
mod locks;
mod mutants;
mod normal;
mod predicates;
mod properties;
mod refusals;
mod roles;
mod saved;
mod saved_forms;
mod templates;

use postern_base::{RelationName, RoleName};

use crate::{Access, Diagnostic, Loaded, SourceFile, Verb, load};
use catalog::catalog;

/// Makes files of `(name, text)` pairs.
fn files(files: &[(&str, &str)]) -> Vec<SourceFile> {
    files
        .iter()
        .map(|(name, text)| SourceFile {
            path: format!("policies/{name}"),
            text: (*text).to_owned(),
        })
        .collect()
}

/// Loads files that are right.
#[track_caller]
fn loaded(named: &[(&str, &str)]) -> Loaded {
    load(&files(named), &catalog(), None).unwrap_or_else(|found| panic!("{}", show(&found)))
}

/// Loads files that are wrong.
#[track_caller]
fn refused(named: &[(&str, &str)]) -> Vec<Diagnostic> {
    match load(&files(named), &catalog(), None) {
        Ok(_) => panic!("loaded"),
        Err(found) => found,
    }
}

fn show(found: &[Diagnostic]) -> String {
    let shown: Vec<_> = found.iter().map(ToString::to_string).collect();
    shown.join("\n")
}

/// What a role may do, by table name in `public`.
fn access<'l>(loaded: &'l Loaded, table: &str, role: &str, verb: Verb) -> Option<&'l Access> {
    let (schema, name) = table.split_once('.').unwrap_or(("public", table));
    let relation = RelationName::new(schema, name);
    loaded.bundle.access(&relation, &RoleName::new(role), verb)
}
