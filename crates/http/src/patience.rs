//! How long a request's body may take to arrive.
//!
//! The head has a limit of the server's own; without one here, a client that announces a body and
//! sends a byte now and then would hold its connection for ever (attack 69, the slow body).

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use actix_web::HttpMessage as _;
use actix_web::dev::{Payload, ServiceRequest};
use actix_web::error::PayloadError;
use actix_web::http::header::{CONTENT_LENGTH, TRANSFER_ENCODING};
use actix_web::web::Bytes;
use futures_util::Stream;
use tokio::time::{Instant, Sleep, sleep_until};

/// The longest silence within a body.
const SILENCE_MAX: Duration = Duration::from_secs(10);
/// The longest time that a body may take as a whole.
const BODY_MAX: Duration = Duration::from_secs(120);

/// Bounds the time of a request's body, if it has one.
pub(crate) fn bound(request: &mut ServiceRequest) {
    let headers = request.headers();
    if headers.contains_key(CONTENT_LENGTH) || headers.contains_key(TRANSFER_ENCODING) {
        let patient = Patient::new(request.take_payload(), SILENCE_MAX, BODY_MAX);
        let payload: Pin<Box<dyn Stream<Item = Result<Bytes, PayloadError>>>> = Box::pin(patient);
        request.set_payload(Payload::Stream { payload });
    }
}

/// A body that must go on arriving.
struct Patient<S> {
    body: S,
    silence_max: Duration,
    body_max: Duration,
    /// Set when the body is waited for the first time: most arrive together with their heads.
    waiting: Option<Waiting>,
}

struct Waiting {
    until: Instant,
    alarm: Pin<Box<Sleep>>,
}

impl<S> Patient<S> {
    fn new(body: S, silence_max: Duration, body_max: Duration) -> Self {
        Self {
            body,
            silence_max,
            body_max,
            waiting: None,
        }
    }
}

impl<S> Stream for Patient<S>
where
    S: Stream<Item = Result<Bytes, PayloadError>> + Unpin,
{
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        if let Poll::Ready(part) = Pin::new(&mut this.body).poll_next(context) {
            if let Some(waiting) = &mut this.waiting {
                let next = Instant::now() + this.silence_max;
                waiting.alarm.as_mut().reset(next.min(waiting.until));
            }
            return Poll::Ready(part);
        }
        let (silence_max, body_max) = (this.silence_max, this.body_max);
        let waiting = this.waiting.get_or_insert_with(|| {
            let now = Instant::now();
            Waiting {
                until: now + body_max,
                alarm: Box::pin(sleep_until(now + silence_max.min(body_max))),
            }
        });
        match waiting.alarm.as_mut().poll(context) {
            Poll::Ready(()) => {
                let late = std::io::Error::from(std::io::ErrorKind::TimedOut);
                Poll::Ready(Some(Err(PayloadError::Io(late))))
            }
            Poll::Pending => Poll::Pending,
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::{StreamExt as _, stream};

    use super::*;

    const SHORT: Duration = Duration::from_millis(30);
    const LONG: Duration = Duration::from_secs(3600);

    fn byte() -> Result<Bytes, PayloadError> {
        Ok(Bytes::from_static(b"x"))
    }

    #[actix_web::test]
    async fn a_body_that_falls_silent_ends() {
        let body = stream::iter([byte()]).chain(stream::pending());
        let mut patient = Patient::new(body, SHORT, LONG);

        assert!(matches!(patient.next().await, Some(Ok(_))));
        assert!(matches!(
            patient.next().await,
            Some(Err(PayloadError::Io(_)))
        ));
    }

    #[actix_web::test]
    async fn a_body_that_drips_for_ever_ends() {
        let drip = stream::unfold((), |()| async {
            tokio::time::sleep(SHORT / 3).await;
            Some((byte(), ()))
        });
        let mut patient = Patient::new(Box::pin(drip), LONG, SHORT * 3);

        // The drip itself never ends, so that only the limit can end this loop.
        while let Some(Ok(_)) = patient.next().await {}
    }

    #[actix_web::test]
    async fn a_body_that_is_there_needs_no_patience() {
        let mut patient = Patient::new(stream::iter([byte(), byte()]), SHORT, SHORT);

        assert!(matches!(patient.next().await, Some(Ok(_))));
        assert!(matches!(patient.next().await, Some(Ok(_))));
        assert!(patient.next().await.is_none());
        assert!(patient.waiting.is_none());
    }
}
