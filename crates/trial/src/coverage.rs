//! Coverage: which rules and conditions the cases have seen TRUE, and which not TRUE.
//!
//! A condition that was never TRUE in any case, or always, is one that the cases say nothing
//! about. Mutants ask the stronger question: whether a case would notice.

use postern_policy::{Bundle, RuleRef, RuleTruth, Side, Truths, describe, parts};
use serde::Serialize;

use crate::why::RowVerdict;

/// What was seen of a condition.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Seen {
    /// It was TRUE of some row.
    pub held: bool,
    /// It was FALSE or NULL of some row.
    pub failed: bool,
    /// It is a constant, which cannot be both.
    pub constant: bool,
}

impl Seen {
    fn note(&mut self, truth: Truths) {
        match truth {
            Some(true) => self.held = true,
            _ => self.failed = true,
        }
    }

    /// Whether everything was seen that can be.
    pub fn is_full(self) -> bool {
        match self.constant {
            true => self.held || self.failed,
            false => self.held && self.failed,
        }
    }
}

/// The coverage of one text of a rule.
#[derive(Clone, Debug, Serialize)]
pub struct ClauseCoverage {
    /// `allow`, `require` or `deny`.
    pub kind: &'static str,
    /// The rule's name.
    pub rule: String,
    /// The table.
    pub table: String,
    /// The file.
    pub file: String,
    /// The line.
    pub line: usize,
    /// Whether this is the rule's own check of new rows.
    pub is_check: bool,
    /// The text as a whole.
    pub whole: Seen,
    /// Its conditions, each with its text.
    pub parts: Vec<(String, Seen)>,
    #[serde(skip)]
    reference: Option<RuleRef>,
}

impl ClauseCoverage {
    /// Whether every condition was seen both ways.
    pub fn is_full(&self) -> bool {
        self.whole.is_full() && self.parts.iter().all(|(_, seen)| seen.is_full())
    }
}

/// The coverage of a bundle.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Coverage {
    /// Every text of every rule, in the order of the files.
    pub clauses: Vec<ClauseCoverage>,
}

impl Coverage {
    /// Nothing seen yet.
    pub(crate) fn of(bundle: &Bundle) -> Self {
        let mut clauses = Vec::new();
        for rule in bundle.rules() {
            let mut add = |is_check: bool, expr: &postern_policy::Expr| {
                let reference = &rule.reference;
                clauses.push(ClauseCoverage {
                    kind: reference.kind,
                    rule: reference.name.clone(),
                    table: rule.relation.to_string(),
                    file: reference.file.clone(),
                    line: reference.line,
                    is_check,
                    whole: unseen(expr),
                    parts: parts(expr)
                        .into_iter()
                        .map(|(_, part)| (describe(part), unseen(part)))
                        .collect(),
                    reference: Some(reference.clone()),
                });
            };
            // Where a check alone is written, the condition is no text of the author's.
            if !(rule.check.is_some() && rule.condition.is_true()) && rule.assurance.is_none() {
                add(false, &rule.condition);
            }
            if let Some(check) = &rule.check {
                add(true, check);
            }
        }
        Self { clauses }
    }

    /// Notes what the rules were for a row.
    pub(crate) fn note(&mut self, row: &RowVerdict) {
        for truth in &row.truths {
            self.note_rule(truth, row.side);
        }
    }

    fn note_rule(&mut self, truth: &RuleTruth, side: Side) {
        let of_rule = |it: &&mut ClauseCoverage| it.reference.as_ref() == Some(&truth.rule);
        let mut clauses: Vec<_> = self.clauses.iter_mut().filter(of_rule).collect();
        let has_check = clauses.iter().any(|it| it.is_check);
        let wanted = side == Side::New && has_check;
        let Some(clause) = clauses.iter_mut().find(|it| it.is_check == wanted) else {
            return;
        };
        clause.whole.note(truth.whole);
        for ((_, seen), (_, part)) in clause.parts.iter_mut().zip(&truth.parts) {
            seen.note(*part);
        }
    }

    /// How many conditions there are, and how many were seen both ways.
    pub fn counted(&self) -> (usize, usize) {
        let seen = |it: &ClauseCoverage| {
            let parts = it.parts.iter().map(|(_, seen)| *seen);
            parts.map(Seen::is_full).collect::<Vec<_>>()
        };
        let all: Vec<bool> = self.clauses.iter().flat_map(seen).collect();
        (all.iter().filter(|it| **it).count(), all.len())
    }
}

fn unseen(expr: &postern_policy::Expr) -> Seen {
    Seen {
        constant: expr.is_true() || expr.is_false(),
        ..Seen::default()
    }
}
