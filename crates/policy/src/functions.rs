//! Listed functions bound to the catalogue, by signature.

mod signature;

use std::collections::HashMap;

use postern_base::RoleName;
use postern_catalog::{Catalog, Function, Returns};

use crate::bundle::{Expects, Fragment, Owner};
use crate::file::{FunctionEntry, list, relation_name};
use crate::lint::{assurance as assurance_lint, reads_user_metadata};
use crate::predicate::{Context, Lowering, near};
use crate::report::{Report, Spanned};
use crate::roles::Roles;
use crate::{Expr, FunctionAccess, FunctionMode, RuleRef};

/// The access of all listed functions, by canonical signature.
pub(crate) type Functions = HashMap<String, HashMap<RoleName, FunctionAccess>>;

/// Binds the entries of functions.toml.
pub(crate) fn bind(
    entries: &[FunctionEntry],
    catalog: &Catalog,
    roles: &Roles,
    lowering: &mut Lowering<'_>,
    report: &mut Report<'_>,
) -> (Functions, Vec<Fragment>) {
    let mut functions = Functions::new();
    let mut fragments = Vec::new();
    for entry in entries {
        let named: Vec<RoleName> = entry
            .roles
            .iter()
            .filter_map(|it| roles.find(it, report))
            .collect();
        let Some(function) = find(&entry.signature, catalog, report) else {
            continue;
        };
        let Some(access) = access(entry, function, catalog, lowering, report) else {
            continue;
        };
        if catalog.handlers().any(|it| it.oid == function.oid) && !check_handler(entry, report) {
            continue;
        }
        lint(entry, function, &access, report);
        fragments.push(fragment(entry, function, &access, report));
        let by_role = roles
            .all()
            .into_iter()
            .filter(|role| roles.chain(role).iter().any(|it| named.contains(it)))
            .map(|role| (role, access.clone()))
            .collect();
        if functions.insert(function.signature(), by_role).is_some() {
            let message = format!("function `{}` is listed twice", function.signature());
            report.error(
                &entry.signature.site,
                "duplicate",
                message,
                "merge the two entries",
            );
        }
    }
    (functions, fragments)
}

/// An aggregate that makes a media type runs inside of the statement that reads its rows: there is
/// no role to switch to, no argument to ask for, and no table whose rows would come back.
fn check_handler(entry: &FunctionEntry, report: &mut Report<'_>) -> bool {
    let wrong = match entry {
        it if it.mode != FunctionMode::Trusted => "needs `mode = \"trusted\"`",
        it if it.condition.is_some() => "cannot have a `where`",
        it if it.returns.is_some() => "cannot have `returns`",
        _ => return true,
    };
    report.error(
        &entry.signature.site,
        "handler-entry",
        format!("the aggregate `{}` {wrong}", entry.signature.value),
        "it is given the rows and columns that the caller may see, with the gateway's rights",
    );
    false
}

fn access(
    entry: &FunctionEntry,
    function: &Function,
    catalog: &Catalog,
    lowering: &mut Lowering<'_>,
    report: &mut Report<'_>,
) -> Option<FunctionAccess> {
    let context = Context {
        function: Some(function),
        ..Context::default()
    };
    let condition = match &entry.condition {
        Some(sql) => lowering.lower(sql, context, report),
        None => Some(Expr::Bool(true)),
    };
    let returns = match &entry.returns {
        Some(name) => Some(returns(name, function, catalog, report)?),
        None => None,
    };
    Some(FunctionAccess {
        mode: entry.mode,
        condition: condition?,
        assurance: entry.assurance,
        returns,
    })
}

fn returns(
    name: &Spanned<String>,
    function: &Function,
    catalog: &Catalog,
    report: &mut Report<'_>,
) -> Option<postern_base::RelationName> {
    let relation = relation_name(&name.value, &name.site, report)?;
    if catalog.relation(&relation).is_none() {
        let message = format!("unknown table `{relation}`");
        report.error(
            &name.site,
            "unknown-table",
            message,
            "name the table whose rows it returns",
        );
        return None;
    }
    if function.returns != Returns::Relation(relation.clone()) {
        let message = format!(
            "`{}` does not return rows of `{relation}`",
            function.signature()
        );
        let help = format!("declare it `RETURNS SETOF {relation}`, or remove `returns`");
        report.error(&name.site, "returns-mismatch", message, help);
        return None;
    }
    Some(relation)
}

fn lint(
    entry: &FunctionEntry,
    function: &Function,
    access: &FunctionAccess,
    report: &mut Report<'_>,
) {
    if reads_user_metadata(&access.condition) {
        report.warning(
            &entry.signature.site,
            "user-metadata",
            "the condition depends on `user_metadata`, which users write themselves",
            "use `app_metadata`, which only the service key writes",
        );
    }
    if function.security_definer && !function.fixed_search_path {
        report.warning(
            &entry.signature.site,
            "search-path",
            format!(
                "`{}` runs as its owner without a fixed search path",
                function.signature()
            ),
            format!("ALTER FUNCTION {} SET search_path = ''", function.name),
        );
    }
    if let Some(assurance) = entry.assurance {
        let (name, site) = (&entry.signature.value, &entry.signature.site);
        assurance_lint::idle(assurance, name, site, report);
        if entry.roles.iter().any(|it| it.value == "anon") {
            assurance_lint::visitors(name, "call it", site, report);
        }
    }
    if entry.mode == FunctionMode::Trusted && entry.roles.iter().any(|it| it.value == "anon") {
        report.warning(
            &entry.signature.site,
            "anon-trusted",
            format!(
                "everybody may run `{}` past all policies",
                function.signature()
            ),
            "remove `anon`, or use `mode = \"native\"`",
        );
    }
}

fn fragment(
    entry: &FunctionEntry,
    function: &Function,
    access: &FunctionAccess,
    report: &Report<'_>,
) -> Fragment {
    let signature = function.signature();
    Fragment {
        rule: RuleRef {
            kind: "function",
            name: signature.clone(),
            file: report.path(entry.signature.site.file).to_owned(),
            line: report.line(&entry.signature.site),
        },
        owner: Owner::Function(signature),
        expects: Expects::Condition,
        expr: access.condition.clone(),
    }
}

/// Finds the overload of a signature; else reports it with those that there are.
fn find<'c>(
    signature: &Spanned<String>,
    catalog: &'c Catalog,
    report: &mut Report<'_>,
) -> Option<&'c Function> {
    let Some((name, arguments)) = signature::parse(&signature.value) else {
        report.error(
            &signature.site,
            "bad-signature",
            format!("`{}` is no signature", signature.value),
            "write the schema, the name and the argument types: `public.search(text,int8)`",
        );
        return None;
    };
    let handlers = catalog.handlers().filter(|it| it.name == name);
    let overloads: Vec<_> = catalog.overloads(&name).iter().chain(handlers).collect();
    let mut meant = overloads.iter().copied().filter(|it| arguments.mean(it));
    match (meant.next(), meant.next()) {
        (Some(function), None) => return Some(function),
        (Some(_), Some(_)) => {
            let signatures: Vec<_> = overloads.iter().map(|it| it.signature()).collect();
            report.error(
                &signature.site,
                "bad-signature",
                format!("`{}` is more than one function", signature.value),
                format!("write the schemas of its types: {}", list(&signatures)),
            );
            return None;
        }
        (None, _) => {}
    }
    let help = if overloads.is_empty() {
        let names: Vec<_> = catalog.functions().map(|it| it.name.to_string()).collect();
        let names: Vec<_> = names.iter().map(String::as_str).collect();
        near(&name.to_string(), &names, "functions are")
    } else {
        let signatures: Vec<_> = overloads.iter().map(|it| it.signature()).collect();
        format!("there is {}", list(&signatures)).into()
    };
    let message = format!("unknown function `{}`", signature.value);
    report.error(&signature.site, "unknown-function", message, help);
    None
}
