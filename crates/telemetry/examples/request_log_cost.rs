//! Prints what keeping a request costs, by the number of requests that are kept.
//!
//!   `cargo run --release -p postern-telemetry --example request_log_cost`
#![expect(clippy::print_stdout, reason = "a measurement is read on stdout")]

use std::sync::Arc;
use std::time::{Duration, Instant};

use postern_telemetry::Telemetry;
use postern_telemetry::requests::{Caller, Record, Service, Statement, Told, clean_address};

const REQUESTS: u32 = 500_000;

fn main() {
    let statement = Statement(Arc::new("SELECT 1".repeat(100)));
    for kept in [0, 10_000] {
        let telemetry = Telemetry::keeping(kept);
        let started = Instant::now();
        for _ in 0..REQUESTS {
            if telemetry.requests().is_on() {
                telemetry.remember(record(&statement));
            }
        }
        let each = started.elapsed() / REQUESTS;
        println!("{kept} kept: {each:?} a request");
    }
}

/// What the server keeps of a usual read.
fn record(statement: &Statement) -> Record {
    let query = Some("select=id,body&order=created_at.desc&limit=20");
    Record {
        number: 0,
        at: 1_800_000_000,
        id: "c3bae80d4deb36ae0000002c".into(),
        method: "GET".into(),
        address: clean_address(Service::Data, "/rest/v1/notes", query),
        service: Service::Data,
        status: 200,
        code: None,
        message: None,
        duration: Duration::from_millis(1),
        client: None,
        received: None,
        sent: Some(1024),
        told: Some(Told {
            caller: Caller::User("4602a536-78ae-4cca-8d5e-7b9976e396cb".into()),
            role: "authenticated".into(),
            relation: Some("public.notes".into()),
            verb: "select",
            rows: Some(20),
            statement: Some(statement.clone()),
            ..Told::default()
        }),
    }
}
