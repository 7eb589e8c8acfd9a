//! Words and file names that the house does without, each with what to write instead.

use super::Finding;
use crate::workspace::SourceFile;

/// Where a word is looked for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Scope {
    /// Rust sources.
    Rust,
    /// Every text file that a person writes.
    Everywhere,
}

struct Banned {
    word: &'static str,
    scope: Scope,
    instead: &'static str,
}

/// The words are cut in two so that this file does not find itself.
const WORDS: &[Banned] = &[
    Banned {
        word: concat!("dbg", "!"),
        scope: Scope::Rust,
        instead: "assert it in a test, or log an event through `postern-telemetry`",
    },
    Banned {
        word: concat!("#[igno", "re"),
        scope: Scope::Rust,
        instead: "assert what happens today, and say so in a comment",
    },
    Banned {
        word: concat!("should_pan", "ic"),
        scope: Scope::Rust,
        instead: "return the error and assert on it",
    },
    Banned {
        word: concat!("/wo", "rk/"),
        scope: Scope::Everywhere,
        instead: "use a path that exists on every machine",
    },
    Banned {
        word: concat!("/ro", "ot/"),
        scope: Scope::Everywhere,
        instead: "use a path that exists on every machine",
    },
    Banned {
        word: concat!("crates", ".io"),
        scope: Scope::Everywhere,
        instead: "name the crate; where it comes from is the package client's business",
    },
    Banned {
        word: concat!("npmjs", "."),
        scope: Scope::Everywhere,
        instead: "name the package; in a lock file use `omit-lockfile-registry-resolved=true`",
    },
    Banned {
        word: concat!("pypi", ".org"),
        scope: Scope::Everywhere,
        instead: "name the package; where it comes from is the package client's business",
    },
];

/// File names that say nothing about what is inside.
const NAMELESS: [&str; 4] = ["utils", "helpers", "common", "misc"];

/// Files written by a package client.
const LOCKS: [&str; 1] = ["Cargo.lock"];

/// Checks the name and the words of one file.
pub(super) fn check(file: &SourceFile, findings: &mut Vec<Finding>) {
    check_name(file, findings);
    if LOCKS.contains(&file.name()) {
        return;
    }
    for (index, line) in file.text.lines().enumerate() {
        for banned in WORDS.iter().filter(|it| applies(it, file)) {
            if contains_word(line, banned.word) {
                let message = format!("`{}`: {}", banned.word, banned.instead);
                findings.push(Finding::failure(&file.path, index + 1, message));
            }
        }
        if let Some(tag) = unnumbered_tag(line).filter(|_| !file.has_extension("md")) {
            let message = format!("`{tag}` without a number: do it now, or write `{tag}(#12)`");
            findings.push(Finding::failure(&file.path, index + 1, message));
        }
    }
}

fn applies(banned: &Banned, file: &SourceFile) -> bool {
    banned.scope == Scope::Everywhere || file.has_extension("rs")
}

fn check_name(file: &SourceFile, findings: &mut Vec<Finding>) {
    if !file.has_extension("rs") {
        return;
    }
    let stem = file.name().trim_end_matches(".rs");
    if stem == "mod" {
        let message = "put it beside its folder: `foo.rs` and `foo/`";
        findings.push(Finding::failure(&file.path, 0, message));
    }
    if NAMELESS.contains(&stem) {
        let message = format!("`{stem}.rs` names no idea; say what is inside (`etag.rs`)");
        findings.push(Finding::failure(&file.path, 0, message));
    }
}

/// Whether `word` stands in `line` and does not merely end another word or path.
fn contains_word(line: &str, word: &str) -> bool {
    line.match_indices(word).any(|(index, _)| {
        !line[..index].ends_with(|it: char| it.is_alphanumeric() || matches!(it, '_' | '.' | '/'))
            || word.ends_with('.') && line[..index].ends_with(['/', '.'])
    })
}

/// The tag in capitals that no number follows.
fn unnumbered_tag(line: &str) -> Option<&'static str> {
    const TAGS: [&str; 2] = [concat!("FIX", "ME"), concat!("TO", "DO")];
    TAGS.into_iter().find(|tag| {
        line.match_indices(tag).any(|(index, _)| {
            let after = &line[index + tag.len()..];
            let inside_word = |it: char| it.is_alphanumeric() || it == '_';
            !line[..index].ends_with(inside_word)
                && !after.starts_with(inside_word)
                && !after.trim_start_matches(['(', ' ']).starts_with('#')
        })
    })
}
