//! Which verbs an address takes, for OPTIONS.
//!
//! COMPAT(postgrest 14): the order and the missing spaces. What the caller's policies do not grant
//! is left out, and an address that does not exist for the caller is not found.

use postern_base::{FunctionName, RelationName, codes};
use postern_catalog::{Relation, Volatility};
use postern_policy::Verb;
use postern_query::View;

use crate::Failure;
use crate::address::Address;

/// The value of the `Allow` header.
pub(crate) fn allow(view: &View<'_>, schema: &str, address: &Address) -> Result<String, Failure> {
    match address {
        Address::Root => Ok("OPTIONS,GET,HEAD".into()),
        Address::Relation(name) => relation(view, &RelationName::new(schema, name.as_str())),
        Address::Function(name) => function(view, &FunctionName::new(schema, name.as_str())),
    }
}

fn relation(view: &View<'_>, name: &RelationName) -> Result<String, Failure> {
    let relation = view.relation(name).ok_or_else(|| view.no_table(name))?;
    let readable = view.columns(relation, Verb::Select);
    let key = &relation.primary_key;
    // A key that the caller may not read is none for them, here as in a PUT.
    let has_key = !key.is_empty() && key.iter().all(|it| readable.contains(&it.as_str()));
    let key = if has_key { Key::Readable } else { Key::None };
    let verbs = verbs(relation, key, |verb| view.grant(name, verb).is_some());
    Ok(verbs.join(","))
}

/// Whether there is a key that a PUT can name a row by.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Key {
    Readable,
    None,
}

/// What the relation can do and the caller may do.
fn verbs(relation: &Relation, key: Key, granted: impl Fn(Verb) -> bool) -> Vec<&'static str> {
    let insert = relation.insertable && granted(Verb::Insert);
    let update = relation.updatable && granted(Verb::Update);
    let mut verbs = vec!["OPTIONS"];
    if granted(Verb::Select) {
        verbs.extend(["GET", "HEAD"]);
    }
    if insert {
        verbs.push("POST");
    }
    if insert && update && key == Key::Readable {
        verbs.push("PUT");
    }
    if update {
        verbs.push("PATCH");
    }
    if relation.deletable && granted(Verb::Delete) {
        verbs.push("DELETE");
    }
    verbs
}

fn function(view: &View<'_>, name: &FunctionName) -> Result<String, Failure> {
    let mut overloads = view
        .catalog()
        .overloads(name)
        .iter()
        .filter(|it| view.function(it).is_some())
        .peekable();
    if overloads.peek().is_none() {
        let message = format!("Could not find the function {name} in the schema cache");
        return Err(Failure::new(&codes::NO_FUNCTION, message));
    }
    Ok(
        if overloads.all(|it| it.volatility == Volatility::Volatile) {
            "OPTIONS,POST".into()
        } else {
            "OPTIONS,GET,HEAD,POST".into()
        },
    )
}
