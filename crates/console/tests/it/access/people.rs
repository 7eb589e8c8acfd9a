//! Users and admins: who may come.

pub(super) const EXPECTED: &[(&str, &str, &str)] = &[
    ("GET", "/users", "viewer"),
    ("GET", "/users/{id}", "viewer"),
    ("POST", "/users/{id}/ban", "editor"),
    ("POST", "/users/{id}/unban", "editor"),
    ("POST", "/users/{id}/sessions/end", "editor"),
    ("GET", "/settings/admins", "viewer"),
    ("POST", "/settings/admins", "owner"),
    ("POST", "/settings/admins/role", "owner"),
    ("POST", "/settings/admins/ban", "owner"),
    ("POST", "/settings/admins/unban", "owner"),
];
