//! Values and conditions, one node of sqlparser's tree at a time.

use std::ops::RangeInclusive;

use sqlparser::ast::{
    BinaryOperator as Op, CaseWhen, CastKind, DuplicateTreatment, Expr as Tree, Function,
    FunctionArg, FunctionArgExpr, FunctionArgumentList, FunctionArguments, Query, Spanned as _,
    TypedString, UnaryOperator, Value,
};
use sqlparser::tokenizer::Span;

use super::scope::Lowering;
use super::{Refusal, SelectQuery, Term, from, functions};
use crate::predicate::{TypeName, construct, precedence};
use crate::syntax::{self, Literal, comparison, json};
use crate::{Comparison, Truth};

impl Lowering<'_> {
    /// Lowers a node under the limits.
    pub(super) fn term(&mut self, tree: &Tree) -> Result<Term, Refusal> {
        let span = tree.span();
        self.down(span)?;
        if !precedence::agrees(tree) {
            let message = "the order in which these operators bind is not plain";
            return Err(Refusal::new(
                span,
                message,
                "put parentheses around the operands",
            ));
        }
        let term = self.node(tree, span)?;
        self.up();
        Ok(term)
    }

    /// A query inside of an expression.
    fn inner_query(&mut self, query: &Query) -> Result<SelectQuery, Refusal> {
        self.inner += 1;
        let query = self.query(query)?;
        self.inner -= 1;
        Ok(query)
    }

    fn boxed(&mut self, tree: &Tree) -> Result<Box<Term>, Refusal> {
        self.term(tree).map(Box::new)
    }

    fn terms<'t>(
        &mut self,
        trees: impl IntoIterator<Item = &'t Tree>,
    ) -> Result<Vec<Term>, Refusal> {
        trees.into_iter().map(|it| self.term(it)).collect()
    }

    fn node(&mut self, tree: &Tree, span: Span) -> Result<Term, Refusal> {
        let is = |term, truth, negated| Ok(Term::Is(term, truth, negated));
        match tree {
            Tree::Nested(inner) => self.term(inner),
            Tree::Value(value) => self.value(&value.value, tree, span),
            Tree::Identifier(ident) => self.bare(ident),
            Tree::CompoundIdentifier(parts) => self.qualified(parts),
            Tree::UnaryOp { op, expr } => match op {
                UnaryOperator::Not => Ok(Term::Not(self.boxed(expr)?)),
                UnaryOperator::Minus => {
                    let zero = Box::new(Term::Number("0".into()));
                    Ok(Term::Arithmetic(" - ", zero, self.boxed(expr)?))
                }
                UnaryOperator::Plus => self.term(expr),
                _ => refuse(tree),
            },
            Tree::BinaryOp { left, op, right } => self.binary(tree, (left, op, right)),
            Tree::IsNull(it) => is(self.boxed(it)?, Truth::Null, false),
            Tree::IsNotNull(it) => is(self.boxed(it)?, Truth::Null, true),
            Tree::IsTrue(it) => is(self.boxed(it)?, Truth::True, false),
            Tree::IsNotTrue(it) => is(self.boxed(it)?, Truth::True, true),
            Tree::IsFalse(it) => is(self.boxed(it)?, Truth::False, false),
            Tree::IsNotFalse(it) => is(self.boxed(it)?, Truth::False, true),
            Tree::IsDistinctFrom(left, right) => {
                let op = Comparison::IsDistinctFrom;
                Ok(Term::Compare(op, self.boxed(left)?, self.boxed(right)?))
            }
            Tree::IsNotDistinctFrom(left, right) => {
                let op = Comparison::IsNotDistinctFrom;
                Ok(Term::Compare(op, self.boxed(left)?, self.boxed(right)?))
            }
            Tree::Between {
                expr,
                negated,
                low,
                high,
            } => Ok(Term::Between(
                self.boxed(expr)?,
                self.boxed(low)?,
                self.boxed(high)?,
                *negated,
            )),
            Tree::Case {
                case_token: _,
                end_token: _,
                operand,
                conditions,
                else_result,
            } => self.case(operand.as_deref(), conditions, else_result.as_deref()),
            Tree::Function(call) => self.call(call, tree, span),
            _ => self.membership(tree),
        }
    }

    /// IN, LIKE, ANY, subqueries and casts.
    fn membership(&mut self, tree: &Tree) -> Result<Term, Refusal> {
        match tree {
            Tree::InList {
                expr,
                list,
                negated,
            } if !list.is_empty() => {
                Ok(Term::InList(self.boxed(expr)?, self.terms(list)?, *negated))
            }
            Tree::InSubquery {
                expr,
                subquery,
                negated,
            } => {
                let expr = self.boxed(expr)?;
                Ok(Term::InQuery(
                    expr,
                    Box::new(self.inner_query(subquery)?),
                    *negated,
                ))
            }
            Tree::Exists { subquery, negated } => Ok(Term::Exists(
                Box::new(self.inner_query(subquery)?),
                *negated,
            )),
            Tree::Subquery(query) => Ok(Term::Scalar(Box::new(self.inner_query(query)?))),
            Tree::Like {
                negated,
                any: false,
                expr,
                pattern,
                escape_char: None,
            } => Ok(Term::Like(
                self.boxed(expr)?,
                self.boxed(pattern)?,
                *negated,
            )),
            Tree::ILike {
                negated,
                any: false,
                expr,
                pattern,
                escape_char: None,
            } => Ok(Term::ILike(
                self.boxed(expr)?,
                self.boxed(pattern)?,
                *negated,
            )),
            Tree::AnyOp {
                left,
                compare_op,
                right,
                is_some: _,
            } if !matches!(**right, Tree::Subquery(_)) => match comparison(compare_op) {
                Some(op) => Ok(Term::Any(op, self.boxed(left)?, self.boxed(right)?)),
                None => refuse(tree),
            },
            Tree::Cast {
                kind: CastKind::Cast | CastKind::DoubleColon,
                expr,
                data_type,
                format: None,
            } => {
                let ty = type_name(&data_type.to_string(), tree)?;
                Ok(Term::Cast(self.boxed(expr)?, ty))
            }
            Tree::TypedString(TypedString {
                data_type,
                value,
                uses_odbc_syntax: false,
            }) => {
                let ty = type_name(&data_type.to_string(), tree)?;
                let text = self.value(&value.value, tree, tree.span())?;
                Ok(Term::Cast(Box::new(text), ty))
            }
            _ => refuse(tree),
        }
    }

    fn value(&mut self, value: &Value, tree: &Tree, span: Span) -> Result<Term, Refusal> {
        match syntax::literal(value) {
            Some(Literal::Null) => return Ok(Term::Null),
            Some(Literal::Bool(truth)) => return Ok(Term::Bool(truth)),
            Some(Literal::Number(digits)) => return Ok(Term::Number(digits.to_owned())),
            Some(Literal::Text(text)) if !text.contains('\0') => {
                return Ok(Term::Text(text.to_owned()));
            }
            Some(Literal::Text(_)) | None => {}
        }
        match value {
            Value::Placeholder(text) => {
                let name = text.strip_prefix(':').unwrap_or_default();
                let found = self.params.iter().position(|it| it.name == name);
                let Some(index) = found else {
                    let message = format!("there is no parameter `{text}`");
                    let help =
                        "describe it at the top: `-- param name: int8`, and use it as `:name`";
                    return Err(Refusal::new(span, message, help));
                };
                self.used.push(name.to_owned());
                Ok(Term::Param(index))
            }
            _ => refuse(tree),
        }
    }

    fn binary(
        &mut self,
        tree: &Tree,
        (left, op, right): (&Tree, &Op, &Tree),
    ) -> Result<Term, Refusal> {
        if matches!(op, Op::And | Op::Or) {
            let operands = syntax::chain(tree, op);
            let operands = self.terms(operands)?;
            return Ok(if *op == Op::And {
                Term::And(operands)
            } else {
                Term::Or(operands)
            });
        }
        let (one, other) = (self.boxed(left)?, self.boxed(right)?);
        if let Some(op) = comparison(op) {
            return Ok(Term::Compare(op, one, other));
        }
        if let Some(op) = json(op) {
            return Ok(Term::Json(op, one, other));
        }
        let symbol = match op {
            Op::Plus => " + ",
            Op::Minus => " - ",
            Op::Multiply => " * ",
            Op::Divide => " / ",
            Op::Modulo => " % ",
            Op::StringConcat => " || ",
            _ => {
                let message = format!("operator `{op}` is refused");
                let help = "operators are = <> < <= > >= + - * / % || -> ->> #> #>> @> ?";
                return Err(Refusal::new(tree.span(), message, help));
            }
        };
        Ok(Term::Arithmetic(symbol, one, other))
    }

    fn case(
        &mut self,
        operand: Option<&Tree>,
        conditions: &[CaseWhen],
        otherwise: Option<&Tree>,
    ) -> Result<Term, Refusal> {
        let operand = operand.map(|it| self.boxed(it)).transpose()?;
        let mut branches = Vec::new();
        for CaseWhen { condition, result } in conditions {
            branches.push((self.term(condition)?, self.term(result)?));
        }
        let otherwise = otherwise.map(|it| self.boxed(it)).transpose()?;
        Ok(Term::Case(operand, branches, otherwise))
    }

    fn call(&mut self, call: &Function, tree: &Tree, span: Span) -> Result<Term, Refusal> {
        let Function {
            name,
            uses_odbc_syntax: false,
            parameters: FunctionArguments::None,
            args: FunctionArguments::List(list),
            within_group,
            filter: None,
            null_treatment: None,
            over,
        } = call
        else {
            return refuse(tree);
        };
        let parts: Option<Vec<String>> = name.0.iter().map(from::part).collect();
        let (Some(parts), true) = (parts, within_group.is_empty()) else {
            return refuse(tree);
        };
        let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
        match (parts.as_slice(), over) {
            (["auth", claim], None) if list.args.is_empty() => {
                let claim = syntax::claim(claim).map(Term::Claim);
                claim.ok_or_else(|| unlisted(&parts, span))
            }
            ([name], None) => {
                let listed = functions::find(name).map(|(name, fewest, most, aggregate)| Listed {
                    name,
                    arguments: fewest..=most,
                    aggregate,
                });
                if listed.is_none() && functions::find_over(name).is_some() {
                    let message = format!("`{name}` is called with OVER");
                    return Err(Refusal::new(span, message, "write `… OVER (ORDER BY …)`"));
                }
                self.listed_call((*name, listed), list, tree)
            }
            ([name], Some(over)) => {
                let listed = functions::find_over(name).map(|(name, fewest, most)| Listed {
                    name,
                    arguments: fewest..=most,
                    aggregate: true,
                });
                let call = self.listed_call((*name, listed), list, tree)?;
                self.window(call, over, span)
            }
            _ => Err(unlisted(&parts, span)),
        }
    }

    /// A call of the list, without what may follow it.
    fn listed_call(
        &mut self,
        (name, listed): (&str, Option<Listed>),
        list: &FunctionArgumentList,
        tree: &Tree,
    ) -> Result<Term, Refusal> {
        let FunctionArgumentList {
            duplicate_treatment,
            args,
            clauses,
        } = list;
        if !clauses.is_empty() {
            return refuse(tree);
        }
        let distinct = *duplicate_treatment == Some(DuplicateTreatment::Distinct);
        if let ("count", [FunctionArg::Unnamed(FunctionArgExpr::Wildcard)], false) =
            (name, args.as_slice(), distinct)
        {
            return Ok(Term::CountAll);
        }
        let Some(listed) = listed else {
            return Err(unlisted(&[name], tree.span()));
        };
        let mut arguments = Vec::new();
        for argument in args {
            let FunctionArg::Unnamed(FunctionArgExpr::Expr(value)) = argument else {
                return refuse(tree);
            };
            arguments.push(self.term(value)?);
        }
        let wrong = !listed.arguments.contains(&arguments.len());
        if wrong || (distinct && !listed.aggregate) {
            let message = format!("`{name}` is not called like this");
            let (fewest, most) = listed.arguments.into_inner();
            let help = format!("give it {fewest} to {most} values");
            return Err(Refusal::new(tree.span(), message, help));
        }
        Ok(Term::Call {
            function: listed.name,
            distinct,
            arguments,
        })
    }
}

/// A function of the list.
struct Listed {
    name: &'static str,
    arguments: RangeInclusive<usize>,
    aggregate: bool,
}

fn unlisted(parts: &[&str], span: Span) -> Refusal {
    let names: Vec<_> = functions::FUNCTIONS.iter().map(|it| it.0).collect();
    let message = format!("function `{}` is not on the list", parts.join("."));
    Refusal::new(span, message, format!("listed are {}", names.join(", ")))
}

fn type_name(spelling: &str, tree: &Tree) -> Result<&'static str, Refusal> {
    let ty = TypeName::parse(spelling).map(TypeName::sql);
    ty.ok_or_else(|| {
        let message = format!("casts to `{}` are refused", spelling.to_lowercase());
        let help = format!("cast to one of {}", TypeName::ALL.join(", "));
        Refusal::new(tree.span(), message, help)
    })
}

fn refuse(tree: &Tree) -> Result<Term, Refusal> {
    let (name, help) = construct::describe(tree);
    Err(Refusal::construct(tree.span(), name, help))
}
