//! Which columns of the row a predicate reads.

use std::collections::BTreeSet;

use postern_policy::{Expr, Source, Subquery};

/// Collects the names of the row's columns that the predicate reads, subqueries included.
pub(super) fn collect<'e>(expr: &'e Expr, names: &mut BTreeSet<&'e str>) {
    match expr {
        Expr::Column {
            source: Source::Row,
            name,
        } => {
            names.insert(name);
        }
        Expr::Bool(_)
        | Expr::Null
        | Expr::Number(_)
        | Expr::Text(_)
        | Expr::Column {
            source: Source::Alias(_),
            ..
        }
        | Expr::Claim(_)
        | Expr::Argument(_) => {}
        Expr::Not(inner) | Expr::Is { expr: inner, .. } | Expr::Cast { expr: inner, .. } => {
            collect(inner, names);
        }
        Expr::And(parts)
        | Expr::Or(parts)
        | Expr::Call {
            arguments: parts, ..
        } => {
            parts.iter().for_each(|part| collect(part, names));
        }
        Expr::Compare { left, right, .. }
        | Expr::Arithmetic { left, right, .. }
        | Expr::Json { left, right, .. }
        | Expr::Subscript {
            expr: left,
            index: right,
        }
        | Expr::AnyOf {
            expr: left,
            array: right,
            ..
        }
        | Expr::Like {
            expr: left,
            pattern: right,
            ..
        } => {
            collect(left, names);
            collect(right, names);
        }
        Expr::InList { expr, list, .. } => {
            collect(expr, names);
            list.iter().for_each(|item| collect(item, names));
        }
        Expr::Between {
            expr, low, high, ..
        } => {
            [expr, low, high]
                .into_iter()
                .for_each(|part| collect(part, names));
        }
        Expr::InQuery { expr, query, .. } => {
            collect(expr, names);
            collect_query(query, names);
        }
        Expr::Exists { query, .. } | Expr::Scalar(query) => collect_query(query, names),
        Expr::Case {
            operand,
            branches,
            otherwise,
        } => {
            operand
                .iter()
                .chain(otherwise)
                .for_each(|part| collect(part, names));
            for (when, then) in branches {
                collect(when, names);
                collect(then, names);
            }
        }
    }
}

fn collect_query<'e>(query: &'e Subquery, names: &mut BTreeSet<&'e str>) {
    collect(&query.select, names);
    collect(&query.condition, names);
}
