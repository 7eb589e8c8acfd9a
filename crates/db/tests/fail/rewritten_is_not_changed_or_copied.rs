//! Nor can one be changed, or copied to be used later under other policies.

use postern_query::Rewritten;

fn replace_text(mut rewritten: Rewritten) {
    rewritten.sql = "select * from secrets".into();
}

fn keep(rewritten: &Rewritten) -> Rewritten {
    rewritten.clone()
}

fn main() {}
