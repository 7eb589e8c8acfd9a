//! API keys and signing keys: who may come.

pub(super) const EXPECTED: &[(&str, &str, &str)] = &[
    ("GET", "/keys", "viewer"),
    ("POST", "/keys/rotate", "owner"),
];
