//! The shadow: candidate policies are asked beside those in force, on real requests.
//!
//! SECURITY: nothing of it is enforced and no answer depends on it. A request that was answered is
//! copied into a bounded queue, and one task makes both statements of it anew, and compares what
//! they yield in a READ ONLY transaction on a connection of its own. What has no room is counted
//! and forgotten. Without a candidate all of this is one look at an absent value.

mod compare;
mod difference;
mod rows;
mod sample;
mod tally;

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use actix_web::http::header::{CACHE_CONTROL, HeaderValue};
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use postern_base::{Identity, codes};
use postern_http::{ApiError, RequestId};
use postern_policy::Bundle;
use postern_query::request::RawRequest;
use postern_telemetry::{Event, Telemetry};
use serde::Serialize;
use tokio::sync::mpsc::{self, Receiver, Sender};

use self::sample::Sample;
use self::tally::{Counted, Requests, Tally};
use crate::{Failure, RestService, Snapshot, routes};

/// Most requests that wait for being compared.
const QUEUE_MAX: usize = 64;

/// Policies that are tried, and enforced by nobody.
#[derive(Clone, Debug, Default)]
pub enum Candidate {
    /// None are configured.
    #[default]
    Off,
    /// Those that were read and found good.
    Ready(Arc<Bundle>),
    /// Their files have these errors.
    Refused(Arc<[String]>),
}

/// How candidate policies are tried.
#[derive(Clone, Copy, Debug)]
pub struct ShadowSettings {
    /// How many of a hundred requests are compared.
    pub percent: u64,
    /// How long each statement of a comparison may take.
    pub timeout: Duration,
}

impl Default for ShadowSettings {
    fn default() -> Self {
        Self {
            percent: 100,
            timeout: Duration::from_secs(1),
        }
    }
}

/// The queue of one service, and what came of it.
pub(crate) struct Shadow {
    settings: ShadowSettings,
    seen: AtomicU64,
    queue: Sender<Sample>,
    /// Taken by the task that compares.
    waiting: Mutex<Option<Receiver<Sample>>>,
    tally: Mutex<Tally>,
}

impl Shadow {
    pub(crate) fn new(settings: ShadowSettings) -> Self {
        let (queue, waiting) = mpsc::channel(QUEUE_MAX);
        Self {
            settings,
            seen: AtomicU64::new(0),
            queue,
            waiting: Mutex::new(Some(waiting)),
            tally: Mutex::default(),
        }
    }

    /// Copies a request into the queue, if there is a candidate, its turn has come and there is
    /// room. Never waits.
    pub(crate) fn offer(
        &self,
        snapshot: &Arc<Snapshot>,
        identity: &Identity,
        request: &RawRequest<'_>,
        telemetry: &Telemetry,
    ) {
        if !matches!(snapshot.candidate, Candidate::Ready(_)) || identity.is_service() {
            return;
        }
        let number = self.seen.fetch_add(1, Ordering::Relaxed);
        let is_dropped = is_chosen(number, self.settings.percent)
            && !self.has_queued(|| Sample::of(snapshot, identity, request));
        if is_dropped {
            let outcome = "dropped";
            telemetry.report(&Event::ShadowCompared { outcome });
        }
        if let Some(requests) = self.tally().requests_of(snapshot) {
            requests.seen += 1;
            requests.dropped += u64::from(is_dropped);
        }
    }

    /// Starts to count for what is served from now on.
    pub(crate) fn enter(&self, snapshot: &Snapshot) {
        self.tally().enter(snapshot);
    }

    fn has_queued(&self, sample: impl FnOnce() -> Option<Sample>) -> bool {
        let Ok(place) = self.queue.try_reserve() else {
            return false;
        };
        let sample = sample();
        let has_sample = sample.is_some();
        if let Some(sample) = sample {
            place.send(sample);
        }
        has_sample
    }

    fn tally(&self) -> std::sync::MutexGuard<'_, Tally> {
        self.tally.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Spreads the chosen requests evenly.
fn is_chosen(number: u64, percent: u64) -> bool {
    let before = number % 100 * percent / 100;
    let after = (number % 100 + 1) * percent / 100;
    after > before
}

impl RestService {
    /// Compares the requests that wait, until the service is gone; does nothing when somebody
    /// does so already.
    pub async fn compare_with_candidate(self: Arc<Self>) {
        let waiting = self.shadow().waiting.lock();
        let waiting = waiting.unwrap_or_else(PoisonError::into_inner).take();
        let Some(mut waiting) = waiting else {
            return;
        };
        while let Some(sample) = waiting.recv().await {
            let finding = self.compare(&sample).await;
            let outcome = finding.outcome();
            let noted = self.shadow().tally().note(&sample, finding);
            self.telemetry().report(&Event::ShadowCompared { outcome });
            if let Some((difference, count)) = noted {
                self.telemetry().report(&Event::ShadowDiffers {
                    method: difference.method,
                    table: &difference.name,
                    role: &difference.role,
                    kind: difference.kind.as_str(),
                    count,
                });
            }
        }
    }
}

/// What `GET /policy/v1/shadow` prints.
#[derive(Serialize)]
struct Report {
    in_force: String,
    /// The candidate's hash; null while there is none that can be tried.
    candidate: Option<String>,
    /// What is wrong with the candidate's files.
    errors: Vec<String>,
    percent: u64,
    requests: Requests,
    differences: Vec<Counted>,
}

impl RestService {
    fn shadow_report(&self) -> Report {
        let snapshot = self.snapshot();
        let (candidate, errors) = match &snapshot.candidate {
            Candidate::Off => (None, Vec::new()),
            Candidate::Ready(bundle) => (Some(bundle.hash.clone()), Vec::new()),
            Candidate::Refused(errors) => (None, errors.to_vec()),
        };
        let tally = self.shadow().tally();
        Report {
            in_force: snapshot.bundle.hash.clone(),
            candidate,
            errors,
            percent: self.settings().shadow.percent,
            requests: tally.requests,
            differences: tally.counted(),
        }
    }
}

/// `GET /policy/v1/shadow`, for the holder of the secret key; for everybody else it is an address
/// like any that is not there.
pub(crate) async fn handle(
    service: Data<RestService>,
    request: HttpRequest,
) -> Result<HttpResponse, ApiError> {
    let id = RequestId::from_request(&request);
    let telemetry = service.telemetry();
    let identity =
        routes::authenticate(&service, &request).map_err(|it| it.render(None, &id, telemetry))?;
    if !identity.is_service() {
        let missing = Failure::new(&codes::PATH, "Invalid path specified in request URL");
        return Err(missing.render(Some(&identity), &id, telemetry));
    }
    Ok(HttpResponse::Ok()
        .insert_header((CACHE_CONTROL, HeaderValue::from_static("no-store")))
        .json(service.shadow_report()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_hundred_requests_as_many_are_chosen_as_the_setting_says() {
        for percent in [1, 7, 50, 99, 100] {
            let chosen = (0..1_000).filter(|it| is_chosen(*it, percent)).count();

            assert_eq!(chosen as u64, percent * 10);
        }
    }
}
