//! How many rows callers see under one bundle and under another.

use postern_base::{Identity, RoleName};
use postern_catalog::Catalog;
use postern_db::Trial;
use postern_policy::{Bundle, Persona, Verb};
use postern_query::{Grant, View, tool};
use serde::Serialize;

use crate::{Error, caller};

/// How many rows of a table a caller sees.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RowCount {
    /// The caller's name.
    pub caller: String,
    /// The table.
    pub table: String,
    /// Under the old bundle.
    pub before: u64,
    /// Under the new one.
    pub after: u64,
}

/// Counts the rows that callers may read under both bundles; tables where the numbers are equal
/// are left out.
///
/// # Errors
/// When the database cannot be asked.
pub async fn counts(
    trial: &Trial,
    catalog: &Catalog,
    bundles: (&Bundle, &Bundle),
    callers: &[Persona],
) -> Result<Vec<RowCount>, Error> {
    let mut found = Vec::new();
    for persona in callers {
        for relation in catalog.relations() {
            let mut counted = Vec::new();
            for bundle in [bundles.0, bundles.1] {
                let identity = caller::identity(persona, bundle)?;
                let role = RoleName::new(persona.role.as_str());
                let view = View::of_role(catalog, bundle, &identity, role);
                counted.push(visible(trial, &view, relation, &identity).await?);
            }
            if let [before, after] = counted.as_slice()
                && before != after
            {
                found.push(RowCount {
                    caller: persona.name.clone(),
                    table: relation.name.to_string(),
                    before: *before,
                    after: *after,
                });
            }
        }
    }
    Ok(found)
}

async fn visible(
    trial: &Trial,
    view: &View<'_>,
    relation: &postern_catalog::Relation,
    identity: &Identity,
) -> Result<u64, Error> {
    let filter = match view.grant(&relation.name, Verb::Select) {
        None => return Ok(0),
        Some(Grant::Bypass) => None,
        Some(Grant::Rules(access)) => {
            let unmet = |it: postern_policy::Assurance| it.check(identity.claims(), None).is_err();
            if access.filter.is_false() || access.assurance.is_some_and(unmet) {
                return Ok(0);
            }
            Some(&access.filter)
        }
    };
    let statement = tool::count(view, relation, filter).map_err(|error| Error::Unprintable {
        relation: relation.name.clone(),
        reason: error.message,
    })?;
    let text = trial.ask(&statement).await?;
    text.parse()
        .map_err(|_| Error::Shape(relation.name.clone()))
}
