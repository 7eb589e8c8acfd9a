//! Filters as they stand in the address: `where=column.operator.value`, in the API's own grammar.
//!
//! A filter on a column that is not there (dropped, renamed, of another table) is kept apart: it
//! narrows nothing, and the page shows it as one that can be taken out.

use postern_catalog::Relation;

use super::ask::Ask;

/// Most filters of one address; the API has its own limit above that.
const FILTERS_MAX: usize = 30;

/// A filter of the address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Filter {
    /// All of it, as the address has it.
    pub(crate) raw: String,
    pub(crate) column: String,
    /// The operator with its value, `not.` included.
    pub(crate) operation: String,
    /// Whether the column is there and the operator is one.
    pub(crate) is_whole: bool,
}

/// Operators of the grammar, and the words for those that have better ones.
const OPERATORS: [(&str, &str); 22] = [
    ("eq", t!("filter.eq")),
    ("neq", t!("filter.neq")),
    ("gt", t!("filter.gt")),
    ("gte", t!("filter.gte")),
    ("lt", t!("filter.lt")),
    ("lte", t!("filter.lte")),
    ("ilike", t!("filter.ilike")),
    ("like", t!("filter.like")),
    ("in", t!("filter.in")),
    ("is", t!("filter.is")),
    ("isdistinct", t!("filter.neq")),
    ("match", t!("filter.match")),
    ("imatch", t!("filter.match")),
    ("cs", t!("filter.cs")),
    ("cd", t!("filter.cd")),
    ("ov", t!("filter.ov")),
    ("fts", t!("filter.fts")),
    ("plfts", t!("filter.fts")),
    ("phfts", t!("filter.fts")),
    ("wfts", t!("filter.fts")),
    ("sl", t!("filter.sl")),
    ("sr", t!("filter.sr")),
];

/// What the form of a new filter offers: its value, and what it is called.
pub(crate) const OFFERED: [(&str, &str); 10] = [
    ("eq", t!("filter.eq")),
    ("neq", t!("filter.neq")),
    ("ilike", t!("filter.ilike")),
    ("gt", t!("filter.gt")),
    ("gte", t!("filter.gte")),
    ("lt", t!("filter.lt")),
    ("lte", t!("filter.lte")),
    ("in", t!("filter.in")),
    ("is.null", t!("filter.is_null")),
    ("not.is.null", t!("filter.is_not_null")),
];

impl Filter {
    /// Reads the filters of an address.
    pub(crate) fn all<'q>(texts: impl Iterator<Item = &'q str>, relation: &Relation) -> Vec<Self> {
        let given = texts.filter(|it| !it.is_empty()).take(FILTERS_MAX);
        given.map(|it| Self::read(it, relation)).collect()
    }

    fn read(raw: &str, relation: &Relation) -> Self {
        // The longest name that fits: columns may have dots of their own.
        let names = relation.columns.iter().map(|it| it.name.as_str());
        let known = names
            .filter(|it| {
                raw.strip_prefix(it)
                    .is_some_and(|rest| rest.starts_with('.'))
            })
            .max_by_key(|it| it.len());
        let split = match known {
            Some(name) => Some((name, &raw[name.len() + 1..])),
            None => raw.split_once('.'),
        };
        let (column, operation) = split.unwrap_or((raw, ""));
        Self {
            raw: raw.to_owned(),
            column: column.to_owned(),
            operation: operation.to_owned(),
            is_whole: known.is_some() && word(operation).is_some(),
        }
    }

    /// The filter that the form of a new one asks for.
    pub(crate) fn offered(column: &str, operator: &str, value: &str) -> Option<String> {
        let (operator, _) = OFFERED.iter().find(|(name, _)| *name == operator)?;
        let value = value.trim();
        Some(match *operator {
            "is.null" | "not.is.null" => format!("{column}.{operator}"),
            // Whoever types a word means "contains".
            "ilike" if !value.contains('*') => format!("{column}.ilike.*{value}*"),
            "in" if !value.starts_with('(') => format!("{column}.in.({value})"),
            operator => format!("{column}.{operator}.{value}"),
        })
    }

    /// Adds it to a request.
    pub(crate) fn narrow(&self, ask: Ask) -> Ask {
        if !self.is_whole {
            return ask;
        }
        ask.filtered(&self.column, &self.operation)
    }

    /// The words between column and value, and the value.
    pub(crate) fn words(&self) -> (String, &str) {
        let (negated, rest) = match self.operation.strip_prefix("not.") {
            Some(rest) => (true, rest),
            None => (false, self.operation.as_str()),
        };
        let value = rest.split_once('.').map_or("", |(_, value)| value);
        let word = match word(&self.operation) {
            Some(word) => word.to_owned(),
            None => rest.split('.').next().unwrap_or_default().to_owned(),
        };
        match negated {
            true => (format!("{} {word}", t!("filter.not")), value),
            false => (word, value),
        }
    }
}

/// What an operation's operator is called, if it is one.
fn word(operation: &str) -> Option<&'static str> {
    let operation = operation.strip_prefix("not.").unwrap_or(operation);
    let (operator, _) = operation.split_once('.')?;
    // `eq(any)` and `fts(english)` carry something in brackets.
    let operator = operator.split('(').next().unwrap_or(operator);
    let found = OPERATORS.iter().find(|(name, _)| *name == operator);
    found.map(|(_, word)| *word)
}
