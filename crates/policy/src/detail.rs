//! The rules of a bundle one by one, for tools that tell, test and compare them.
//!
//! Requests never look here: what holds for them is the combination in [`crate::Access`].

use postern_base::{RelationName, RoleName};

use crate::bind::Table;
use crate::{Assurance, Expr, RuleKind, RuleRef, Truth, Verb};

/// One rule as it stands in its file.
#[derive(Clone, Debug)]
pub struct RuleDetail {
    /// Where it stands.
    pub reference: RuleRef,
    /// The table that it is about.
    pub relation: RelationName,
    /// Which list it stands in.
    pub kind: RuleKind,
    /// The verbs that it speaks of.
    pub verbs: Vec<Verb>,
    /// The roles that it names; `None` stands for all.
    pub roles: Option<Vec<RoleName>>,
    /// `where`, or a deny rule's `when`, as written.
    pub condition: Expr,
    /// `check` as written; without one the condition judges new rows as well.
    pub check: Option<Expr>,
    /// What it demands of the caller's sign-in, in place of a condition.
    pub assurance: Option<Assurance>,
    /// Whether it calls an opaque function.
    pub native: bool,
}

/// Which row a rule judges.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Side {
    /// The row as it is stored: reads, deletes, and what an update finds.
    Existing,
    /// The row about to be written: inserts, and what an update makes.
    New,
}

impl RuleDetail {
    /// Whether it speaks of the verb, for a role with this chain of inheritance.
    pub fn applies(&self, chain: &[RoleName], verb: Verb) -> bool {
        let named = |roles: &Vec<RoleName>| chain.iter().any(|it| roles.contains(it));
        self.verbs.contains(&verb) && self.roles.as_ref().is_none_or(named)
    }

    /// The text that judges this side, as written.
    pub fn text(&self, side: Side) -> &Expr {
        match (side, &self.check) {
            (Side::New, Some(check)) => check,
            _ => &self.condition,
        }
    }

    /// What must be TRUE of the row: the text, or for a deny rule that it IS FALSE.
    pub fn demand(&self, side: Side) -> Expr {
        let text = self.text(side).clone();
        match self.kind {
            RuleKind::Allow | RuleKind::Require => text,
            RuleKind::Deny => Expr::Is {
                expr: Box::new(text),
                truth: Truth::False,
                negated: false,
            },
        }
    }
}

impl Table<'_> {
    /// Its rules for the bundle.
    pub(crate) fn details(&self) -> impl Iterator<Item = RuleDetail> {
        self.rules.iter().map(|rule| RuleDetail {
            reference: rule.reference.clone(),
            relation: self.relation.name.clone(),
            kind: rule.entry.kind,
            verbs: rule.entry.verbs.clone(),
            roles: rule.roles.clone(),
            condition: match (rule.entry.kind, &rule.condition) {
                // Binding has wrapped it; here it stands as written.
                (RuleKind::Deny, Expr::Is { expr, .. }) => (**expr).clone(),
                (_, condition) => condition.clone(),
            },
            check: rule.entry.check.as_ref().map(|_| rule.check.clone()),
            assurance: rule.entry.assurance,
            native: rule.entry.native,
        })
    }
}

/// The conditions that AND, OR and NOT put together, each with the way to it; a plain condition is
/// its own only part.
pub fn parts(expr: &Expr) -> Vec<(Vec<usize>, &Expr)> {
    let mut found = Vec::new();
    collect(expr, &mut Vec::new(), &mut found);
    found
}

fn collect<'e>(expr: &'e Expr, way: &mut Vec<usize>, found: &mut Vec<(Vec<usize>, &'e Expr)>) {
    let operands: Vec<&Expr> = match expr {
        Expr::And(operands) | Expr::Or(operands) if !operands.is_empty() => {
            operands.iter().collect()
        }
        Expr::Not(inner) => vec![inner],
        _ => {
            found.push((way.clone(), expr));
            return;
        }
    };
    for (index, operand) in operands.into_iter().enumerate() {
        way.push(index);
        collect(operand, way, found);
        way.pop();
    }
}

/// The tree with the part at the end of the way replaced.
pub(crate) fn replaced(expr: &Expr, way: &[usize], with: &dyn Fn(&Expr) -> Expr) -> Expr {
    let Some((step, rest)) = way.split_first() else {
        return with(expr);
    };
    let each = |operands: &[Expr]| {
        let operands = operands.iter().enumerate();
        operands
            .map(|(index, it)| match index == *step {
                true => replaced(it, rest, with),
                false => it.clone(),
            })
            .collect()
    };
    match expr {
        Expr::And(operands) => Expr::And(each(operands)),
        Expr::Or(operands) => Expr::Or(each(operands)),
        Expr::Not(inner) => Expr::Not(Box::new(replaced(inner, rest, with))),
        other => other.clone(),
    }
}
