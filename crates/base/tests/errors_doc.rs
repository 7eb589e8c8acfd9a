//! Keeps docs/errors.md equal to the registry of error codes.

use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs};

use postern_base::codes;

const HEAD: &str = "\
# Error codes

Every refusal has a JSON body with the four keys `code`, `message`, `details` and `hint`.
The codes below are those that Postern itself answers with.
`PGRST` codes mean what they mean in PostgREST, five-character codes what they mean in Postgres.
All other codes are SQLSTATEs that Postgres raised.

| Code | HTTP status | Meaning |
| --- | --- | --- |
";

#[test]
fn the_document_lists_every_code() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/errors.md");
    let expected = rendered();
    if env::var_os("UPDATE_DOCS").is_some() {
        fs::write(&path, &expected).expect("docs/errors.md can be written");
    }

    let found = fs::read_to_string(&path).unwrap_or_default();

    assert!(
        found == expected,
        "docs/errors.md is out of date; run `UPDATE_DOCS=1 cargo test -p postern-base --test \
         errors_doc` and commit the result"
    );
}

const AUTH_HEAD: &str = "
## The auth service

Answers of `/auth/v1` hold `code` and `message` for clients that send
`X-Supabase-Api-Version: 2024-01-01`, and `code` (the status), `error_code` and `msg` for others.
The header `x-sb-error-code` names the code in both.

| Code | HTTP status | Meaning |
| --- | --- | --- |
";

fn rendered() -> String {
    let mut text = HEAD.to_owned();
    rows(&mut text, codes::ALL);
    text.push_str(AUTH_HEAD);
    rows(&mut text, codes::auth::ALL);
    text
}

fn rows(text: &mut String, all: &[codes::Code]) {
    for code in all {
        let meaning = code.meaning.replace('|', r"\|");
        let _ = writeln!(text, "| `{}` | {} | {meaning} |", code.code, code.status);
    }
}
