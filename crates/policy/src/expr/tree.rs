//! Constants, connectives and walks over the tree.

use super::{Expr, Subquery};

impl Expr {
    /// Whether it is the constant TRUE.
    pub fn is_true(&self) -> bool {
        match self {
            Self::Bool(value) => *value,
            Self::And(all) => all.iter().all(Self::is_true),
            Self::Or(any) => any.iter().any(Self::is_true),
            _ => false,
        }
    }

    /// Whether it is the constant FALSE (an empty `Or` counts).
    pub fn is_false(&self) -> bool {
        match self {
            Self::Bool(value) => !*value,
            Self::And(all) => all.iter().any(Self::is_false),
            Self::Or(any) => any.iter().all(Self::is_false),
            _ => false,
        }
    }

    /// All of them, without those that are TRUE; FALSE if any is.
    pub fn all(operands: Vec<Self>) -> Self {
        let mut flat = Vec::new();
        for operand in operands {
            match operand {
                Self::And(inner) => flat.extend(inner),
                other => flat.push(other),
            }
        }
        if flat.iter().any(Self::is_false) {
            return Self::Bool(false);
        }
        flat.retain(|it| !it.is_true());
        match flat.len() {
            0 => Self::Bool(true),
            1 => flat.remove(0),
            _ => Self::And(flat),
        }
    }

    /// Any of them, without those that are FALSE; TRUE if any is.
    pub fn any(operands: Vec<Self>) -> Self {
        let mut flat = Vec::new();
        for operand in operands {
            match operand {
                Self::Or(inner) => flat.extend(inner),
                other => flat.push(other),
            }
        }
        if flat.iter().any(Self::is_true) {
            return Self::Bool(true);
        }
        flat.retain(|it| !it.is_false());
        match flat.len() {
            0 => Self::Bool(false),
            1 => flat.remove(0),
            _ => Self::Or(flat),
        }
    }

    /// The parts of this node, those of its subquery included.
    pub fn children(&self) -> Vec<&Self> {
        match self {
            Self::Bool(_)
            | Self::Null
            | Self::Number(_)
            | Self::Text(_)
            | Self::Column { source: _, name: _ }
            | Self::Claim(_)
            | Self::Argument(_) => Vec::new(),
            Self::Not(inner) => vec![inner],
            Self::And(all) => all.iter().collect(),
            Self::Or(any) => any.iter().collect(),
            Self::Compare { op: _, left, right }
            | Self::Arithmetic { op: _, left, right }
            | Self::Json { op: _, left, right } => vec![left, right],
            Self::Is { expr, .. } | Self::Cast { expr, ty: _ } => vec![expr],
            Self::InList { expr, list, .. } => std::iter::once(&**expr).chain(list).collect(),
            Self::InQuery { expr, query, .. } => {
                vec![expr, &query.select, &query.condition]
            }
            Self::Exists { query, negated: _ } | Self::Scalar(query) => {
                vec![&query.select, &query.condition]
            }
            Self::AnyOf { expr, op: _, array } => vec![expr, array],
            Self::Between {
                expr, low, high, ..
            } => vec![expr, low, high],
            Self::Like { expr, pattern, .. } => vec![expr, pattern],
            Self::Case {
                operand,
                branches,
                otherwise,
            } => operand
                .iter()
                .chain(otherwise)
                .map(AsRef::as_ref)
                .chain(branches.iter().flat_map(|(when, then)| [when, then]))
                .collect(),
            Self::Subscript { expr, index } => vec![expr, index],
            Self::Call { arguments, .. } => arguments.iter().collect(),
        }
    }

    /// The subquery that this node holds, its parts' apart.
    pub fn subquery(&self) -> Option<&Subquery> {
        match self {
            Self::InQuery { query, .. } | Self::Exists { query, .. } | Self::Scalar(query) => {
                Some(query)
            }
            _ => None,
        }
    }

    /// Calls `visit` with this node and every node below it.
    pub fn walk<'e>(&'e self, visit: &mut dyn FnMut(&'e Self)) {
        visit(self);
        for child in self.children() {
            child.walk(visit);
        }
    }
}
