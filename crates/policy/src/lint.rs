//! Warnings: policies that load, and that their author should look at once more.
//!
//! Each lint says what could go wrong and how to make it right or to say that it is meant.

pub(crate) mod assurance;
mod grants;
mod rules;
mod speed;

use postern_base::RoleName;
use postern_catalog::Catalog;

use crate::bind::{Rule, Table};
use crate::bundle::TableAccess;
use crate::report::{Report, Site};
use crate::roles::Roles;
use crate::{Access, Expr, Source, Verb};

pub use grants::looks_secret;
pub(crate) use rules::reads_user_metadata;

/// What the lints look at.
struct Subject<'s> {
    table: &'s Table<'s>,
    access: &'s TableAccess,
    roles: &'s Roles,
    catalog: &'s Catalog,
}

/// Looks at a bound table.
pub(crate) fn lint(
    table: &Table<'_>,
    access: &TableAccess,
    roles: &Roles,
    catalog: &Catalog,
    report: &mut Report<'_>,
) {
    let subject = Subject {
        table,
        access,
        roles,
        catalog,
    };
    rules::lint(&subject, report);
    grants::lint(&subject, report);
    assurance::lint(&subject, report);
    speed::lint(&subject, report);
}

impl Subject<'_> {
    /// What a role may do by a verb.
    fn access(&self, role: &RoleName, verb: Verb) -> Option<&Access> {
        self.access.get(&(role.clone(), verb))
    }

    /// The place of a rule's condition.
    fn condition_site<'r>(rule: &'r Rule<'_>) -> &'r Site {
        rule.entry
            .condition
            .as_ref()
            .or(rule.entry.check.as_ref())
            .map_or(&rule.entry.site, |it| &it.site)
    }
}

/// The columns of the row that a tree reads, each once.
fn row_columns(expr: &Expr) -> Vec<&str> {
    let mut columns = Vec::new();
    expr.walk(&mut |node| {
        if let Expr::Column {
            source: Source::Row,
            name,
        } = node
            && !columns.contains(&name.as_str())
        {
            columns.push(name.as_str());
        }
    });
    columns
}
