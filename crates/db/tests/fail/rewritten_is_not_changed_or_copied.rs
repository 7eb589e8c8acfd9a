//! Nor can one be changed, or copied to be used later under other policies.

use postern_query::Rewritten;

fn replace_values(mut rewritten: Rewritten) {
    rewritten.params = Vec::new();
}

fn keep(rewritten: &Rewritten) -> Rewritten {
    rewritten.clone()
}

fn main() {}
