//! Policies: who may come.

pub(super) const EXPECTED: &[(&str, &str, &str)] = &[
    ("GET", "/tables/{table}/policies", "viewer"),
    ("GET", "/policies", "viewer"),
    ("GET", "/policies/users", "viewer"),
    ("GET", "/policies/why", "viewer"),
    ("GET", "/policies/{file}", "viewer"),
    ("POST", "/policies/{file}/check", "viewer"),
    ("POST", "/policies/{file}/judge", "viewer"),
    ("POST", "/policies/{file}/review", "editor"),
    ("POST", "/policies/{file}/publish", "editor"),
    ("POST", "/policies/{file}/patch", "editor"),
    ("POST", "/policies/{file}/remove", "owner"),
    ("GET", "/policies/{file}/history", "viewer"),
    ("POST", "/policies/{file}/case", "editor"),
    ("GET", "/policies/{file}/tests", "viewer"),
    ("POST", "/policies/{file}/tests", "editor"),
    ("POST", "/policies/{file}/tests/run", "editor"),
];
