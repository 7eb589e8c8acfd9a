//! What tables are made of: who may come.

pub(super) const EXPECTED: &[(&str, &str, &str)] = &[
    ("GET", "/schema", "viewer"),
    ("GET", "/tables/new", "editor"),
    ("POST", "/tables/new", "editor"),
    ("GET", "/tables/{table}/structure", "viewer"),
    ("GET", "/tables/{table}/structure/edit", "editor"),
    ("POST", "/tables/{table}/structure/edit", "editor"),
    ("POST", "/tables/{table}/structure/drop", "editor"),
    ("GET", "/tables/{table}/import", "editor"),
    ("POST", "/tables/{table}/import", "editor"),
    ("GET", "/tables/{table}/import/{import}", "editor"),
    ("POST", "/tables/{table}/import/{import}", "editor"),
    ("GET", "/tables/{table}/import/{import}/bad", "editor"),
];
