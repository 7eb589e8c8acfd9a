//! `computed` of a column grant: functions of the row that a role may read.
//!
//! Such a function sees the whole stored row, hidden and masked columns included, and runs with
//! the gateway's rights; whoever lists it vouches for it.

use postern_catalog::{Catalog, Function, Relation, Returns};

use crate::predicate::near;
use crate::report::{Report, Spanned};

/// Checks the names against the functions that take a row of the relation.
pub(crate) fn computed(
    names: &[Spanned<String>],
    relation: &Relation,
    catalog: &Catalog,
    report: &mut Report<'_>,
) -> Vec<String> {
    let mut known = Vec::new();
    for name in names {
        match catalog.computed(&relation.name, &name.value) {
            Some(_) if relation.column(&name.value).is_some() => report.error(
                &name.site,
                "computed-shadowed",
                format!(
                    "`{}` is a column of `{}` as well",
                    name.value, relation.name
                ),
                "grant the column in `select`, or give the function another name",
            ),
            Some(function) if is_readable(function) => {
                lint(name, function, report);
                known.push(name.value.clone());
            }
            Some(function) => report.error(
                &name.site,
                "computed-result",
                format!(
                    "`{}` returns nothing that can be read",
                    function.signature()
                ),
                "let it return a value, a row of a table, or `SETOF` a table",
            ),
            None => unknown(name, relation, catalog, report),
        }
    }
    known
}

/// Whether the function makes a column or a relationship.
fn is_readable(function: &Function) -> bool {
    match function.returns {
        Returns::Scalar(_) => !function.returns_set,
        Returns::Relation(_) => true,
        Returns::Void | Returns::Columns(_) | Returns::Record => false,
    }
}

fn lint(name: &Spanned<String>, function: &Function, report: &mut Report<'_>) {
    if function.security_definer && !function.fixed_search_path {
        report.warning(
            &name.site,
            "search-path",
            format!(
                "`{}` runs as its owner without a fixed search path",
                function.signature()
            ),
            format!("ALTER FUNCTION {} SET search_path = ''", function.name),
        );
    }
}

fn unknown(
    name: &Spanned<String>,
    relation: &Relation,
    catalog: &Catalog,
    report: &mut Report<'_>,
) {
    let functions = catalog.functions_of_row(&relation.name);
    let names: Vec<_> = functions.map(|it| it.name.name.as_str()).collect();
    let help = near(&name.value, &names, "functions of its row are");
    let message = format!(
        "no function `{}` takes a row of `{}`",
        name.value, relation.name
    );
    report.error(&name.site, "unknown-computed", message, help);
}
