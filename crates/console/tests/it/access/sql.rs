//! SQL: who may come.

pub(super) const EXPECTED: &[(&str, &str, &str)] = &[
    ("GET", "/sql", "viewer"),
    ("POST", "/sql", "editor"),
    ("POST", "/sql/run", "editor"),
    ("POST", "/sql/write", "owner"),
    ("GET", "/sql/{id}", "viewer"),
    ("POST", "/sql/{id}", "editor"),
    ("POST", "/sql/{id}/delete", "editor"),
    ("GET", "/sql/{id}/runs/{run}", "editor"),
    ("POST", "/sql/{id}/runs/{run}/stop", "editor"),
    ("GET", "/sql/{id}/runs/{run}/{file}", "editor"),
];
