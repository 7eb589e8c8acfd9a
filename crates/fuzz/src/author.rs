//! Writes a predicate as an author might: in various spellings, with brackets here and there.
//!
//! Where brackets are missing the text means something else than the tree that it was made from,
//! or nothing at all. That is wanted: only the text counts, and Postgres is its judge.

use arbitrary::{Result, Unstructured};
use postern_policy::{
    Arithmetic, Claim, Comparison, Expr, JsonOperator, Source, Subquery, Truth, identifier,
};

/// Writes a predicate.
///
/// # Errors
/// When the random bytes are used up in an odd place.
pub fn write(expr: &Expr, u: &mut Unstructured<'_>) -> Result<String> {
    let mut author = Author {
        text: String::new(),
        u,
    };
    author.bare(expr)?;
    Ok(author.text)
}

struct Author<'u, 'b> {
    text: String,
    u: &'u mut Unstructured<'b>,
}

impl Author<'_, '_> {
    /// An operand: in brackets, or not.
    fn operand(&mut self, expr: &Expr) -> Result<()> {
        let is_simple = expr.children().is_empty() && expr.subquery().is_none();
        let brackets = if is_simple { (1, 16) } else { (3, 4) };
        if self.u.ratio(brackets.0, brackets.1)? {
            self.text.push('(');
            self.bare(expr)?;
            self.text.push(')');
            return Ok(());
        }
        self.bare(expr)
    }

    fn between(&mut self, items: &[Expr], separator: &str) -> Result<()> {
        for (index, item) in items.iter().enumerate() {
            if index > 0 {
                self.text.push_str(separator);
            }
            self.operand(item)?;
        }
        Ok(())
    }

    fn infix(&mut self, left: &Expr, operator: &str, right: &Expr) -> Result<()> {
        self.operand(left)?;
        self.spaced(operator);
        self.operand(right)
    }

    fn spaced(&mut self, word: &str) {
        self.text.push(' ');
        self.text.push_str(word);
        self.text.push(' ');
    }

    fn one_of(&mut self, spellings: &[&str]) -> Result<()> {
        let spelling = self.u.choose(spellings)?;
        self.text.push_str(spelling);
        Ok(())
    }

    fn bare(&mut self, expr: &Expr) -> Result<()> {
        match expr {
            Expr::Bool(true) => self.one_of(&["TRUE", "true"])?,
            Expr::Bool(false) => self.one_of(&["FALSE", "false"])?,
            Expr::Null => self.one_of(&["NULL", "null"])?,
            Expr::Number(digits) => self.text.push_str(digits),
            Expr::Text(text) => {
                self.text
                    .push_str(&format!("'{}'", text.replace('\'', "''")));
            }
            Expr::Column { source, name } => self.column(source, name)?,
            Expr::Claim(claim) => self.claim(*claim)?,
            Expr::Not(inner) => {
                self.text.push_str("NOT ");
                self.operand(inner)?;
            }
            Expr::And(parts) => self.between(parts, " AND ")?,
            Expr::Or(parts) => self.between(parts, " OR ")?,
            Expr::Compare { op, left, right } => {
                let operator = match op {
                    Comparison::Eq => "=",
                    Comparison::NotEq if self.u.arbitrary()? => "!=",
                    Comparison::NotEq => "<>",
                    Comparison::Less => "<",
                    Comparison::LessOrEqual => "<=",
                    Comparison::Greater => ">",
                    Comparison::GreaterOrEqual => ">=",
                    Comparison::IsDistinctFrom => "IS DISTINCT FROM",
                    Comparison::IsNotDistinctFrom => "IS NOT DISTINCT FROM",
                };
                self.infix(left, operator, right)?;
            }
            Expr::InList {
                expr,
                list,
                negated,
            } => {
                self.operand(expr)?;
                if !negated && self.u.ratio(1, 4)? {
                    self.text.push_str(" = ANY (ARRAY[");
                    self.between(list, ", ")?;
                    self.text.push_str("])");
                    return Ok(());
                }
                self.spaced(if *negated { "NOT IN" } else { "IN" });
                self.text.push('(');
                self.between(list, ", ")?;
                self.text.push(')');
            }
            Expr::InQuery {
                expr,
                query,
                negated,
            } => {
                self.operand(expr)?;
                self.spaced(if *negated { "NOT IN" } else { "IN" });
                self.query(query)?;
            }
            Expr::Exists { query, negated } => {
                self.text
                    .push_str(if *negated { "NOT EXISTS " } else { "EXISTS " });
                self.query(query)?;
            }
            Expr::Scalar(query) => self.query(query)?,
            other => self.value(other)?,
        }
        Ok(())
    }

    fn value(&mut self, expr: &Expr) -> Result<()> {
        match expr {
            Expr::Is {
                expr,
                truth,
                negated,
            } => {
                self.operand(expr)?;
                self.spaced(if *negated { "IS NOT" } else { "IS" });
                self.text.push_str(match truth {
                    Truth::Null => "NULL",
                    Truth::True => "TRUE",
                    Truth::False => "FALSE",
                    Truth::Unknown => "UNKNOWN",
                });
            }
            Expr::AnyOf { expr, op, array } => {
                self.operand(expr)?;
                self.spaced(match op {
                    Comparison::Eq => "= ANY (",
                    Comparison::NotEq => "<> ANY (",
                    Comparison::Less => "< ANY (",
                    _ => "> ANY (",
                });
                self.operand(array)?;
                self.text.push(')');
            }
            Expr::Between {
                expr,
                low,
                high,
                negated,
            } => {
                self.operand(expr)?;
                self.spaced(if *negated { "NOT BETWEEN" } else { "BETWEEN" });
                self.infix(low, "AND", high)?;
            }
            Expr::Like {
                expr,
                pattern,
                ignore_case,
                negated,
            } => {
                let word = if *ignore_case { "ILIKE" } else { "LIKE" };
                let not = if *negated { "NOT " } else { "" };
                self.infix(expr, &format!("{not}{word}"), pattern)?;
            }
            Expr::Case {
                operand,
                branches,
                otherwise,
            } => {
                self.text.push_str("CASE ");
                if let Some(operand) = operand {
                    self.operand(operand)?;
                }
                for (when, then) in branches {
                    self.text.push_str(" WHEN ");
                    self.infix(when, "THEN", then)?;
                }
                if let Some(otherwise) = otherwise {
                    self.text.push_str(" ELSE ");
                    self.operand(otherwise)?;
                }
                self.text.push_str(" END");
            }
            Expr::Subscript { expr, index } => {
                self.operand(expr)?;
                self.text.push('[');
                self.operand(index)?;
                self.text.push(']');
            }
            Expr::Cast { expr, ty } => self.cast(expr, ty)?,
            Expr::Arithmetic { op, left, right } => self.arithmetic(*op, left, right)?,
            Expr::Json { op, left, right } => {
                let operator = match op {
                    JsonOperator::Get => "->",
                    JsonOperator::GetText => "->>",
                    JsonOperator::Path => "#>",
                    JsonOperator::PathText => "#>>",
                    JsonOperator::Contains => "@>",
                    JsonOperator::HasKey => "?",
                };
                self.infix(left, operator, right)?;
            }
            Expr::Call {
                function,
                arguments,
                ..
            } => self.call(function, arguments)?,
            other => unreachable!("INVARIANT: `bare` knows {other:?} itself"),
        }
        Ok(())
    }

    fn column(&mut self, source: &Source, name: &str) -> Result<()> {
        if let Source::Alias(alias) = source {
            self.text.push_str(&alias.replace("pol_", "s"));
            self.text.push('.');
        } else if self.u.ratio(1, 4)? {
            self.one_of(&["t0.", "public.t0.", "T0."])?;
        }
        let text = match self.u.arbitrary()? {
            true => identifier(name),
            false => format!("\"{}\"", name.replace('"', "\"\"")),
        };
        self.text.push_str(&text);
        Ok(())
    }

    fn claim(&mut self, claim: Claim) -> Result<()> {
        let call = match claim {
            Claim::Uid => "auth.uid()",
            Claim::Role => "auth.role()",
            Claim::Email => "auth.email()",
            Claim::Jwt => "auth.jwt()",
        };
        let text = match self.u.int_in_range(0..=2)? {
            0 => format!("(SELECT {call})"),
            1 => format!("( SELECT {call} AS x)"),
            _ => call.to_owned(),
        };
        self.text.push_str(&text);
        Ok(())
    }

    fn cast(&mut self, expr: &Expr, ty: &str) -> Result<()> {
        let spelling = match (ty, self.u.arbitrary()?) {
            ("int4", true) => "integer",
            ("int8", true) => "BIGINT",
            ("float8", true) => "double precision",
            ("timestamptz", true) => "timestamp with time zone",
            ("bool", true) => "boolean",
            ("varchar", true) => "character varying",
            (ty, _) => ty,
        };
        if let Expr::Text(_) = expr
            && !ty.ends_with("[]")
            && self.u.ratio(1, 3)?
        {
            self.text.push_str(spelling);
            self.text.push(' ');
            return self.bare(expr);
        }
        if self.u.arbitrary()? {
            self.text.push_str("CAST (");
            self.operand(expr)?;
            self.text.push_str(&format!(" AS {spelling})"));
            return Ok(());
        }
        self.operand(expr)?;
        self.text.push_str(&format!("::{spelling}"));
        Ok(())
    }

    fn arithmetic(&mut self, op: Arithmetic, left: &Expr, right: &Expr) -> Result<()> {
        let operator = match op {
            Arithmetic::Plus => "+",
            Arithmetic::Minus => "-",
            Arithmetic::Times => "*",
            Arithmetic::Concat => "||",
        };
        if matches!(op, Arithmetic::Plus | Arithmetic::Minus) && self.u.ratio(1, 3)? {
            self.text.push_str(operator);
            // Two of them side by side would be a comment.
            self.text.push(' ');
            return self.operand(right);
        }
        self.infix(left, operator, right)
    }

    fn call(&mut self, function: &str, arguments: &[Expr]) -> Result<()> {
        match (function, arguments) {
            ("now", []) => return self.one_of(&["now()", "current_timestamp"]),
            ("current_date", []) => return self.one_of(&["current_date", "CURRENT_DATE"]),
            ("substring", [value, from, length]) if self.u.arbitrary()? => {
                self.text.push_str("substring(");
                self.infix(value, "from", from)?;
                self.text.push_str(" for ");
                self.operand(length)?;
                self.text.push(')');
                return Ok(());
            }
            ("btrim", [value, what]) if self.u.arbitrary()? => {
                self.text.push_str("trim(both ");
                self.infix(what, "from", value)?;
                self.text.push(')');
                return Ok(());
            }
            _ => {}
        }
        let is_syntax = ["coalesce", "greatest", "least", "nullif"].contains(&function);
        if !is_syntax && self.u.ratio(1, 4)? {
            self.text.push_str("pg_catalog.");
        }
        self.text.push_str(function);
        self.text.push('(');
        self.between(arguments, ", ")?;
        self.text.push(')');
        Ok(())
    }

    fn query(&mut self, query: &Subquery) -> Result<()> {
        self.text.push_str("(SELECT ");
        self.operand(&query.select)?;
        self.text.push_str(" FROM ");
        let joins = self.u.arbitrary()?;
        for (index, item) in query.from.iter().enumerate() {
            if index > 0 {
                self.text.push_str(if joins { " JOIN " } else { ", " });
            }
            let alias = item.alias.replace("pol_", "s");
            self.text.push_str(&format!("{} {alias}", item.relation));
            if index > 0 && joins {
                self.text.push_str(" ON ");
                self.operand(&query.condition)?;
            }
        }
        self.text.push_str(" WHERE ");
        self.operand(&query.condition)?;
        self.text.push(')');
        Ok(())
    }
}
