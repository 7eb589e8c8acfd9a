//! The tables, and the rows of one: who may come.

pub(super) const EXPECTED: &[(&str, &str, &str)] = &[
    ("GET", "/tables", "viewer"),
    ("GET", "/tables/{table}", "viewer"),
];
