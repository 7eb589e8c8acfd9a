//! Tidy on small texts, and on the tree itself.

use super::*;

fn check(path: &str, text: &str) -> Vec<String> {
    let mut findings = Vec::new();
    check_file(
        &SourceFile {
            path: path.into(),
            text: text.into(),
        },
        &mut findings,
    );
    findings.into_iter().map(|it| it.to_string()).collect()
}

#[test]
fn the_tree_is_tidy() {
    let files = workspace::source_files().unwrap();
    let failures: Vec<String> = findings(&files)
        .unwrap()
        .into_iter()
        .filter(|it| it.weight == Weight::Failure)
        .map(|it| it.to_string())
        .collect();

    assert!(failures.is_empty(), "\n{}\n", failures.join("\n"));
}

#[test]
fn a_tidy_module_passes() {
    assert_eq!(
        check("crates/a/src/b.rs", "//! What it is.\n\nfn a() {}\n"),
        [""; 0]
    );
}

#[test]
fn a_module_without_a_head_is_told_what_to_write() {
    let found = check("crates/a/src/b.rs", "fn a() {}\n");

    assert_eq!(
        found,
        ["tidy: crates/a/src/b.rs:1: start with `//!`: what this module is, and what it is not"]
    );
}

#[test]
fn a_long_file_is_noted_and_a_very_long_one_fails() {
    let of = |lines: usize| check("a/b.rs", &format!("//! Head.\n{}", "x\n".repeat(lines - 1)));

    assert_eq!(of(400), [""; 0]);
    assert!(of(401)[0].starts_with("note: a/b.rs: 401 lines; split by idea"));
    assert!(of(701)[0].starts_with("tidy: a/b.rs: 701 lines; split by idea"));
}

#[test]
fn generated_files_may_be_long() {
    let text = format!("// {}\n{}", concat!("@", "generated"), "x\n".repeat(900));

    assert_eq!(check("a/b.rs", &text), [""; 0]);
}

#[test]
fn a_wide_line_of_code_fails() {
    let wide = format!("//! Head.\nlet a = {};\n", "1 + ".repeat(30));

    assert!(check("a/b.rs", &wide)[0].contains("break the line at 100"));
}

#[test]
fn a_wide_line_inside_a_literal_is_a_fixture() {
    let wide = format!(
        "//! Head.\nlet a = r#\"\n  select {}\n\"#;\n",
        "column, ".repeat(20)
    );

    assert_eq!(check("a/b.rs", &wide), [""; 0]);
}

#[test]
fn a_wide_comment_fails() {
    let wide = format!("//! Head.\n// {}\n", "word ".repeat(30));

    assert_eq!(check("a/b.rs", &wide).len(), 1);
}

#[test]
fn banned_words_name_their_replacement() {
    let text = format!("//! Head.\nfn a() {{ {}(1); }}\n", concat!("dbg", "!"));

    assert!(check("a/b.rs", &text)[0].contains("assert it in a test"));
}

#[test]
fn machine_paths_are_found_where_they_start() {
    let path = concat!("/ro", "ot/x");

    assert_eq!(check("a.md", &format!("see {path}")).len(), 1);
    assert_eq!(check("a.md", &format!("see tree{path}")), [""; 0]);
}

#[test]
fn a_registry_in_a_lock_file_is_found() {
    let line = concat!("\"resolved\": \"https://registry.npmjs", ".org/a\"");

    assert!(check("a/package-lock.json", line)[0].contains("omit-lockfile-registry-resolved"));
}

#[test]
fn a_tag_needs_a_number() {
    let tag = concat!("TO", "DO");

    assert_eq!(check("a.sql", &format!("-- {tag} later")).len(), 1);
    assert_eq!(check("a.sql", &format!("-- {tag}(#12) later")), [""; 0]);
    assert_eq!(check("a.sql", &format!("insert into {tag}S")), [""; 0]);
}

#[test]
fn names_without_an_idea_fail() {
    assert!(check("a/utils.rs", "//! Head.")[0].contains("names no idea"));
    assert!(check("a/mod.rs", "//! Head.")[0].contains("beside its folder"));
}
