//! Type checks of policies: statements that the database prepares and nobody runs.
//!
//! The closed tree knows names but not every operator's types; preparing each text of a policy
//! file against the live database finds what does not fit before a request does.

use postern_base::{Identity, RoleName};
use postern_catalog::Catalog;
use postern_policy::{Bundle, RuleRef};

use crate::rewrite::Statement;
use crate::rewritten::Probe;
use crate::{Error, View};

/// One probe for each lowered text of the bundle, with the place that it comes from.
///
/// # Errors
/// Only when a bundle and a catalogue do not belong together.
pub fn probes(bundle: &Bundle, catalog: &Catalog) -> Result<Vec<(RuleRef, Probe)>, Error> {
    let identity = Identity::anonymous();
    let view = View::of_role(catalog, bundle, &identity, RoleName::new(RoleName::ANON));
    let fragments = bundle.fragments().iter();
    fragments
        .map(|fragment| {
            let sql = Statement::probe(&view, fragment)?;
            Ok((fragment.rule.clone(), Probe { sql }))
        })
        .collect()
}
