//! The tree of a predicate as readable policy text, for `policy explain`.
//!
//! This is for eyes only: the SQL that is sent comes from `query`'s printer. Operands that are
//! not plain are always in parentheses, so no reader needs to know which operator binds tighter.

use crate::{Arithmetic, Claim, Comparison, Expr, JsonOperator, Source, Subquery, Truth};

/// Writes a tree as policy text.
pub fn describe(expr: &Expr) -> String {
    match expr {
        Expr::Bool(true) => "true".into(),
        Expr::Bool(false) => "false".into(),
        Expr::Null => "NULL".into(),
        Expr::Number(digits) => digits.clone(),
        Expr::Text(text) => format!("'{}'", text.replace('\'', "''")),
        Expr::Column { source, name } => match source {
            Source::Row => identifier(name),
            Source::Alias(alias) => format!("{alias}.{}", identifier(name)),
        },
        Expr::Claim(Claim::Uid) => "auth.uid()".into(),
        Expr::Claim(Claim::Role) => "auth.role()".into(),
        Expr::Claim(Claim::Email) => "auth.email()".into(),
        Expr::Claim(Claim::Jwt) => "auth.jwt()".into(),
        Expr::Argument(name) => format!("arg.{name}"),
        Expr::Not(inner) => format!("NOT {}", operand(inner)),
        Expr::And(operands) => joined(operands, " AND ", "true"),
        Expr::Or(operands) => joined(operands, " OR ", "false"),
        Expr::Compare { op, left, right } => infix(left, comparison(*op), right),
        Expr::Arithmetic { op, left, right } => infix(left, arithmetic(*op), right),
        Expr::Json { op, left, right } => infix(left, json(*op), right),
        Expr::Is {
            expr,
            truth,
            negated,
        } => format!("{} IS {}{}", operand(expr), not(*negated), word(*truth)),
        Expr::InList {
            expr,
            list,
            negated,
        } => format!("{} {}IN ({})", operand(expr), not(*negated), commas(list)),
        Expr::InQuery {
            expr,
            query,
            negated,
        } => format!(
            "{} {}IN ({})",
            operand(expr),
            not(*negated),
            subquery(query)
        ),
        Expr::Exists { query, negated } => format!("{}EXISTS ({})", not(*negated), subquery(query)),
        Expr::Scalar(query) => format!("({})", subquery(query)),
        Expr::AnyOf { .. } | Expr::Between { .. } | Expr::Like { .. } | Expr::Case { .. } => {
            wordy(expr)
        }
        Expr::Subscript { expr, index } => format!("({})[{}]", describe(expr), describe(index)),
        Expr::Cast { expr, ty } => format!("{}::{ty}", operand(expr)),
        Expr::Call {
            schema,
            function,
            arguments,
        } => {
            let schema = match schema.as_str() {
                "pg_catalog" => String::new(),
                other => format!("{}.", identifier(other)),
            };
            format!("{schema}{}({})", identifier(function), commas(arguments))
        }
    }
}

/// The operators that are words.
fn wordy(expr: &Expr) -> String {
    match expr {
        Expr::AnyOf { expr, op, array } => {
            let (expr, array) = (operand(expr), describe(array));
            format!("{expr} {} ANY ({array})", comparison(*op))
        }
        Expr::Between {
            expr,
            low,
            high,
            negated,
        } => {
            let (low, high) = (operand(low), operand(high));
            format!(
                "{} {}BETWEEN {low} AND {high}",
                operand(expr),
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
            let (expr, pattern) = (operand(expr), operand(pattern));
            format!("{expr} {}{word} {pattern}", not(*negated))
        }
        Expr::Case {
            operand,
            branches,
            otherwise,
        } => {
            let mut text = String::from("CASE");
            if let Some(operand) = operand {
                text += &format!(" {}", describe(operand));
            }
            for (when, then) in branches {
                text += &format!(" WHEN {} THEN {}", describe(when), describe(then));
            }
            if let Some(otherwise) = otherwise {
                text += &format!(" ELSE {}", describe(otherwise));
            }
            text + " END"
        }
        other => describe(other),
    }
}

fn subquery(query: &Subquery) -> String {
    let Subquery {
        select,
        from,
        condition,
        as_caller,
    } = query;
    let from: Vec<_> = from
        .iter()
        .map(|it| format!("{} {}", it.relation, it.alias))
        .collect();
    let condition = match condition.is_true() {
        true => String::new(),
        false => format!(" WHERE {}", describe(condition)),
    };
    let scope = if *as_caller {
        " as the caller sees it"
    } else {
        ""
    };
    format!(
        "SELECT {} FROM {}{scope}{condition}",
        describe(select),
        from.join(", ")
    )
}

/// An operand: in parentheses unless it is plain.
fn operand(expr: &Expr) -> String {
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
        | Expr::Call { .. } => describe(expr),
        _ => format!("({})", describe(expr)),
    }
}

fn infix(left: &Expr, op: &str, right: &Expr) -> String {
    format!("{} {op} {}", operand(left), operand(right))
}

fn joined(operands: &[Expr], word: &str, empty: &str) -> String {
    match operands {
        [] => empty.into(),
        [only] => describe(only),
        several => several.iter().map(chained).collect::<Vec<_>>().join(word),
    }
}

/// An operand of AND or OR: a comparison may stand there bare.
fn chained(expr: &Expr) -> String {
    match expr {
        Expr::And(_) | Expr::Or(_) | Expr::Not(_) | Expr::Between { .. } => operand(expr),
        _ => describe(expr),
    }
}

fn commas(list: &[Expr]) -> String {
    list.iter().map(describe).collect::<Vec<_>>().join(", ")
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

/// A name as it can be written in a policy: quoted unless it is plain.
fn identifier(name: &str) -> String {
    let plain = name.starts_with(|it: char| it.is_ascii_lowercase() || it == '_')
        && name
            .chars()
            .all(|it| it.is_ascii_lowercase() || it.is_ascii_digit() || it == '_');
    if plain {
        name.to_owned()
    } else {
        format!("\"{}\"", name.replace('"', "\"\""))
    }
}
