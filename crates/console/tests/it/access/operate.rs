//! What an operator looks at: who may come.

pub(super) const EXPECTED: &[(&str, &str, &str)] = &[
    ("GET", "/audit", "viewer"),
    ("GET", "/logs", "viewer"),
    ("GET", "/logs/tail", "viewer"),
    ("GET", "/logs/{request}", "viewer"),
];
