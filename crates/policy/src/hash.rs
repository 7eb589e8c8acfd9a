//! The fingerprint of a bundle: equal meanings have equal hashes.
//!
//! Hashed is what the rewriter will see, in a fixed order, so comments, layout and the order of
//! files and rules' names change nothing, and a change of the catalogue that `"*"` picks up does.

use std::fmt::Write as _;

use sha2::{Digest, Sha256};

use crate::{Access, Bundle};

/// Bumped when the canonical form changes.
const FORM: &str = "postern policy bundle 2\n";

/// SHA-256 in hex.
pub(crate) fn hash(bundle: &Bundle) -> String {
    let mut hasher = Sha256::new();
    hasher.update(FORM);
    for (name, role) in &bundle.roles {
        hasher.update(format!("role {name:?} {role:?}\n"));
    }
    let mut tables: Vec<_> = bundle.tables.iter().collect();
    tables.sort_by_key(|(name, _)| *name);
    for (name, accesses) in tables {
        let mut accesses: Vec<_> = accesses.iter().collect();
        accesses.sort_by_key(|((role, verb), _)| (role.as_str().to_owned(), *verb));
        for ((role, verb), access) in accesses {
            let access = canonical(access);
            hasher.update(format!("table {name:?} {role:?} {verb:?} {access}\n"));
        }
    }
    let mut functions: Vec<_> = bundle.functions.iter().collect();
    functions.sort_by_key(|(signature, _)| *signature);
    for (signature, roles) in functions {
        let mut roles: Vec<_> = roles.iter().collect();
        roles.sort_by_key(|(role, _)| role.as_str());
        for (role, access) in roles {
            hasher.update(format!("function {signature:?} {role:?} {access:?}\n"));
        }
    }
    hasher
        .finalize()
        .iter()
        .fold(String::new(), |mut hex, byte| {
            // Writing to a string cannot fail.
            let _ = write!(hex, "{byte:02x}");
            hex
        })
}

/// Everything but where the rules stand; the patterns are complete so that nothing is forgotten.
fn canonical(access: &Access) -> String {
    let Access {
        columns,
        computed,
        filter,
        check,
        masks,
        presets,
        references,
        select_check,
        limits,
        assurance,
        native,
        rules: _,
    } = access;
    format!(
        "{columns:?} {computed:?} {filter:?} {check:?} {masks:?} {presets:?} {references:?} \
         {select_check} {limits:?} {assurance:?} {native}"
    )
}
