//! The meaning of an expression with everything taken away that is spelling: two texts that
//! Postgres reads alike have equal shapes.

use std::fmt::{self, Display};

/// One node of an expression.
#[derive(Clone, PartialEq, Eq)]
pub struct Shape {
    /// What it is, with the text of a literal or name.
    name: String,
    /// Its operands in order.
    parts: Vec<Shape>,
}

/// Which part of a column's name counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Naming {
    /// `alias.column`, as our own print has it everywhere.
    Qualified,
    /// The column alone: authors qualify by what we rename.
    Last,
}

const TRUE: &str = "bool true";
const FALSE: &str = "bool false";

impl Shape {
    /// A literal, a column, a parameter.
    pub fn leaf(kind: &str, text: impl Display) -> Self {
        Self::node(format!("{kind} {text}"), Vec::new())
    }

    /// An operator or call.
    pub fn node(name: impl Into<String>, parts: Vec<Self>) -> Self {
        let name = name.into();
        Self { name, parts }
    }

    /// A truth value.
    pub fn truth(value: bool) -> Self {
        let name = if value { TRUE } else { FALSE };
        Self::node(name, Vec::new())
    }

    /// A number; Postgres keeps those that fit its integers as numbers, and others as texts.
    pub fn number(text: &str) -> Self {
        match text.parse::<i32>() {
            Ok(number) => Self::leaf("number", number),
            Err(_) => Self::leaf("number", text),
        }
    }

    /// `a AND b AND …`, in whatever brackets.
    pub fn all(parts: Vec<Self>) -> Self {
        Self::connective("and", TRUE, FALSE, parts)
    }

    /// `a OR b OR …`, in whatever brackets.
    pub fn any(parts: Vec<Self>) -> Self {
        Self::connective("or", FALSE, TRUE, parts)
    }

    /// Constants fold, since a policy that says TRUE is joined with others without it.
    fn connective(name: &str, neutral: &str, decisive: &str, parts: Vec<Self>) -> Self {
        let mut flat = Vec::new();
        for part in parts {
            match part.name == name {
                true => flat.extend(part.parts),
                false => flat.push(part),
            }
        }
        if flat.iter().any(|it| it.name == decisive) {
            return Self::node(decisive, Vec::new());
        }
        flat.retain(|it| it.name != neutral);
        match flat.len() {
            0 => Self::node(neutral, Vec::new()),
            1 => flat.remove(0),
            _ => Self::node(name, flat),
        }
    }

    /// `NOT x`.
    pub fn negation(inner: Self) -> Self {
        Self::node("not", vec![inner])
    }

    /// `x` or `NOT x`.
    pub fn negated_if(negated: bool, inner: Self) -> Self {
        match negated {
            true => Self::negation(inner),
            false => inner,
        }
    }

    /// `left - right`; `0 - 1`, `-1` and the constant minus one are the same.
    pub fn minus(left: Self, right: Self) -> Self {
        let zero = left.parts.is_empty() && left.name == "number 0";
        match right.name.strip_prefix("number ") {
            Some(digits) if zero => match digits.strip_prefix('-') {
                Some(positive) => Self::leaf("number", positive),
                None if digits == "0" => right,
                None => Self::leaf("number", format!("-{digits}")),
            },
            _ => Self::node("-", vec![left, right]),
        }
    }

    /// `x IN (a, b)`. A list of one subquery is a subquery to Postgres.
    pub fn membership(negated: bool, operand: Self, mut list: Vec<Self>) -> Self {
        if list.len() == 1 && list[0].name == "scalar" {
            let query = list.remove(0).parts;
            return Self::negated_if(negated, Self::among("=", operand, query));
        }
        let name = if negated { "not in" } else { "in" };
        list.insert(0, operand);
        Self::node(name, list)
    }

    /// Whether it is `SELECT value` without anything to read.
    fn is_one_value(&self) -> bool {
        self.name == "select" && self.parts[1] == Self::node("from", vec![Self::truth(true)])
    }

    /// `x op ANY (array)`. An array that is a subquery is a subquery to Postgres.
    pub fn any_of(operator: &str, operand: Self, array: Self) -> Self {
        match array.name.as_str() {
            "scalar" => Self::among(operator, operand, array.parts),
            _ => Self::node(format!("{operator} any"), vec![operand, array]),
        }
    }

    /// `x op ANY (SELECT …)`, of which `x IN (SELECT …)` is one; a subquery that reads nothing has
    /// one row.
    pub fn among(operator: &str, operand: Self, mut query: Vec<Self>) -> Self {
        if query.len() == 1 && query[0].is_one_value() {
            let value = query.remove(0).parts.swap_remove(0);
            return match operator {
                "=" => Self::node("in", vec![operand, value]),
                _ => Self::node(operator, vec![operand, value]),
            };
        }
        let mut parts = vec![operand];
        parts.extend(query);
        Self::node(format!("{operator} any query"), parts)
    }
}

impl fmt::Debug for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.name)?;
        if !self.parts.is_empty() {
            f.debug_list().entries(&self.parts).finish()?;
        }
        Ok(())
    }
}
