//! Mutants: whether the cases would notice a rule that says something else.
//!
//! A mutant is run only where the statement of a case changes with it; where text and parameters
//! are the same, so is the outcome.

use std::collections::BTreeMap;

use postern_policy::{Mutant, Suite, mutants};
use postern_query::Param;
use serde::Serialize;

use crate::suites::Progress;
use crate::{Error, Outcome, Stage};

/// A mutant that no case noticed.
#[derive(Clone, Debug, Serialize)]
pub struct Survivor {
    /// What was changed, such as "allow `own rows` always true".
    pub change: String,
    /// The file.
    pub file: String,
    /// The line.
    pub line: usize,
}

/// What came of the mutants.
#[derive(Clone, Debug, Serialize)]
pub struct MutationReport {
    /// How many there were.
    pub mutants: usize,
    /// Those that no case noticed.
    pub survivors: Vec<Survivor>,
}

/// What a case sends: when it is the same, the outcome is.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Sent {
    /// A statement.
    Statement(String, Vec<Param>),
    /// A refusal before any statement.
    Refused(Box<Outcome>),
    /// What a role may do, where the case asks for nothing in particular.
    Grants(String),
}

/// The mutants that are still alive.
pub(crate) struct Alive {
    all: usize,
    alive: Vec<Mutant>,
}

impl Alive {
    /// All of them.
    pub(crate) fn of(stage: &Stage) -> Self {
        let alive = mutants(&stage.bundle);
        Self {
            all: alive.len(),
            alive,
        }
    }

    /// Runs the cases of a suite with each mutant; the stage is set.
    pub(crate) async fn face(
        &mut self,
        stage: &Stage,
        suite: &Suite,
        progress: &mut dyn FnMut(Progress<'_>),
    ) -> Result<(), Error> {
        let mut sent = Vec::new();
        let mut tables = BTreeMap::new();
        for case in &suite.cases {
            sent.push(stage.sent(case, &stage.bundle)?);
            for name in &case.expected.unchanged {
                tables.insert(name.clone(), stage.fingerprint(name).await?);
            }
        }
        let mut survivors = Vec::new();
        let count = self.alive.len();
        for (index, mutant) in std::mem::take(&mut self.alive).into_iter().enumerate() {
            progress(Progress::Mutant {
                number: index + 1,
                of: count,
            });
            let bundle = mutant.apply(&stage.bundle);
            let mut noticed = false;
            for (case, before) in suite.cases.iter().zip(&sent) {
                if stage.sent(case, &bundle)? == *before {
                    continue;
                }
                let problems = stage.case(case, &bundle, &tables).await?;
                if !problems.is_empty() {
                    noticed = true;
                    break;
                }
            }
            if !noticed {
                survivors.push(mutant);
            }
        }
        self.alive = survivors;
        Ok(())
    }

    /// What came of them.
    pub(crate) fn report(self) -> MutationReport {
        let survivors = self.alive.iter().map(|mutant| Survivor {
            change: mutant.to_string(),
            file: mutant.rule.file.clone(),
            line: mutant.rule.line,
        });
        MutationReport {
            mutants: self.all,
            survivors: survivors.collect(),
        }
    }
}
