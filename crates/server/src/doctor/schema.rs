//! Views, functions and keys.

use postern_catalog::{Function, RelationKind};

use super::{Finding, Gravity, Subject, sql_name, sql_relation};

/// The first version of Postgres with `security_invoker`.
const INVOKER_SINCE: u32 = 150_000;

/// Looks at them.
pub(super) fn examine(subject: &Subject<'_>, findings: &mut Vec<Finding>) {
    views(subject, findings);
    functions(subject, findings);
    keyless(subject, findings);
}

/// Views that read with their owner's rights. The policy files name each view by itself, so there
/// it is a matter of care; where the database decides, it is a way around the tables' policies.
fn views(subject: &Subject<'_>, findings: &mut Vec<Finding>) {
    let relations = subject.catalog.relations();
    let views = relations.filter(|it| it.kind == RelationKind::View && !it.security_invoker);
    for view in views.filter(|it| subject.is_served(&it.name)) {
        let granted = subject.survey.grants.iter().any(|it| {
            it.relation == view.name && it.verb == "select" && subject.is_everybody(&it.role)
        });
        let name = sql_relation(&view.name);
        findings.push(Finding {
            gravity: if granted && subject.is_native() {
                Gravity::Grave
            } else {
                Gravity::Warning
            },
            code: "view-with-owner-rights",
            what: format!("view `{}` reads with its owner's rights", view.name),
            why: "the policies of the tables behind it do not apply to whoever reads the view",
            fix: if subject.catalog.server_version() >= INVOKER_SINCE {
                format!("alter view {name} set (security_invoker = true);")
            } else {
                format!("revoke select on {name} from anon, authenticated, public;")
            },
        });
    }
}

fn functions(subject: &Subject<'_>, findings: &mut Vec<Finding>) {
    let functions = subject.catalog.functions();
    for function in functions.filter(|it| it.security_definer && !it.fixed_search_path) {
        findings.push(Finding {
            gravity: Gravity::Grave,
            code: "definer-search-path",
            what: format!(
                "function `{}` runs with its owner's rights and its caller's search_path",
                function.signature()
            ),
            why: "a caller who can make objects anywhere on that path decides what the names in \
                  the body mean, with the owner's rights",
            fix: format!(
                "alter function {} set search_path = '';",
                signature(function)
            ),
        });
    }
}

/// The function's name and argument types as ALTER FUNCTION takes them.
fn signature(function: &Function) -> String {
    let types = function.arguments.iter().map(|it| it.ty.sql.as_str());
    let types: Vec<_> = types.collect();
    let name = &function.name;
    let (schema, name) = (sql_name(&name.schema), sql_name(&name.name));
    format!("{schema}.{name}({})", types.join(", "))
}

fn keyless(subject: &Subject<'_>, findings: &mut Vec<Finding>) {
    let is_table = |kind| matches!(kind, RelationKind::Table | RelationKind::Partitioned);
    let relations = subject.catalog.relations();
    let tables = relations.filter(|it| is_table(it.kind) && it.primary_key.is_empty());
    for table in tables.filter(|it| subject.is_served(&it.name)) {
        findings.push(Finding {
            gravity: Gravity::Warning,
            code: "table-without-key",
            what: format!("table `{}` has no primary key", table.name),
            why: "its rows cannot be named: no upsert, no Location of a new row, no stable page",
            fix: format!(
                "alter table {} add column id bigint generated always as identity primary key;",
                sql_relation(&table.name)
            ),
        });
    }
}
