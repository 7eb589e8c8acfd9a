//! Who may call which function, compared.

use std::collections::BTreeSet;

use postern_base::RoleName;

use super::access::assurances;
use super::{Difference, Stand, Subject, compared};
use crate::{Bundle, FunctionAccess, describe};

/// The differences in calls.
pub(super) fn differences(old: &Bundle, new: &Bundle) -> Vec<Difference> {
    let keys = |bundle: &Bundle| -> BTreeSet<(String, String)> {
        let functions = bundle.functions.iter();
        functions
            .flat_map(|(signature, roles)| {
                roles
                    .keys()
                    .map(move |role| (signature.clone(), role.to_string()))
            })
            .collect()
    };
    let mut all = Vec::new();
    for (signature, role) in &keys(old) | &keys(new) {
        let name = RoleName::new(role.as_str());
        let (before, after) = (
            old.function(&signature, &name),
            new.function(&signature, &name),
        );
        let subject = Subject::Function(signature.clone(), role.clone());
        for (part, stand) in parts(before, after) {
            all.push(Difference {
                subject: subject.clone(),
                part: part.to_owned(),
                stand,
                before: text(before),
                after: text(after),
            });
        }
    }
    all
}

fn parts(old: Option<&FunctionAccess>, new: Option<&FunctionAccess>) -> Vec<(&'static str, Stand)> {
    let (old, new) = match (old, new) {
        (None, None) => return Vec::new(),
        (None, Some(_)) => return vec![("call", Stand::Widened)],
        (Some(_), None) => return vec![("call", Stand::Narrowed)],
        (Some(old), Some(new)) => (old, new),
    };
    let mut parts = Vec::new();
    let condition = compared(&old.condition, &new.condition);
    parts.extend(condition.map(|stand| ("where", stand)));
    let sign_in = assurances(old.assurance, new.assurance);
    parts.extend(sign_in.map(|stand| ("sign-in", stand)));
    if old.mode != new.mode {
        parts.push(("mode", Stand::Undecided));
    }
    match (&old.returns, &new.returns) {
        (one, other) if one == other => {}
        (Some(_), None) => parts.push(("returns", Stand::Widened)),
        (None, Some(_)) => parts.push(("returns", Stand::Narrowed)),
        _ => parts.push(("returns", Stand::Undecided)),
    }
    parts
}

fn text(access: Option<&FunctionAccess>) -> String {
    match access {
        None => "not allowed".into(),
        Some(access) => {
            let mode = format!("{:?}", access.mode).to_lowercase();
            format!("{mode} where {}", describe(&access.condition))
        }
    }
}
