//! Whether the time of an answer tells which accounts exist.
//!
//! One request after the other, known and unknown in turn, with a pause in which the server can
//! finish what it does after answering; medians are compared.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};

use super::drive::micros;
use super::requests::{self, Right};
use super::{address, outcome};
use crate::connection::Connection;
use crate::load::Outcome;

/// The pause between two requests.
const PAUSE: Duration = Duration::from_millis(8);

/// One endpoint's answers to a known and to an unknown account.
pub(crate) struct Pair {
    pub(crate) name: &'static str,
    pub(crate) known: Outcome,
    pub(crate) unknown: Outcome,
}

impl Pair {
    /// By how much the medians differ: 0.05 is five per cent.
    pub(crate) fn difference(&self) -> f64 {
        self.known.percentile_ms(500) / self.unknown.percentile_ms(500) - 1.0
    }
}

type Request = fn(&str) -> Vec<u8>;

const ENDPOINTS: &[(&str, Request)] = &[
    ("sign-in", |address| requests::sign_in(address, Right::No)),
    ("sign-up", requests::sign_up),
    ("recover", requests::recover),
    ("otp", requests::otp),
];

/// Takes so many samples of each kind at each endpoint.
pub(super) async fn measure(port: u16, samples: usize) -> Result<Vec<Pair>> {
    let mut pairs = Vec::new();
    for (name, request) in ENDPOINTS {
        let mut connection = Connection::open(port).await?;
        let (mut known, mut unknown) = (Vec::new(), Vec::new());
        for sample in 0..samples {
            let nobody = format!("nobody-{}-{sample}@example.com", name.replace('-', ""));
            let of_known = request(&address(sample));
            let of_unknown = request(&nobody);
            // Who comes first changes, so that neither profits from the other's warmth.
            if sample % 2 == 0 {
                known.push(time(&mut connection, &of_known).await?);
                unknown.push(time(&mut connection, &of_unknown).await?);
            } else {
                unknown.push(time(&mut connection, &of_unknown).await?);
                known.push(time(&mut connection, &of_known).await?);
            }
        }
        pairs.push(Pair {
            name,
            known: outcome(known, Duration::from_secs(1)),
            unknown: outcome(unknown, Duration::from_secs(1)),
        });
    }
    Ok(pairs)
}

async fn time(connection: &mut Connection, request: &[u8]) -> Result<u32> {
    tokio::time::sleep(PAUSE).await;
    let sent = Instant::now();
    let answer = connection.exchange(request).await?;
    let took = micros(sent);
    let body = String::from_utf8_lossy(answer.body);
    ensure!(
        matches!(answer.status, 200 | 400),
        "status {}: {body}",
        answer.status
    );
    Ok(took)
}
