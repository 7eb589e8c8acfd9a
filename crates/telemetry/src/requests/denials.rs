//! What was denied how often, since the server started.
//!
//! The log of requests forgets; these counts outlive what they were counted from. They are bounded,
//! because a caller chooses tables and verbs: whoever was denied longest ago is forgotten first.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::{Reason, Record};

/// Most kinds of denial that are counted.
const KINDS_MAX: usize = 500;

/// How often something was denied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DenialCount {
    /// The table or function, with its schema.
    pub relation: String,
    /// The verb of the policies, or `call`.
    pub verb: &'static str,
    /// The role that was denied.
    pub role: String,
    /// Why.
    pub reason: Reason,
    /// The names of the rules that were asked, if any.
    pub rules: String,
    /// How often.
    pub count: u64,
    /// When last, in seconds since the epoch.
    pub last_at: i64,
}

type Kind = (String, &'static str, String, Reason, String);

#[derive(Debug, Default)]
pub(crate) struct Denials(Mutex<HashMap<Kind, (u64, i64)>>);

impl Denials {
    /// Counts a request, if policies denied it.
    pub(crate) fn note(&self, record: &Record) {
        let Some(told) = &record.told else { return };
        let (Some(denial), Some(relation)) = (&told.denial, &told.relation) else {
            return;
        };
        let kind = (
            relation.to_string(),
            told.verb,
            told.role.to_string(),
            denial.reason,
            denial.rules.to_string(),
        );
        let mut counts = self.lock();
        if counts.len() >= KINDS_MAX && !counts.contains_key(&kind) {
            let oldest = counts.iter().min_by_key(|(_, (_, at))| *at);
            if let Some(oldest) = oldest.map(|(kind, _)| kind.clone()) {
                counts.remove(&oldest);
            }
        }
        let (count, last_at) = counts.entry(kind).or_default();
        *count += 1;
        *last_at = record.at.max(*last_at);
    }

    /// The most frequent ones.
    pub(crate) fn top(&self, limit: usize) -> Vec<DenialCount> {
        let mut all: Vec<_> = self.lock().iter().map(count_of).collect();
        all.sort_by(|a, b| {
            let by_count = b.count.cmp(&a.count).then(b.last_at.cmp(&a.last_at));
            by_count
                .then_with(|| (&a.relation, a.verb, &a.role).cmp(&(&b.relation, b.verb, &b.role)))
        });
        all.truncate(limit);
        all
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Kind, (u64, i64)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn count_of((kind, (count, last_at)): (&Kind, &(u64, i64))) -> DenialCount {
    let (relation, verb, role, reason, rules) = kind.clone();
    DenialCount {
        relation,
        verb,
        role,
        reason,
        rules,
        count: *count,
        last_at: *last_at,
    }
}
