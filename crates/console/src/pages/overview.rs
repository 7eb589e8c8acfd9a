//! The first page: whether everything works, what was asked for lately, what to put right.

use askama::Template;
use postern_telemetry::Traffic;
use postern_telemetry::requests::{DenialCount, Reason};
use time::OffsetDateTime;

use crate::answer::{Answer, page};
use crate::backstage::{Health, Part};
use crate::chrome::{Chrome, Spot};
use crate::form::address;
use crate::pages::advisors::{self, Advice};
use crate::place::Place;
use crate::place::operate::Operate;
use crate::visit::Visit;

/// Height of the chart in its own units.
const CHART_HEIGHT: u64 = 100;
/// How many findings are shown, the worst.
const FINDINGS: usize = 3;
/// How many kinds of denial are listed.
const DENIALS: usize = 5;
/// Width of one minute, gap included.
const MINUTE_WIDTH: usize = 10;

#[derive(Template)]
#[template(path = "overview.html")]
struct Page {
    chrome: Chrome,
    requests: u64,
    failed: u64,
    refused: u64,
    p95: String,
    bars: Vec<Bar>,
    chart_width: usize,
    busiest: u64,
    parts: Vec<Part>,
    findings: Result<Vec<Advice>, String>,
    more_findings: usize,
    advisors: Place,
    denials: Vec<Denied>,
}

/// What was denied often.
struct Denied {
    table: String,
    verb: &'static str,
    role: String,
    reason: &'static str,
    rules: String,
    count: u64,
    last_at: Option<OffsetDateTime>,
    address: String,
}

/// One minute of the chart.
struct Bar {
    x: usize,
    /// Where the bar of all answers begins, from above.
    y: u64,
    height: u64,
    failed_y: u64,
    failed_height: u64,
}

/// `GET /console`
pub(crate) async fn show(visit: &Visit) -> Answer {
    let telemetry = &visit.console.telemetry;
    let traffic = telemetry.traffic();
    let busiest = traffic.minutes.iter().map(|it| it.answered).max();
    let busiest = busiest.unwrap_or_default();
    let backstage = &visit.console.backstage;
    let mut findings = advisors::heeded(visit).await?;
    let more_findings = match &mut findings {
        Ok(all) => all.split_off(all.len().min(FINDINGS)).len(),
        Err(_) => 0,
    };
    page(&Page {
        chrome: Chrome::new(visit, t!("overview.title"), Spot::Overview),
        requests: traffic.minutes.iter().map(|it| it.answered).sum(),
        failed: traffic.minutes.iter().map(|it| it.failed).sum(),
        refused: traffic.minutes.iter().map(|it| it.refused).sum(),
        p95: p95(&traffic),
        bars: bars(&traffic, busiest.max(1)),
        chart_width: traffic.minutes.len() * MINUTE_WIDTH,
        busiest,
        parts: backstage.health().await,
        findings,
        more_findings,
        advisors: Place::Operate(Operate::Advisors),
        denials: telemetry
            .top_denials(DENIALS)
            .into_iter()
            .map(denied)
            .collect(),
    })
}

/// Why, in a few words.
fn reason(reason: Reason) -> &'static str {
    match reason {
        Reason::Hidden => t!("overview.by_hidden"),
        Reason::NotGranted => t!("overview.by_grant"),
        Reason::Check => t!("overview.by_check"),
        Reason::SignIn => t!("overview.by_sign_in"),
        Reason::Database => t!("overview.by_database"),
    }
}

fn denied(it: DenialCount) -> Denied {
    let logs = Place::Operate(Operate::Logs).to_string();
    let pairs = [
        ("table", it.relation.as_str()),
        ("verb", it.verb),
        ("role", &it.role),
        ("show", "denied"),
    ];
    Denied {
        address: address(&logs, &pairs),
        reason: reason(it.reason),
        last_at: OffsetDateTime::from_unix_timestamp(it.last_at).ok(),
        table: it.relation,
        verb: it.verb,
        role: it.role,
        rules: it.rules,
        count: it.count,
    }
}

fn p95(traffic: &Traffic) -> String {
    let Some(bound) = traffic.p95_at_most else {
        return t!("overview.nothing").to_owned();
    };
    let micros = bound.as_micros();
    if micros < 1000 {
        "0.5 ms".into()
    } else if micros < 10_000 {
        format!("{} ms", micros as f64 / 1000.0)
    } else {
        format!("{} ms", bound.as_millis())
    }
}

fn bars(traffic: &Traffic, busiest: u64) -> Vec<Bar> {
    // A minute with a single request is to be seen as well.
    let height = |count: u64| match count {
        0 => 0,
        count => (count * CHART_HEIGHT).div_ceil(busiest).max(2),
    };
    let minutes = traffic.minutes.iter().enumerate();
    minutes
        .map(|(index, minute)| {
            let (all, failed) = (height(minute.answered), height(minute.failed));
            Bar {
                x: index * MINUTE_WIDTH,
                y: CHART_HEIGHT - all,
                height: all,
                failed_y: CHART_HEIGHT - failed,
                failed_height: failed,
            }
        })
        .collect()
}

/// Icon, tint and word.
fn health(part: &Part) -> (&'static str, &'static str, &'static str) {
    match part.health {
        Health::Well => ("allow", "allow", t!("overview.well")),
        Health::Off => ("info", "", t!("overview.off")),
        Health::Ill => ("warn", "deny", t!("overview.ill")),
    }
}
