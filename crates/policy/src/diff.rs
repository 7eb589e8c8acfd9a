//! What two bundles let people do differently: wider, narrower, or not decidable.
//!
//! Compared is what holds for each table, role and verb, after everything that files say was put
//! together, so a rule that moved or was renamed makes no difference. What is neither proven equal
//! nor proven wider or narrower is `undecided`, and for a person to look at.

mod access;
mod functions;

use std::collections::BTreeSet;
use std::fmt;

use postern_base::{RelationName, RoleName};

use crate::normal::{implies, normal};
use crate::{Bundle, Expr, RoleDefinition, Verb, describe};

/// How the new stands to the old.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stand {
    /// More is allowed.
    Widened,
    /// Something changed, and nobody knows whether more is allowed.
    Undecided,
    /// Less is allowed.
    Narrowed,
}

impl Stand {
    /// The word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Widened => "widened",
            Self::Undecided => "undecided",
            Self::Narrowed => "narrowed",
        }
    }
}

/// What differs.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Subject {
    /// A role's verb on a table.
    Table(RelationName, String, Verb),
    /// A role's call of a function.
    Function(String, String),
    /// Who has a role.
    Role(String),
}

impl fmt::Display for Subject {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Table(relation, role, verb) => {
                write!(formatter, "{relation}  {role}  {}", verb.as_str())
            }
            Self::Function(signature, role) => write!(formatter, "{signature}  {role}  call"),
            Self::Role(role) => write!(formatter, "role {role}"),
        }
    }
}

/// One difference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Whom and what it is about.
    pub subject: Subject,
    /// The part: `verb`, `rows`, `new rows`, `column title`, `mask of email`, `limit of rows`, ….
    pub part: String,
    /// How the new stands to the old.
    pub stand: Stand,
    /// The old, as policy text.
    pub before: String,
    /// The new.
    pub after: String,
}

/// Everything that differs, in the order of tables, roles and verbs.
pub fn diff(old: &Bundle, new: &Bundle) -> Vec<Difference> {
    let mut all = roles(old, new);
    let key = |bundle: &Bundle| -> BTreeSet<(RelationName, String, Verb)> {
        let accesses = bundle.accesses();
        accesses
            .map(|(relation, role, verb, _)| (relation.clone(), role.to_string(), verb))
            .collect()
    };
    for (relation, role, verb) in &key(old) | &key(new) {
        let name = RoleName::new(role.as_str());
        let of = |bundle: &Bundle| bundle.access(&relation, &name, verb).cloned();
        let (before, after) = (of(old), of(new));
        let parts = access::differences(before.as_ref(), after.as_ref());
        all.extend(parts.into_iter().map(|part| Difference {
            subject: Subject::Table(relation.clone(), role.clone(), verb),
            ..part
        }));
    }
    all.extend(functions::differences(old, new));
    all
}

/// Who has which role: a change moves people from one set of rules to another.
fn roles(old: &Bundle, new: &Bundle) -> Vec<Difference> {
    let names = |bundle: &Bundle| -> Vec<RoleName> {
        bundle.roles().map(|(name, _)| name.clone()).collect()
    };
    let mut all = Vec::new();
    let mut seen = names(old);
    seen.extend(names(new).into_iter().filter(|it| !names(old).contains(it)));
    for name in seen {
        let find = |bundle: &Bundle| {
            let mut roles = bundle.roles();
            roles.find(|(it, _)| **it == name).map(|(_, it)| it.clone())
        };
        let (before, after) = (find(old), find(new));
        let stand = match (&before, &after) {
            (Some(one), Some(other)) if one.inherits == other.inherits => {
                let when = |it: &RoleDefinition| it.when.clone().unwrap_or(Expr::Bool(true));
                match compared(&when(one), &when(other)) {
                    None => continue,
                    Some(stand) => stand,
                }
            }
            // Whoever loses or gains a role has other rules, for better or worse.
            _ => Stand::Undecided,
        };
        let text = |it: &Option<RoleDefinition>| match it {
            None => "no such role".to_owned(),
            Some(it) => it
                .when
                .as_ref()
                .map_or_else(|| "by name".to_owned(), describe),
        };
        all.push(Difference {
            subject: Subject::Role(name.to_string()),
            part: "who has it".into(),
            stand,
            before: text(&before),
            after: text(&after),
        });
    }
    let order = (names(old), names(new));
    if all.is_empty() && order.0 != order.1 {
        let listed = |names: &[RoleName]| {
            let names: Vec<_> = names.iter().map(RoleName::as_str).collect();
            names.join(", ")
        };
        all.push(Difference {
            subject: Subject::Role("all".into()),
            part: "order".into(),
            stand: Stand::Undecided,
            before: listed(&order.0),
            after: listed(&order.1),
        });
    }
    all
}

/// How a new condition stands to the old one; `None` when they mean the same.
fn compared(old: &Expr, new: &Expr) -> Option<Stand> {
    let (old, new) = (normal(old), normal(new));
    match (implies(&old, &new), implies(&new, &old)) {
        (true, true) => None,
        (true, false) => Some(Stand::Widened),
        (false, true) => Some(Stand::Narrowed),
        (false, false) => Some(Stand::Undecided),
    }
}
