//! One request: who asked for what, what decided, where the time went.

use askama::Template;
use postern_base::{RelationName, RoleName};
use postern_policy::{Bundle, RuleRef, Verb};
use postern_telemetry::requests::{Caller, Denial, Reason, Record, STAGES, Service, Told};
use time::OffsetDateTime;

use super::line::{took, who};
use crate::answer::{Answer, page};
use crate::chrome::{Chrome, Spot};
use crate::failure::Failure;
use crate::form::address;
use crate::place::operate::Operate;
use crate::place::{Place, TablePage};
use crate::routes;
use crate::visit::Visit;

/// Width of the waterfall in its own units.
const WIDTH: f64 = 1000.0;
/// The page that answers why, below the console; it is linked to where it is served.
const WHY: &str = "/policies/why";

#[derive(Template)]
#[template(path = "logs/trace.html")]
struct Page {
    chrome: Chrome,
    at: Option<OffsetDateTime>,
    record: std::sync::Arc<Record>,
    tint: (&'static str, &'static str),
    took: String,
    who: String,
    who_place: Option<Place>,
    table: String,
    table_place: Option<Place>,
    verdict: Option<Verdict>,
    why: Option<String>,
    bars: Vec<Bar>,
    sql: Option<String>,
    rules: Vec<RuleRef>,
    /// Whether the policies in force now are others.
    has_changed: bool,
    /// Other requests of the same id.
    namesakes: usize,
    same_id: String,
}

/// What was decided, in words.
struct Verdict {
    tint: &'static str,
    icon: &'static str,
    what: String,
    text: String,
}

/// A stage of the work.
struct Bar {
    name: &'static str,
    x: String,
    width: String,
    took: String,
}

/// `GET /console/logs/{request}`
pub(crate) async fn show(visit: &Visit) -> Answer {
    let id = visit.segment("request");
    let found = visit.console.telemetry.requests().find(id);
    let record = found.first().ok_or(Failure::Missing)?;
    let told = record.told.as_ref();
    let table = told.and_then(|it| it.relation.as_deref());
    let (rules, has_changed) = told.map(|it| rules(visit, it)).unwrap_or_default();
    let title = format!("{} {}", record.method, path_of(record));
    let logs = Place::Operate(Operate::Logs);
    page(&Page {
        chrome: Chrome::new(visit, title, Spot::Logs).below(logs.clone(), t!("logs.title")),
        at: super::moment(record.at),
        tint: super::line::tint(record),
        took: took(record.duration),
        who: who(record),
        who_place: told.and_then(user),
        table_place: table.and_then(|it| table_place(visit, it)),
        table: table.unwrap_or_default().to_owned(),
        verdict: verdict(record),
        why: why(record),
        bars: told.map(|it| bars(record, it)).unwrap_or_default(),
        sql: told.and_then(|it| Some((*it.statement.as_ref()?.0).as_ref().to_owned())),
        rules,
        has_changed,
        namesakes: found.len() - 1,
        same_id: address(&logs.to_string(), &[("q", id)]),
        record: std::sync::Arc::clone(record),
    })
}

/// The table's own page, if there is such a table; of a function there is none.
fn table_place(visit: &Visit, name: &str) -> Option<Place> {
    let (schema, name) = name.split_once('.')?;
    let relation = RelationName::new(schema, name);
    let snapshot = visit.console.rest.snapshot();
    snapshot.catalog.relation(&relation)?;
    Some(Place::Table(relation, TablePage::Rows))
}

fn path_of(record: &Record) -> &str {
    let address = &*record.address;
    address.split_once('?').map_or(address, |(path, _)| path)
}

fn user(told: &Told) -> Option<Place> {
    match &told.caller {
        Caller::User(id) | Caller::Acting(id, _) => id.parse().ok().map(Place::User),
        _ => None,
    }
}

/// What was decided; nothing about what just worked.
fn verdict(record: &Record) -> Option<Verdict> {
    let deny = |what: &str, text: String| Verdict {
        tint: "deny",
        icon: "deny",
        what: what.to_owned(),
        text,
    };
    let told = record.told.as_ref();
    if let Some((told, denial)) = told.and_then(|it| Some((it, it.denial.as_ref()?))) {
        return Some(deny(reason(denial.reason), reasoned(told, denial)));
    }
    if record.is_empty_read() {
        return Some(Verdict {
            tint: "info",
            icon: "info",
            what: t!("trace.empty").to_owned(),
            text: t!("trace.empty_text").to_owned(),
        });
    }
    let text = match (record.status, record.service) {
        (401, Service::Data) => t!("trace.refused_caller_text"),
        (401 | 403, _) => t!("trace.refused_text"),
        _ => return None,
    };
    Some(deny(t!("trace.refused"), text.to_owned()))
}

/// Why, as a title.
fn reason(reason: Reason) -> &'static str {
    match reason {
        Reason::Hidden => t!("trace.hidden"),
        Reason::NotGranted => t!("trace.not_granted"),
        Reason::Check => t!("trace.check"),
        Reason::SignIn => t!("trace.sign_in"),
        Reason::Database => t!("trace.database"),
    }
}

fn reasoned(told: &Told, denial: &Denial) -> String {
    let (role, rules) = (&told.role, &denial.rules);
    match denial.reason {
        Reason::Hidden => t!("trace.hidden_text", role),
        Reason::NotGranted => t!("trace.not_granted_text", role, told.verb),
        Reason::Check if rules.is_empty() => t!("trace.check_text").to_owned(),
        Reason::Check => t!("trace.check_rules_text", rules),
        Reason::SignIn => t!("trace.sign_in_text", rules),
        Reason::Database => t!("trace.database_text", role),
    }
}

/// The page that explains it, where somebody was denied or saw nothing.
fn why(record: &Record) -> Option<String> {
    let told = record.told.as_ref()?;
    let table = told.relation.as_deref()?;
    let verb = Verb::parse(told.verb)?;
    let asks = record.is_denied() || record.is_empty_read();
    let is_served = routes::all().any(|it| it.path == WHY);
    let user = match &told.caller {
        Caller::User(id) | Caller::Acting(id, _) => id,
        _ => "",
    };
    (asks && is_served).then(|| {
        let pairs = [
            ("table", table),
            ("verb", verb.as_str()),
            ("user", user),
            ("request", &record.id),
        ];
        address(&format!("/console{WHY}"), &pairs)
    })
}

/// The rules that speak of the caller's role now, and whether the policies are others by now.
fn rules(visit: &Visit, told: &Told) -> (Vec<RuleRef>, bool) {
    let snapshot = visit.console.rest.snapshot();
    let bundle = &snapshot.bundle;
    let named = told.relation.as_deref().and_then(|it| it.split_once('.'));
    let (Some((schema, name)), Some(verb)) = (named, Verb::parse(told.verb)) else {
        return Default::default();
    };
    let relation = RelationName::new(schema, name);
    let access = bundle.access(&relation, &RoleName::new(&*told.role), verb);
    (
        access.map(|it| it.rules.clone()).unwrap_or_default(),
        is_under_others(bundle, told),
    )
}

/// Whether other policies are in force than when it was answered.
pub(crate) fn is_under_others(bundle: &Bundle, told: &Told) -> bool {
    let hash = bundle.hash.get(..16).unwrap_or_default();
    u64::from_str_radix(hash, 16).unwrap_or_default() != told.policies
}

/// The stages below each other, each where the one before it ended.
fn bars(record: &Record, told: &Told) -> Vec<Bar> {
    let whole = record.duration.as_secs_f64();
    if whole <= 0.0 || told.stages.iter().all(|it| it.is_zero()) {
        return Vec::new();
    }
    let mut x = 0.0_f64;
    let stages = STAGES.iter().zip(told.stages);
    stages
        .map(|(name, spent)| {
            let width = spent.as_secs_f64() / whole * WIDTH;
            let bar = Bar {
                name: stage(name),
                x: format!("{:.1}", x.min(WIDTH)),
                // A stage that took no time to speak of is to be seen as well.
                width: format!("{:.1}", width.clamp(2.0, (WIDTH - x).max(2.0))),
                took: took(spent),
            };
            x += width;
            bar
        })
        .collect()
}

fn stage(name: &str) -> &'static str {
    match name {
        "jwt" => t!("trace.stage_jwt"),
        "parse" => t!("trace.stage_parse"),
        "plan" => t!("trace.stage_plan"),
        "transaction" => t!("trace.stage_transaction"),
        _ => t!("trace.stage_response"),
    }
}
