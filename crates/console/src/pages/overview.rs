//! The first page: whether everything works, what was asked for lately, what to put right.

use askama::Template;
use postern_telemetry::Traffic;
use postern_telemetry::requests::{DenialCount, Reason};
use time::OffsetDateTime;

use crate::answer::{Answer, page};
use crate::backstage::{Health, Part};
use crate::chart::{self, Chart, Shape};
use crate::chrome::{Chrome, Spot};
use crate::form::address;
use crate::pages::advisors::{self, Advice};
use crate::place::Place;
use crate::place::operate::Operate;
use crate::visit::Visit;

/// How many findings are shown, the worst.
const FINDINGS: usize = 3;
/// How many kinds of denial are listed.
const DENIALS: usize = 5;
/// Seconds of one slot of the chart.
const MINUTE: i64 = 60;

#[derive(Template)]
#[template(path = "overview.html")]
struct Page {
    chrome: Chrome,
    requests: u64,
    failed: u64,
    refused: u64,
    p95: String,
    chart: Chart,
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

/// `GET /console`
pub(crate) async fn show(visit: &Visit) -> Answer {
    let telemetry = &visit.console.telemetry;
    let traffic = telemetry.traffic();
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
        chart: chart(&traffic, visit.context.now),
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

/// The hour minute by minute; its last one is going on.
fn chart(traffic: &Traffic, now: OffsetDateTime) -> Chart {
    let minutes = i64::try_from(traffic.minutes.len()).unwrap_or_default();
    let last = now.unix_timestamp().div_euclid(MINUTE) * MINUTE;
    let from = last - (minutes - 1) * MINUTE;
    let mut chart = Chart::new(t!("overview.chart"), from, MINUTE)
        .with(t!("chart.requests"), "requests", Shape::Bars)
        .with(t!("chart.refused"), "requests", Shape::Part)
        .with(t!("chart.failed"), "requests", Shape::Part)
        .with(t!("chart.p95"), "p95", Shape::Line);
    for minute in &traffic.minutes {
        let millis = minute.p95_at_most.map(|it| it.as_secs_f64() * 1000.0);
        chart.push(vec![
            chart::count(minute.answered),
            chart::count(minute.refused),
            chart::count(minute.failed),
            millis.map(|it| (it, it.to_string())),
        ]);
    }
    chart
}

/// Icon, tint and word.
pub(crate) fn health(part: &Part) -> (&'static str, &'static str, &'static str) {
    match part.health {
        Health::Well => ("allow", "allow", t!("overview.well")),
        Health::Off => ("info", "", t!("overview.off")),
        Health::Ill => ("warn", "deny", t!("overview.ill")),
    }
}
