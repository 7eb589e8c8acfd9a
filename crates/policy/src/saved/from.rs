//! FROM: tables, named subqueries, subqueries in place, and joins.

use postern_base::RelationName;
use sqlparser::ast::{
    Join, JoinConstraint, JoinOperator, ObjectName, ObjectNamePart, Spanned as _, TableAlias,
    TableFactor, TableWithJoins,
};
use sqlparser::tokenizer::Span;

use super::scope::{Lowering, Source, folded};
use super::{Item, ItemSource, JoinKind, Joined, Refusal, SelectQuery, Term};
use crate::syntax;

impl Lowering<'_> {
    /// Lowers FROM into the innermost scope.
    pub(super) fn from(&mut self, from: &[TableWithJoins]) -> Result<Vec<Joined>, Refusal> {
        let mut joined = Vec::new();
        for TableWithJoins { relation, joins } in from {
            let first = self.scopes.last().map_or(0, |it| it.sources.len());
            joined.push(Joined {
                kind: JoinKind::Comma,
                lateral: is_lateral(relation),
                item: self.item(relation)?,
                on: None,
            });
            for join in joins {
                joined.push(self.join(join, first)?);
            }
        }
        Ok(joined)
    }

    /// Lowers a join; the sources on its left begin with this number.
    fn join(&mut self, join: &Join, first: usize) -> Result<Joined, Refusal> {
        let Join {
            relation,
            global,
            join_operator,
        } = join;
        let span = relation.span();
        let (kind, constraint) = match join_operator {
            JoinOperator::Join(it) | JoinOperator::Inner(it) => (JoinKind::Inner, it),
            JoinOperator::Left(it) | JoinOperator::LeftOuter(it) => (JoinKind::Left, it),
            JoinOperator::Right(it) | JoinOperator::RightOuter(it) => (JoinKind::Right, it),
            JoinOperator::FullOuter(it) => (JoinKind::Full, it),
            JoinOperator::CrossJoin(it) => (JoinKind::Cross, it),
            _ => {
                return Err(Refusal::construct(
                    span,
                    "this kind of join",
                    "use JOIN … ON",
                ));
            }
        };
        if *global {
            return Err(Refusal::construct(span, "GLOBAL", "remove it"));
        }
        let item = self.item(relation)?;
        let on: Option<Term> = match (kind, constraint) {
            (JoinKind::Cross, JoinConstraint::None) => None,
            (JoinKind::Cross, _) => {
                return Err(Refusal::construct(
                    span,
                    "a condition of CROSS JOIN",
                    "use JOIN",
                ));
            }
            (_, JoinConstraint::On(condition)) => Some(self.term(condition)?),
            (_, JoinConstraint::Using(columns)) => Some(self.using(kind, columns, first, span)?),
            (_, JoinConstraint::Natural | JoinConstraint::None) => {
                let help = "write the condition out: ON a.id = b.a_id, or USING (id)";
                return Err(Refusal::construct(span, "a join without ON", help));
            }
        };
        Ok(Joined {
            kind,
            lateral: is_lateral(relation),
            item,
            on,
        })
    }

    fn item(&mut self, factor: &TableFactor) -> Result<Item, Refusal> {
        let span = factor.span();
        self.at(span);
        if let Some((name, alias)) = syntax::plain_table(factor) {
            return self.table(name, alias, span);
        }
        match factor {
            TableFactor::Table {
                sample: Some(_), ..
            } => Err(Refusal::construct(span, "TABLESAMPLE", "use LIMIT")),
            TableFactor::Derived {
                lateral: false,
                subquery,
                alias,
                sample: None,
            } => {
                // A subquery in FROM does not see its neighbours.
                let scopes = std::mem::take(&mut self.scopes);
                let query = self.query(subquery);
                self.scopes = scopes;
                self.derived(query?, alias.as_ref(), span)
            }
            TableFactor::Derived {
                lateral: true,
                subquery,
                alias,
                sample: None,
            } => {
                // SECURITY: it sees its neighbours as a scalar subquery does: what their own
                // subqueries let through, never the tables themselves.
                let query = self.query(subquery)?;
                self.derived(query, alias.as_ref(), span)
            }
            TableFactor::Table { args: Some(_), .. }
            | TableFactor::Function { .. }
            | TableFactor::TableFunction { .. }
            | TableFactor::UNNEST { .. } => Err(Refusal::construct(
                span,
                "a function in FROM",
                "read tables only",
            )),
            _ => Err(Refusal::construct(
                span,
                "this kind of source",
                "read tables only",
            )),
        }
    }

    fn table(
        &mut self,
        name: &ObjectName,
        alias: Option<&TableAlias>,
        span: Span,
    ) -> Result<Item, Refusal> {
        let parts: Option<Vec<String>> = name.0.iter().map(part).collect();
        let Some(parts) = parts else {
            return Err(Refusal::construct(
                span,
                "this kind of name",
                "name a table",
            ));
        };
        let own = plain_alias(alias, span)?;
        if let [name] = parts.as_slice()
            && let Some(cte) = self.ctes.iter().rev().find(|it| it.name == *name).cloned()
        {
            let source = ItemSource::Cte(cte.alias);
            return self.enter(own.unwrap_or(cte.name), source, cte.columns, span);
        }
        let relation = match parts.as_slice() {
            [name] => RelationName::new(self.default_schema, name),
            [schema, name] => RelationName::new(schema, name),
            _ => {
                return Err(Refusal::construct(
                    span,
                    "a name of another database",
                    "name a table",
                ));
            }
        };
        let Some(known) = self.catalog.relation(&relation) else {
            let message = format!("there is no table `{relation}` in the served schemas");
            return Err(Refusal::new(
                span,
                message,
                "tables need a policy file, and no others are read",
            ));
        };
        self.read(&relation, None);
        let qualifier = own.unwrap_or_else(|| relation.name.clone());
        let columns = known.columns.iter().map(|it| it.name.clone()).collect();
        let item = self.enter(qualifier, ItemSource::Relation(relation), columns, span)?;
        let shown = self.shown(known);
        if let Some(source) = self.scopes.last_mut().and_then(|it| it.sources.last_mut()) {
            source.shown = shown;
        }
        Ok(item)
    }

    fn derived(
        &mut self,
        query: SelectQuery,
        alias: Option<&TableAlias>,
        span: Span,
    ) -> Result<Item, Refusal> {
        let Some(alias) = plain_alias(alias, span)? else {
            return Err(Refusal::new(
                span,
                "the subquery has no alias",
                "write `(SELECT …) AS name`",
            ));
        };
        let columns = query.output_names();
        self.enter(alias, ItemSource::Query(Box::new(query)), columns, span)
    }

    /// Puts a source into the innermost scope.
    fn enter(
        &mut self,
        qualifier: String,
        source: ItemSource,
        columns: Vec<String>,
        span: Span,
    ) -> Result<Item, Refusal> {
        let alias = self.alias();
        let relation = match &source {
            ItemSource::Relation(name) => Some(name.clone()),
            ItemSource::Cte(_) | ItemSource::Query(_) => None,
        };
        let Some(scope) = self.scopes.last_mut() else {
            return Err(Refusal::new(
                span,
                "a source stands outside of a SELECT",
                "move it",
            ));
        };
        if scope.sources.iter().any(|it| it.qualifier == qualifier) {
            let message = format!("there are two sources `{qualifier}`");
            return Err(Refusal::new(span, message, "give one of them an alias"));
        }
        scope.sources.push(Source {
            qualifier,
            alias: alias.clone(),
            shown: columns.clone(),
            columns,
            relation,
        });
        Ok(Item { source, alias })
    }
}

/// Whether a source may name those before it.
fn is_lateral(factor: &TableFactor) -> bool {
    matches!(factor, TableFactor::Derived { lateral: true, .. })
}

fn plain_alias(alias: Option<&TableAlias>, span: Span) -> Result<Option<String>, Refusal> {
    match alias {
        None => Ok(None),
        Some(TableAlias {
            explicit: _,
            name,
            columns,
            at: None,
        }) if columns.is_empty() => Ok(Some(folded(name))),
        Some(_) => Err(Refusal::construct(
            span,
            "this kind of alias",
            "write `AS name`",
        )),
    }
}

/// One part of a name, if it is plain.
pub(super) fn part(part: &ObjectNamePart) -> Option<String> {
    match part {
        ObjectNamePart::Identifier(ident) => Some(folded(ident)),
        ObjectNamePart::Function(_) => None,
    }
}
