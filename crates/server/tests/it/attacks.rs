//! The attacks on the data API, each under its number in `docs/security/attacks.csv`.
//!
//! Those on rows, columns and names that are hidden stand in `leaks`, those on the functions of
//! the auth service in its crate, those on tokens and the bytes of requests in the HTTP crate.

mod floods;
mod injection;
mod oracles;
mod policies;
mod reach;
mod texts;
mod wire;
mod writes;

/// Writes whatever a text holds in the way of an address.
fn encoded(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' => char::from(byte).to_string(),
            _ => format!("%{byte:02X}"),
        })
        .collect()
}
