//! What came of test files, for programs and for people.

use std::fmt::{self, Write as _};

use serde::Serialize;

use crate::{Coverage, MutationReport};

/// What came of one case.
#[derive(Clone, Debug, Serialize)]
pub struct CaseReport {
    /// Its name.
    pub name: String,
    /// Its line.
    pub line: usize,
    /// What was expected in vain; nothing when it passed.
    pub problems: Vec<String>,
    /// The rules behind a failure.
    pub reasons: Vec<String>,
}

impl CaseReport {
    /// Whether everything was as expected.
    pub fn passed(&self) -> bool {
        self.problems.is_empty()
    }
}

/// What came of one file.
#[derive(Clone, Debug, Serialize)]
pub struct SuiteReport {
    /// The file.
    pub file: String,
    /// Its cases.
    pub cases: Vec<CaseReport>,
}

/// What came of all files.
#[derive(Clone, Debug, Serialize)]
pub struct TestReport {
    /// The files.
    pub suites: Vec<SuiteReport>,
    /// Which conditions the cases have seen both ways.
    pub coverage: Coverage,
    /// What came of the mutants, where they were asked for.
    pub mutation: Option<MutationReport>,
}

impl TestReport {
    /// How many cases passed, of how many.
    pub fn counted(&self) -> (usize, usize) {
        let cases = || self.suites.iter().flat_map(|it| &it.cases);
        (cases().filter(|it| it.passed()).count(), cases().count())
    }

    /// Whether every case passed and no mutant survived.
    pub fn is_good(&self) -> bool {
        let (passed, all) = self.counted();
        let survived = self
            .mutation
            .as_ref()
            .is_some_and(|it| !it.survivors.is_empty());
        passed == all && !survived
    }

    /// The report as JSON.
    pub fn to_json(&self) -> serde_json::Value {
        serde_json::json!({ "good": self.is_good(), "report": self })
    }
}

impl fmt::Display for TestReport {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = String::new();
        for suite in &self.suites {
            suite.tell(&mut text);
        }
        self.tell_coverage(&mut text);
        self.tell_mutants(&mut text);
        let (passed, all) = self.counted();
        let _ = write!(text, "{passed} of {all} cases passed");
        let (seen, conditions) = self.coverage.counted();
        let _ = write!(text, ", {seen} of {conditions} conditions seen both ways");
        if let Some(mutation) = &self.mutation {
            let noticed = mutation.mutants - mutation.survivors.len();
            let _ = write!(text, ", {noticed} of {} mutants noticed", mutation.mutants);
        }
        formatter.write_str(&text)
    }
}

impl SuiteReport {
    // Writing to a string cannot fail.
    fn tell(&self, text: &mut String) {
        for case in self.cases.iter().filter(|it| !it.passed()) {
            let _ = writeln!(text, "FAILED {}:{}  {}", self.file, case.line, case.name);
            for problem in &case.problems {
                let _ = writeln!(text, "       {problem}");
            }
            for reason in &case.reasons {
                let _ = writeln!(text, "       - {reason}");
            }
        }
    }
}

impl TestReport {
    fn tell_coverage(&self, text: &mut String) {
        for clause in self.coverage.clauses.iter().filter(|it| !it.is_full()) {
            let what = if clause.is_check { " (check)" } else { "" };
            let _ = writeln!(
                text,
                "not covered  {} `{}`{what}  {}:{}",
                clause.kind, clause.rule, clause.file, clause.line
            );
            for (part, seen) in clause.parts.iter().filter(|(_, seen)| !seen.is_full()) {
                let never = match (seen.held, seen.failed) {
                    (false, false) => "never looked at",
                    (false, true) => "never true",
                    (true, _) => "always true",
                };
                let _ = writeln!(text, "       {never}: {part}");
            }
        }
    }

    fn tell_mutants(&self, text: &mut String) {
        let survivors = self.mutation.iter().flat_map(|it| &it.survivors);
        for survivor in survivors {
            let _ = writeln!(
                text,
                "survived     {}  {}:{}",
                survivor.change, survivor.file, survivor.line
            );
        }
    }
}
