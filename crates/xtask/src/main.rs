//! The project's chores: test, tidy, bench.
fn main() {}
