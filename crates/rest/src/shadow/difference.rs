//! What can differ between policies in force and a candidate.

use serde::Serialize;

/// What differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Kind {
    /// The candidate refuses what is served.
    Refused,
    /// The candidate serves what is refused.
    Allowed,
    /// A read has other rows or columns.
    Answer,
    /// The candidate makes another statement, and it could not be tried without doing it.
    NotEvaluated,
}

impl Kind {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Refused => "refused",
            Self::Allowed => "allowed",
            Self::Answer => "answer",
            Self::NotEvaluated => "not_evaluated",
        }
    }
}

/// What a difference is counted under. All of it comes from the catalogue, the policy files and
/// the registered codes, so that clients cannot grow the number of lines.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub(super) struct Difference {
    pub(super) method: &'static str,
    /// The relation or function with its schema.
    pub(super) name: String,
    pub(super) role: String,
    pub(super) kind: Kind,
    /// The code of the refusal, or why nothing was evaluated.
    pub(super) reason: Option<String>,
}

/// How two answers differ. Names of columns and numbers of rows: nothing that is in the rows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub(super) struct Change {
    /// Rows that the candidate shows and the policies in force do not.
    pub(super) rows_added: u64,
    /// Rows that the policies in force show and the candidate does not.
    pub(super) rows_removed: u64,
    pub(super) columns_added: Vec<String>,
    pub(super) columns_removed: Vec<String>,
}

impl Change {
    pub(super) fn is_none(&self) -> bool {
        *self == Self::default()
    }

    /// Adds what another request saw.
    pub(super) fn add(&mut self, other: &Self) {
        self.rows_added += other.rows_added;
        self.rows_removed += other.rows_removed;
        for (mine, theirs) in [
            (&mut self.columns_added, &other.columns_added),
            (&mut self.columns_removed, &other.columns_removed),
        ] {
            mine.extend(theirs.iter().cloned());
            mine.sort();
            mine.dedup();
        }
    }
}

/// What came of one comparison.
#[derive(Debug)]
pub(super) enum Finding {
    /// The candidate would have given the same.
    Equal,
    /// It would not, or nobody can tell.
    Differs {
        /// The caller's role under the policies that let the request pass.
        role: String,
        kind: Kind,
        reason: Option<String>,
        change: Change,
    },
    /// The comparison itself failed.
    Failed,
}

impl Finding {
    pub(super) fn differs(role: &str, kind: Kind, reason: Option<&str>) -> Self {
        Self::Differs {
            role: role.to_owned(),
            kind,
            reason: reason.map(str::to_owned),
            change: Change::default(),
        }
    }

    pub(super) fn outcome(&self) -> &'static str {
        match self {
            Self::Equal => "equal",
            Self::Differs {
                kind: Kind::NotEvaluated,
                ..
            } => "not_evaluated",
            Self::Differs { .. } => "different",
            Self::Failed => "failed",
        }
    }
}
