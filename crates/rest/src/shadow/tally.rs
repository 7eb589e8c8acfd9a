//! The counted findings, for one pair of bundles: a reload of either starts again.

use std::collections::BTreeMap;

use serde::Serialize;

use super::Candidate;
use super::difference::{Change, Difference, Finding};
use super::sample::Sample;
use crate::Snapshot;

/// Most differences that are told apart; further ones are counted as requests only.
const DIFFERENCES_MAX: usize = 1_000;

/// The hashes of the policies in force and of the candidate.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Pair(String, Option<String>);

impl Pair {
    fn of(snapshot: &Snapshot) -> Self {
        Self(
            snapshot.bundle.hash.clone(),
            candidate_hash(snapshot).map(str::to_owned),
        )
    }

    fn is_of(&self, snapshot: &Snapshot) -> bool {
        self.0 == snapshot.bundle.hash && self.1.as_deref() == candidate_hash(snapshot)
    }
}

fn candidate_hash(snapshot: &Snapshot) -> Option<&str> {
    match &snapshot.candidate {
        Candidate::Ready(bundle) => Some(&bundle.hash),
        Candidate::Off | Candidate::Refused(_) => None,
    }
}

/// What became of requests.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub(super) struct Requests {
    /// Those that came while there was a candidate.
    pub(super) seen: u64,
    /// Those of the sample for which there was no room.
    pub(super) dropped: u64,
    pub(super) equal: u64,
    pub(super) different: u64,
    pub(super) not_evaluated: u64,
    pub(super) failed: u64,
}

/// The counts.
#[derive(Debug, Default)]
pub(super) struct Tally {
    pair: Pair,
    pub(super) requests: Requests,
    differences: BTreeMap<Difference, (u64, Change)>,
}

/// One line of the report.
#[derive(Serialize)]
pub(super) struct Counted {
    #[serde(flatten)]
    difference: Difference,
    count: u64,
    #[serde(flatten)]
    change: Change,
}

impl Tally {
    /// The counts for what is served from now on; those of the same policies go on.
    pub(super) fn enter(&mut self, snapshot: &Snapshot) {
        if !self.pair.is_of(snapshot) {
            *self = Self {
                pair: Pair::of(snapshot),
                ..Self::default()
            };
        }
    }

    /// The counts of requests, if these are the policies that are counted.
    pub(super) fn requests_of(&mut self, snapshot: &Snapshot) -> Option<&mut Requests> {
        self.pair.is_of(snapshot).then_some(&mut self.requests)
    }

    /// Counts a finding. Returns the difference when its count is worth a line in the log: at
    /// first, then ever more seldom.
    pub(super) fn note(&mut self, sample: &Sample, finding: Finding) -> Option<(Difference, u64)> {
        if !self.pair.is_of(&sample.snapshot) {
            return None;
        }
        let counter = match finding.outcome() {
            "equal" => &mut self.requests.equal,
            "different" => &mut self.requests.different,
            "not_evaluated" => &mut self.requests.not_evaluated,
            _ => &mut self.requests.failed,
        };
        *counter += 1;
        let Finding::Differs {
            role,
            kind,
            reason,
            change,
        } = finding
        else {
            return None;
        };
        let difference = Difference {
            method: sample.method(),
            name: sample.name(),
            role,
            kind,
            reason,
        };
        let is_known = self.differences.contains_key(&difference);
        if !is_known && self.differences.len() >= DIFFERENCES_MAX {
            return None;
        }
        let (count, changes) = self.differences.entry(difference.clone()).or_default();
        *count += 1;
        changes.add(&change);
        count.is_power_of_two().then_some((difference, *count))
    }

    pub(super) fn counted(&self) -> Vec<Counted> {
        let counted = self.differences.iter();
        counted
            .map(|(difference, (count, change))| Counted {
                difference: difference.clone(),
                count: *count,
                change: change.clone(),
            })
            .collect()
    }
}
