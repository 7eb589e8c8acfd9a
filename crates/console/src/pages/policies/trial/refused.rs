//! What is refused whatever the row, what of a row passes, and what is not tried here.

use postern_base::RoleName;
use postern_policy::Verb;
use postern_query::request::Method;
use postern_query::{LeftOut, View};
use postern_rest::{RestSettings, Snapshot};
use postern_trial::{Sample, SampledRow};
use serde_json::Map;

use super::asked::{Asked, ROWS_MAX};

/// Whether a row passes everything.
pub(crate) fn passes(sample: &Sample, row: &SampledRow) -> bool {
    sample.granted
        && sample.assurance.is_none_or(|(_, is_met)| is_met)
        && row.stopped_by().is_none()
}

/// Why everything is refused, whatever the row.
pub(crate) fn refusals(
    sample: &Sample,
    asked: &Asked,
    (view, settings): (&View<'_>, &RestSettings),
) -> Vec<String> {
    let mut refusals = Vec::new();
    if !sample.granted {
        refusals.push(t!("policies.not_granted", sample.role, asked.verb.as_str()));
        return refusals;
    }
    if let Some((demand, false)) = sample.assurance {
        refusals.push(t!("policies.sign_in_unmet", demand));
    }
    let mut ungranted: Vec<_> = match sample.bypasses {
        true => Vec::new(),
        false => asked.rows.iter().flat_map(Map::keys).collect(),
    };
    ungranted.retain(|it| !sample.columns.contains(it));
    ungranted.sort();
    ungranted.dedup();
    for column in ungranted {
        let verb = asked.verb.as_str();
        refusals.push(t!("policies.column_not_granted", column, verb));
    }
    // What the gateway says of columns that are filtered by, embedded tables, counts and the rest.
    if refusals.is_empty()
        && let Err(refusal) = asked.statement(view, settings)
    {
        let (status, code) = (refusal.code.status, refusal.code.code);
        refusals.push(t!("policies.api_refuses", status, code, refusal.message));
    }
    refusals
}

/// What happens in earnest and not here.
pub(crate) fn not_simulated(snapshot: &Snapshot, asked: &Asked, role: &str) -> Vec<String> {
    let mut all = Vec::new();
    let relation = snapshot.catalog.relation(&asked.relation);
    let triggers = relation.map(|it| it.triggers).unwrap_or_default();
    let has_trigger = match asked.verb {
        Verb::Select => false,
        Verb::Insert => triggers.before_insert,
        Verb::Update => triggers.before_update,
        Verb::Delete => triggers.before_delete,
    };
    if asked.lacks_rows() {
        all.push(t!("policies.lacks_rows").to_owned());
    }
    if asked.rows.len() > usize::try_from(ROWS_MAX).unwrap_or(usize::MAX) {
        all.push(t!("policies.more_rows", ROWS_MAX, asked.rows.len()));
    }
    if has_trigger {
        all.push(t!("policies.no_triggers").to_owned());
    }
    if is_upsert(asked) {
        all.push(t!("policies.no_upsert").to_owned());
    }
    let select = snapshot
        .bundle
        .access(&asked.relation, &RoleName::new(role), Verb::Select);
    let masks = select.map(|it| &it.masks);
    let is_masked = |it: &&str| masks.is_some_and(|masks| masks.contains_key(*it));
    if let Some(column) = asked.sought.columns().into_iter().find(is_masked) {
        all.push(t!("policies.masked_filter", column));
    }
    match asked.verb {
        Verb::Insert => all.push(t!("policies.no_defaults").to_owned()),
        Verb::Update => all.push(t!("policies.no_constraints").to_owned()),
        Verb::Delete => all.push(t!("policies.no_cascades").to_owned()),
        Verb::Select => {}
    }
    all.extend(asked.sought.left_out().iter().map(left_out));
    all
}

/// Whether rows that are there already would be changed rather than refused.
fn is_upsert(asked: &Asked) -> bool {
    let request = &asked.request;
    let resolves = |it: &String| it.contains("resolution=");
    asked.verb == Verb::Insert
        && (request.method == Method::Put || request.prefer.iter().any(resolves))
}

fn left_out(part: &LeftOut) -> String {
    match part {
        LeftOut::Embed(name) => t!("policies.left_out_embed", name),
        LeftOut::Inner(name) => t!("policies.left_out_inner", name),
        LeftOut::Filters(name) => t!("policies.left_out_filters", name),
        LeftOut::Related(name) => t!("policies.left_out_related", name),
        LeftOut::Order(name) => t!("policies.left_out_order", name),
    }
}
