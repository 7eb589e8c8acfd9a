//! Addresses without secrets.
//!
//! SECURITY: credentials do not belong into addresses, and come there all the same: links in mails,
//! `apikey` for web sockets, functions called by GET. Names of parameters tell most of them, the
//! form of a value tells tokens and keys wherever they stand. Outside of the data API no value of a
//! query is kept at all, since there the parameters are codes, tokens and people.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

use super::Service;
use crate::redact;

/// Stands for what is left out.
const HIDDEN: &str = "[hidden]";
/// Most bytes of an address that are kept.
const BYTES_MAX: usize = 1024;
/// Parts of names whose values are secrets.
const SECRET_NAMES: [&str; 14] = [
    "pass",
    "pwd",
    "secret",
    "token",
    "apikey",
    "api_key",
    "api-key",
    "credential",
    "signature",
    "authorization",
    "bearer",
    "otp",
    "jwt",
    "cookie",
];
/// Parameters that hold names of columns, not values.
const NAMES_ONLY: [&str; 4] = ["select", "order", "columns", "on_conflict"];
/// The set-up address holds its token as a segment of the path.
const SETUP: &str = "/console/setup/";

/// An address as it may be kept and shown.
pub fn clean_address(service: Service, path: &str, query: Option<&str>) -> Box<str> {
    let path = match path.strip_prefix(SETUP) {
        Some(_) => Cow::Owned(format!("{SETUP}{HIDDEN}")),
        None => without_secrets(path),
    };
    let Some(query) = query.filter(|it| !it.is_empty()) else {
        return cut(&path).into();
    };
    let mut clean = path.into_owned();
    // What is cut off below need not be cleaned: an address may be very long.
    for (index, pair) in query.split('&').enumerate() {
        if clean.len() > BYTES_MAX {
            break;
        }
        clean.push(if index == 0 { '?' } else { '&' });
        match pair.split_once('=') {
            None => clean.push_str(&without_secrets(pair)),
            Some((name, value)) => {
                clean.push_str(&without_secrets(name));
                clean.push('=');
                let value = match is_shown(service, name, value) {
                    true => without_secrets(value),
                    false => Cow::Borrowed(HIDDEN),
                };
                clean.push_str(&value);
            }
        }
    }
    cut(&clean).into()
}

/// Whether the value of a parameter may be kept.
fn is_shown(service: Service, name: &str, value: &str) -> bool {
    if service != Service::Data {
        return value.is_empty();
    }
    let name = decoded(name).to_ascii_lowercase();
    if NAMES_ONLY.contains(&name.as_str()) {
        return true;
    }
    // `or=(token.eq.…)` names its columns in the value.
    let is_logical = matches!(name.rsplit('.').next(), Some("or" | "and"));
    let names = match is_logical {
        true => decoded(value).to_ascii_lowercase(),
        false => name,
    };
    !SECRET_NAMES.iter().any(|it| names.contains(it))
}

/// The text, or a mark in its place where it holds a token or key, encoded or not.
fn without_secrets(text: &str) -> Cow<'_, str> {
    let plain = decoded(text);
    match redact(&plain) {
        Cow::Borrowed(_) => Cow::Borrowed(text),
        Cow::Owned(_) => Cow::Borrowed(HIDDEN),
    }
}

/// Decoded until nothing changes any more, within reason: a client may encode twice.
fn decoded(text: &str) -> String {
    let mut text = text.replace('+', " ");
    for _ in 0..3 {
        let next = percent_decode_str(&text).decode_utf8_lossy().into_owned();
        if next == text {
            break;
        }
        text = next;
    }
    text
}

fn cut(text: &str) -> &str {
    match text.len() > BYTES_MAX {
        true => &text[..text.floor_char_boundary(BYTES_MAX)],
        false => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(address: &str, expected: &str) {
        let service = match address.split('/').nth(1) {
            Some("rest") => Service::Data,
            Some("auth") => Service::Auth,
            _ => Service::Console,
        };
        let (path, query) = match address.split_once('?') {
            Some((path, query)) => (path, Some(query)),
            None => (address, None),
        };
        assert_eq!(&*clean_address(service, path, query), expected);
    }

    #[test]
    fn attack_81_secrets_in_addresses_are_not_kept() {
        check(
            "/rest/v1/notes?apikey=sb_publishable_1&id=eq.7",
            "/rest/v1/notes?apikey=[hidden]&id=eq.7",
        );
        check(
            "/rest/v1/rpc/enter?%70assword=x",
            "/rest/v1/rpc/enter?%70assword=[hidden]",
        );
        check(
            "/rest/v1/rpc/enter?%2570assword=x",
            "/rest/v1/rpc/enter?%2570assword=[hidden]",
        );
        check(
            "/rest/v1/t?reset_token=eq.abc",
            "/rest/v1/t?reset_token=[hidden]",
        );
        check(
            "/rest/v1/t?or=(id.eq.1,otp.eq.123456)",
            "/rest/v1/t?or=[hidden]",
        );
        check("/rest/v1/t?a.and=(b.eq.1)", "/rest/v1/t?a.and=(b.eq.1)");
        check(
            "/rest/v1/t?id=eq.eyJhbGciOi.eyJzdWIi.c2ln",
            "/rest/v1/t?id=[hidden]",
        );
        check(
            "/rest/v1/t?id=eq.%65yJhbGciOi.eyJzdWIi.c2ln",
            "/rest/v1/t?id=[hidden]",
        );
        check("/rest/v1/sb_secret_abc", "[hidden]");
        check("/rest/v1/t?sb_secret_abc", "/rest/v1/t?[hidden]");
        check(
            "/auth/v1/verify?token=123456&type=signup",
            "/auth/v1/verify?token=[hidden]&type=[hidden]",
        );
        check(
            "/auth/v1/callback?code=abc&state=",
            "/auth/v1/callback?code=[hidden]&state=",
        );
        check("/console/setup/abcdef", "/console/setup/[hidden]");
        check(
            "/console/users?q=ann%40mail.example",
            "/console/users?q=[hidden]",
        );
    }

    #[test]
    fn what_is_no_secret_stays() {
        for address in [
            "/rest/v1/notes?select=id,token_count&title=like.a*&order=password_changed_at",
            "/rest/v1/notes",
            "/rest/v1/notes?limit=10",
            "/auth/v1/user",
        ] {
            check(address, address);
        }
    }

    #[test]
    fn long_addresses_are_cut() {
        let query = format!("title=eq.{}", "ü".repeat(2000));
        let clean = clean_address(Service::Data, "/rest/v1/notes", Some(&query));
        assert!(clean.len() <= BYTES_MAX, "{}", clean.len());
    }
}
