//! What tables are made of: who may come.

pub(super) const EXPECTED: &[(&str, &str, &str)] = &[
    ("GET", "/tables/new", "editor"),
    ("POST", "/tables/new", "editor"),
    ("GET", "/tables/{table}/structure", "viewer"),
    ("GET", "/tables/{table}/structure/edit", "editor"),
    ("POST", "/tables/{table}/structure/edit", "editor"),
    ("POST", "/tables/{table}/structure/drop", "editor"),
];
