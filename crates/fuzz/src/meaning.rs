//! What a lowered predicate means: the shape of our own tree.

use postern_policy::{Arithmetic, Claim, Comparison, Expr, JsonOperator, Source, Subquery, Truth};

use crate::shape::{Naming, Shape};

/// The alias that our print gives to the row in question.
pub const ROW: &str = "b0";

/// The shape of a predicate on a row.
pub fn shape(expr: &Expr, naming: Naming) -> Shape {
    let of = |it: &Expr| shape(it, naming);
    let all = |items: &[Expr]| items.iter().map(of).collect::<Vec<_>>();
    match expr {
        Expr::Bool(value) => Shape::truth(*value),
        Expr::Null | Expr::Argument(_) => Shape::leaf("null", ""),
        Expr::Number(digits) => Shape::number(digits),
        Expr::Text(text) => Shape::leaf("text", text),
        Expr::Column { source, name } => column(source, name, naming),
        Expr::Claim(claim) => Shape::leaf("claim", claim_type(*claim)),
        Expr::Not(inner) => Shape::negation(of(inner)),
        Expr::And(parts) => Shape::all(all(parts)),
        Expr::Or(parts) => Shape::any(all(parts)),
        Expr::Compare { op, left, right } => {
            Shape::node(comparison(*op), vec![of(left), of(right)])
        }
        Expr::Is {
            expr,
            truth,
            negated,
        } => Shape::node(is(*truth, *negated), vec![of(expr)]),
        Expr::InList {
            expr,
            list,
            negated,
        } => Shape::membership(*negated, of(expr), all(list)),
        Expr::InQuery {
            expr,
            query,
            negated,
        } => Shape::negated_if(
            *negated,
            Shape::among("=", of(expr), vec![subquery(query, naming)]),
        ),
        Expr::Exists { query, negated } => {
            Shape::negated_if(*negated, Shape::node("exists", vec![rows(query, naming)]))
        }
        Expr::Scalar(query) => Shape::node("scalar", vec![subquery(query, naming)]),
        other => value(other, naming),
    }
}

fn value(expr: &Expr, naming: Naming) -> Shape {
    let of = |it: &Expr| shape(it, naming);
    match expr {
        Expr::AnyOf { expr, op, array } => Shape::any_of(comparison(*op), of(expr), of(array)),
        Expr::Between {
            expr,
            low,
            high,
            negated,
        } => {
            let name = if *negated { "not between" } else { "between" };
            Shape::node(name, vec![of(expr), of(low), of(high)])
        }
        Expr::Like {
            expr,
            pattern,
            ignore_case,
            negated,
        } => {
            let not = if *negated { "!" } else { "" };
            let star = if *ignore_case { "*" } else { "" };
            Shape::node(format!("{not}~~{star}"), vec![of(expr), of(pattern)])
        }
        Expr::Case {
            operand,
            branches,
            otherwise,
        } => {
            let mut parts: Vec<_> = operand.iter().map(|it| of(it)).collect();
            for (when, then) in branches {
                parts.push(Shape::node("when", vec![of(when), of(then)]));
            }
            parts.extend(otherwise.iter().map(|it| Shape::node("else", vec![of(it)])));
            Shape::node("case", parts)
        }
        Expr::Subscript { expr, index } => Shape::node("element", vec![of(expr), of(index)]),
        Expr::Cast { expr, ty } => Shape::node(format!("cast {ty}"), vec![of(expr)]),
        Expr::Arithmetic { op, left, right } => match op {
            Arithmetic::Minus => Shape::minus(of(left), of(right)),
            Arithmetic::Plus => Shape::node("+", vec![of(left), of(right)]),
            Arithmetic::Times => Shape::node("*", vec![of(left), of(right)]),
            Arithmetic::Concat => Shape::node("||", vec![of(left), of(right)]),
        },
        Expr::Json { op, left, right } => {
            Shape::node(json_operator(*op), vec![of(left), of(right)])
        }
        Expr::Call {
            schema,
            function,
            arguments,
        } => {
            let arguments = arguments.iter().map(of).collect();
            Shape::node(format!("call {schema}.{function}"), arguments)
        }
        other => unreachable!("INVARIANT: `shape` knows {other:?} itself"),
    }
}

fn column(source: &Source, name: &str, naming: Naming) -> Shape {
    let alias = match source {
        Source::Row => ROW,
        Source::Alias(alias) => alias,
    };
    match naming {
        Naming::Last => Shape::leaf("column", name),
        Naming::Qualified => Shape::leaf("column", format!("{alias}.{name}")),
    }
}

fn subquery(query: &Subquery, naming: Naming) -> Shape {
    let select = shape(&query.select, naming);
    Shape::node("select", vec![select, rows(query, naming)])
}

fn rows(query: &Subquery, naming: Naming) -> Shape {
    let mut name = String::from("from");
    for item in &query.from {
        name += &format!(" {}.{}", item.relation.schema, item.relation.name);
        if naming == Naming::Qualified {
            name += &format!(" as {}", item.alias);
        }
    }
    Shape::node(name, vec![shape(&query.condition, naming)])
}

fn claim_type(claim: Claim) -> &'static str {
    match claim {
        Claim::Uid => "uuid",
        Claim::Role | Claim::Email => "text",
        Claim::Jwt => "jsonb",
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
        Comparison::IsDistinctFrom => "distinct",
        Comparison::IsNotDistinctFrom => "not distinct",
    }
}

fn is(truth: Truth, negated: bool) -> String {
    let word = match truth {
        Truth::Null => "null",
        Truth::True => "true",
        Truth::False => "false",
        Truth::Unknown => "unknown",
    };
    format!("is {}{word}", if negated { "not " } else { "" })
}

fn json_operator(op: JsonOperator) -> &'static str {
    match op {
        JsonOperator::Get => "->",
        JsonOperator::GetText => "->>",
        JsonOperator::Path => "#>",
        JsonOperator::PathText => "#>>",
        JsonOperator::Contains => "@>",
        JsonOperator::HasKey => "?",
    }
}
