//! Relative links between Markdown files lead somewhere.

use super::Finding;
use crate::workspace::SourceFile;

/// Checks the links of one file; `exists` answers for paths from the root.
pub(super) fn check(file: &SourceFile, exists: impl Fn(&str) -> bool, findings: &mut Vec<Finding>) {
    if !file.has_extension("md") {
        return;
    }
    let mut in_code = false;
    for (index, line) in file.text.lines().enumerate() {
        if line.trim_start().starts_with("```") {
            in_code = !in_code;
        }
        for target in targets(line).filter(|_| !in_code) {
            if !exists(&resolve(&file.path, target)) {
                let message = format!("the link `{target}` leads nowhere; mend or remove it");
                findings.push(Finding::failure(&file.path, index + 1, message));
            }
        }
    }
}

/// The relative targets of the links in a line, without their fragments.
fn targets(line: &str) -> impl Iterator<Item = &str> {
    line.split("](").skip(1).filter_map(|rest| {
        let target = rest.split([')', ' ']).next()?.split('#').next()?;
        (!target.is_empty() && !target.contains(':')).then_some(target)
    })
}

/// The path from the root that `target` means in the file at `from`.
fn resolve(from: &str, target: &str) -> String {
    let mut parts: Vec<&str> = from.split('/').collect();
    parts.pop();
    for part in target.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            name => parts.push(name),
        }
    }
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check_text(text: &str) -> usize {
        let file = SourceFile {
            path: "docs/a.md".into(),
            text: text.into(),
        };
        let mut findings = Vec::new();
        check(
            &file,
            |path| path == "README.md" || path == "docs/b.md",
            &mut findings,
        );
        findings.len()
    }

    #[test]
    fn a_link_to_a_file_that_exists_is_fine() {
        assert_eq!(
            check_text("[b](b.md#part) and [home](../README.md) and [web](https://x.y)"),
            0
        );
    }

    #[test]
    fn a_link_to_nothing_is_found() {
        assert_eq!(check_text("[b](b.md) and [c](c.md)"), 1);
    }

    #[test]
    fn code_is_not_read() {
        assert_eq!(check_text("```\n[c](c.md)\n```"), 0);
    }
}
