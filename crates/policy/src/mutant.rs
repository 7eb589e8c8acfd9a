//! Mutants: the bundle with one predicate made TRUE, FALSE or its contrary, or one rule dropped.
//!
//! A test that passes with every mutant proves nothing about the rule; `policy test --mutate` names
//! the mutants that no case notices.

use std::fmt;

use postern_base::{RelationName, RoleName};

use crate::bundle::{Owner, TableAccess};
use crate::combine::conjunction;
use crate::detail::{parts, replaced};
use crate::{Access, Assurance, Bundle, Expr, RuleDetail, RuleRef, Side, Verb, describe};

/// What a mutant changes about its text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// It is always TRUE.
    True,
    /// It is always FALSE.
    False,
    /// It is its own contrary.
    Negated,
    /// The whole rule is gone.
    Dropped,
}

/// A bundle with one change.
#[derive(Clone, Debug)]
pub struct Mutant {
    /// The rule, mask, function or role that is changed.
    pub rule: RuleRef,
    /// The condition that is changed, as policy text; `None` is the whole.
    pub part: Option<String>,
    /// What becomes of it.
    pub change: Change,
    place: Place,
    way: Vec<usize>,
}

/// Where the changed text stands in the bundle.
#[derive(Clone, Debug)]
enum Place {
    /// The rule of this index.
    Condition(usize),
    Check(usize),
    Rule(usize),
    Mask(RelationName, String),
    Function(String),
    Role(RoleName),
}

impl fmt::Display for Mutant {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let RuleRef { kind, name, .. } = &self.rule;
        let what = match (&self.part, &self.place) {
            (Some(part), _) => format!("`{part}` of {kind} `{name}`"),
            (None, Place::Check(_)) => format!("the check of {kind} `{name}`"),
            (None, _) => format!("{kind} `{name}`"),
        };
        match self.change {
            Change::True => write!(formatter, "{what} always true"),
            Change::False => write!(formatter, "{what} always false"),
            Change::Negated => write!(formatter, "{what} negated"),
            Change::Dropped => write!(formatter, "{what} dropped"),
        }
    }
}

/// Every mutant of a bundle, in the order of its rules.
pub fn mutants(bundle: &Bundle) -> Vec<Mutant> {
    let mut all = Vec::new();
    for (index, rule) in bundle.rules.iter().enumerate() {
        let mut add = |place, expr| all.extend(of_text(&rule.reference, &place, expr));
        // A condition that only a check stands in for has no text of its own.
        if rule.assurance.is_none() && !(rule.check.is_some() && rule.condition.is_true()) {
            add(Place::Condition(index), &rule.condition);
        }
        if let Some(check) = &rule.check {
            add(Place::Check(index), check);
        }
        all.push(Mutant {
            rule: rule.reference.clone(),
            part: None,
            change: Change::Dropped,
            place: Place::Rule(index),
            way: Vec::new(),
        });
    }
    all.extend(of_masks(bundle));
    all.extend(of_functions(bundle));
    all.extend(of_roles(bundle));
    all
}

fn of_masks(bundle: &Bundle) -> Vec<Mutant> {
    let mut all = Vec::new();
    for fragment in bundle.fragments() {
        let Owner::Relation(relation) = &fragment.owner else {
            continue;
        };
        let is_unless = fragment.expects == crate::Expects::Condition;
        if fragment.rule.kind == "mask" && is_unless {
            let place = Place::Mask(relation.clone(), fragment.rule.name.clone());
            all.extend(of_text(&fragment.rule, &place, &fragment.expr));
        }
    }
    all
}

fn of_functions(bundle: &Bundle) -> Vec<Mutant> {
    let mut all = Vec::new();
    for fragment in bundle.fragments() {
        if let Owner::Function(signature) = &fragment.owner {
            let place = Place::Function(signature.clone());
            all.extend(of_text(&fragment.rule, &place, &fragment.expr));
        }
    }
    all
}

fn of_roles(bundle: &Bundle) -> Vec<Mutant> {
    let mut all = Vec::new();
    for site in &bundle.role_sites {
        let name = RoleName::new(&site.name);
        if let Some(when) = bundle.roles.get(&name).and_then(|it| it.when.as_ref()) {
            all.extend(of_text(site, &Place::Role(name), when));
        }
    }
    all
}

/// The mutants of one text: of the whole, and of each part where there are several.
fn of_text(rule: &RuleRef, place: &Place, expr: &Expr) -> Vec<Mutant> {
    let mut targets = vec![(Vec::new(), expr, None)];
    let conditions = parts(expr);
    if conditions.len() > 1 {
        let several = conditions.into_iter();
        targets.extend(several.map(|(way, part)| (way, part, Some(describe(part)))));
    }
    let mut all = Vec::new();
    for (way, target, part) in targets {
        for change in [Change::True, Change::False, Change::Negated] {
            // What is constant already has one contrary only.
            let is_same = match change {
                Change::True => target.is_true(),
                Change::False => target.is_false(),
                Change::Negated | Change::Dropped => target.is_true() || target.is_false(),
            };
            if !is_same {
                all.push(Mutant {
                    rule: rule.clone(),
                    part: part.clone(),
                    change,
                    place: place.clone(),
                    way: way.clone(),
                });
            }
        }
    }
    all
}

impl Mutant {
    /// The bundle with the change made; its hash is that of the original.
    pub fn apply(&self, bundle: &Bundle) -> Bundle {
        let mut mutated = bundle.clone();
        match &self.place {
            Place::Condition(index) => {
                let rule = &mut mutated.rules[*index];
                rule.condition = self.changed(&rule.condition);
                recombine(&mut mutated, *index);
            }
            Place::Check(index) => {
                let rule = &mut mutated.rules[*index];
                rule.check = rule.check.as_ref().map(|it| self.changed(it));
                recombine(&mut mutated, *index);
            }
            Place::Rule(index) => {
                mutated.rules[*index].verbs.clear();
                recombine(&mut mutated, *index);
            }
            Place::Mask(relation, column) => {
                let table = mutated.tables.get_mut(relation);
                for access in table.into_iter().flat_map(|it| it.values_mut()) {
                    if let Some(mask) = access.masks.get_mut(column) {
                        mask.unless = self.changed(&mask.unless);
                    }
                }
            }
            Place::Function(signature) => {
                let roles = mutated.functions.get_mut(signature);
                for access in roles.into_iter().flat_map(|it| it.values_mut()) {
                    access.condition = self.changed(&access.condition);
                }
            }
            Place::Role(name) => {
                if let Some(role) = mutated.roles.get_mut(name) {
                    role.when = role.when.as_ref().map(|it| self.changed(it));
                }
            }
        }
        mutated
    }

    fn changed(&self, expr: &Expr) -> Expr {
        replaced(expr, &self.way, &|it| match self.change {
            Change::True => Expr::Bool(true),
            Change::False | Change::Dropped => Expr::Bool(false),
            Change::Negated => Expr::Not(Box::new(it.clone())),
        })
    }
}

/// Combines the rules of the changed rule's table anew; only rules have changed, so no role gains
/// a verb that it did not have.
fn recombine(bundle: &mut Bundle, changed: usize) {
    let relation = bundle.rules[changed].relation.clone();
    let Some(table) = bundle.tables.remove(&relation) else {
        return;
    };
    let again: TableAccess = table
        .into_iter()
        .filter_map(|((role, verb), access)| {
            let rules: Vec<_> = bundle.rules_of(&relation, &role, verb).collect();
            let access = combined(access, &rules, verb)?;
            Some(((role, verb), access))
        })
        .collect();
    bundle.tables.insert(relation, again);
}

fn combined(access: Access, rules: &[&RuleDetail], verb: Verb) -> Option<Access> {
    let opens = |it: &&RuleDetail| it.kind == crate::RuleKind::Allow;
    rules.iter().any(opens).then_some(())?;
    let all = |side| conjunction(rules.iter().map(|it| (it.kind, it.demand(side))));
    let writes = matches!(verb, Verb::Insert | Verb::Update);
    let always = Expr::Bool(true);
    Some(Access {
        filter: if verb == Verb::Insert {
            always.clone()
        } else {
            all(Side::Existing)
        },
        check: if writes { all(Side::New) } else { always },
        assurance: rules
            .iter()
            .filter_map(|it| it.assurance)
            .reduce(Assurance::and),
        native: rules.iter().any(|it| it.native),
        rules: rules.iter().map(|it| it.reference.clone()).collect(),
        ..access
    })
}
