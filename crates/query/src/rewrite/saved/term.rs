//! Printing values and conditions, each in parentheses.

use postern_policy::Truth;
use postern_policy::saved::{FrameBound, FrameUnits, Term, Window};

use super::Printing;
use crate::Error;
use crate::rewrite::expr::{comparison, json_operator as json};

impl Printing<'_, '_, '_> {
    /// Prints `(term)`.
    pub(super) fn term(&mut self, term: &Term) -> Result<(), Error> {
        self.push("(");
        match term {
            Term::Null => self.push("NULL"),
            Term::Bool(value) => self.push(if *value { "TRUE" } else { "FALSE" }),
            Term::Number(digits) => self.push(digits),
            Term::Text(text) => self.statement.literal(text),
            Term::Column(alias, name) => self.statement.column(alias, name),
            Term::Param(index) => self.param(*index),
            Term::Claim(claim) => self.claim(*claim),
            Term::Not(inner) => {
                self.push("NOT ");
                self.term(inner)?;
            }
            Term::And(operands) => self.several(operands, " AND ")?,
            Term::Or(operands) => self.several(operands, " OR ")?,
            Term::Compare(op, left, right) => self.infix(left, comparison(*op), right)?,
            Term::Json(op, left, right) => self.infix(left, json(*op), right)?,
            Term::Arithmetic(op, left, right) => self.infix(left, op, right)?,
            Term::Is(inner, truth, negated) => {
                self.term(inner)?;
                self.push(if *negated { " IS NOT " } else { " IS " });
                self.push(match truth {
                    Truth::Null => "NULL",
                    Truth::True => "TRUE",
                    Truth::False => "FALSE",
                    Truth::Unknown => "UNKNOWN",
                });
            }
            Term::Case(operand, branches, otherwise) => {
                self.case(operand.as_deref(), branches, otherwise.as_deref())?;
            }
            Term::Cast(inner, ty) => {
                self.term(inner)?;
                self.push("::");
                self.push(ty);
            }
            Term::Call { .. } | Term::CountAll => self.call(term)?,
            Term::Window(window) => self.window(window)?,
            other => self.membership(other)?,
        }
        self.push(")");
        Ok(())
    }

    fn membership(&mut self, term: &Term) -> Result<(), Error> {
        match term {
            Term::InList(inner, list, negated) => {
                self.term(inner)?;
                self.push(if *negated { " NOT IN (" } else { " IN (" });
                self.several(list, ", ")?;
                self.push(")");
            }
            Term::InQuery(inner, query, negated) => {
                self.term(inner)?;
                self.push(if *negated { " NOT IN (" } else { " IN (" });
                self.query(query)?;
                self.push(")");
            }
            Term::Exists(query, negated) => {
                self.push(if *negated { "NOT EXISTS (" } else { "EXISTS (" });
                self.query(query)?;
                self.push(")");
            }
            Term::Scalar(query) => self.query(query)?,
            Term::Any(op, left, right) => {
                self.term(left)?;
                self.push(comparison(*op));
                self.push("ANY ");
                self.term(right)?;
            }
            Term::Between(inner, low, high, negated) => {
                self.term(inner)?;
                self.push(if *negated {
                    " NOT BETWEEN "
                } else {
                    " BETWEEN "
                });
                self.infix(low, " AND ", high)?;
            }
            Term::Like(left, right, negated) => {
                self.infix(left, if *negated { " NOT LIKE " } else { " LIKE " }, right)?;
            }
            Term::ILike(left, right, negated) => {
                self.infix(
                    left,
                    if *negated { " NOT ILIKE " } else { " ILIKE " },
                    right,
                )?;
            }
            _ => unreachable!("INVARIANT: `term` prints every other node itself"),
        }
        Ok(())
    }

    fn infix(&mut self, left: &Term, operator: &str, right: &Term) -> Result<(), Error> {
        self.term(left)?;
        self.push(operator);
        self.term(right)
    }

    fn several(&mut self, terms: &[Term], separator: &str) -> Result<(), Error> {
        for (index, term) in terms.iter().enumerate() {
            self.push(if index > 0 { separator } else { "" });
            self.term(term)?;
        }
        Ok(())
    }

    fn case(
        &mut self,
        operand: Option<&Term>,
        branches: &[(Term, Term)],
        otherwise: Option<&Term>,
    ) -> Result<(), Error> {
        self.push("CASE ");
        if let Some(operand) = operand {
            self.term(operand)?;
        }
        for (when, then) in branches {
            self.push(" WHEN ");
            self.infix(when, " THEN ", then)?;
        }
        if let Some(otherwise) = otherwise {
            self.push(" ELSE ");
            self.term(otherwise)?;
        }
        self.push(" END");
        Ok(())
    }

    /// Prints a call without parentheses around it.
    fn call(&mut self, call: &Term) -> Result<(), Error> {
        let Term::Call {
            function,
            distinct,
            arguments,
        } = call
        else {
            self.push("pg_catalog.count(*)");
            return Ok(());
        };
        // These are syntax, not entries of pg_proc, and take no schema.
        match *function {
            "coalesce" | "nullif" | "greatest" | "least" => self.push(function),
            _ => self.statement.column("pg_catalog", function),
        }
        self.push(if *distinct { "(DISTINCT " } else { "(" });
        self.several(arguments, ", ")?;
        self.push(")");
        Ok(())
    }

    fn window(&mut self, window: &Window) -> Result<(), Error> {
        self.call(&window.call)?;
        self.push(" OVER (");
        for (index, key) in window.partition.iter().enumerate() {
            self.push(if index == 0 { "PARTITION BY " } else { ", " });
            self.term(key)?;
        }
        self.order(&window.order)?;
        if let Some(frame) = &window.frame {
            self.push(match frame.units {
                FrameUnits::Rows => " ROWS",
                FrameUnits::Range => " RANGE",
                FrameUnits::Groups => " GROUPS",
            });
            self.push(if frame.end.is_some() { " BETWEEN" } else { "" });
            self.bound(&frame.start)?;
            if let Some(end) = &frame.end {
                self.push(" AND");
                self.bound(end)?;
            }
        }
        self.push(")");
        Ok(())
    }

    fn bound(&mut self, bound: &FrameBound) -> Result<(), Error> {
        let (distance, words) = match bound {
            FrameBound::UnboundedPreceding => (None, " UNBOUNDED PRECEDING"),
            FrameBound::Preceding(distance) => (Some(distance), " PRECEDING"),
            FrameBound::CurrentRow => (None, " CURRENT ROW"),
            FrameBound::Following(distance) => (Some(distance), " FOLLOWING"),
            FrameBound::UnboundedFollowing => (None, " UNBOUNDED FOLLOWING"),
        };
        if let Some(distance) = distance {
            self.push(" ");
            self.term(distance)?;
            self.push("::int8");
        }
        self.push(words);
        Ok(())
    }
}
