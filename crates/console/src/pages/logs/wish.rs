//! What the address of the list asks for, and the addresses beside it.
//!
//! What it spells wrongly is as if it were not there, so that no saved address leads to an error.

use postern_telemetry::requests::{Search, Service, Show};
use time::OffsetDateTime;

use crate::form::{Form, address};
use crate::place::Place;
use crate::place::operate::Operate;

/// Longest text that is looked for, in characters.
const TEXT_CHARS_MAX: usize = 200;
/// The verbs that are offered.
const METHODS: [&str; 6] = ["GET", "POST", "PATCH", "PUT", "DELETE", "HEAD"];
/// How far back, in seconds, by the word of the address.
const TIMES: [(&str, i64); 4] = [
    ("5m", 5 * 60),
    ("1h", 3600),
    ("6h", 6 * 3600),
    ("24h", 24 * 3600),
];

/// What somebody wants to see.
pub(super) struct Wish {
    pub(super) search: Search,
    /// The word of the address for how far back.
    time: String,
    pub(super) before: Option<u64>,
    pub(super) is_live: bool,
}

/// A value to choose.
pub(super) struct Choice {
    pub(super) value: &'static str,
    pub(super) label: &'static str,
    pub(super) address: String,
    pub(super) is_chosen: bool,
}

impl Wish {
    /// Reads the parameters of an address.
    pub(super) fn read(query: &Form, now: OffsetDateTime) -> Self {
        let text = |name| {
            let text: String = query
                .text(name)
                .trim()
                .chars()
                .take(TEXT_CHARS_MAX)
                .collect();
            text
        };
        let class = query.text("status").strip_suffix("xx");
        let time = text("time");
        let back = TIMES.iter().find(|(word, _)| *word == time);
        Self {
            search: Search {
                text: text("q"),
                id: String::new(),
                class: class
                    .and_then(|it| it.parse().ok())
                    .filter(|it| (1..=5).contains(it)),
                method: known(&METHODS, query.text("method")).to_owned(),
                service: Service::parse(query.text("service")),
                table: text("table"),
                verb: text("verb"),
                role: text("role"),
                caller: text("caller"),
                show: Show::parse(query.text("show")),
                since: back.map(|(_, secs)| now.unix_timestamp() - secs),
                until: None,
            },
            time: back.map_or(String::new(), |(word, _)| (*word).to_owned()),
            before: query.text("before").parse().ok(),
            is_live: query.text("live") == "1",
        }
    }

    /// Whether not everything is shown.
    pub(super) fn is_narrowed(&self) -> bool {
        self.search != Search::default()
    }

    /// What the form keeps besides its own fields.
    pub(super) fn kept(&self) -> Vec<(&'static str, String)> {
        let search = &self.search;
        let kept = [
            ("verb", search.verb.clone()),
            ("role", search.role.clone()),
            ("show", search.show.as_str().to_owned()),
            ("live", self.live_word().to_owned()),
        ];
        kept.into_iter().filter(|(_, it)| !it.is_empty()).collect()
    }

    /// The newest requests of this search.
    pub(super) fn newest(&self) -> String {
        self.address(&[("live", self.live_word())])
    }

    /// The same, followed or not.
    pub(super) fn live(&self) -> String {
        self.address(&[("live", if self.is_live { "" } else { "1" })])
    }

    /// The page of older requests.
    pub(super) fn older(&self, number: u64) -> String {
        self.address(&[("before", &number.to_string())])
    }

    /// Where newer requests are told of.
    pub(super) fn tail(&self, after: u64) -> String {
        let after = after.to_string();
        let pairs = [self.parameters(), vec![("after", after.as_str())]].concat();
        address(&Place::Operate(Operate::LogTail).to_string(), &pairs)
    }

    pub(super) fn classes(&self) -> Vec<Choice> {
        let class = match self.search.class {
            Some(2) => "2xx",
            Some(3) => "3xx",
            Some(4) => "4xx",
            Some(5) => "5xx",
            _ => "",
        };
        let labels = [
            ("", t!("logs.every_status")),
            ("2xx", t!("logs.class_2")),
            ("3xx", t!("logs.class_3")),
            ("4xx", t!("logs.class_4")),
            ("5xx", t!("logs.class_5")),
        ];
        choices(&labels, class)
    }

    pub(super) fn services(&self) -> Vec<Choice> {
        let labels = [
            ("", t!("logs.every_service")),
            ("data", t!("logs.data")),
            ("auth", t!("logs.auth")),
            ("console", t!("logs.console")),
            ("other", t!("logs.other")),
        ];
        choices(&labels, self.search.service.map_or("", Service::as_str))
    }

    pub(super) fn methods(&self) -> Vec<Choice> {
        let mut labels = vec![("", t!("logs.every_method"))];
        labels.extend(METHODS.map(|it| (it, it)));
        choices(&labels, &self.search.method)
    }

    pub(super) fn times(&self) -> Vec<Choice> {
        let labels = [
            ("", t!("logs.every_time")),
            ("5m", t!("logs.time_5m")),
            ("1h", t!("logs.time_1h")),
            ("6h", t!("logs.time_6h")),
            ("24h", t!("logs.time_24h")),
        ];
        choices(&labels, &self.time)
    }

    /// All, denied, empty: as links, because that is what people come for.
    pub(super) fn shows(&self) -> Vec<Choice> {
        let labels = [
            (Show::Everything, t!("logs.show_all")),
            (Show::Denied, t!("logs.show_denied")),
            (Show::Empty, t!("logs.show_empty")),
        ];
        let choice = |(show, label): (Show, &'static str)| Choice {
            value: show.as_str(),
            label,
            address: self.address(&[("show", show.as_str()), ("live", self.live_word())]),
            is_chosen: self.search.show == show,
        };
        labels.into_iter().map(choice).collect()
    }

    fn live_word(&self) -> &'static str {
        if self.is_live { "1" } else { "" }
    }

    /// The address of this search with other values for some parameters.
    fn address(&self, others: &[(&str, &str)]) -> String {
        let own = self.parameters();
        let own = own
            .into_iter()
            .filter(|(name, _)| others.iter().all(|it| it.0 != *name));
        let pairs: Vec<_> = own.chain(others.iter().copied()).collect();
        address(&Place::Operate(Operate::Logs).to_string(), &pairs)
    }

    fn parameters(&self) -> Vec<(&str, &str)> {
        let search = &self.search;
        let class = match search.class {
            Some(1) => "1xx",
            Some(2) => "2xx",
            Some(3) => "3xx",
            Some(4) => "4xx",
            Some(5) => "5xx",
            _ => "",
        };
        vec![
            ("q", &search.text),
            ("status", class),
            ("method", &search.method),
            ("service", search.service.map_or("", Service::as_str)),
            ("table", &search.table),
            ("verb", &search.verb),
            ("role", &search.role),
            ("caller", &search.caller),
            ("show", search.show.as_str()),
            ("time", &self.time),
        ]
    }
}

fn choices(labels: &[(&'static str, &'static str)], chosen: &str) -> Vec<Choice> {
    let choice = |(value, label): &(&'static str, &'static str)| Choice {
        value,
        label,
        address: String::new(),
        is_chosen: *value == chosen,
    };
    labels.iter().map(choice).collect()
}

fn known(words: &'static [&'static str], word: &str) -> &'static str {
    words
        .iter()
        .find(|it| **it == word)
        .copied()
        .unwrap_or_default()
}
