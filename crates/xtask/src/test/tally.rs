//! Counts of tests, read out of what cargo and node print.

use std::fmt;

/// How many tests passed, failed and were skipped.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Tally {
    pub(super) passed: u64,
    pub(super) failed: u64,
    pub(super) skipped: u64,
}

impl Tally {
    pub(super) fn add(&mut self, other: &Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }

    /// Moves tests that said they did nothing from passed to skipped.
    pub(super) fn move_to_skipped(&mut self, count: u64) {
        self.passed = self.passed.saturating_sub(count);
        self.skipped += count;
    }

    /// Reads `test result: ok. 3 passed; 0 failed; 1 ignored; …`.
    pub(super) fn of_cargo_line(line: &str) -> Option<Self> {
        let (_, counts) = line.strip_prefix("test result: ")?.split_once(". ")?;
        let mut tally = Self::default();
        for part in counts.split("; ") {
            let Some((number, what)) = part.trim().split_once(' ') else {
                continue;
            };
            let Ok(number) = number.parse::<u64>() else {
                continue;
            };
            match what {
                "passed" => tally.passed = number,
                "failed" => tally.failed = number,
                "ignored" => tally.skipped = number,
                _ => {}
            }
        }
        Some(tally)
    }

    /// Reads one line of node's summary, TAP (`# pass 3`) or spec (`ℹ pass 3`).
    pub(super) fn of_node_line(line: &str) -> Option<Self> {
        let rest = line
            .strip_prefix("# ")
            .or_else(|| line.strip_prefix("ℹ "))?;
        let (what, number) = rest.trim().split_once(' ')?;
        let number = number.parse().ok()?;
        let mut tally = Self::default();
        match what {
            "pass" => tally.passed = number,
            "fail" | "cancelled" => tally.failed = number,
            "skipped" | "todo" => tally.skipped = number,
            _ => return None,
        }
        Some(tally)
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "tests: {} passed, {} failed, {} skipped",
            self.passed, self.failed, self.skipped
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_summary_of_cargo() {
        let line = "test result: FAILED. 12 passed; 2 failed; 1 ignored; 0 measured; \
                    3 filtered out; finished in 0.10s";

        let tally = Tally::of_cargo_line(line);

        assert_eq!(
            tally,
            Some(Tally {
                passed: 12,
                failed: 2,
                skipped: 1
            })
        );
    }

    #[test]
    fn reads_both_summaries_of_node() {
        let three_passed = Some(Tally {
            passed: 3,
            ..Tally::default()
        });

        assert_eq!(Tally::of_node_line("# pass 3"), three_passed);
        assert_eq!(Tally::of_node_line("ℹ pass 3"), three_passed);
        assert_eq!(
            Tally::of_node_line("# cancelled 1"),
            Some(Tally {
                failed: 1,
                ..Tally::default()
            })
        );
        assert_eq!(Tally::of_node_line("# tests 3"), None);
        assert_eq!(Tally::of_node_line("# Subtest: pass 3 times"), None);
    }

    #[test]
    fn the_last_line_has_one_form() {
        let tally = Tally {
            passed: 12,
            failed: 0,
            skipped: 1,
        };

        assert_eq!(tally.to_string(), "tests: 12 passed, 0 failed, 1 skipped");
    }
}
