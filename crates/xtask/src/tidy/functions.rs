//! How long the functions are: a figure to watch, not a gate (clippy holds the gate at 80 lines).

use std::fmt;

use super::scan;
use crate::workspace::SourceFile;

/// Functions longer than this many lines are counted as long.
const LONG_LINES: usize = 70;

/// Lengths of all functions outside tests, sorted.
pub(super) struct Figures {
    lengths: Vec<usize>,
}

impl Figures {
    /// Measures the functions of all Rust files that are not tests.
    pub(super) fn of(files: &[SourceFile]) -> Self {
        let mut lengths: Vec<usize> = files
            .iter()
            .filter(|it| it.has_extension("rs") && !super::lines::is_test_file(&it.path))
            .flat_map(|it| function_lengths(&it.text))
            .collect();
        lengths.sort_unstable();
        Self { lengths }
    }

    /// The length that `percent` of the functions do not exceed.
    fn percentile(&self, percent: usize) -> usize {
        let index = (self.lengths.len() * percent / 100).min(self.lengths.len().saturating_sub(1));
        self.lengths.get(index).copied().unwrap_or(0)
    }
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let long = self.lengths.iter().filter(|it| **it > LONG_LINES).count();
        let per_mille = long * 1000 / self.lengths.len().max(1);
        write!(
            f,
            "{} functions, median {} lines, p90 {}, longest {}, over {LONG_LINES} lines: {}.{} %",
            self.lengths.len(),
            self.percentile(50),
            self.percentile(90),
            self.lengths.last().copied().unwrap_or(0),
            per_mille / 10,
            per_mille % 10,
        )
    }
}

fn function_lengths(text: &str) -> Vec<usize> {
    let code = scan::code_only(text);
    let tests = scan::test_regions(&code);
    let mut lengths = Vec::new();
    let mut from = 0;
    while let Some(found) = code[from..].find("fn ") {
        let start = from + found;
        from = start + 3;
        let starts_word = !code[..start].ends_with(|it: char| it.is_alphanumeric() || it == '_');
        if !starts_word || tests.iter().any(|it| it.contains(&start)) {
            continue;
        }
        if let Some(open) = body(&code, from) {
            let end = scan::closing_brace(&code, open);
            lengths.push(code[start..end].matches('\n').count() + 1);
        }
    }
    lengths
}

/// Where the body of the function whose name starts at `from` opens; none for a declaration.
fn body(code: &str, from: usize) -> Option<usize> {
    let mut depth = 0_usize;
    for (index, byte) in code.bytes().enumerate().skip(from) {
        match byte {
            b'(' | b'[' => depth += 1,
            b')' | b']' if depth == 0 => return None,
            b')' | b']' => depth -= 1,
            b';' if depth == 0 => return None,
            b'{' if depth == 0 => return Some(index),
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_from_the_name_to_the_closing_brace() {
        assert_eq!(
            function_lengths("fn a(b: [u8; 2]) -> u8\nwhere\n{\n  1\n}\n"),
            vec![5]
        );
    }

    #[test]
    fn declarations_and_function_types_have_no_length() {
        assert_eq!(
            function_lengths("trait T { fn a(&self); }\ntype F = fn (u8);"),
            vec![0; 0]
        );
    }

    #[test]
    fn test_modules_are_left_out() {
        assert_eq!(
            function_lengths("#[cfg(test)]\nmod tests { fn a() {} }"),
            vec![0; 0]
        );
    }
}
