//! Function calls: an allow list, the caller's claims, named predicates, and opaque functions
//! where the rule says `native = true`.

use sqlparser::ast::{
    CeilFloorKind, DateTimeField, Expr as Tree, Function, FunctionArg, FunctionArgExpr,
    FunctionArgumentList, FunctionArguments, TrimWhereField,
};

use super::Lowering;
use super::lower::{refuse, site};
use super::resolve::near;
use super::scope::Frame;
use super::subquery::{is_system, part};
use crate::report::Report;
use crate::{Expr, syntax};

const BUILTIN: &str = "pg_catalog";

/// Functions of `pg_catalog` that a policy may call, with the fewest and most arguments.
///
/// SECURITY: none of them is volatile, runs text as SQL, reads files or settings, or takes names
/// of relations. `coalesce` and the like are syntax in SQL; the printer knows them by name.
const FUNCTIONS: &[(&str, usize, usize)] = &[
    ("abs", 1, 1),
    ("array_length", 2, 2),
    ("array_position", 2, 3),
    ("btrim", 1, 2),
    ("cardinality", 1, 1),
    ("ceil", 1, 1),
    ("char_length", 1, 1),
    ("coalesce", 1, 32),
    ("concat", 1, 32),
    ("date_trunc", 2, 3),
    ("floor", 1, 1),
    ("greatest", 1, 32),
    ("jsonb_array_length", 1, 1),
    ("jsonb_extract_path_text", 2, 16),
    ("jsonb_typeof", 1, 1),
    ("least", 1, 32),
    ("left", 2, 2),
    ("length", 1, 1),
    ("lower", 1, 1),
    ("ltrim", 1, 2),
    ("md5", 1, 1),
    ("now", 0, 0),
    ("nullif", 2, 2),
    ("replace", 3, 3),
    ("right", 2, 2),
    ("round", 1, 2),
    ("rtrim", 1, 2),
    ("split_part", 3, 3),
    ("starts_with", 2, 2),
    ("substr", 2, 3),
    ("substring", 2, 3),
    ("to_jsonb", 1, 1),
    ("upper", 1, 1),
];

/// The path functions of storage policies.
const STORAGE: &[&str] = &["extension", "filename", "foldername"];

impl Lowering<'_> {
    /// Lowers a call in ordinary form.
    pub(super) fn call(
        &mut self,
        tree: &Tree,
        call: &Function,
        frame: &mut Frame<'_>,
        report: &mut Report<'_>,
    ) -> Option<Expr> {
        let Function {
            name,
            uses_odbc_syntax: false,
            parameters: FunctionArguments::None,
            args,
            within_group,
            filter: None,
            null_treatment: None,
            over: None,
        } = call
        else {
            return refuse(tree, frame, report);
        };
        let parts: Option<Vec<String>> = name.0.iter().map(part).collect();
        let (Some(parts), true) = (parts, within_group.is_empty()) else {
            return refuse(tree, frame, report);
        };
        let parts: Vec<_> = parts.iter().map(String::as_str).collect();
        let arguments = match args {
            FunctionArguments::None => return keyword(&parts, tree, frame, report),
            FunctionArguments::Subquery(_) => return refuse(tree, frame, report),
            FunctionArguments::List(list) => match plain_arguments(list) {
                Some(arguments) => arguments,
                None => return refuse(tree, frame, report),
            },
        };
        if let ["predicates", name] = parts.as_slice() {
            return self.inline(name, &arguments, tree, frame, report);
        }
        let arguments = self.all(arguments, frame, report)?;
        match parts.as_slice() {
            ["auth", name] => claim(name, &arguments, tree, frame, report),
            [name] | [BUILTIN, name] => builtin(name, arguments, tree, frame, report),
            ["storage", name] if STORAGE.contains(name) && arguments.len() == 1 => {
                Some(call_of("storage", name, arguments))
            }
            [schema, name] if frame.context.native && !is_system(schema) => {
                Some(call_of(schema, name, arguments))
            }
            _ => {
                let name = parts.join(".");
                let help = "use a listed function, or set `native = true` on the rule if you \
                            vouch for it (the table then takes the slower session path)";
                let message = format!("function `{name}` is not on the list");
                report.error(&site(tree, frame), "refused-function", message, help);
                None
            }
        }
    }

    /// Lowers the calls that have a syntax of their own.
    pub(super) fn special_call(
        &mut self,
        tree: &Tree,
        frame: &mut Frame<'_>,
        report: &mut Report<'_>,
    ) -> Option<Expr> {
        let (name, operands): (_, Vec<&Tree>) = match tree {
            Tree::Extract {
                field,
                syntax: _,
                expr,
            } => {
                let field = match extract_field(field) {
                    Some(field) => Expr::Text(field.into()),
                    None => return refuse(tree, frame, report),
                };
                let value = self.expr(expr, frame, report)?;
                return Some(call_of(BUILTIN, "extract", vec![field, value]));
            }
            Tree::Ceil {
                expr,
                field: CeilFloorKind::DateTimeField(DateTimeField::NoDateTime),
            } => ("ceil", vec![expr]),
            Tree::Floor {
                expr,
                field: CeilFloorKind::DateTimeField(DateTimeField::NoDateTime),
            } => ("floor", vec![expr]),
            Tree::Substring {
                expr,
                substring_from: Some(from),
                substring_for,
                special: true,
                shorthand: _,
            } => {
                let operands = [expr, from].into_iter().chain(substring_for);
                ("substring", operands.map(AsRef::as_ref).collect())
            }
            Tree::Trim {
                trim_where,
                trim_what,
                expr,
                trim_characters: None,
            } => {
                let name = match trim_where {
                    None | Some(TrimWhereField::Both) => "btrim",
                    Some(TrimWhereField::Leading) => "ltrim",
                    Some(TrimWhereField::Trailing) => "rtrim",
                };
                let operands = std::iter::once(expr).chain(trim_what);
                (name, operands.map(AsRef::as_ref).collect())
            }
            _ => return refuse(tree, frame, report),
        };
        let arguments = self.all(operands, frame, report)?;
        Some(call_of(BUILTIN, name, arguments))
    }
}

fn call_of(schema: &str, function: &str, arguments: Vec<Expr>) -> Expr {
    Expr::Call {
        schema: schema.to_owned(),
        function: function.to_owned(),
        arguments,
    }
}

/// Functions that are written without parentheses.
fn keyword(
    parts: &[&str],
    tree: &Tree,
    frame: &Frame<'_>,
    report: &mut Report<'_>,
) -> Option<Expr> {
    match parts {
        ["current_timestamp"] => Some(call_of(BUILTIN, "now", Vec::new())),
        ["current_date"] => Some(call_of(BUILTIN, "current_date", Vec::new())),
        _ => {
            let message = format!("`{}` is refused", parts.join("."));
            let help = "the caller is `auth.uid()`, the time is `now()`";
            report.error(&site(tree, frame), "refused-function", message, help);
            None
        }
    }
}

fn builtin(
    name: &str,
    arguments: Vec<Expr>,
    tree: &Tree,
    frame: &Frame<'_>,
    report: &mut Report<'_>,
) -> Option<Expr> {
    let Some((_, fewest, most)) = FUNCTIONS.iter().find(|(it, ..)| *it == name) else {
        let names: Vec<_> = FUNCTIONS.iter().map(|(it, ..)| *it).collect();
        let help = near(name, &names, "listed functions are, among others,");
        let message = format!("function `{name}` is not on the list");
        report.error(&site(tree, frame), "refused-function", message, help);
        return None;
    };
    if !(*fewest..=*most).contains(&arguments.len()) {
        let given = arguments.len();
        let message = format!("`{name}` does not take {given} arguments");
        let help = format!("give it {fewest} to {most}");
        report.error(&site(tree, frame), "wrong-arguments", message, help);
        return None;
    }
    Some(call_of(BUILTIN, name, arguments))
}

fn claim(
    name: &str,
    arguments: &[Expr],
    tree: &Tree,
    frame: &Frame<'_>,
    report: &mut Report<'_>,
) -> Option<Expr> {
    let Some(claim) = syntax::claim(name) else {
        let message = format!("function `auth.{name}` is not on the list");
        let help = near(name, &["uid", "role", "email", "jwt"], "there are");
        report.error(&site(tree, frame), "refused-function", message, help);
        return None;
    };
    if !arguments.is_empty() {
        let message = format!("`auth.{name}()` takes no arguments");
        report.error(
            &site(tree, frame),
            "wrong-arguments",
            message,
            "remove them",
        );
        return None;
    }
    Some(Expr::Claim(claim))
}

/// The arguments of a call without DISTINCT, ORDER BY, names or `*`.
fn plain_arguments(list: &FunctionArgumentList) -> Option<Vec<&Tree>> {
    let FunctionArgumentList {
        duplicate_treatment: None,
        args,
        clauses,
    } = list
    else {
        return None;
    };
    if !clauses.is_empty() {
        return None;
    }
    args.iter()
        .map(|argument| match argument {
            FunctionArg::Unnamed(FunctionArgExpr::Expr(value)) => Some(value),
            _ => None,
        })
        .collect()
}

/// The fields of EXTRACT that need no table of time zones.
fn extract_field(field: &DateTimeField) -> Option<&'static str> {
    match field {
        DateTimeField::Epoch => Some("epoch"),
        DateTimeField::Year => Some("year"),
        DateTimeField::Month => Some("month"),
        DateTimeField::Week(None) => Some("week"),
        DateTimeField::Day => Some("day"),
        DateTimeField::Hour => Some("hour"),
        DateTimeField::Minute => Some("minute"),
        DateTimeField::Second => Some("second"),
        DateTimeField::Dow => Some("dow"),
        DateTimeField::Isodow => Some("isodow"),
        DateTimeField::Doy => Some("doy"),
        _ => None,
    }
}
