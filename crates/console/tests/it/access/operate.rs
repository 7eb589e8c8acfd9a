//! What an operator looks at: who may come.

pub(super) const EXPECTED: &[(&str, &str, &str)] = &[
    ("GET", "/audit", "viewer"),
    ("GET", "/audit/check", "viewer"),
    ("GET", "/audit/export", "viewer"),
    ("GET", "/advisors", "viewer"),
    ("POST", "/advisors/run", "editor"),
    ("POST", "/advisors/ignore", "editor"),
    ("POST", "/advisors/heed", "editor"),
    ("GET", "/settings/general", "viewer"),
    ("GET", "/settings/database", "viewer"),
    ("GET", "/settings/mail", "viewer"),
    ("POST", "/settings/mail", "editor"),
    ("GET", "/settings/about", "viewer"),
    ("GET", "/logs", "viewer"),
    ("GET", "/logs/tail", "viewer"),
    ("GET", "/logs/{request}", "viewer"),
];
