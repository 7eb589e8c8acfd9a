//! The log of requests: narrowed by the address alone, paged by number so that a page stays what
//! it was while requests come in, followed live where somebody asks for it.

mod line;
pub(crate) mod tail;
pub(crate) mod trace;
mod wish;

use askama::Template;
use postern_telemetry::requests::{Found, KEPT_BYTES_MAX, Timeline};
use time::OffsetDateTime;

use self::line::{Line, Lines};
use self::wish::{Choice, Wish};
use crate::answer::{Answer, page};
use crate::chart::{self, Chart, Shape};
use crate::chrome::{Chrome, Spot};
use crate::place::Place;
use crate::place::operate::Operate;
use crate::visit::Visit;

/// Requests of one page.
const PER_PAGE: usize = 50;

#[derive(Template)]
#[template(path = "logs/page.html")]
struct Page {
    chrome: Chrome,
    wish: Wish,
    is_on: bool,
    /// How many requests are kept, and since when.
    kept: usize,
    kept_max: usize,
    kept_mib: usize,
    since: Option<OffsetDateTime>,
    tables: Vec<(String, bool)>,
    classes: Vec<Choice>,
    services: Vec<Choice>,
    methods: Vec<Choice>,
    times: Vec<Choice>,
    toolbar: Toolbar,
    form: String,
    rows: Rows,
}

/// All, denied, or empty; followed or not.
#[derive(Template)]
#[template(path = "logs/toolbar.html")]
struct Toolbar {
    shows: Vec<Choice>,
    live: String,
    is_live: bool,
    is_part: bool,
}

#[derive(Template)]
#[template(path = "logs/rows.html")]
struct Rows {
    /// What stands above the list, where the list alone is asked for: its links must not lose
    /// what was just chosen.
    toolbar: Option<Toolbar>,
    /// How many there were over time, above the first page.
    chart: Option<Chart>,
    lines: Lines,
    is_narrowed: bool,
    all: String,
    /// Where newer requests are told of, while somebody follows.
    tail: Option<String>,
    older: Option<String>,
    /// Back to the newest, from an older page.
    newest: Option<String>,
}

/// `GET /console/logs`
pub(crate) async fn list(visit: &Visit) -> Answer {
    let wish = Wish::read(&visit.query, visit.context.now);
    let log = visit.console.telemetry.requests();
    // Read before the page, so that the tail begins where the page ends.
    let last = log.last();
    let found = log.page(&wish.search, wish.before, PER_PAGE);
    let mut rows = rows(&wish, &found, last);
    if wish.before.is_none() && rows.tail.is_none() {
        let timeline = log.timeline(&wish.search, visit.context.now.unix_timestamp());
        rows.chart = Some(chart(&timeline)).filter(|it| !it.is_empty());
    }
    let toolbar = Toolbar {
        shows: wish.shows(),
        live: wish.live(),
        is_live: wish.is_live,
        is_part: visit.wants_part(),
    };
    if visit.wants_part() {
        rows.toolbar = Some(toolbar);
        return page(&rows);
    }
    let seen = log.seen();
    let tables = seen.tables.into_iter();
    let tables = tables.map(|it| {
        let is_chosen = it == wish.search.table;
        (it, is_chosen)
    });
    page(&Page {
        chrome: Chrome::new(visit, t!("logs.title"), Spot::Logs),
        is_on: log.is_on(),
        kept: seen.requests,
        kept_max: log.kept_max(),
        kept_mib: KEPT_BYTES_MAX / 1024 / 1024,
        since: seen.since.and_then(moment),
        tables: tables.collect(),
        classes: wish.classes(),
        services: wish.services(),
        methods: wish.methods(),
        times: wish.times(),
        toolbar,
        form: Place::Operate(Operate::Logs).to_string(),
        rows,
        wish,
    })
}

fn rows(wish: &Wish, found: &Found, last: u64) -> Rows {
    let oldest = found.records.last().map(|it| it.number);
    let is_first = wish.before.is_none();
    Rows {
        toolbar: None,
        chart: None,
        lines: Lines {
            lines: found.records.iter().map(|it| Line::of(it)).collect(),
        },
        is_narrowed: wish.is_narrowed(),
        all: Place::Operate(Operate::Logs).to_string(),
        tail: (wish.is_live && is_first).then(|| wish.tail(last)),
        older: oldest
            .filter(|_| found.has_more)
            .map(|number| wish.older(number)),
        newest: (!is_first).then(|| wish.newest()),
    }
}

fn chart(timeline: &Timeline) -> Chart {
    let mut chart = Chart::new(t!("logs.over_time"), timeline.from, timeline.step)
        .with(t!("chart.requests"), "requests", Shape::Bars)
        .with(t!("chart.refused"), "requests", Shape::Part)
        .with(t!("chart.failed"), "requests", Shape::Part);
    for slot in &timeline.slots {
        let numbers = [slot.answered, slot.refused, slot.failed];
        chart.push(numbers.map(chart::count).to_vec());
    }
    chart
}

/// A second since the epoch as a time.
pub(super) fn moment(secs: i64) -> Option<OffsetDateTime> {
    OffsetDateTime::from_unix_timestamp(secs).ok()
}
