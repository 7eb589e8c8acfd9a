//! The bytes of requests to the auth service.

use serde_json::{Value, json};

/// The password of everybody.
const PASSWORD: &str = "correct-horse-battery-staple";

/// Signs in by password.
pub(super) fn sign_in(address: &str, is_right: Right) -> Vec<u8> {
    let password = match is_right {
        Right::Yes => PASSWORD,
        Right::No => "another-horse-battery-staple",
    };
    let body = json!({ "email": address, "password": password });
    post("/auth/v1/token?grant_type=password", &body)
}

/// Whether a password is the account's.
#[derive(Clone, Copy)]
pub(super) enum Right {
    Yes,
    No,
}

/// Asks for the next pair of tokens.
pub(super) fn refresh(token: &str) -> Vec<u8> {
    let body = json!({ "refresh_token": token });
    post("/auth/v1/token?grant_type=refresh_token", &body)
}

/// Signs up.
pub(super) fn sign_up(address: &str) -> Vec<u8> {
    let body = json!({ "email": address, "password": PASSWORD });
    post("/auth/v1/signup", &body)
}

/// Asks for a code to set another password.
pub(super) fn recover(address: &str) -> Vec<u8> {
    post("/auth/v1/recover", &json!({ "email": address }))
}

/// Asks for a code that signs in, which makes no account.
pub(super) fn otp(address: &str) -> Vec<u8> {
    let body = json!({ "email": address, "create_user": false });
    post("/auth/v1/otp", &body)
}

fn post(path: &str, body: &Value) -> Vec<u8> {
    let body = body.to_string();
    format!(
        "POST {path} HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}
