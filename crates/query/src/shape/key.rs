//! A request taken apart: its shape, and the values that differ among requests of the shape.

use std::borrow::Cow;

use postern_base::RoleName;

use crate::View;
use crate::request::{Method, RawRequest, Representation, Target, decoded};

/// Longest query string whose shape is kept.
const QUERY_BYTES_MAX: usize = 2048;
/// Stands in a key for a value; no query string holds it, because addresses have no such byte.
const HOLE: char = '\u{1}';
/// Comparisons whose value is any text and reaches the statement as it is.
const PLAIN: [&str; 6] = ["eq.", "neq.", "gt.", "gte.", "lt.", "lte."];
/// Last names of keys that are no filters.
const RESERVED: [&str; 9] = [
    "select",
    "columns",
    "on_conflict",
    "order",
    "limit",
    "offset",
    "and",
    "or",
    "not",
];
/// Preferences that are decided beside the statement, by settings and by the database.
const UNSETTLED: [&str; 2] = ["timezone", "tx"];

/// What decides about the text of a statement, besides catalogue, policies and limits.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Key {
    service: bool,
    method: Method,
    representation: Representation,
    /// Roles, schema, relation, preferences and range, each behind its length, and the query string
    /// with a hole for each value.
    text: String,
}

/// A read taken apart into its shape and its values.
#[derive(Debug)]
pub struct Shape<'r> {
    pub(super) key: Key,
    /// Where the query string begins in the key's text.
    query_at: usize,
    /// The values, decoded.
    pub(super) values: Vec<Cow<'r, str>>,
}

impl<'r> Shape<'r> {
    /// Takes a request apart; nothing where it is no read of a relation, or one whose statement
    /// may depend on more than the key holds.
    pub fn of(request: &RawRequest<'r>, view: &View<'_>) -> Option<Self> {
        let Target::Relation(relation) = &request.target else {
            return None;
        };
        let is_read = matches!(request.method, Method::Get | Method::Head);
        let unsettled = |it: &&str| UNSETTLED.iter().any(|name| it.contains(name));
        if !is_read
            || request.query.len() > QUERY_BYTES_MAX
            || request.query.contains(HOLE)
            || request.representation.explain.is_some()
            || request.prefer.iter().any(unsettled)
            || view.is_listing()
        {
            return None;
        }
        let mut text = String::with_capacity(128 + request.query.len());
        let roles = [view.role(), view.database_role()];
        for role in roles {
            piece(&mut text, role.map(RoleName::as_str))?;
        }
        piece(&mut text, Some(request.schema))?;
        piece(&mut text, Some(relation))?;
        piece(&mut text, request.range)?;
        for prefer in &request.prefer {
            piece(&mut text, Some(prefer))?;
        }
        // The preferences have an end.
        piece(&mut text, None)?;
        let query_at = text.len();
        let values = take_apart(request.query, &mut text)?;
        let key = Key {
            service: view.identity().is_service(),
            method: request.method,
            representation: request.representation,
            text,
        };
        Some(Self {
            key,
            query_at,
            values,
        })
    }

    /// The query string with these texts, which need no encoding, in place of the values.
    pub(super) fn with_values(&self, texts: &[String]) -> String {
        let mut parts = self.key.text[self.query_at..].split(HOLE);
        let mut query = parts.next().unwrap_or_default().to_owned();
        for (part, text) in parts.zip(texts) {
            query.push_str(text);
            query.push_str(part);
        }
        query
    }
}

/// Adds a text behind its length, or behind the sign that there is none. The length is one
/// character; a text too long for that is nothing to keep.
fn piece(all: &mut String, text: Option<&str>) -> Option<()> {
    let sign = text.map_or(0, |it| it.len() + 1);
    all.push(char::from_u32(u32::try_from(sign).ok()?)?);
    all.push_str(text.unwrap_or_default());
    Some(())
}

/// Adds a query string with holes, and returns what was in them.
fn take_apart<'r>(query: &'r str, all: &mut String) -> Option<Vec<Cow<'r, str>>> {
    let mut values = Vec::new();
    for (index, part) in query.split('&').enumerate() {
        if index > 0 {
            all.push('&');
        }
        match value(part)? {
            Part::Fixed => all.push_str(part),
            Part::Filter { start, text } => {
                all.push_str(start);
                all.push(HOLE);
                values.push(text);
            }
        }
    }
    Some(values)
}

/// One parameter of a query string.
enum Part<'r> {
    /// All of it belongs to the shape.
    Fixed,
    /// A filter; what follows its start is a value.
    Filter { start: &'r str, text: Cow<'r, str> },
}

/// Tells the value of a parameter; nothing where it is neither a plain filter nor one of the
/// parameters that belong to the shape: such a value would make a shape of its own.
fn value(part: &str) -> Option<Part<'_>> {
    let Some((key, text)) = part.split_once('=') else {
        return Some(Part::Fixed);
    };
    if key.contains(['%', '+']) {
        return None;
    }
    let last = key.rsplit('.').next().unwrap_or(key);
    match last {
        // Their values grow without bound.
        "and" | "or" | "offset" => return None,
        _ if RESERVED.contains(&last) => return Some(Part::Fixed),
        _ => {}
    }
    if text.starts_with("is.") || text.starts_with("not.is.") {
        return Some(Part::Fixed);
    }
    let operator = PLAIN.iter().find(|it| text.starts_with(**it))?;
    let (start, value) = part.split_at(key.len() + 1 + operator.len());
    let text = decoded(value).ok()?;
    Some(Part::Filter { start, text })
}
