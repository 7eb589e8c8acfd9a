//! The ring: bounds, pages, searches, counts.

use std::time::Duration;

use super::*;
use crate::Telemetry;

fn record(id: usize) -> Record {
    Record {
        number: 0,
        at: i64::try_from(id).unwrap(),
        id: format!("r{id}").into(),
        method: "GET".into(),
        address: format!("/rest/v1/notes?id=eq.{id}").into(),
        service: Service::Data,
        status: if id.is_multiple_of(10) { 403 } else { 200 },
        code: None,
        message: None,
        duration: Duration::from_millis(1),
        client: None,
        received: None,
        sent: Some(12),
        told: Some(Told {
            caller: Caller::User("ann".into()),
            role: "authenticated".into(),
            relation: Some("public.notes".into()),
            verb: "select",
            rows: Some(1),
            ..Told::default()
        }),
    }
}

fn ids(found: &[Arc<Record>]) -> Vec<&str> {
    found.iter().map(|it| &*it.id).collect()
}

#[test]
fn the_oldest_is_forgotten_first() {
    let log = RequestLog::new(3);
    (1..=5).for_each(|id| log.keep(record(id)));

    let found = log.page(&Search::default(), None, 10);

    assert_eq!(ids(&found.records), ["r5", "r4", "r3"]);
    assert!(!found.has_more);
    assert_eq!(log.seen().requests, 3);
    assert!(log.find("r1").is_empty());
    assert_eq!(log.find("r4").len(), 1);
}

#[test]
fn bytes_are_bounded_as_well() {
    let log = RequestLog::new(1_000_000);
    for id in 0..40 {
        let mut heavy = record(id);
        heavy.message = Some("x".repeat(1024 * 1024).into());
        log.keep(heavy);
    }

    let seen = log.seen();

    assert!((20..32).contains(&seen.requests), "{}", seen.requests);
    assert!(log.lock().bytes <= KEPT_BYTES_MAX);
}

#[test]
fn nothing_is_kept_where_it_is_off() {
    let log = RequestLog::new(0);
    log.keep(record(1));
    assert!(!log.is_on());
    assert_eq!((log.last(), log.seen().requests), (0, 0));
}

#[test]
fn pages_follow_each_other_while_requests_come_in() {
    let log = RequestLog::new(1000);
    (1..=700).for_each(|id| log.keep(record(id)));
    let first = log.page(&Search::default(), None, 300);
    log.keep(record(701));

    let last = first.records.last().unwrap().number;
    let second = log.page(&Search::default(), Some(last), 300);
    let third = log.page(&Search::default(), Some(second.records[299].number), 300);

    assert_eq!((&*first.records[0].id, first.has_more), ("r700", true));
    assert_eq!((&*second.records[0].id, second.has_more), ("r400", true));
    assert_eq!((third.records.len(), third.has_more), (100, false));
}

#[test]
fn a_search_narrows_by_each_of_its_parts() {
    let log = RequestLog::new(1000);
    (1..=20).for_each(|id| log.keep(record(id)));
    let count = |search: Search| log.page(&search, None, 100).records.len();

    let text = |text: &str| Search {
        text: text.into(),
        ..Search::default()
    };
    assert_eq!(count(text("ID=EQ.1")), 11);
    assert_eq!(count(text("nowhere")), 0);
    let denied = Search {
        show: Show::Denied,
        ..Search::default()
    };
    assert_eq!(count(denied), 2);
    let class = Search {
        class: Some(2),
        since: Some(19),
        ..Search::default()
    };
    assert_eq!(count(class), 1);
    let table = Search {
        table: "public.notes".into(),
        caller: "AN".into(),
        ..Search::default()
    };
    assert_eq!(count(table), 20);
    let other = Search {
        service: Some(Service::Auth),
        ..Search::default()
    };
    assert_eq!(count(other), 0);
    let (found, seen) = log.newer(&text("id=eq.2"), 18);
    assert_eq!((ids(&found), seen), (vec!["r20"], 20));
    assert_eq!(log.newer(&Search::default(), 20).0.len(), 0);
}

#[test]
fn denials_are_counted_by_table_verb_role_and_rule() {
    let telemetry = Telemetry::keeping(2);
    for id in 1..=5 {
        let mut denied = record(id);
        if let Some(told) = &mut denied.told {
            told.denial = Some(Denial {
                reason: Reason::Check,
                rules: "own notes".into(),
            });
            told.verb = if id == 1 { "delete" } else { "insert" };
        }
        telemetry.remember(denied);
    }
    telemetry.remember(record(6));

    let top = telemetry.top_denials(10);

    assert_eq!(top.len(), 2);
    assert_eq!(
        (top[0].verb, top[0].count, top[0].last_at),
        ("insert", 4, 5)
    );
    assert_eq!((top[1].verb, &*top[1].rules), ("delete", "own notes"));
}

#[test]
fn a_timeline_counts_what_the_search_finds() {
    let log = RequestLog::new(1000);
    (1..=300).for_each(|id| log.keep(record(id)));
    let denied = Search {
        class: Some(4),
        ..Search::default()
    };

    let all = log.timeline(&Search::default(), 300);
    let some = log.timeline(&denied, 300);

    assert_eq!(all.slots.iter().map(|it| it.answered).sum::<u64>(), 300);
    assert_eq!(all.slots.iter().map(|it| it.refused).sum::<u64>(), 30);
    assert_eq!(some.slots.iter().map(|it| it.answered).sum::<u64>(), 30);
}
