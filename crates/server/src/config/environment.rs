//! The environment layer: `POSTERN_<SECTION>_<KEY>`, and `DATABASE_URL` as everybody sets it.

use postern_base::Secret;
use postern_catalog::nearest;

use super::error::Problem;
use super::key::KEYS;
use super::raw::{Origin, RawConfig, Value};

const PREFIX: &str = "POSTERN_";
/// Names that scripts around the binary use among themselves; they configure nothing.
const NOT_OURS: &[&str] = &["POSTERN_BIN", "POSTERN_URL"];
const NOT_OURS_PREFIX: &str = "POSTERN_TEST_";

/// Lays environment variables over what is there; those of others are left alone.
pub(super) fn apply(config: &mut RawConfig, variables: impl IntoIterator<Item = (String, String)>) {
    let mut variables: Vec<_> = variables
        .into_iter()
        .filter(|(name, _)| is_ours(name))
        .collect();
    // `DATABASE_URL` sorts first, so that the more specific name wins.
    variables.sort();
    for (name, text) in variables {
        let origin = Origin::Variable(name.clone());
        if name == "DATABASE_URL" {
            config.set("database.url", Value::Secret(Secret::new(text)), origin);
        } else if let Some(key) = KEYS.iter().find(|key| key.variable() == name) {
            config.set_text(key, &text, origin);
        } else {
            config.problem(unknown(origin, &name));
        }
    }
}

fn is_ours(name: &str) -> bool {
    let is_script = NOT_OURS.contains(&name) || name.starts_with(NOT_OURS_PREFIX);
    name == "DATABASE_URL" || (name.starts_with(PREFIX) && !is_script)
}

fn unknown(place: Origin, name: &str) -> Problem {
    let known: Vec<_> = KEYS.iter().map(|key| key.variable()).collect();
    Problem::Unknown {
        place,
        what: "environment variable",
        name: name.into(),
        nearest: nearest(name, known.iter().map(String::as_str)).map(String::from),
    }
}
