//! What came of a case, and when two outcomes agree.
//!
//! Where ours departs from the native one on purpose, the departure has a name; the names, their
//! reasons and how often they were met are part of the record of a run.

use serde_json::Value;

/// What came of a case.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Outcome {
    Done {
        rows: Vec<String>,
        page_rows: Option<i64>,
        total_rows: Option<i64>,
        inserted_rows: Option<i64>,
        state: String,
    },
    Refused(Refusal),
}

/// A refusal; its class is what is compared.
#[derive(Clone)]
pub(crate) struct Refusal {
    /// The SQLSTATE's class.
    class: String,
    why: String,
}

impl Refusal {
    /// A bad pattern.
    fn is_of_a_pattern(&self) -> bool {
        self.why.starts_with("2201B")
    }

    /// A domain refused the client's value as it was read, before any row.
    fn is_of_a_domain(&self) -> bool {
        self.why.starts_with("23514: value for domain")
    }
}

impl std::fmt::Debug for Refusal {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{} ({})", self.class, self.why)
    }
}

impl PartialEq for Refusal {
    fn eq(&self, other: &Self) -> bool {
        self.class == other.class
    }
}

/// Where ours departs from the native outcome on purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Departure {
    /// Postgres stumbles over a bad pattern while it plans, before it looks at grants or rows.
    /// The gateway refuses what is not granted first, and behind a guard the pattern only meets
    /// rows that are shown.
    PatternBeforeRows,
    /// Where triggers or generated columns make the row, the check waits for the stored row, and
    /// constraints and triggers speak first (ADR 7). Both sides refuse.
    ConstraintsBeforeChecks,
    /// Guarded references are checked with the row, their native form after all rows. Both sides
    /// refuse.
    ReferencesBeforeOthers,
    /// A guarded reference of a proposed row is checked even when the row is then ignored.
    ReferencesOfIgnored,
    /// An ignored row of a table with BEFORE triggers or generated columns is checked as it was
    /// sent, as far as its values are known then; Postgres checks what the triggers made of it.
    IgnoredAsSent,
    /// Where the database decides, merges are counted as they begin, and one that a trigger skips
    /// is counted, too; what is shown and stored is the same.
    MergeSkippedByTrigger,
    /// A key that cannot be named has no address, for ours before grants are looked at.
    AddressBeforeGrants,
    /// A function of one row whose row is hidden yields null; natively a row of nulls.
    HiddenRowOfFunction,
    /// Of the rows of one update, one fails a constraint and another the policy; which of them is
    /// met first is the plan's business. Both sides refuse.
    OrderOfFailingRows,
    /// A filter or the client's value raised an error on one side only: the two statements meet
    /// visible rows and values in another order. Ours did the same without hidden rows.
    OrderOfVisibleRows,
}

/// Whether two outcomes agree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Agreement {
    Same,
    Departs(Departure),
    /// Only if ours comes out the same where hidden rows are gone.
    IfSameWithoutHidden,
    Differs,
}

/// What of a case decides which departures it may have.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Traits {
    /// Our check waits for the stored row.
    pub(crate) waits: bool,
    /// The table's references are guarded.
    pub(crate) references: bool,
    /// Conflicting rows are ignored.
    pub(crate) ignores: bool,
    /// It may change what is stored.
    pub(crate) changes: bool,
    /// It changes as many rows as its filters find.
    pub(crate) many_rows: bool,
    /// A trigger of the table may skip rows.
    pub(crate) skips: bool,
    /// It calls a function that yields one row.
    pub(crate) one_row: bool,
}

impl Outcome {
    pub(crate) fn done(body: Option<&str>, counts: [Option<i64>; 3], state: String) -> Self {
        let [page_rows, total_rows, inserted_rows] = counts;
        Self::Done {
            rows: sorted_rows(body.unwrap_or("[]")),
            page_rows,
            total_rows,
            inserted_rows,
            state,
        }
    }

    /// A refusal by its SQLSTATE or our own code.
    pub(crate) fn refused(code: &str, why: &dyn std::fmt::Display) -> Self {
        Self::Refused(Refusal {
            class: class(code),
            why: format!("{code}: {why}"),
        })
    }

    /// Whether this outcome of ours agrees with the native one.
    pub(crate) fn agreement(&self, native: &Self, traits: Traits) -> Agreement {
        use Agreement::{Departs, Differs, IfSameWithoutHidden, Same};
        if self == native {
            return Same;
        }
        match (self, native) {
            (Self::Refused(ours), Self::Refused(native)) => {
                both_refused(ours, native, traits).map_or(Differs, Departs)
            }
            (Self::Refused(ours), Self::Done { .. }) => match ours.class.as_str() {
                "23" if traits.references && traits.ignores => {
                    Departs(Departure::ReferencesOfIgnored)
                }
                "42" if traits.waits && traits.ignores => Departs(Departure::IgnoredAsSent),
                "22" => IfSameWithoutHidden,
                _ if ours.is_of_a_domain() => IfSameWithoutHidden,
                _ => Differs,
            },
            (Self::Done { .. }, Self::Refused(native)) => match native.class.as_str() {
                "22" if traits.changes && native.is_of_a_pattern() => {
                    Departs(Departure::PatternBeforeRows)
                }
                "22" if self.shows_nothing() => Departs(Departure::PatternBeforeRows),
                "22" => IfSameWithoutHidden,
                _ if native.is_of_a_domain() => IfSameWithoutHidden,
                "42" if traits.waits && traits.ignores => Departs(Departure::IgnoredAsSent),
                _ => Differs,
            },
            _ if traits.skips && self.shows_same(native) && self.stores_same(native) => {
                Departs(Departure::MergeSkippedByTrigger)
            }
            _ if traits.one_row && self.is_null() => Departs(Departure::HiddenRowOfFunction),
            _ => Differs,
        }
    }

    fn is_null(&self) -> bool {
        matches!(self, Self::Done { rows, .. } if *rows == ["null"])
    }

    /// No row was met; an aggregate of no rows is a row.
    fn shows_nothing(&self) -> bool {
        matches!(self, Self::Done { page_rows, total_rows, .. }
            if *page_rows == Some(0) || *total_rows == Some(0))
    }

    /// Whether both show the same, whatever is stored.
    pub(crate) fn shows_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Done { rows, .. }, Self::Done { rows: others, .. }) => rows == others,
            _ => self == other,
        }
    }

    /// Whether both store the same and yield as many rows.
    fn stores_same(&self, other: &Self) -> bool {
        match (self, other) {
            (
                Self::Done {
                    page_rows, state, ..
                },
                Self::Done {
                    page_rows: others,
                    state: other,
                    ..
                },
            ) => page_rows == others && state == other,
            _ => false,
        }
    }

    /// A word for the tally.
    pub(crate) fn word(&self) -> String {
        match self {
            Self::Done {
                page_rows: Some(0), ..
            } => "empty".into(),
            Self::Done { .. } => "rows".into(),
            Self::Refused(it) => format!("refused {}", it.class),
        }
    }

    pub(crate) fn is_refused(&self) -> bool {
        matches!(self, Self::Refused(_))
    }
}

fn both_refused(ours: &Refusal, native: &Refusal, traits: Traits) -> Option<Departure> {
    match (ours.class.as_str(), native.class.as_str()) {
        ("42", "22") => Some(Departure::PatternBeforeRows),
        (_, "22") if native.is_of_a_pattern() => Some(Departure::PatternBeforeRows),
        ("PG", "42") | ("42", "PG") => Some(Departure::AddressBeforeGrants),
        _ if traits.waits => Some(Departure::ConstraintsBeforeChecks),
        ("23", _) | ("42" | "22" | "21", "23") if traits.references => {
            Some(Departure::ReferencesBeforeOthers)
        }
        ("23", "42") | ("42", "23") if traits.many_rows => Some(Departure::OrderOfFailingRows),
        _ => None,
    }
}

/// The first two characters; the gateway's own refusals stand for "not permitted or not there".
fn class(code: &str) -> String {
    if code.starts_with("PGRST2") {
        "42".into()
    } else {
        code.chars().take(2).collect()
    }
}

fn sorted_rows(body: &str) -> Vec<String> {
    let body: Value = serde_json::from_str(body).expect("JSON");
    let rows = match body {
        Value::Array(rows) => rows,
        other => vec![other],
    };
    let rows = rows.into_iter().map(|row| sort_arrays(row).to_string());
    let mut rows: Vec<_> = rows.collect();
    rows.sort_unstable();
    rows
}

/// Sorts embedded arrays, whose order nobody asked for.
fn sort_arrays(mut value: Value) -> Value {
    match &mut value {
        Value::Array(items) => {
            *items = std::mem::take(items).into_iter().map(sort_arrays).collect();
            items.sort_by_key(ToString::to_string);
        }
        Value::Object(map) => {
            for (_, item) in map.iter_mut() {
                *item = sort_arrays(std::mem::take(item));
            }
        }
        _ => {}
    }
    value
}
