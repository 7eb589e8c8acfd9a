//! Spread embeds: their outputs become outputs of the parent.
//!
//! COMPAT(postgrest 14): an aggregate inside of a to-one spread is computed over the parent's
//! rows, grouped by the parent's other outputs; inside of a to-many spread there is none.

use postern_base::codes;

use super::{Hoisted, Node, Output, SpreadOutput};
use crate::Error;

/// The outputs of the parent that the spread embed of this index yields. Aggregates of the child
/// are taken out of it, for the parent to compute.
pub(super) fn outputs(
    embed: usize,
    child: &mut Node<'_>,
    is_to_one: bool,
) -> Result<Vec<Output>, Error> {
    if !is_to_one && child.is_grouped() {
        let details = "Aggregates are not implemented for one-to-many or many-to-many spreads.";
        let error = Error::new(&codes::NOT_IMPLEMENTED, "Feature not implemented");
        return Err(error.with_details(details));
    }
    let names: Vec<String> = child
        .outputs
        .iter()
        .map(|it| child.output_name(it).to_owned())
        .collect();
    let outputs = child.outputs.iter_mut().zip(names).enumerate();
    Ok(outputs
        .map(|(index, (output, name))| {
            let is_json = !is_to_one || is_json(output);
            let (source, aggregate) = match hoist(output, index) {
                Some((source, aggregate)) => (source, Some(aggregate)),
                None => (name.clone(), None),
            };
            Output::Spread(SpreadOutput {
                embed,
                source,
                name,
                aggregate,
                is_json,
            })
        })
        .collect())
}

/// Takes the aggregate out of an output, which then yields what is aggregated under a name that
/// no other output has.
fn hoist(output: &mut Output, index: usize) -> Option<(String, Hoisted)> {
    let source = format!("postern.a{index}");
    let hoisted = match output {
        Output::Value(value) => {
            let hoisted = Hoisted {
                aggregate: value.aggregate.take()?,
                cast: value.aggregate_cast.take(),
            };
            value.name.clone_from(&source);
            hoisted
        }
        Output::Spread(spread) => {
            let hoisted = spread.aggregate.take()?;
            spread.name.clone_from(&source);
            hoisted
        }
        Output::Embed(_) => return None,
    };
    Some((source, hoisted))
}

/// Whether the output is JSON made by the statement, which cannot be grouped by as it is.
fn is_json(output: &Output) -> bool {
    match output {
        Output::Value(_) => false,
        Output::Embed(_) => true,
        Output::Spread(spread) => spread.is_json,
    }
}
