//! Prints the closed policy tree as SQL: the one printer of policy predicates.
//!
//! Every operand stands in parentheses, every built-in is named with its schema, every claim is a
//! parameter. The match is exhaustive: a node that is not known here does not compile.

use postern_policy::{Arithmetic, Comparison, Expr, JsonOperator, Source, Subquery, Truth, Verb};

use super::Statement;
use super::statement::filter_of;
use postern_base::codes;

use crate::Error;

/// The row that a predicate decides on, as the place at hand names it.
#[derive(Clone, Copy, Debug)]
pub(super) enum Row<'r> {
    /// A row of the relation under this alias.
    Stored(&'r str),
    /// A row about to be written.
    New {
        /// Where columns come from that are not assigned.
        base: &'r str,
        /// What is assigned.
        assigned: &'r [Assigned],
    },
    /// A function's arguments, columns of this alias; there is no row.
    Arguments(&'r str),
}

/// A column that a write assigns.
#[derive(Clone, Debug)]
pub(super) struct Assigned {
    pub(super) column: String,
    pub(super) value: NewValue,
}

/// Where the assigned value comes from.
#[derive(Clone, Debug)]
pub(super) enum NewValue {
    /// The column of the same name under this alias: the source row, or `excluded`.
    From(&'static str),
    /// A preset computed on the stored row, as this type.
    Preset { value: Expr, ty: String },
    /// The same, where the client sends a value too, which must be equal.
    Same {
        value: Expr,
        ty: String,
        table: String,
    },
}

impl Statement<'_, '_> {
    /// Prints `(expr)`.
    pub(super) fn expr(&mut self, expr: &Expr, row: Row<'_>) -> Result<(), Error> {
        self.push("(");
        self.bare(expr, row)?;
        self.push(")");
        Ok(())
    }

    fn bare(&mut self, expr: &Expr, row: Row<'_>) -> Result<(), Error> {
        match expr {
            Expr::Bool(value) => self.push(if *value { "TRUE" } else { "FALSE" }),
            Expr::Null => self.push("NULL"),
            Expr::Number(digits) => self.push(digits),
            Expr::Text(text) => self.literal(text),
            Expr::Column {
                source: Source::Row,
                name,
            } => self.row_column(name, row)?,
            Expr::Column {
                source: Source::Alias(alias),
                name,
            } => self.column(alias, name),
            Expr::Claim(claim) => self.claim(*claim),
            Expr::Argument(name) => match row {
                Row::Arguments(alias) => self.column(alias, name),
                Row::Stored(_) | Row::New { .. } => self.push("NULL"),
            },
            Expr::Not(inner) => {
                self.push("NOT ");
                self.expr(inner, row)?;
            }
            Expr::And(all) => self.joined(all, " AND ", "TRUE", row)?,
            Expr::Or(any) => self.joined(any, " OR ", "FALSE", row)?,
            Expr::Compare { op, left, right } => self.infix(left, comparison(*op), right, row)?,
            Expr::Is {
                expr,
                truth,
                negated,
            } => {
                self.expr(expr, row)?;
                self.push(if *negated { " IS NOT " } else { " IS " });
                self.push(truth_word(*truth));
            }
            Expr::InList {
                expr,
                list,
                negated,
            } => {
                self.expr(expr, row)?;
                self.push(if *negated { " NOT IN (" } else { " IN (" });
                self.list(list, row)?;
                self.push(")");
            }
            Expr::InQuery {
                expr,
                query,
                negated,
            } => {
                self.expr(expr, row)?;
                self.push(if *negated { " NOT IN " } else { " IN " });
                self.subquery(query, row)?;
            }
            Expr::Exists { query, negated } => {
                self.push(if *negated { "NOT EXISTS " } else { "EXISTS " });
                self.subquery(query, row)?;
            }
            Expr::Scalar(query) => self.subquery(query, row)?,
            other => self.value(other, row)?,
        }
        Ok(())
    }

    /// The nodes that are values rather than conditions.
    fn value(&mut self, expr: &Expr, row: Row<'_>) -> Result<(), Error> {
        match expr {
            Expr::AnyOf { expr, op, array } => {
                self.expr(expr, row)?;
                self.push(comparison(*op));
                self.push("ANY ");
                self.expr(array, row)?;
            }
            Expr::Between {
                expr,
                low,
                high,
                negated,
            } => {
                self.expr(expr, row)?;
                self.push(if *negated {
                    " NOT BETWEEN "
                } else {
                    " BETWEEN "
                });
                self.infix(low, " AND ", high, row)?;
            }
            Expr::Like {
                expr,
                pattern,
                ignore_case,
                negated,
            } => {
                let operator = match (ignore_case, negated) {
                    (false, false) => " LIKE ",
                    (false, true) => " NOT LIKE ",
                    (true, false) => " ILIKE ",
                    (true, true) => " NOT ILIKE ",
                };
                self.infix(expr, operator, pattern, row)?;
            }
            Expr::Case {
                operand,
                branches,
                otherwise,
            } => {
                self.case(operand.as_deref(), branches, otherwise.as_deref(), row)?;
            }
            Expr::Subscript { expr, index } => {
                self.expr(expr, row)?;
                self.push("[");
                self.bare(index, row)?;
                self.push("]");
            }
            Expr::Cast { expr, ty } => {
                self.expr(expr, row)?;
                self.push("::");
                self.push(ty);
            }
            Expr::Arithmetic { op, left, right } => {
                self.infix(left, arithmetic(*op), right, row)?;
            }
            Expr::Json { op, left, right } => self.infix(left, json_operator(*op), right, row)?,
            Expr::Call {
                schema,
                function,
                arguments,
            } => {
                self.function(schema, function, arguments, row)?;
            }
            _ => unreachable!("INVARIANT: `bare` prints every other node itself"),
        }
        Ok(())
    }

    fn row_column(&mut self, name: &str, row: Row<'_>) -> Result<(), Error> {
        match row {
            Row::Stored(alias) => self.column(alias, name),
            Row::Arguments(_) => self.push("NULL"),
            Row::New { base, assigned } => {
                match assigned
                    .iter()
                    .find(|it| it.column == name)
                    .map(|it| &it.value)
                {
                    Some(NewValue::From(alias)) => self.column(alias, name),
                    Some(NewValue::Preset { value, ty } | NewValue::Same { value, ty, .. }) => {
                        self.typed(value, ty, Row::Stored(base))?;
                    }
                    None => self.column(base, name),
                }
            }
        }
        Ok(())
    }

    /// Prints `(expr)::type`.
    pub(super) fn typed(&mut self, expr: &Expr, ty: &str, row: Row<'_>) -> Result<(), Error> {
        self.expr(expr, row)?;
        self.push("::");
        self.catalog_sql(ty);
        Ok(())
    }

    fn joined(
        &mut self,
        parts: &[Expr],
        separator: &str,
        when_empty: &str,
        row: Row<'_>,
    ) -> Result<(), Error> {
        if parts.is_empty() {
            self.push(when_empty);
        }
        for (index, part) in parts.iter().enumerate() {
            if index > 0 {
                self.push(separator);
            }
            self.expr(part, row)?;
        }
        Ok(())
    }

    fn infix(
        &mut self,
        left: &Expr,
        operator: &str,
        right: &Expr,
        row: Row<'_>,
    ) -> Result<(), Error> {
        self.expr(left, row)?;
        self.push(operator);
        self.expr(right, row)
    }

    fn list(&mut self, items: &[Expr], row: Row<'_>) -> Result<(), Error> {
        for (index, item) in items.iter().enumerate() {
            if index > 0 {
                self.push(", ");
            }
            self.expr(item, row)?;
        }
        Ok(())
    }

    fn case(
        &mut self,
        operand: Option<&Expr>,
        branches: &[(Expr, Expr)],
        otherwise: Option<&Expr>,
        row: Row<'_>,
    ) -> Result<(), Error> {
        self.push("CASE ");
        if let Some(operand) = operand {
            self.expr(operand, row)?;
        }
        for (when, then) in branches {
            self.push(" WHEN ");
            self.infix(when, " THEN ", then, row)?;
        }
        if let Some(otherwise) = otherwise {
            self.push(" ELSE ");
            self.expr(otherwise, row)?;
        }
        self.push(" END");
        Ok(())
    }

    fn function(
        &mut self,
        schema: &str,
        function: &str,
        arguments: &[Expr],
        row: Row<'_>,
    ) -> Result<(), Error> {
        // These are syntax, not entries of pg_proc, and take no schema.
        match (schema, function) {
            ("pg_catalog", "coalesce") => self.push("COALESCE"),
            ("pg_catalog", "nullif") => self.push("NULLIF"),
            ("pg_catalog", "greatest") => self.push("GREATEST"),
            ("pg_catalog", "least") => self.push("LEAST"),
            ("pg_catalog", "current_date") => {
                self.push("CURRENT_DATE");
                return Ok(());
            }
            _ => self.column(schema, function),
        }
        self.push("(");
        self.list(arguments, row)?;
        self.push(")");
        Ok(())
    }

    fn subquery(&mut self, query: &Subquery, row: Row<'_>) -> Result<(), Error> {
        self.push("(SELECT ");
        self.bare(&query.select, row)?;
        self.push(" FROM ");
        for (index, item) in query.from.iter().enumerate() {
            if index > 0 {
                self.push(", ");
            }
            self.session_of(&item.relation);
            if query.as_caller && self.rules.caller_scope {
                self.rows_of_caller(&item.relation)?;
            } else {
                self.relation(&item.relation);
            }
            self.push(" AS ");
            self.ident(&item.alias);
        }
        self.push(" WHERE ");
        self.expr(&query.condition, row)?;
        self.push(")");
        Ok(())
    }

    /// Prints the rows of a relation that the caller's own select policy lets through.
    fn rows_of_caller(&mut self, name: &postern_base::RelationName) -> Result<(), Error> {
        const CALLER_DEPTH_MAX: usize = 8;
        self.push("(SELECT * FROM ");
        self.relation(name);
        let alias = format!("own_{}", self.caller_depth);
        self.push(" AS ");
        self.ident(&alias);
        if self.caller_depth >= CALLER_DEPTH_MAX {
            let message = format!(
                "infinite recursion detected in policy for relation \"{}\"",
                name.name
            );
            return Err(Error::new(&codes::POLICY_RECURSION, message));
        }
        match self.view.grant(name, Verb::Select) {
            Some(grant) => {
                self.note_rules(name, grant);
                if let Some(filter) = filter_of(grant) {
                    self.push(" WHERE ");
                    self.caller_depth += 1;
                    self.expr(filter, Row::Stored(&alias))?;
                    self.caller_depth -= 1;
                }
            }
            None => self.push(" WHERE FALSE"),
        }
        self.push(")");
        Ok(())
    }
}

pub(super) fn comparison(op: Comparison) -> &'static str {
    match op {
        Comparison::Eq => " = ",
        Comparison::NotEq => " <> ",
        Comparison::Less => " < ",
        Comparison::LessOrEqual => " <= ",
        Comparison::Greater => " > ",
        Comparison::GreaterOrEqual => " >= ",
        Comparison::IsDistinctFrom => " IS DISTINCT FROM ",
        Comparison::IsNotDistinctFrom => " IS NOT DISTINCT FROM ",
    }
}

fn truth_word(truth: Truth) -> &'static str {
    match truth {
        Truth::Null => "NULL",
        Truth::True => "TRUE",
        Truth::False => "FALSE",
        Truth::Unknown => "UNKNOWN",
    }
}

fn arithmetic(op: Arithmetic) -> &'static str {
    match op {
        Arithmetic::Plus => " + ",
        Arithmetic::Minus => " - ",
        Arithmetic::Times => " * ",
        Arithmetic::Concat => " || ",
    }
}

pub(super) fn json_operator(op: JsonOperator) -> &'static str {
    match op {
        JsonOperator::Get => " -> ",
        JsonOperator::GetText => " ->> ",
        JsonOperator::Path => " #> ",
        JsonOperator::PathText => " #>> ",
        JsonOperator::Contains => " @> ",
        JsonOperator::HasKey => " ? ",
    }
}
