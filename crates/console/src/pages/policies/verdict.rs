//! A row with its verdict and what decides about it.

use postern_policy::{RuleTruth, Side, Truths, Verb, Verdict};
use postern_trial::{Hurdle, Sample, SampledRow};
use serde_json::Value;

use super::files::file_name;
use super::trial::passes;
use crate::place::Place;

/// Longest value that a cell shows, in characters.
const CELL_CHARS_MAX: usize = 60;

/// A row, as it was judged.
pub(crate) struct Judged<'j> {
    pub(crate) row: &'j SampledRow,
    pub(crate) sample: &'j Sample,
    /// Whether the request as a whole is refused.
    pub(crate) refused: bool,
    /// Whether it passes in force, where that was asked.
    pub(crate) was: Option<bool>,
}

/// A line of the verdicts.
pub(crate) struct VerdictRow {
    pub(crate) is_allowed: bool,
    /// Whether the draft gives it or takes it away.
    pub(crate) change: Option<bool>,
    pub(crate) cells: Vec<Cell>,
    pub(crate) decided: Vec<Decided>,
}

/// A field of a row.
pub(crate) struct Cell {
    pub(crate) text: String,
    pub(crate) state: CellState,
}

impl Cell {
    /// The class of its style.
    pub(crate) fn class(&self) -> &'static str {
        match self.state {
            CellState::Plain => "",
            CellState::Null | CellState::Hidden => "quiet",
            CellState::Masked => "masked",
        }
    }
}

/// How a caller sees a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CellState {
    Plain,
    Null,
    Masked,
    Hidden,
}

/// What decides.
pub(crate) struct Decided {
    pub(crate) text: String,
    pub(crate) rule: Option<Rule>,
    /// Conditions with what they are.
    pub(crate) parts: Vec<(String, &'static str)>,
}

/// Where a rule stands.
pub(crate) struct Rule {
    pub(crate) name: String,
    pub(crate) line: usize,
    /// The file, where it is another one than the draft.
    pub(crate) elsewhere: Option<(String, Place)>,
}

impl VerdictRow {
    /// The line of a row.
    pub(crate) fn of(judged: &Judged<'_>, columns: &[String], draft: &str) -> Self {
        let (row, sample) = (judged.row, judged.sample);
        let is_allowed = !judged.refused && passes(sample, row);
        let decided = match judged.refused {
            true => Vec::new(),
            false => decided(row, draft),
        };
        Self {
            is_allowed,
            change: match judged.was {
                Some(was) if was != is_allowed => Some(is_allowed),
                _ => None,
            },
            cells: columns
                .iter()
                .map(|it| cell(judged, it, is_allowed))
                .collect(),
            decided,
        }
    }
}

fn cell(judged: &Judged<'_>, column: &String, is_allowed: bool) -> Cell {
    let (row, sample) = (judged.row, judged.sample);
    let reads = row.hurdles.iter().all(|it| it.verb == Verb::Select);
    let is_seen = is_allowed && reads && !sample.bypasses;
    let value = row.cells.get(column).unwrap_or(&Value::Null);
    if is_seen && row.masked.contains(column) {
        return Cell {
            text: t!("policies.is_masked").to_owned(),
            state: CellState::Masked,
        };
    }
    if is_seen && !sample.columns.contains(column) {
        return Cell {
            text: t!("policies.is_hidden").to_owned(),
            state: CellState::Hidden,
        };
    }
    match value {
        Value::Null => Cell {
            text: "NULL".into(),
            state: CellState::Null,
        },
        Value::String(text) => Cell {
            text: shortened(text),
            state: CellState::Plain,
        },
        other => Cell {
            text: shortened(&other.to_string()),
            state: CellState::Plain,
        },
    }
}

fn shortened(text: &str) -> String {
    let mut short: String = text.chars().take(CELL_CHARS_MAX).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}

/// The rule that opens the row, or what it fails at.
fn decided(row: &SampledRow, draft: &str) -> Vec<Decided> {
    match row.stopped_by() {
        Some(hurdle) => denied(hurdle, draft),
        None => row
            .hurdles
            .iter()
            .take(1)
            .filter_map(|it| match it.verdict() {
                Verdict::Allowed(truth) => {
                    Some(by(truth, t!("policies.allowed_by").to_owned(), draft))
                }
                Verdict::Blocked(_) | Verdict::NotAllowed => None,
            })
            .collect(),
    }
}

fn denied(hurdle: &Hurdle, draft: &str) -> Vec<Decided> {
    let what = what(hurdle);
    match hurdle.verdict() {
        Verdict::Allowed(_) => Vec::new(),
        Verdict::Blocked(truth) => {
            let text = t!("policies.stopped_by", what);
            vec![Decided {
                parts: parts(truth),
                ..by(truth, text, draft)
            }]
        }
        Verdict::NotAllowed => {
            let allows = hurdle.truths.iter().filter(|it| it.rule.kind == "allow");
            let mut all: Vec<_> = allows
                .map(|truth| Decided {
                    parts: parts(truth),
                    ..by(truth, t!("policies.not_by", what), draft)
                })
                .collect();
            if all.is_empty() {
                all.push(Decided {
                    text: t!("policies.no_allow", what),
                    rule: None,
                    parts: Vec::new(),
                });
            }
            all
        }
    }
}

/// Which of the conditions this is about.
pub(crate) fn what(hurdle: &Hurdle) -> &'static str {
    match (hurdle.verb, hurdle.side) {
        (Verb::Select, Side::New) => t!("policies.new_unreadable"),
        (Verb::Select, Side::Existing) => t!("policies.row_unreadable"),
        (_, Side::New) => t!("policies.new_row"),
        (_, Side::Existing) => t!("policies.stored_row"),
    }
}

fn by(truth: &RuleTruth, text: String, draft: &str) -> Decided {
    let rule = &truth.rule;
    let name = file_name(&rule.file).to_owned();
    Decided {
        text,
        rule: Some(Rule {
            name: format!("{} \"{}\"", rule.kind, rule.name),
            line: rule.line,
            elsewhere: (rule.file != draft).then(|| (rule.file.clone(), Place::Policy(name, ""))),
        }),
        parts: Vec::new(),
    }
}

/// What stands in the way, or all conditions where none alone does.
fn parts(truth: &RuleTruth) -> Vec<(String, &'static str)> {
    match truth.parts.as_slice() {
        [] => vec![(truth.text.clone(), word(truth.whole))],
        parts => parts
            .iter()
            .filter(|(_, is)| truth.kind == postern_policy::RuleKind::Deny || *is != Some(true))
            .map(|(text, is)| (text.clone(), word(*is)))
            .collect(),
    }
}

pub(crate) fn word(truth: Truths) -> &'static str {
    match truth {
        Some(true) => t!("policies.is_true"),
        Some(false) => t!("policies.is_false"),
        None => t!("policies.is_null"),
    }
}
