//! What the policy files rest on.

use std::collections::BTreeSet;

use postern_base::{RelationName, RoleName};
use postern_policy::{Diagnostic, Expr, Severity, Verb, looks_secret};

use super::{Finding, Gravity, Subject, sql_name, sql_relation};

/// Policy files that do not load.
pub(super) fn refused(diagnostics: &[Diagnostic]) -> Option<Finding> {
    let errors = diagnostics
        .iter()
        .filter(|it| it.severity == Severity::Error);
    let count = errors.count();
    (count > 0).then(|| Finding {
        gravity: Gravity::Grave,
        code: "policies-refused",
        what: format!("the policy files have {count} errors"),
        why: "nothing is served until they load",
        fix: "postern policy check".into(),
    })
}

/// Looks at the policies.
pub(super) fn examine(subject: &Subject<'_>, findings: &mut Vec<Finding>) {
    for warning in subject.warnings {
        if warning.code == "unindexed-column" {
            findings.push(Finding {
                gravity: Gravity::Warning,
                code: "unindexed-policy-column",
                what: warning.message.clone(),
                why: "every request reads the whole table to find the caller's rows",
                fix: format!("{};", warning.help),
            });
        }
    }
    secrets(subject, findings);
    lookups(subject, findings);
}

/// Columns that are called like secrets and that everybody of a role may read.
fn secrets(subject: &Subject<'_>, findings: &mut Vec<Finding>) {
    let mut found = BTreeSet::new();
    for (relation, role, verb, access) in subject.bundle.accesses() {
        let is_low = [RoleName::ANON, RoleName::AUTHENTICATED].contains(&role.as_str());
        if verb != Verb::Select || !is_low {
            continue;
        }
        let masked = |it: &&String| access.masks.contains_key(*it);
        let columns = access.columns.iter().filter(|it| looks_secret(it));
        for column in columns.filter(|it| !masked(it)) {
            let narrow = !access.filter.is_true();
            found.insert((narrow, relation, role.as_str(), column));
        }
    }
    for (narrow, relation, role, column) in found {
        findings.push(Finding {
            gravity: if narrow {
                Gravity::Warning
            } else {
                Gravity::Grave
            },
            code: "exposed-secret",
            what: format!(
                "`{role}` can read `{relation}.{column}` of {} row",
                if narrow { "a visible" } else { "every" }
            ),
            why: "what is called like this should never leave the database",
            fix: format!(
                "-- remove \"{column}\" from `[columns.{role}]` of {relation}.toml, or mask it"
            ),
        });
    }
}

/// Tables with row-level security: it applies to the gateway's login too, and whatever looks into
/// them takes a transaction of its own.
fn lookups(subject: &Subject<'_>, findings: &mut Vec<Finding>) {
    let login = &subject.survey.login;
    if subject.is_native() || login.superuser || login.bypass_rls {
        return;
    }
    let mut looked_up = BTreeSet::new();
    for (_, _, _, access) in subject.bundle.accesses() {
        for condition in [&access.filter, &access.check] {
            relations_of(condition, &mut looked_up);
        }
    }
    for relation in subject.survey.relations.iter().filter(|it| it.rls) {
        let name = sql_relation(&relation.name);
        let is_looked_up = looked_up.contains(&relation.name);
        let is_served = subject.bundle.accesses().any(|it| *it.0 == relation.name);
        if !is_looked_up && !is_served {
            continue;
        }
        findings.push(Finding {
            gravity: Gravity::Warning,
            code: "lookup-under-rls",
            what: format!(
                "`{}` has row-level security, which applies to `{}` as well",
                relation.name, login.name
            ),
            why: if is_looked_up {
                "policies that look into it find the rows that row-level security leaves, and \
                 every request that rests on them takes the slower session path"
            } else {
                "callers see the rows that both leave, on the slower session path"
            },
            fix: format!(
                "alter role {} bypassrls; -- or: alter table {name} disable row level security;",
                sql_name(&login.name)
            ),
        });
    }
}

/// The relations that a condition looks into.
fn relations_of(condition: &Expr, found: &mut BTreeSet<RelationName>) {
    condition.walk(&mut |node| {
        let from = node.subquery().into_iter().flat_map(|it| &it.from);
        found.extend(from.map(|it| it.relation.clone()));
    });
}
