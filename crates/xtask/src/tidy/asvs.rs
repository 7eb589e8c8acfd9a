//! `docs/security/asvs.csv`: what of the verification standard is done, and the tests that say so.
//!
//! A row is `id,level,status,test`. A row that claims to be done names its tests, separated by
//! blanks, as `crate::file::function`: `auth::sessions::attack_13_…` is a test function in
//! `crates/auth/tests/it/sessions.rs` or `crates/auth/src/sessions.rs`. A test that is renamed or
//! deleted takes the claim with it.

use std::collections::HashSet;

use super::{Finding, scan};
use crate::workspace::SourceFile;

const PATH: &str = "docs/security/asvs.csv";
const HEADER: &str = "id,level,status,test";
const STATUSES: [&str; 4] = ["done", "partial", "planned", "n/a"];
/// Parts of a path that a test's name leaves out.
const SILENT_PARTS: [&str; 3] = ["src", "tests", "it"];

/// Checks the list, if the tree has one.
pub(super) fn check(files: &[SourceFile], findings: &mut Vec<Finding>) {
    let Some(list) = files.iter().find(|file| file.path == PATH) else {
        return;
    };
    let tests: HashSet<String> = files.iter().flat_map(tests_of).collect();
    check_list(&list.text, &tests, findings);
}

fn check_list(text: &str, tests: &HashSet<String>, findings: &mut Vec<Finding>) {
    let mut lines = text.lines().zip(1..);
    if lines.next().map(|(line, _)| line) != Some(HEADER) {
        findings.push(Finding::failure(PATH, 1, format!("begin with `{HEADER}`")));
    }
    let mut before = Vec::new();
    for (line, number) in lines {
        let mut fail = |message: String| findings.push(Finding::failure(PATH, number, message));
        let cells: Vec<&str> = line.split(',').collect();
        let &[id, level, status, test] = cells.as_slice() else {
            fail(format!("a row has four cells: `{HEADER}`"));
            continue;
        };
        let parts: Option<Vec<u16>> = id.split('.').map(|it| it.parse().ok()).collect();
        match parts.filter(|it| it.len() == 3) {
            Some(parts) if parts > before => before = parts,
            Some(_) => fail(format!("`{id}` comes again, or too late; rows go up")),
            None => fail(format!("`{id}` is no id; write it like `6.2.1`")),
        }
        if !["1", "2", "3"].contains(&level) {
            fail(format!("`{level}` is no level; write 1, 2 or 3"));
        }
        if !STATUSES.contains(&status) {
            fail(format!(
                "`{status}` is no status; write {}",
                STATUSES.join(", ")
            ));
        }
        if status == "done" && test.is_empty() {
            fail(format!(
                "`{id}` is done, says no test; name one or write `partial`"
            ));
        }
        for name in test.split_whitespace().filter(|it| !tests.contains(*it)) {
            fail(format!("there is no test `{name}`; name one that is there"));
        }
    }
}

/// The names of a file's test functions.
fn tests_of(file: &SourceFile) -> Vec<String> {
    let Some(path) = file.path.strip_prefix("crates/") else {
        return Vec::new();
    };
    let Some(path) = path.strip_suffix(".rs") else {
        return Vec::new();
    };
    let parts = path.split('/').filter(|it| !SILENT_PARTS.contains(it));
    let module = parts.collect::<Vec<_>>().join("::");
    let mut is_test = false;
    let mut names = Vec::new();
    for line in scan::code_only(&file.text).lines().map(str::trim) {
        if line.starts_with("#[") && line.contains("test") && !line.contains("cfg") {
            is_test = true;
        } else if let Some(name) = function_name(line).filter(|_| is_test) {
            names.push(format!("{module}::{name}"));
            is_test = false;
        }
    }
    names
}

/// The name of the function that a line declares.
fn function_name(line: &str) -> Option<&str> {
    let rest = line.strip_prefix("async ").unwrap_or(line);
    let rest = rest.strip_prefix("fn ")?;
    rest.split(['(', '<']).next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_rows(rows: &str, expected: &[&str]) {
        let file = |path: &str| SourceFile {
            path: path.into(),
            text: "#[test]\nfn holds() {}\n\n#[tokio::test]\nasync fn waits() {}\n\nfn no() {}\n"
                .into(),
        };
        let mut list = file(PATH);
        list.text = format!("{HEADER}\n{rows}");
        let files = [
            file("crates/a/src/b.rs"),
            file("crates/a/tests/it/c/d.rs"),
            list,
        ];
        let mut findings = Vec::new();
        check(&files, &mut findings);
        let messages: Vec<_> = findings.iter().map(|it| it.message.as_str()).collect();
        assert_eq!(messages.len(), expected.len(), "{messages:?}");
        for (message, part) in messages.iter().zip(expected) {
            assert!(message.contains(part), "{message}");
        }
    }

    #[test]
    fn a_done_row_names_tests_that_are_there() {
        check_rows(
            "6.2.1,1,done,a::b::holds a::c::d::waits\n6.2.10,2,planned,\n",
            &[],
        );
    }

    #[test]
    fn a_claim_without_a_test_is_found() {
        check_rows("6.2.1,1,done,\n", &["says no test"]);
        check_rows("6.2.1,1,done,a::b::no\n", &["no test `a::b::no`"]);
        check_rows("6.2.1,1,partial,b::holds\n", &["no test `b::holds`"]);
    }

    #[test]
    fn odd_rows_are_found() {
        check_rows("6.2.1,1,done\n", &["four cells"]);
        check_rows("6.2,4,maybe,\n", &["no id", "no level", "no status"]);
        check_rows("6.2.2,1,planned,\n6.2.1,1,planned,\n", &["rows go up"]);
    }
}
