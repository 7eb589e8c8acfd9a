//! Views that pass on columns of a relation, and the foreign keys that refer to them thereby.

use std::collections::{HashMap, HashSet};

use postern_base::RelationName;

use crate::ForeignKey;

/// The columns of a relation that a view passes on as they are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PassedOn {
    /// The view.
    pub view: RelationName,
    /// The relation that it reads.
    pub base: RelationName,
    /// `(base column, view column)` pairs.
    pub columns: Vec<(String, String)>,
}

/// Which views read each relation.
pub(crate) struct Readers<'p>(HashMap<&'p RelationName, Vec<&'p PassedOn>>);

impl<'p> Readers<'p> {
    pub(crate) fn new(all: &'p [PassedOn]) -> Self {
        let mut readers: HashMap<_, Vec<_>> = HashMap::new();
        for passed in all {
            readers.entry(&passed.base).or_default().push(passed);
        }
        Self(readers)
    }

    /// The key itself, then the same towards each view that shows what it refers to.
    pub(crate) fn spread(&self, key: &ForeignKey) -> Vec<ForeignKey> {
        let mut keys = vec![key.clone()];
        let mut seen = HashSet::from([key.target.clone()]);
        let mut next = 0;
        while let Some(key) = keys.get(next).cloned() {
            next += 1;
            for passed in self.0.get(&key.target).into_iter().flatten() {
                if let Some(key) = towards(&key, passed)
                    && seen.insert(key.target.clone())
                {
                    keys.push(key);
                }
            }
        }
        keys
    }
}

/// The key as one towards the view, if the view shows all columns that it refers to.
fn towards(key: &ForeignKey, passed: &PassedOn) -> Option<ForeignKey> {
    let shown = |column: &String| {
        let found = passed.columns.iter().find(|(base, _)| base == column);
        found.map(|(_, view)| view.clone())
    };
    Some(ForeignKey {
        target: passed.view.clone(),
        target_columns: key
            .target_columns
            .iter()
            .map(shown)
            .collect::<Option<_>>()?,
        ..key.clone()
    })
}
