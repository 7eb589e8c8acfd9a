//! The tree of a predicate as readable policy text, for `policy explain`, and as the SQL of
//! `CREATE POLICY`, for `policy export`.
//!
//! No request's SQL comes from here: that is `query`'s printer. Operands that are
//! not plain are always in parentheses, so no reader needs to know which operator binds tighter.

use crate::identifier::identifier;
use crate::{Arithmetic, Claim, Comparison, Expr, JsonOperator, Source, Subquery, Truth};

/// What a subquery is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lookup {
    /// All its values.
    Values,
    /// Whether it has a row.
    Exists,
    /// Its one value.
    Value,
}

/// How the names of a tree are written.
pub trait Names {
    /// A column of the row that is decided on.
    fn row_column(&self, name: &str) -> String {
        identifier(name)
    }

    /// A part of the caller's token.
    fn claim(&self, claim: Claim) -> String {
        let call = match claim {
            Claim::Uid => "auth.uid()",
            Claim::Role => "auth.role()",
            Claim::Email => "auth.email()",
            Claim::Jwt => "auth.jwt()",
        };
        call.into()
    }

    /// What stands for a subquery; none writes it in place. For [`Lookup::Values`] it is an array.
    fn lookup(&self, query: &Subquery, wanted: Lookup) -> Option<String> {
        let _ = (query, wanted);
        None
    }

    /// What follows the name of a subquery's first relations, for eyes.
    fn scope(&self, query: &Subquery) -> &'static str {
        let _ = query;
        ""
    }
}

/// The words of policy files.
struct PolicyText;

impl Names for PolicyText {
    fn scope(&self, query: &Subquery) -> &'static str {
        if query.as_caller {
            " as the caller sees it"
        } else {
            ""
        }
    }
}

/// Writes a tree as policy text.
pub fn describe(expr: &Expr) -> String {
    Writer(&PolicyText).describe(expr)
}

/// Writes a tree as SQL, its names as `names` has them.
pub fn describe_with(expr: &Expr, names: &dyn Names) -> String {
    Writer(names).describe(expr)
}

/// Writes a subquery as SQL, its names as `names` has them.
pub fn describe_query(query: &Subquery, names: &dyn Names) -> String {
    Writer(names).subquery(query)
}

struct Writer<'n>(&'n dyn Names);

impl Writer<'_> {
    fn describe(&self, expr: &Expr) -> String {
        match expr {
            Expr::Bool(true) => "true".into(),
            Expr::Bool(false) => "false".into(),
            Expr::Null => "NULL".into(),
            Expr::Number(digits) => digits.clone(),
            Expr::Text(text) => format!("'{}'", text.replace('\'', "''")),
            Expr::Column { source, name } => match source {
                Source::Row => self.0.row_column(name),
                Source::Alias(alias) => format!("{alias}.{}", identifier(name)),
            },
            Expr::Claim(claim) => self.0.claim(*claim),
            Expr::Argument(name) => format!("arg.{name}"),
            Expr::Not(inner) => format!("NOT {}", self.operand(inner)),
            Expr::And(operands) => self.joined(operands, " AND ", "true"),
            Expr::Or(operands) => self.joined(operands, " OR ", "false"),
            Expr::Compare { op, left, right } => self.infix(left, comparison(*op), right),
            Expr::Arithmetic { op, left, right } => self.infix(left, arithmetic(*op), right),
            Expr::Json { op, left, right } => self.infix(left, json(*op), right),
            Expr::Is {
                expr,
                truth,
                negated,
            } => format!(
                "{} IS {}{}",
                self.operand(expr),
                not(*negated),
                word(*truth)
            ),
            Expr::InList {
                expr,
                list,
                negated,
            } => format!(
                "{} {}IN ({})",
                self.operand(expr),
                not(*negated),
                self.commas(list)
            ),
            Expr::InQuery { .. } | Expr::Exists { .. } | Expr::Scalar(_) => self.looking(expr),
            Expr::AnyOf { .. } | Expr::Between { .. } | Expr::Like { .. } | Expr::Case { .. } => {
                self.wordy(expr)
            }
            Expr::Subscript { expr, index } => {
                format!("({})[{}]", self.describe(expr), self.operand(index))
            }
            Expr::Cast { expr, ty } => format!("{}::{ty}", self.operand(expr)),
            Expr::Call {
                schema,
                function,
                arguments,
            } => self.call(schema, function, arguments),
        }
    }

    /// Those of Postgres's own go without schema and quotes: some are words of its grammar.
    fn call(&self, schema: &str, function: &str, arguments: &[Expr]) -> String {
        match (schema, function, arguments) {
            ("pg_catalog", "current_date", []) => function.to_owned(),
            ("pg_catalog", "extract", [Expr::Text(field), value]) => {
                format!("extract({field} FROM {})", self.describe(value))
            }
            ("pg_catalog", _, _) => format!("{function}({})", self.commas(arguments)),
            _ => format!(
                "{}.{}({})",
                identifier(schema),
                identifier(function),
                self.commas(arguments)
            ),
        }
    }

    /// What looks into other relations.
    fn looking(&self, expr: &Expr) -> String {
        match expr {
            Expr::InQuery {
                expr,
                query,
                negated,
            } => match self.0.lookup(query, Lookup::Values) {
                Some(array) => {
                    let text = format!("{} = ANY ({array})", self.operand(expr));
                    if *negated {
                        format!("NOT ({text})")
                    } else {
                        text
                    }
                }
                None => {
                    let (expr, query) = (self.operand(expr), self.subquery(query));
                    format!("{expr} {}IN ({query})", not(*negated))
                }
            },
            Expr::Exists { query, negated } => {
                let exists = self.0.lookup(query, Lookup::Exists);
                let exists = exists.unwrap_or_else(|| format!("EXISTS ({})", self.subquery(query)));
                format!("{}{exists}", not(*negated))
            }
            Expr::Scalar(query) => {
                let value = self.0.lookup(query, Lookup::Value);
                value.unwrap_or_else(|| format!("({})", self.subquery(query)))
            }
            other => self.describe(other),
        }
    }

    /// The operators that are words.
    fn wordy(&self, expr: &Expr) -> String {
        match expr {
            Expr::AnyOf { expr, op, array } => {
                let (expr, array) = (self.operand(expr), self.operand(array));
                format!("{expr} {} ANY ({array})", comparison(*op))
            }
            Expr::Between {
                expr,
                low,
                high,
                negated,
            } => {
                let (low, high) = (self.operand(low), self.operand(high));
                format!(
                    "{} {}BETWEEN {low} AND {high}",
                    self.operand(expr),
                    not(*negated)
                )
            }
            Expr::Like {
                expr,
                pattern,
                ignore_case,
                negated,
            } => {
                let word = if *ignore_case { "ILIKE" } else { "LIKE" };
                let (expr, pattern) = (self.operand(expr), self.operand(pattern));
                format!("{expr} {}{word} {pattern}", not(*negated))
            }
            Expr::Case {
                operand,
                branches,
                otherwise,
            } => {
                let mut text = String::from("CASE");
                if let Some(operand) = operand {
                    text += &format!(" {}", self.describe(operand));
                }
                for (when, then) in branches {
                    text += &format!(" WHEN {} THEN {}", self.describe(when), self.describe(then));
                }
                if let Some(otherwise) = otherwise {
                    text += &format!(" ELSE {}", self.describe(otherwise));
                }
                text + " END"
            }
            other => self.describe(other),
        }
    }

    fn subquery(&self, query: &Subquery) -> String {
        let Subquery {
            select,
            from,
            condition,
            as_caller: _,
        } = query;
        let from: Vec<_> = from
            .iter()
            .map(|it| {
                let (schema, name) = (
                    identifier(&it.relation.schema),
                    identifier(&it.relation.name),
                );
                format!("{schema}.{name} {}", it.alias)
            })
            .collect();
        let condition = match condition.is_true() {
            true => String::new(),
            false => format!(" WHERE {}", self.describe(condition)),
        };
        let scope = self.0.scope(query);
        format!(
            "SELECT {} FROM {}{scope}{condition}",
            self.describe(select),
            from.join(", ")
        )
    }

    /// An operand: in parentheses unless it is plain.
    fn operand(&self, expr: &Expr) -> String {
        match expr {
            Expr::Bool(_)
            | Expr::Null
            | Expr::Number(_)
            | Expr::Text(_)
            | Expr::Column { .. }
            | Expr::Claim(_)
            | Expr::Argument(_)
            | Expr::Scalar(_)
            | Expr::Subscript { .. }
            | Expr::Cast { .. }
            | Expr::Call { .. } => self.describe(expr),
            _ => format!("({})", self.describe(expr)),
        }
    }

    fn infix(&self, left: &Expr, op: &str, right: &Expr) -> String {
        format!("{} {op} {}", self.operand(left), self.operand(right))
    }

    fn joined(&self, operands: &[Expr], word: &str, empty: &str) -> String {
        match operands {
            [] => empty.into(),
            [only] => self.describe(only),
            several => several
                .iter()
                .map(|it| self.chained(it))
                .collect::<Vec<_>>()
                .join(word),
        }
    }

    /// An operand of AND or OR: a comparison may stand there bare.
    fn chained(&self, expr: &Expr) -> String {
        match expr {
            Expr::And(_) | Expr::Or(_) | Expr::Not(_) | Expr::Between { .. } => self.operand(expr),
            _ => self.describe(expr),
        }
    }

    fn commas(&self, list: &[Expr]) -> String {
        list.iter()
            .map(|it| self.describe(it))
            .collect::<Vec<_>>()
            .join(", ")
    }
}

fn not(negated: bool) -> &'static str {
    if negated { "NOT " } else { "" }
}

fn word(truth: Truth) -> &'static str {
    match truth {
        Truth::Null => "NULL",
        Truth::True => "TRUE",
        Truth::False => "FALSE",
        Truth::Unknown => "UNKNOWN",
    }
}

fn comparison(op: Comparison) -> &'static str {
    match op {
        Comparison::Eq => "=",
        Comparison::NotEq => "<>",
        Comparison::Less => "<",
        Comparison::LessOrEqual => "<=",
        Comparison::Greater => ">",
        Comparison::GreaterOrEqual => ">=",
        Comparison::IsDistinctFrom => "IS DISTINCT FROM",
        Comparison::IsNotDistinctFrom => "IS NOT DISTINCT FROM",
    }
}

fn arithmetic(op: Arithmetic) -> &'static str {
    match op {
        Arithmetic::Plus => "+",
        Arithmetic::Minus => "-",
        Arithmetic::Times => "*",
        Arithmetic::Concat => "||",
    }
}

fn json(op: JsonOperator) -> &'static str {
    match op {
        JsonOperator::Get => "->",
        JsonOperator::GetText => "->>",
        JsonOperator::Path => "#>",
        JsonOperator::PathText => "#>>",
        JsonOperator::Contains => "@>",
        JsonOperator::HasKey => "?",
    }
}
