//! Which columns of the row a predicate reads.

use std::collections::BTreeSet;

use postern_policy::{Expr, Source};

/// Collects the names of the row's columns that the predicate reads, subqueries included.
pub(super) fn collect<'e>(expr: &'e Expr, names: &mut BTreeSet<&'e str>) {
    expr.walk(&mut |it| {
        if let Expr::Column {
            source: Source::Row,
            name,
        } = it
        {
            names.insert(name);
        }
    });
}
