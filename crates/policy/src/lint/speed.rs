//! Advice on what makes a policy slow on large tables.

use postern_base::RelationName;
use postern_catalog::{Relation, RelationKind};

use super::Subject;
use crate::report::{Report, Site};
use crate::{Comparison, Expr, Source, Subquery, Verb};

/// Gives it.
pub(super) fn lint(subject: &Subject<'_>, report: &mut Report<'_>) {
    let mut advised = Vec::new();
    for rule in &subject.table.rules {
        let reads = [Verb::Select, Verb::Update, Verb::Delete];
        if !reads.into_iter().any(|verb| rule.entry.covers(verb)) {
            continue;
        }
        let site = Subject::condition_site(rule);
        correlated(&rule.condition, &rule.entry.name, site, report);
        for (relation, column) in looked_up(&rule.condition, subject) {
            let place = (relation.name.clone(), column.to_owned());
            if !advised.contains(&place) {
                unindexed(relation, column, site, report);
                advised.push(place);
            }
        }
    }
}

/// A subquery that is run for each row again.
fn correlated(condition: &Expr, rule: &str, site: &Site, report: &mut Report<'_>) {
    let mut found = false;
    condition.walk(&mut |node| {
        if let Some(query) = node.subquery() {
            found |= !super::row_columns(&query.condition).is_empty();
        }
    });
    if found {
        report.warning(
            site,
            "correlated-membership",
            format!("`{rule}` looks into another table for each row again"),
            "turn it round: `column IN (SELECT … WHERE user_id = auth.uid())` is looked up once",
        );
    }
}

fn unindexed(relation: &Relation, column: &str, site: &Site, report: &mut Report<'_>) {
    let is_view = matches!(relation.kind, RelationKind::View | RelationKind::Foreign);
    if is_view || relation.indexed.iter().any(|it| it == column) {
        return;
    }
    report.warning(
        site,
        "unindexed-column",
        format!(
            "no index of `{}` starts with `{column}`, which the policy looks up",
            relation.name
        ),
        format!("CREATE INDEX ON {} ({column})", relation.name),
    );
}

/// The columns that are compared with something that is the same for all rows.
fn looked_up<'s>(condition: &'s Expr, subject: &Subject<'s>) -> Vec<(&'s Relation, &'s str)> {
    let mut found = Vec::new();
    let mut queries: Vec<&Subquery> = Vec::new();
    condition.walk(&mut |node| queries.extend(node.subquery()));
    let relation_of = |source: &Source| -> Option<&'s Relation> {
        let name: &RelationName = match source {
            Source::Row => return Some(subject.table.relation),
            Source::Alias(alias) => {
                let mut items = queries.iter().flat_map(|it| &it.from);
                &items.find(|it| it.alias == *alias)?.relation
            }
        };
        subject.catalog.relation(name)
    };
    condition.walk(&mut |node| {
        let column = match node {
            Expr::Compare {
                op: Comparison::Eq,
                left,
                right,
            } => match (left.as_ref(), right.as_ref()) {
                (column @ Expr::Column { .. }, key) | (key, column @ Expr::Column { .. })
                    if is_of_caller(key) =>
                {
                    column
                }
                _ => return,
            },
            Expr::InQuery {
                expr,
                negated: false,
                ..
            } => expr.as_ref(),
            _ => return,
        };
        if let Expr::Column { source, name } = column {
            found.extend(relation_of(source).map(|it| (it, name.as_str())));
        }
    });
    found
}

/// Whether a value depends on the caller and on no row.
fn is_of_caller(expr: &Expr) -> bool {
    let (mut claims, mut columns) = (false, false);
    expr.walk(&mut |node| {
        claims |= matches!(node, Expr::Claim(_));
        columns |= matches!(node, Expr::Column { .. });
    });
    claims && !columns
}
