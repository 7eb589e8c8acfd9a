//! Which rule decides about a row, once the database has said what is TRUE of it.

use crate::{Expr, RuleDetail, RuleKind, RuleRef, Side, describe, parts};

/// TRUE, FALSE or NULL.
pub type Truths = Option<bool>;

/// What a rule makes of one row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleTruth {
    /// The rule.
    pub rule: RuleRef,
    /// Which list it stands in.
    pub kind: RuleKind,
    /// Its text, as policy text.
    pub text: String,
    /// What the whole text is.
    pub whole: Truths,
    /// What its conditions are, each with its own text.
    pub parts: Vec<(String, Truths)>,
}

impl RuleTruth {
    /// What must be asked of the database about a rule: the whole text, then its parts.
    pub fn questions(rule: &RuleDetail, side: Side) -> Vec<&Expr> {
        let text = rule.text(side);
        let parts = parts(text).into_iter().map(|(_, part)| part);
        std::iter::once(text).chain(parts).collect()
    }

    /// Puts the answers to [`RuleTruth::questions`] back together.
    pub fn new(rule: &RuleDetail, side: Side, answers: &[Truths]) -> Self {
        let text = rule.text(side);
        let (whole, rest) = match answers.split_first() {
            Some((whole, rest)) => (*whole, rest),
            None => (None, answers),
        };
        let parts = parts(text).into_iter().zip(rest);
        Self {
            rule: rule.reference.clone(),
            kind: rule.kind,
            text: describe(text),
            whole,
            parts: parts
                .map(|((_, it), truth)| (describe(it), *truth))
                .collect(),
        }
    }

    /// Whether the row satisfies the rule: TRUE, or for a deny rule FALSE; NULL never does.
    pub fn is_satisfied(&self) -> bool {
        match self.kind {
            RuleKind::Allow | RuleKind::Require => self.whole == Some(true),
            RuleKind::Deny => self.whole == Some(false),
        }
    }
}

/// What the rules make of one row together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict<'t> {
    /// This allow rule opens it, and nothing stands against it.
    Allowed(&'t RuleTruth),
    /// An allow rule opens it, and this require or deny rule closes it again.
    Blocked(&'t RuleTruth),
    /// No allow rule opens it.
    NotAllowed,
}

impl<'t> Verdict<'t> {
    /// Decides; the rules are those of one role and verb.
    pub fn of(truths: &'t [RuleTruth]) -> Self {
        let opening = truths
            .iter()
            .find(|it| it.kind == RuleKind::Allow && it.is_satisfied());
        let Some(opening) = opening else {
            return Self::NotAllowed;
        };
        let closing = truths
            .iter()
            .find(|it| it.kind != RuleKind::Allow && !it.is_satisfied());
        closing.map_or(Self::Allowed(opening), Self::Blocked)
    }

    /// Whether the row passes.
    pub fn is_allowed(self) -> bool {
        matches!(self, Self::Allowed(_))
    }

    /// The rule that decides, where a single one does.
    pub fn rule(self) -> Option<&'t RuleRef> {
        match self {
            Self::Allowed(truth) | Self::Blocked(truth) => Some(&truth.rule),
            Self::NotAllowed => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn truth(kind: RuleKind, whole: Truths) -> RuleTruth {
        let rule = RuleRef {
            kind: kind.key(),
            name: kind.key().into(),
            file: "policies/public.t.toml".into(),
            line: 1,
        };
        RuleTruth {
            rule,
            kind,
            text: String::new(),
            whole,
            parts: Vec::new(),
        }
    }

    #[test]
    fn null_neither_opens_nor_passes() {
        use RuleKind::{Allow, Deny, Require};
        let verdict = |truths: &[RuleTruth]| Verdict::of(truths).is_allowed();

        assert!(!verdict(&[]));
        assert!(!verdict(&[truth(Allow, None)]));
        assert!(verdict(&[truth(Allow, None), truth(Allow, Some(true))]));
        for closing in [
            truth(Require, None),
            truth(Require, Some(false)),
            truth(Deny, None),
            truth(Deny, Some(true)),
        ] {
            let truths = [truth(Allow, Some(true)), closing.clone()];
            assert_eq!(Verdict::of(&truths), Verdict::Blocked(&closing));
        }
        assert!(verdict(&[
            truth(Allow, Some(true)),
            truth(Deny, Some(false))
        ]));
    }
}
