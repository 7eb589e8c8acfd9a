//! File length, line length, and the `//!` at the head of every module.

use super::scan;
use super::{Finding, Weight};
use crate::workspace::SourceFile;

/// A file longer than this fails.
const FILE_LINES_MAX: usize = 700;
/// A file longer than this is mentioned.
const FILE_LINES_NOTED: usize = 400;
/// A line of Rust longer than this fails.
const LINE_COLUMNS_MAX: usize = 100;

/// Languages whose files have a longest length.
const LANGUAGES: [&str; 6] = ["rs", "mjs", "js", "ts", "css", "html"];

/// Checks the lengths and the head of one file.
pub(super) fn check(file: &SourceFile, findings: &mut Vec<Finding>) {
    if is_generated(file) {
        return;
    }
    if LANGUAGES.iter().any(|it| file.has_extension(it)) {
        check_file_length(file, findings);
    }
    if file.has_extension("rs") {
        check_columns(file, findings);
        if !file.text.starts_with("//!") {
            let message = "start with `//!`: what this module is, and what it is not";
            findings.push(Finding::failure(&file.path, 1, message));
        }
    }
}

/// Whether the path is that of a test, whose fixtures may be wide.
pub(super) fn is_test_file(path: &str) -> bool {
    path.contains("/tests/") || path.ends_with("/tests.rs")
}

fn is_generated(file: &SourceFile) -> bool {
    let marker = concat!("@", "generated");
    file.has_extension("snap") || file.text.lines().take(5).any(|it| it.contains(marker))
}

fn check_file_length(file: &SourceFile, findings: &mut Vec<Finding>) {
    let lines = file.text.lines().count();
    let weight = match lines {
        0..=FILE_LINES_NOTED => return,
        _ if lines > FILE_LINES_MAX => Weight::Failure,
        _ => Weight::Warning,
    };
    let message = format!("{lines} lines; split by idea into `foo.rs` and `foo/` (80-250 each)");
    findings.push(match weight {
        Weight::Failure => Finding::failure(&file.path, 0, message),
        Weight::Warning => Finding::warning(&file.path, 0, message),
    });
}

fn check_columns(file: &SourceFile, findings: &mut Vec<Finding>) {
    let code = scan::code_only(&file.text);
    let tests = scan::test_regions(&code);
    let mut offset = 0;
    for (index, line) in file.text.split('\n').enumerate() {
        let here = offset;
        offset += line.len() + 1;
        let columns = line.chars().count();
        if columns <= LINE_COLUMNS_MAX || line.contains("://") {
            continue;
        }
        let in_test = is_test_file(&file.path) || tests.iter().any(|it| it.contains(&here));
        if is_fixture(&code, here, line, in_test) {
            continue;
        }
        let message = format!("{columns} columns; break the line at {LINE_COLUMNS_MAX}");
        findings.push(Finding::failure(&file.path, index + 1, message));
    }
}

/// Whether what reaches over the margin is literal text: SQL or JSON that reads worse when broken.
fn is_fixture(code: &str, here: usize, line: &str, in_test: bool) -> bool {
    let blanked = &code[here..here + line.len()];
    let indent = |text: &str| text.len() - text.trim_start().len();
    let is_comment = line.trim_start().starts_with("//");
    let begins_in_literal = !is_comment && indent(blanked) > indent(line);
    let has_literal = line.contains('"') && !is_comment;
    begins_in_literal || has_literal && (in_test || is_registry_row(line))
}

/// Whether the line is a row of a table in a macro, such as `CODE = "PGRST100", 400, "…";`.
fn is_registry_row(line: &str) -> bool {
    line.trim_start()
        .split_once(" = \"")
        .is_some_and(|(name, _)| {
            !name.is_empty()
                && name
                    .bytes()
                    .all(|it| it.is_ascii_uppercase() || it.is_ascii_digit() || it == b'_')
        })
}
