//! The tables, and the rows of one: who may come.

pub(super) const EXPECTED: &[(&str, &str, &str)] = &[
    ("GET", "/tables", "viewer"),
    ("GET", "/tables/{table}", "viewer"),
    ("GET", "/tables/{table}/insert", "editor"),
    ("POST", "/tables/{table}/insert", "editor"),
    ("GET", "/tables/{table}/api", "viewer"),
    ("GET", "/tables/{table}/export", "viewer"),
    ("POST", "/tables/{table}/edit", "editor"),
    ("POST", "/tables/{table}/bulk/delete", "editor"),
    ("POST", "/tables/{table}/bulk/set", "editor"),
    ("GET", "/tables/{table}/rows/{key}", "viewer"),
    ("POST", "/tables/{table}/rows/{key}", "editor"),
    ("POST", "/tables/{table}/rows/{key}/delete", "editor"),
];
