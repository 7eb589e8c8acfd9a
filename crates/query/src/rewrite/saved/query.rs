//! Printing queries: WITH, SELECT, FROM, order and window.

use postern_policy::saved::{
    Body, Item, ItemSource, JoinKind, Joined, OrderKey, Ordering, Select, SelectQuery, SetOperator,
};

use super::Printing;
use crate::Error;

impl Printing<'_, '_, '_> {
    pub(super) fn query(&mut self, query: &SelectQuery) -> Result<(), Error> {
        for (index, (alias, cte)) in query.ctes.iter().enumerate() {
            self.push(if index == 0 { "WITH " } else { ", " });
            self.statement.ident(alias);
            self.push(" AS MATERIALIZED (");
            self.query(cte)?;
            self.push(")");
        }
        self.push(if query.ctes.is_empty() { "" } else { " " });
        self.body(&query.body)?;
        self.order(&query.order)?;
        for (word, bound) in [(" LIMIT ", &query.limit), (" OFFSET ", &query.offset)] {
            if let Some(bound) = bound {
                self.push(word);
                self.term(bound)?;
                self.push("::int8");
            }
        }
        Ok(())
    }

    pub(super) fn order(&mut self, order: &[Ordering]) -> Result<(), Error> {
        for (index, key) in order.iter().enumerate() {
            self.push(if index == 0 { " ORDER BY " } else { ", " });
            match &key.key {
                OrderKey::Output(position) => {
                    self.statement.number(u64::try_from(*position).unwrap_or(1));
                }
                OrderKey::Term(term) => self.term(term)?,
            }
            self.push(if key.descending { " DESC" } else { " ASC" });
            self.push(match key.nulls_first {
                None => "",
                Some(true) => " NULLS FIRST",
                Some(false) => " NULLS LAST",
            });
        }
        Ok(())
    }

    fn body(&mut self, body: &Body) -> Result<(), Error> {
        let (operator, all, left, right) = match body {
            Body::Select(select) => return self.select(select),
            Body::Set {
                operator,
                all,
                left,
                right,
            } => (operator, all, left, right),
        };
        self.push("(");
        self.body(left)?;
        self.push(match operator {
            SetOperator::Union => ") UNION ",
            SetOperator::Intersect => ") INTERSECT ",
            SetOperator::Except => ") EXCEPT ",
        });
        self.push(if *all { "ALL (" } else { "(" });
        self.body(right)?;
        self.push(")");
        Ok(())
    }

    fn select(&mut self, select: &Select) -> Result<(), Error> {
        self.push(if select.distinct {
            "SELECT DISTINCT "
        } else {
            "SELECT "
        });
        for (index, (term, name)) in select.outputs.iter().enumerate() {
            self.push(if index > 0 { ", " } else { "" });
            self.term(term)?;
            self.push(" AS ");
            self.statement.ident(name);
        }
        for (index, joined) in select.from.iter().enumerate() {
            self.push(if index == 0 { " FROM " } else { "" });
            self.joined(joined, index)?;
        }
        if let Some(filter) = &select.filter {
            self.push(" WHERE ");
            self.term(filter)?;
        }
        for (index, key) in select.group.iter().enumerate() {
            self.push(if index == 0 { " GROUP BY " } else { ", " });
            self.term(key)?;
        }
        if let Some(having) = &select.having {
            self.push(" HAVING ");
            self.term(having)?;
        }
        Ok(())
    }

    fn joined(&mut self, joined: &Joined, index: usize) -> Result<(), Error> {
        self.push(match joined.kind {
            JoinKind::Comma if index == 0 => "",
            JoinKind::Comma => ", ",
            JoinKind::Cross => " CROSS JOIN ",
            JoinKind::Inner => " INNER JOIN ",
            JoinKind::Left => " LEFT JOIN ",
            JoinKind::Right => " RIGHT JOIN ",
            JoinKind::Full => " FULL JOIN ",
        });
        self.push(if joined.lateral { "LATERAL " } else { "" });
        self.item(&joined.item)?;
        if let Some(on) = &joined.on {
            self.push(" ON ");
            self.term(on)?;
        }
        Ok(())
    }

    fn item(&mut self, item: &Item) -> Result<(), Error> {
        match &item.source {
            ItemSource::Relation(name) => self.relation(name)?,
            ItemSource::Cte(alias) => self.statement.ident(alias),
            ItemSource::Query(query) => {
                self.push("(");
                self.query(query)?;
                self.push(")");
            }
        }
        self.push(" AS ");
        self.statement.ident(&item.alias);
        Ok(())
    }
}
