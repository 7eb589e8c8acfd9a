//! Type checks of policies: statements that the database prepares and nobody runs.
//!
//! The closed tree knows names but not every operator's types; preparing each combined predicate
//! against the live database finds what does not fit before a request does.

use postern_base::Identity;
use postern_catalog::{Catalog, Relation};
use postern_policy::{Access, Bundle, RuleRef};

use crate::rewrite::Statement;
use crate::rewritten::Probe;
use crate::{Error, View};

/// One probe for each `(table, role, verb)`, with the rules that it stands for.
///
/// # Errors
/// Only when a bundle and a catalogue do not belong together.
pub fn probes(bundle: &Bundle, catalog: &Catalog) -> Result<Vec<(Vec<RuleRef>, Probe)>, Error> {
    let identity = Identity::anonymous();
    let mut probes = Vec::new();
    for (name, role, _, access) in bundle.accesses() {
        let Some(relation) = catalog.relation(name) else {
            continue;
        };
        let view = View::of_role(catalog, bundle, &identity, role.clone());
        let sql = Statement::probe(&view, relation, access)?;
        probes.push((access.rules.clone(), Probe { sql }));
    }
    Ok(probes)
}

impl Statement<'_, '_> {
    fn probe(view: &View<'_>, relation: &Relation, access: &Access) -> Result<String, Error> {
        let mut statement = Statement::new(view, crate::rewrite::Rules::ALL);
        statement.probe_columns(relation, access)?;
        Ok(statement.finish().0)
    }
}
