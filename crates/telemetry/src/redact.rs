//! Takes secrets out of log lines, whoever put them there.
//!
//! SECURITY: events hold no secrets by design; this is the net below them, for texts that come from
//! elsewhere (a driver's error with its connection address, a panic's message). It knows the forms:
//! secret keys, tokens, passwords in addresses.

use std::borrow::Cow;
use std::io::{self, Write};

const HIDDEN: &str = "[hidden]";
const SECRET_KEY: &str = "sb_secret_";
/// How every JSON web token begins: base64url of `{"`.
const TOKEN: &str = "eyJ";
const ADDRESS: &str = "://";

/// Replaces what looks like a secret.
pub fn redact(text: &str) -> Cow<'_, str> {
    if ![SECRET_KEY, TOKEN, ADDRESS]
        .iter()
        .any(|it| text.contains(it))
    {
        return Cow::Borrowed(text);
    }
    let mut clean = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((start, secret)) = next_secret(rest) {
        clean.push_str(&rest[..start]);
        clean.push_str(HIDDEN);
        rest = &rest[start + secret..];
    }
    clean.push_str(rest);
    Cow::Owned(clean)
}

/// Where the next secret begins and how long it is.
fn next_secret(text: &str) -> Option<(usize, usize)> {
    [secret_key(text), token(text), password(text)]
        .into_iter()
        .flatten()
        .min_by_key(|(start, _)| *start)
}

fn secret_key(text: &str) -> Option<(usize, usize)> {
    let start = text.find(SECRET_KEY)? + SECRET_KEY.len();
    let length = run(&text[start..], |byte| {
        byte.is_ascii_alphanumeric() || b"-_".contains(&byte)
    });
    if length > 0 {
        return Some((start, length));
    }
    secret_key(&text[start..]).map(|(next, length)| (start + next, length))
}

/// A token is hidden whole: its payload names people.
fn token(text: &str) -> Option<(usize, usize)> {
    let mut from = 0;
    while let Some(found) = text[from..].find(TOKEN) {
        let start = from + found;
        let length = run(&text[start..], |byte| {
            byte.is_ascii_alphanumeric() || b"-_.".contains(&byte)
        });
        if text[start..start + length].matches('.').count() >= 2 {
            return Some((start, length));
        }
        from = start + TOKEN.len();
    }
    None
}

/// The password in `scheme://user:password@host`.
fn password(text: &str) -> Option<(usize, usize)> {
    let mut from = 0;
    while let Some(found) = text[from..].find(ADDRESS) {
        let start = from + found + ADDRESS.len();
        let authority =
            &text[start..start + run(&text[start..], |byte| !b"/ \"'\t\r\n".contains(&byte))];
        if let Some((user, _)) = authority.rsplit_once('@')
            && let Some((name, secret)) = user.split_once(':')
            && !secret.is_empty()
            && secret != HIDDEN
        {
            return Some((start + name.len() + 1, secret.len()));
        }
        from = start;
    }
    None
}

fn run(text: &str, belongs: impl Fn(u8) -> bool) -> usize {
    text.bytes().take_while(|byte| belongs(*byte)).count()
}

/// Writes lines without their secrets; a log line comes in one piece.
pub(crate) struct Redacting<W>(pub(crate) W);

impl<W: Write> Write for Redacting<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(bytes);
        self.0.write_all(redact(&text).as_bytes())?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(redact(text), expected);
    }

    #[test]
    fn secrets_are_hidden_wherever_they_stand() {
        check("key sb_secret_aB-3_x, done", "key sb_secret_[hidden], done");
        check(
            "Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln\n",
            "Bearer [hidden]\n",
        );
        check(
            "postgres://app:p@ss:w@db:5432/x and postgres://app:two@db/",
            "postgres://app:[hidden]@db:5432/x and postgres://app:[hidden]@db/",
        );
        check(
            "sb_secret_1 eyJh.eyJz.s sb_secret_2",
            "sb_secret_[hidden] [hidden] sb_secret_[hidden]",
        );
    }

    #[test]
    fn what_is_no_secret_stays() {
        for text in [
            "sb_publishable_abc",
            "https://api.example.com/a:b@c",
            "postgres://app@db/x",
            "eyJust a word. or two.",
            "sb_secret_",
            "",
        ] {
            check(text, text);
        }
    }

    #[test]
    fn the_writer_hides_and_reports_all_bytes_as_written() {
        let mut writer = Redacting(Vec::new());

        let written = writer.write(b"sb_secret_abc\n").expect("written");

        assert_eq!(written, 14);
        assert_eq!(writer.0, b"sb_secret_[hidden]\n");
    }
}
