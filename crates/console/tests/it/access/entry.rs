//! The way in, and the first page: who may come.

pub(super) const EXPECTED: &[(&str, &str, &str)] = &[
    ("GET", "/assets/{name}", "anybody"),
    ("POST", "/theme", "anybody"),
    ("GET", "/login", "anybody"),
    ("POST", "/login", "anybody"),
    ("GET", "/setup/{token}", "anybody"),
    ("POST", "/setup/{token}", "anybody"),
    ("POST", "/logout", "viewer"),
    ("GET", "/reauth", "viewer"),
    ("POST", "/reauth", "viewer"),
    ("POST", "/reauth/passkey", "viewer"),
    ("POST", "/reauth/passkey/confirm", "viewer"),
    ("GET", "/start", "viewer"),
    ("GET", "", "viewer"),
];
