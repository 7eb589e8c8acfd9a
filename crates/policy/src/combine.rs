//! The rules of a table put together for one role and one verb.
//!
//! ```text
//! filter = (allow OR allow OR …) AND require AND … AND (deny IS FALSE) AND …
//! check  = the same with each rule's own check
//! ```
//! What `require` rules demand of the sign-in is not part of either: all of it must be met before
//! a statement is made.
//!
//! This is how Postgres combines permissive and restrictive policies. What is not TRUE denies.

use indexmap::IndexMap;
use postern_base::RoleName;

use crate::bind::{Rule, Table};
use crate::bundle::TableAccess;
use crate::file::RuleKind;
use crate::roles::Roles;
use crate::{Access, Assurance, Expr, RowLimits, Verb};

/// Combines all that the table's file says.
pub(crate) fn combine(table: &Table<'_>, roles: &Roles) -> TableAccess {
    let mut all = TableAccess::new();
    if !table.closed {
        for role in roles.all() {
            for verb in Verb::ALL {
                if let Some(access) = access(table, &role, verb, roles) {
                    all.insert((role.clone(), verb), access);
                }
            }
        }
    }
    all
}

fn access(table: &Table<'_>, role: &RoleName, verb: Verb, roles: &Roles) -> Option<Access> {
    let chain = roles.chain(role);
    let rules: Vec<&Rule<'_>> = table
        .rules
        .iter()
        .filter(|it| it.applies(&chain, verb))
        .collect();
    if !rules.iter().any(|it| it.entry.kind == RuleKind::Allow) {
        return None;
    }
    let sources = table.grants.sources(&chain);
    let granted_by = if verb == Verb::Delete {
        Verb::Select
    } else {
        verb
    };
    let columns = table.grants.columns(&sources, granted_by, table.relation);
    if columns.is_empty() && verb != Verb::Delete {
        return None;
    }
    let writes = matches!(verb, Verb::Insert | Verb::Update);
    let mut masks = IndexMap::new();
    if verb == Verb::Select {
        masks = table.masks_of(&sources);
        masks.retain(|column, _| columns.contains(column));
    }
    let computed = if verb == Verb::Select {
        table.grants.computed(&sources)
    } else {
        Vec::new()
    };
    Some(Access {
        columns,
        computed,
        filter: match verb {
            Verb::Insert => Expr::Bool(true),
            Verb::Select | Verb::Update | Verb::Delete => {
                conjunction(rules.iter().map(|it| (it.entry.kind, it.condition.clone())))
            }
        },
        check: if writes {
            conjunction(rules.iter().map(|it| (it.entry.kind, it.check.clone())))
        } else {
            Expr::Bool(true)
        },
        masks,
        presets: table
            .presets
            .iter()
            .filter(|(of, ..)| *of == verb)
            .map(|(_, column, preset)| (column.clone(), preset.clone()))
            .collect(),
        references: if writes {
            table.references.clone()
        } else {
            Vec::new()
        },
        select_check: match verb {
            Verb::Insert => table.file.select_check_insert,
            Verb::Update => table.file.select_check_update,
            Verb::Select | Verb::Delete => true,
        },
        limits: limits(table, &chain),
        assurance: rules
            .iter()
            .filter_map(|it| it.assurance())
            .reduce(Assurance::and),
        native: rules.iter().any(|it| it.entry.native),
        rules: rules.iter().map(|it| it.reference.clone()).collect(),
    })
}

/// (any allow) and every require and no deny.
pub(crate) fn conjunction(demands: impl Iterator<Item = (RuleKind, Expr)>) -> Expr {
    let (open, narrow): (Vec<_>, Vec<_>) = demands.partition(|(kind, _)| *kind == RuleKind::Allow);
    let bare = |list: Vec<(RuleKind, Expr)>| list.into_iter().map(|(_, expr)| expr);
    let open = Expr::any(bare(open).collect());
    Expr::all(std::iter::once(open).chain(bare(narrow)).collect())
}

/// Each limit from the nearest role of the chain that sets it.
fn limits(table: &Table<'_>, chain: &[RoleName]) -> RowLimits {
    let mut limits = RowLimits::default();
    for role in chain.iter().rev() {
        let entries = table.file.limits.iter();
        for entry in entries.filter(|it| it.role.value == role.as_str()) {
            limits.rows = entry.rows.or(limits.rows);
            limits.counts = entry.counts.unwrap_or(limits.counts);
            limits.aggregates = entry.aggregates.unwrap_or(limits.aggregates);
            limits.max_affected = entry.max_affected.or(limits.max_affected);
        }
    }
    limits
}
