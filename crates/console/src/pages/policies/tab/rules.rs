//! The rules and the columns of one table, as they are in force.

use postern_base::{RelationName, RoleName};
use postern_catalog::Relation;
use postern_policy::{Bundle, RuleDetail, RuleKind, Verb, describe};

use crate::pages::policies::files::file_name;
use crate::pages::policies::matrix::roles;
use crate::place::Place;

/// A rule in words.
pub(crate) struct RuleLine {
    pub(crate) tint: &'static str,
    pub(crate) kind: &'static str,
    pub(crate) name: String,
    pub(crate) verbs: String,
    pub(crate) roles: String,
    pub(crate) condition: String,
    /// What new rows must be, where that is something else.
    pub(crate) check: Option<String>,
    pub(crate) file: String,
    pub(crate) line: usize,
    pub(crate) place: Place,
}

/// A column, and who may do what with it.
pub(crate) struct ColumnLine {
    pub(crate) name: String,
    /// Roles with their verbs.
    pub(crate) grants: Vec<(String, String)>,
    /// Masks and what is set by us.
    pub(crate) notes: Vec<String>,
}

/// The rules of a table in the order of its file.
pub(crate) fn rules(bundle: &Bundle, relation: &RelationName) -> Vec<RuleLine> {
    let rules = bundle.rules().iter();
    rules
        .filter(|it| it.relation == *relation)
        .map(rule)
        .collect()
}

fn rule(rule: &RuleDetail) -> RuleLine {
    let reference = &rule.reference;
    let words = |all: Vec<&str>| all.join(", ");
    let roles = rule.roles.as_ref();
    RuleLine {
        tint: match rule.kind {
            RuleKind::Allow => "allow",
            RuleKind::Require => "info",
            RuleKind::Deny => "deny",
        },
        kind: reference.kind,
        name: reference.name.clone(),
        verbs: words(rule.verbs.iter().map(|it| it.as_str()).collect()),
        roles: match roles {
            Some(roles) => words(roles.iter().map(RoleName::as_str).collect()),
            None => t!("policies.every_role").to_owned(),
        },
        condition: match rule.assurance {
            Some(assurance) => t!("policies.sign_in", assurance),
            None => describe(&rule.condition),
        },
        check: rule.check.as_ref().map(describe),
        file: reference.file.clone(),
        line: reference.line,
        place: Place::Policy(file_name(&reference.file).to_owned(), ""),
    }
}

/// The columns of a table in its own order; none where nobody has any.
pub(crate) fn columns(bundle: &Bundle, relation: &Relation) -> Vec<ColumnLine> {
    let roles = roles(bundle);
    let lines = relation.columns.iter();
    let lines: Vec<_> = lines
        .map(|it| column(bundle, &relation.name, &roles, &it.name))
        .collect();
    match lines.iter().all(|it| it.grants.is_empty()) {
        true => Vec::new(),
        false => lines,
    }
}

fn column(bundle: &Bundle, relation: &RelationName, roles: &[RoleName], name: &str) -> ColumnLine {
    const VERBS: [Verb; 3] = [Verb::Select, Verb::Insert, Verb::Update];
    let (mut grants, mut notes) = (Vec::new(), Vec::new());
    for role in roles {
        let mut verbs = Vec::new();
        for verb in VERBS {
            let Some(access) = bundle.access(relation, role, verb) else {
                continue;
            };
            if access.columns.iter().any(|it| it == name) {
                verbs.push(verb.as_str());
            }
            if let Some(mask) = access.masks.get(name) {
                let (value, unless) = (describe(&mask.value), describe(&mask.unless));
                notes.push(t!("policies.column_masked", role, value, unless));
            }
            if let Some(preset) = access.presets.get(name) {
                let value = describe(&preset.value);
                notes.push(t!("policies.column_preset", verb.as_str(), value));
            }
        }
        if !verbs.is_empty() {
            grants.push((role.to_string(), verbs.join(", ")));
        }
    }
    // Presets hold for every role that writes; they are told once.
    let mut told = Vec::new();
    notes.retain(|it| {
        let is_new = !told.contains(it);
        told.push(it.clone());
        is_new
    });
    ColumnLine {
        name: name.to_owned(),
        grants,
        notes,
    }
}
