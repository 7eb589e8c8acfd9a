//! Policies that need themselves to be decided.
//!
//! Under `scope = "caller"` a subquery is filtered by the select policy of the table that it
//! reads. Where that policy leads back, through any number of tables, no statement could ever be
//! written; Postgres reports "infinite recursion" in this case at run time, we do at load.

use std::collections::{HashMap, HashSet};

use postern_base::RelationName;

use crate::Verb;
use crate::bind::Table;
use crate::report::Report;

/// Reports each table that lies on a cycle.
pub(crate) fn refuse_cycles(tables: &[Table<'_>], report: &mut Report<'_>) {
    let reads: HashMap<_, _> = tables
        .iter()
        .map(|it| (it.relation.name.clone(), select_reads(it)))
        .collect();
    for table in tables {
        let start = &table.relation.name;
        if reaches(start, &reads) {
            report.error(
                &table.file.table.site,
                "recursive-scope",
                format!("the select policy of `{start}` needs itself to be decided"),
                "leave out `scope = \"caller\"` in one of the rules on the way",
            );
        }
    }
}

/// The tables whose select policies are part of this table's.
fn select_reads(table: &Table<'_>) -> HashSet<RelationName> {
    let mut found = HashSet::new();
    let rules = table.rules.iter();
    for rule in rules.filter(|it| it.entry.covers(Verb::Select)) {
        rule.condition.walk(&mut |node| {
            if let Some(query) = node.subquery().filter(|it| it.as_caller) {
                found.extend(query.from.iter().map(|it| it.relation.clone()));
            }
        });
    }
    found
}

fn reaches(start: &RelationName, reads: &HashMap<RelationName, HashSet<RelationName>>) -> bool {
    let mut seen = HashSet::new();
    let mut open = vec![start];
    while let Some(name) = open.pop() {
        for next in reads.get(name).into_iter().flatten() {
            if next == start {
                return true;
            }
            if seen.insert(next) {
                open.push(next);
            }
        }
    }
    false
}
