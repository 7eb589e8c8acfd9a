//! Which of the requests somebody wants to see.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::{Record, Service};

/// Most tables that are offered for choosing.
const TABLES_MAX: usize = 200;

/// How much of what is found is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Show {
    /// All of it.
    #[default]
    Everything,
    /// Where somebody was told that they may not.
    Denied,
    /// Where a read yielded no row.
    Empty,
}

impl Show {
    /// As addresses spell it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Everything => "",
            Self::Denied => "denied",
            Self::Empty => "empty",
        }
    }

    /// What addresses call so; everything for a word that is none.
    pub fn parse(text: &str) -> Self {
        match text {
            "denied" => Self::Denied,
            "empty" => Self::Empty,
            _ => Self::Everything,
        }
    }
}

/// What to look for; what is empty does not narrow.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Search {
    /// A part of the address, of the id or of the code, in any case.
    pub text: String,
    /// The whole id.
    pub id: String,
    /// The first digit of the status.
    pub class: Option<u16>,
    /// The verb of the request.
    pub method: String,
    /// Who answered.
    pub service: Option<Service>,
    /// The table or function, with its schema.
    pub table: String,
    /// The verb of the policies.
    pub verb: String,
    /// The role that decided.
    pub role: String,
    /// A part of the caller's id or address.
    pub caller: String,
    /// How much is shown.
    pub show: Show,
    /// The first second.
    pub since: Option<i64>,
    /// The last second.
    pub until: Option<i64>,
}

impl Search {
    pub(super) fn matches(&self, record: &Record) -> bool {
        let shown = match self.show {
            Show::Everything => true,
            Show::Denied => record.is_denied(),
            Show::Empty => record.is_empty_read(),
        };
        shown
            && self.class.is_none_or(|it| record.status / 100 == it)
            && self.service.is_none_or(|it| record.service == it)
            && self.since.is_none_or(|it| record.at >= it)
            && self.until.is_none_or(|it| record.at <= it)
            && (self.id.is_empty() || *record.id == *self.id)
            && (self.method.is_empty() || *record.method == *self.method)
            && self.matches_told(record)
            && self.matches_text(record)
    }

    fn matches_told(&self, record: &Record) -> bool {
        let Some(told) = &record.told else {
            let wanted = [&self.table, &self.verb, &self.role, &self.caller];
            return wanted.iter().all(|it| it.is_empty());
        };
        let table = told.relation.as_deref().unwrap_or_default();
        (self.table.is_empty() || table == self.table)
            && (self.verb.is_empty() || told.verb == self.verb)
            && (self.role.is_empty() || *told.role == *self.role)
            && contains(told.caller.name(), &self.caller)
    }

    fn matches_text(&self, record: &Record) -> bool {
        contains(&record.address, &self.text)
            || contains(&record.id, &self.text)
            || record
                .code
                .as_ref()
                .is_some_and(|it| contains(it, &self.text))
    }
}

/// Whether a text holds another, whatever the case of ASCII letters.
fn contains(text: &str, part: &str) -> bool {
    let (text, part) = (text.as_bytes(), part.as_bytes());
    part.is_empty()
        || text
            .windows(part.len())
            .any(|it| it.eq_ignore_ascii_case(part))
}

/// What a search found.
#[derive(Debug, Default)]
pub struct Found {
    /// The requests, the newest first.
    pub records: Vec<Arc<Record>>,
    /// Whether there are older ones.
    pub has_more: bool,
}

/// What the requests that are kept are about.
#[derive(Debug, Default)]
pub struct Seen {
    /// How many are kept.
    pub requests: usize,
    /// The second of the oldest.
    pub since: Option<i64>,
    /// The tables and functions.
    pub tables: BTreeSet<String>,
}

impl Seen {
    /// Told of one request after the other, the newest first.
    pub(super) fn note(&mut self, record: &Record) {
        self.requests += 1;
        self.since = Some(record.at);
        let table = record.told.as_ref().and_then(|it| it.relation.as_deref());
        if let Some(table) = table
            && self.tables.len() < TABLES_MAX
            && !self.tables.contains(table)
        {
            self.tables.insert(table.to_owned());
        }
    }
}
