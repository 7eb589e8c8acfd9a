//! New requests as they come in, as server-sent events.
//!
//! Nothing on the way of a request knows of it: the stream looks at the log twice a second. It is
//! bounded in time and in rows, and ends with the session and with the server.

use std::time::Duration;

use actix_web::HttpResponse;
use actix_web::rt::time::sleep;
use actix_web::web::Bytes;
use askama::Template;
use futures_util::stream::unfold;

use super::line::{Line, Lines};
use super::wish::Wish;
use crate::answer::Answer;
use crate::failure::Failure;
use crate::visit::Visit;

/// How often it looks.
const EVERY: Duration = Duration::from_millis(500);
/// Most rows of one look; a browser can read no more.
const ROWS_MAX: usize = 50;
/// Looks between two questions whether the session is still there.
const LOOKS_PER_SESSION: u32 = 10;
/// Looks until it ends by itself, after half an hour: a window that nobody looks at must not keep
/// a session alive.
const LOOKS_MAX: u32 = 3600;

/// Why it ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Late,
    SignedOut,
    Stopping,
}

/// Where the stream stands.
struct Tail {
    visit: Visit,
    wish: Wish,
    after: u64,
    looks: u32,
    is_over: bool,
}

/// `GET /console/logs/tail`
pub(crate) async fn follow(visit: &Visit) -> Answer {
    let log = visit.console.telemetry.requests();
    let wish = Wish::read(&visit.query, visit.context.now);
    let resumed = visit.request.headers().get("last-event-id");
    let resumed = resumed.and_then(|it| it.to_str().ok()?.parse().ok());
    let asked: Option<u64> = resumed.or_else(|| visit.query.text("after").parse().ok());
    // It goes on where a page ended; alone it would go on from nowhere.
    let asked = asked.ok_or(Failure::Missing)?;
    let tail = Tail {
        visit: Visit::follow_up(visit),
        wish,
        // After a restart of the server numbers begin anew.
        after: asked.min(log.last()),
        looks: 0,
        is_over: false,
    };
    let stream = unfold(tail, |mut tail| async move {
        let part = tail.next().await?;
        Some((Ok::<_, actix_web::Error>(part), tail))
    });
    Ok(HttpResponse::Ok()
        .content_type("text/event-stream")
        .insert_header(("x-accel-buffering", "no"))
        .streaming(Box::pin(stream)))
}

impl Tail {
    /// The next part of the stream; none at its end.
    async fn next(&mut self) -> Option<Bytes> {
        if self.is_over {
            return None;
        }
        if self.looks > 0 {
            sleep(EVERY).await;
        }
        self.looks += 1;
        if let Some(end) = self.end().await {
            self.is_over = true;
            return Some(end.event());
        }
        Some(self.look())
    }

    fn look(&mut self) -> Bytes {
        let log = self.visit.console.telemetry.requests();
        let (found, seen) = log.newer(&self.wish.search, self.after);
        self.after = seen;
        let newest = found.iter().rev().take(ROWS_MAX);
        let lines = Lines {
            lines: newest.map(|it| Line::of(it)).collect(),
        };
        if lines.lines.is_empty() {
            // A comment finds out whether anybody is still there.
            return Bytes::from_static(b":\n\n");
        }
        let html = lines.render().unwrap_or_default();
        event("", seen, &html)
    }

    async fn end(&self) -> Option<End> {
        if self.visit.console.telemetry.requests().is_closed() {
            return Some(End::Stopping);
        }
        if self.looks > LOOKS_MAX {
            return Some(End::Late);
        }
        let asks = self.looks.is_multiple_of(LOOKS_PER_SESSION);
        (asks && !self.visit.is_still_signed_in().await).then_some(End::SignedOut)
    }
}

impl End {
    fn event(self) -> Bytes {
        match self {
            // The browser comes again by itself, and finds the server that was started anew.
            Self::Stopping => Bytes::from_static(b":\n\n"),
            Self::Late => event("end", 0, t!("logs.tail_late")),
            Self::SignedOut => event("end", 0, t!("logs.tail_signed_out")),
        }
    }
}

/// One event; a line break in its data begins another line of data.
fn event(name: &str, id: u64, data: &str) -> Bytes {
    let mut text = String::with_capacity(data.len() + 64);
    if name.is_empty() {
        text.push_str(&format!("id: {id}\n"));
    } else {
        text.push_str(&format!("event: {name}\n"));
    }
    for line in data.lines().filter(|it| !it.is_empty()) {
        text.push_str("data: ");
        text.push_str(line.trim_end_matches('\r'));
        text.push('\n');
    }
    text.push('\n');
    text.into()
}

#[cfg(test)]
mod tests {
    use super::event;

    #[test]
    fn data_of_several_lines_stays_one_event() {
        let bytes = event("", 7, "<tr>\r\n\n</tr>\n");
        assert_eq!(&*bytes, b"id: 7\ndata: <tr>\ndata: </tr>\n\n");
    }
}
