//! How long each part of a request's work took, for `Server-Timing`.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};
use postern_telemetry::requests::{STAGES, Told};

const SERVER_TIMING: HeaderName = HeaderName::from_static("server-timing");

/// A part of the work, in the order in which it is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    Jwt,
    Parse,
    Plan,
    Transaction,
    Response,
}

/// Gives the time that goes by to one stage after the other.
#[derive(Debug)]
pub(crate) struct Stopwatch {
    last: Instant,
    spent: [Duration; STAGES.len()],
    /// What the log of requests will be told; nothing where there is none.
    pub(crate) told: Option<Told>,
}

impl Stopwatch {
    pub(crate) fn start() -> Self {
        Self {
            last: Instant::now(),
            spent: Default::default(),
            told: None,
        }
    }

    /// How long each stage took so far.
    pub(crate) fn spent(&self) -> [Duration; STAGES.len()] {
        self.spent
    }

    /// Gives the time since the last call to a stage.
    pub(crate) fn lap(&mut self, stage: Stage) {
        let now = Instant::now();
        self.spent[stage as usize] += now - self.last;
        self.last = now;
    }

    /// COMPAT(postgrest 14): milliseconds with one digit after the point.
    pub(crate) fn describe(&self, headers: &mut HeaderMap) {
        let mut text = String::new();
        for (name, spent) in STAGES.iter().zip(self.spent) {
            let separator = if text.is_empty() { "" } else { ", " };
            let _ = write!(
                text,
                "{separator}{name};dur={:.1}",
                spent.as_secs_f64() * 1e3
            );
        }
        if let Ok(value) = HeaderValue::try_from(text) {
            headers.insert(SERVER_TIMING, value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_stage_is_told_in_order() {
        let mut headers = HeaderMap::new();
        let mut stopwatch = Stopwatch::start();
        stopwatch.spent[Stage::Plan as usize] = Duration::from_micros(1_250);

        stopwatch.describe(&mut headers);

        let text = headers.get(SERVER_TIMING).map(HeaderValue::as_bytes);
        assert_eq!(
            text.map(String::from_utf8_lossy).as_deref(),
            Some("jwt;dur=0.0, parse;dur=0.0, plan;dur=1.2, transaction;dur=0.0, response;dur=0.0")
        );
    }
}
