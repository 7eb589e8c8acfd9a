//! JOIN … USING: written out as a condition, and the columns that it makes one of several.

use sqlparser::ast::{ObjectName, Spanned as _};
use sqlparser::tokenizer::Span;

use super::scope::{Lowering, Meaning, Merged};
use super::{JoinKind, Refusal, Term, from};
use crate::Comparison;

impl Lowering<'_> {
    /// The condition of a join whose right side is the last source, and whose left side begins
    /// with this number.
    pub(super) fn using(
        &mut self,
        kind: JoinKind,
        columns: &[ObjectName],
        first: usize,
        span: Span,
    ) -> Result<Term, Refusal> {
        let mut conditions = Vec::new();
        for column in columns {
            self.at(column.span());
            let name = match column.0.as_slice() {
                [part] => from::part(part),
                _ => None,
            };
            let Some(name) = name else {
                let help = "name columns that both sides have";
                return Err(Refusal::construct(span, "this kind of USING", help));
            };
            conditions.push(self.merge(kind, &name, first, column.span())?);
        }
        Ok(match conditions.len() {
            1 => conditions.remove(0),
            _ => Term::And(conditions),
        })
    }

    fn merge(
        &mut self,
        kind: JoinKind,
        name: &str,
        first: usize,
        span: Span,
    ) -> Result<Term, Refusal> {
        let missing = |side: &str| {
            let message = format!("the {side} side of the join has no one column `{name}`");
            Refusal::new(span, message, "write the condition out with ON")
        };
        let scope = self.scopes.last().ok_or_else(|| missing("left"))?;
        let (right, left) = scope.sources[first..]
            .split_last()
            .ok_or_else(|| missing("right"))?;
        let right = right.clone();
        if !right.columns.iter().any(|it| it == name) {
            return Err(missing("right"));
        }
        let mut found = scope.meanings(name, left);
        let (Some(left), true) = (found.pop(), found.is_empty()) else {
            return Err(missing("left"));
        };
        let mut of = match &left {
            Meaning::Merged(merged) => merged.of.clone(),
            Meaning::Column(source) => vec![source.alias.clone()],
        };
        of.push(right.alias.clone());
        let left = self.meant(left, name.to_owned());
        let right = self.column(&right, name.to_owned());
        let (one, other) = (Box::new(left.clone()), Box::new(right.clone()));
        let term = match kind {
            JoinKind::Right => right,
            JoinKind::Full => Term::Call {
                function: "coalesce",
                distinct: false,
                arguments: vec![left, right],
            },
            JoinKind::Comma | JoinKind::Cross | JoinKind::Inner | JoinKind::Left => left,
        };
        if let Some(scope) = self.scopes.last_mut() {
            let is_part = |it: &Merged| it.name == name && it.of.iter().all(|one| of.contains(one));
            scope.merged.retain(|it| !is_part(it));
            scope.merged.push(Merged {
                name: name.to_owned(),
                term,
                of,
            });
        }
        Ok(Term::Compare(Comparison::Eq, one, other))
    }
}
