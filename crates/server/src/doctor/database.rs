//! What row-level security and grants of the database leave open.

use postern_base::RelationName;
use postern_policy::looks_secret;

use super::{Finding, Gravity, Subject, sql_name, sql_relation};

/// Looks at them.
pub(super) fn examine(subject: &Subject<'_>, findings: &mut Vec<Finding>) {
    open_tables(subject, findings);
    secrets(subject, findings);
    unindexed(subject, findings);
}

/// Tables without row-level security that everybody has rights on.
fn open_tables(subject: &Subject<'_>, findings: &mut Vec<Finding>) {
    let tables = subject.survey.relations.iter().filter(|it| it.is_table);
    for table in tables.filter(|it| !it.rls) {
        let grants = subject.survey.grants.iter();
        let grants = grants.filter(|it| it.relation == table.name);
        let mut verbs: Vec<_> = grants
            .filter(|it| subject.is_everybody(&it.role))
            .map(|it| format!("{} ({})", it.verb, it.role))
            .collect();
        verbs.dedup();
        if verbs.is_empty() {
            continue;
        }
        findings.push(Finding {
            gravity: Gravity::Grave,
            code: "table-without-rls",
            what: format!(
                "`{}` has no row-level security, and is open for {}",
                table.name,
                verbs.join(", ")
            ),
            why: "whoever has the publishable key reaches every row of it",
            fix: format!(
                "alter table {} enable row level security;",
                sql_relation(&table.name)
            ),
        });
    }
}

/// Columns that are called like secrets and that everybody may select.
fn secrets(subject: &Subject<'_>, findings: &mut Vec<Finding>) {
    for relation in subject
        .catalog
        .relations()
        .filter(|it| subject.is_served(&it.name))
    {
        let columns = relation.columns.iter().map(|it| it.name.as_str());
        for column in columns.filter(|it| looks_secret(it)) {
            for role in readers(subject, &relation.name, column) {
                let defended = is_defended(subject, &relation.name);
                findings.push(Finding {
                    gravity: if defended {
                        Gravity::Warning
                    } else {
                        Gravity::Grave
                    },
                    code: "exposed-secret",
                    what: format!("`{role}` can read `{}.{column}`", relation.name),
                    why: "what is called like this should never leave the database",
                    fix: narrower(subject, &relation.name, role),
                });
            }
        }
    }
}

/// Which of everybody's roles may select a column.
fn readers<'s>(subject: &'s Subject<'_>, relation: &RelationName, column: &str) -> Vec<&'s str> {
    let grants = subject.survey.grants.iter();
    let grants = grants.filter(|it| it.relation == *relation && it.verb == "select");
    let covers = grants.filter(|it| it.column.as_deref().is_none_or(|it| it == column));
    let mut roles: Vec<_> = covers.map(|it| it.role.as_str()).collect();
    roles.retain(|it| subject.is_everybody(it));
    roles.dedup();
    roles
}

fn is_defended(subject: &Subject<'_>, relation: &RelationName) -> bool {
    let mut relations = subject.survey.relations.iter();
    relations.any(|it| it.name == *relation && it.rls)
}

/// The SQL that leaves the role every column but those called like secrets.
fn narrower(subject: &Subject<'_>, relation: &RelationName, role: &str) -> String {
    let columns = subject.catalog.relation(relation);
    let columns = columns.into_iter().flat_map(|it| &it.columns);
    let open = columns.filter(|it| !looks_secret(&it.name));
    let open: Vec<_> = open.map(|it| sql_name(&it.name)).collect();
    let (name, role) = (sql_relation(relation), sql_name(role));
    format!(
        "revoke select on {name} from {role}; grant select ({}) on {name} to {role};",
        open.join(", ")
    )
}

/// Columns that policies read and that no index starts with.
fn unindexed(subject: &Subject<'_>, findings: &mut Vec<Finding>) {
    let mut told: Vec<(&RelationName, &str)> = Vec::new();
    for policy in &subject.survey.policies {
        let Some(relation) = subject.catalog.relation(&policy.relation) else {
            continue;
        };
        for column in &policy.columns {
            let place = (&policy.relation, column.as_str());
            let narrows = relation
                .column(column)
                .is_some_and(|it| it.ty.operator_name() != "bool");
            if relation.indexed.contains(column) || told.contains(&place) || !narrows {
                continue;
            }
            told.push(place);
            findings.push(Finding {
                gravity: Gravity::Warning,
                code: "unindexed-policy-column",
                what: format!(
                    "no index of `{}` starts with `{column}`, which policy `{}` reads",
                    policy.relation, policy.name
                ),
                why: "every request reads the whole table to find the caller's rows",
                fix: format!(
                    "create index on {} ({});",
                    sql_relation(&policy.relation),
                    sql_name(column)
                ),
            });
        }
    }
}
