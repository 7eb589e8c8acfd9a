//! Which columns each role is granted, with `"*"` and inheritance worked out.
//!
//! Columns belong to the role, the table and the verb, never to a single rule: a rule that opens
//! rows must not open columns that another rule was meant for.

use postern_base::RoleName;
use postern_catalog::{Catalog, Generated, Relation};

use crate::Verb;
use crate::bind::{column_exists, writable};
use crate::computed::computed;
use crate::file::{ColumnList, Grant, TableFile};
use crate::lock::{Lock, Pinned};
use crate::predicate::near;
use crate::report::{Report, Site};
use crate::roles::Roles;

/// The grants of one table.
#[derive(Clone, Debug, Default)]
pub(crate) struct Grants {
    by_role: Vec<RoleGrant>,
}

#[derive(Clone, Debug)]
struct RoleGrant {
    role: RoleName,
    inherits: Option<RoleName>,
    lists: Vec<(Verb, Vec<String>)>,
    computed: Vec<String>,
}

/// The roles whose grants a role has, nearest first.
#[derive(Clone, Debug)]
pub(crate) struct Sources(Vec<RoleName>);

impl Sources {
    /// The roles, nearest first.
    pub(crate) fn roles(&self) -> &[RoleName] {
        &self.0
    }
}

impl Grants {
    /// Checks and expands the grants; the flag says that the lock closes the table.
    pub(crate) fn new(
        file: &TableFile,
        relation: &Relation,
        catalog: &Catalog,
        roles: &Roles,
        lock: Option<&Lock>,
        report: &mut Report<'_>,
    ) -> (Self, bool) {
        let mut expansion = Expansion {
            file,
            relation,
            lock,
            closed: false,
        };
        let mut grants = Self::default();
        for grant in &file.grants {
            let lists = grant
                .lists
                .iter()
                .map(|(verb, list)| (*verb, expansion.expand(*verb, list, report)))
                .collect();
            let computed = computed(&grant.computed, relation, catalog, report);
            let role = roles.find(&grant.role, report);
            let inherits = inherited(grant, file, report);
            if let Some(role) = role {
                grants.by_role.push(RoleGrant {
                    role,
                    inherits,
                    lists,
                    computed,
                });
            }
        }
        (grants, expansion.closed)
    }

    /// The roles whose grants this role has: its own, those that the section says it inherits,
    /// then the same for the role that it inherits, and so on.
    pub(crate) fn sources(&self, chain: &[RoleName]) -> Sources {
        let mut sources = Vec::new();
        for role in chain {
            let mut next = Some(role);
            while let Some(role) = next {
                if sources.contains(role) {
                    break;
                }
                sources.push(role.clone());
                next = self
                    .by_role
                    .iter()
                    .find(|it| it.role == *role)
                    .and_then(|it| it.inherits.as_ref());
            }
        }
        Sources(sources)
    }

    /// The functions of the row that are granted.
    pub(crate) fn computed(&self, sources: &Sources) -> Vec<String> {
        let mut names: Vec<_> = self
            .by_role
            .iter()
            .filter(|it| sources.0.contains(&it.role))
            .flat_map(|it| it.computed.iter().cloned())
            .collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    /// The granted columns in table order.
    pub(crate) fn columns(
        &self,
        sources: &Sources,
        verb: Verb,
        relation: &Relation,
    ) -> Vec<String> {
        let lists = self
            .by_role
            .iter()
            .filter(|it| sources.0.contains(&it.role))
            .flat_map(|it| &it.lists)
            .filter(|(of, _)| *of == verb);
        let granted: Vec<&String> = lists.flat_map(|(_, columns)| columns).collect();
        relation
            .columns
            .iter()
            .filter(|it| granted.contains(&&it.name))
            .map(|it| it.name.clone())
            .collect()
    }
}

struct Expansion<'a> {
    file: &'a TableFile,
    relation: &'a Relation,
    lock: Option<&'a Lock>,
    closed: bool,
}

impl Expansion<'_> {
    fn expand(&mut self, verb: Verb, list: &ColumnList, report: &mut Report<'_>) -> Vec<String> {
        match list {
            ColumnList::All(site) => self.all(verb, site, report),
            ColumnList::Names(names) => {
                let mut columns = Vec::new();
                for name in names {
                    let known = column_exists(name, self.relation, report)
                        && (verb == Verb::Select || writable(name, self.relation, report));
                    if known && self.pinned(&name.value, &name.site, report) != Pinned::Changed {
                        columns.push(name.value.clone());
                    }
                }
                columns
            }
        }
    }

    fn all(&mut self, verb: Verb, site: &Site, report: &mut Report<'_>) -> Vec<String> {
        if self.lock.is_none() {
            report.warning(
                site,
                "unlocked-star",
                "`\"*\"` grants whatever columns the table has now and later",
                "write a lock with `postern policy lock`, or list the columns",
            );
        }
        let mut columns = Vec::new();
        for column in &self.relation.columns {
            let given = match verb {
                Verb::Select | Verb::Delete => true,
                Verb::Insert | Verb::Update => {
                    let preset = |it: &crate::file::PresetEntry| {
                        it.verb == verb && it.column.value == column.name
                    };
                    !self.file.presets.iter().any(preset)
                        && !matches!(
                            column.generated,
                            Generated::Stored | Generated::IdentityAlways
                        )
                }
            };
            let pinned = self.pinned(&column.name, site, report);
            if given && (self.lock.is_none() || pinned == Pinned::Same) {
                columns.push(column.name.clone());
            }
            if pinned == Pinned::Absent && self.lock.is_some() {
                report.warning(
                    site,
                    "lock-missing",
                    format!(
                        "column `{}` is not in the lock, so `\"*\"` leaves it out",
                        column.name
                    ),
                    "look at it, then write the lock again with `postern policy lock`",
                );
            }
        }
        columns
    }

    /// Compares the column with the lock; a changed one closes the table.
    fn pinned(&mut self, column: &str, site: &Site, report: &mut Report<'_>) -> Pinned {
        let (Some(lock), Some(column)) = (self.lock, self.relation.column(column)) else {
            return Pinned::Absent;
        };
        let pinned = lock.column(self.relation, column);
        if pinned == Pinned::Changed {
            self.closed = true;
            report.warning(
                site,
                "lock-mismatch",
                format!(
                    "column `{}` is not the one in the lock, so `{}` is closed to everybody",
                    column.name, self.relation.name
                ),
                "check that the rules still fit, then write the lock again with \
                 `postern policy lock`",
            );
        }
        pinned
    }
}

/// Checks `inherits` inside of the columns section.
fn inherited(grant: &Grant, file: &TableFile, report: &mut Report<'_>) -> Option<RoleName> {
    let parent = grant.inherits.as_ref()?;
    let parent_of = |role: &str| {
        file.grants
            .iter()
            .find(|it| it.role.value == role)?
            .inherits
            .as_ref()
            .map(|it| it.value.as_str())
    };
    let names: Vec<_> = file
        .grants
        .iter()
        .map(|it| it.role.value.as_str())
        .collect();
    if !names.contains(&parent.value.as_str()) {
        let message = format!("role `{}` has no columns in this file", parent.value);
        let help = near(&parent.value, &names, "roles with columns are");
        report.error(&parent.site, "unknown-role", message, help);
        return None;
    }
    let mut seen = vec![grant.role.value.as_str()];
    let mut next = Some(parent.value.as_str());
    while let Some(role) = next {
        if seen.contains(&role) {
            let message = format!("the columns of `{role}` inherit themselves");
            report.error(&parent.site, "role-cycle", message, "remove one `inherits`");
            return None;
        }
        seen.push(role);
        next = parent_of(role);
    }
    Some(RoleName::new(&parent.value))
}
