//! Finding things: who may come.

pub(super) const EXPECTED: &[(&str, &str, &str)] = &[
    ("GET", "/palette", "viewer"),
    ("GET", "/keyboard", "viewer"),
];
