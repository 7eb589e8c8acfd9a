//! Log lines: a message that can be read alone, and fields.

use std::io::stderr;

use tracing::{debug, error, info, warn};
use tracing_subscriber::EnvFilter;

use crate::Event;
use crate::redact::Redacting;

/// The form of log lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

/// Sends log lines of this level and above to standard error; the first call of a process wins.
pub fn init_logging(format: Format, level: &str) {
    // The libraries below us speak up only when something is wrong.
    init(format, &format!("warn,postern={level}"));
}

/// Like [`init_logging`], without starts, stops, reloads and uses of the secret key: the console of
/// `postern dev` tells people of them.
pub fn init_quiet_logging(format: Format, level: &str) {
    let filter = format!("warn,postern={level},postern::life=off,postern::audit=off");
    init(format, &filter);
}

fn init(format: Format, filter: &str) {
    let builder = tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::new(filter))
        .with_writer(|| Redacting(stderr()));
    // A second start in one process (tests) keeps the first one's subscriber.
    let _ = match format {
        Format::Text => builder.compact().with_target(false).try_init(),
        Format::Json => builder.json().flatten_event(true).try_init(),
    };
}

pub(crate) fn write(event: &Event<'_>) {
    match *event {
        Event::RequestFinished { .. } => write_request(event),
        Event::PoliciesBypassed {
            method,
            path,
            request_id,
        } => info!(
            target: "postern::audit",
            { http.method = method, http.path = path, request.id = request_id },
            "the secret key was used"
        ),
        Event::CallerRefused { code, request_id } => debug!(
            target: "postern",
            { error.code = code, request.id = request_id },
            "a key or token was refused"
        ),
        Event::RequestFailed { error, request_id } => error!(
            target: "postern", { error, request.id = request_id }, "a request failed"
        ),
        Event::ShadowDiffers {
            method,
            table,
            role,
            kind,
            count,
        } => info!(
            target: "postern::shadow",
            { http.method = method, relation.name = table, caller.role = role, kind, count },
            "the candidate policies differ"
        ),
        // Told by the metrics, one line for each request would be too many.
        Event::ShadowCompared { .. } => {}
        Event::AuthOff => info!(
            target: "postern::life",
            "/auth/v1 is off: set keys.master_key (`openssl rand -hex 32`) to serve it"
        ),
        Event::LoginSetting { text, is_ignored } => write_login_setting(text, is_ignored),
        Event::Started { address, workers } => info!(
            target: "postern::life",
            { server.address = address, server.workers = workers },
            "listening"
        ),
        Event::Stopping => info!(target: "postern::life", "finishing requests in flight"),
        Event::Stopped => info!(target: "postern::life", "stopped"),
        Event::SnapshotServed {
            tables,
            bundle,
            duration,
        } => info!(
            target: "postern::life",
            tables,
            bundle.hash = bundle,
            duration_ms = duration.as_secs_f64() * 1000.0,
            "serving the schema and policies"
        ),
        Event::PoliciesRefused { errors } => error!(
            target: "postern::life",
            errors,
            "the policy files were refused; the last good ones stay"
        ),
        Event::PolicyDiagnostic { text, is_error } => write_diagnostic(text, is_error),
        Event::Advice { text } => warn!(target: "postern::life", "{text}"),
        Event::TableClosed { file } => error!(
            target: "postern::life",
            { policy.file = file },
            "a policy no longer fits the schema; its table is closed"
        ),
        Event::MigrationApplied { name } => {
            info!(target: "postern::life", { migration.name = name }, "applied a migration");
        }
        Event::TaskFailed { task, error } => {
            warn!(
                target: "postern::life",
                task,
                error,
                "a background task failed and will be tried again"
            );
        }
    }
}

fn write_diagnostic(text: &str, is_error: bool) {
    if is_error {
        error!(target: "postern::life", "{text}");
    } else {
        warn!(target: "postern::life", "{text}");
    }
}

fn write_login_setting(text: &str, is_ignored: bool) {
    if is_ignored {
        warn!(target: "postern::life", "{text}");
    } else {
        info!(target: "postern::life", "{text}");
    }
}

fn write_request(event: &Event<'_>) {
    let Event::RequestFinished {
        method,
        status,
        duration,
        request_id,
        panicked,
    } = *event
    else {
        return;
    };
    let duration_ms = duration.as_secs_f64() * 1000.0;
    if panicked {
        error!(
            target: "postern",
            { http.method = method, request.id = request_id },
            "a handler panicked"
        );
    } else {
        debug!(
            target: "postern",
            { http.method = method, http.status = status, request.id = request_id, duration_ms },
            "answered a request"
        );
    }
}

#[cfg(test)]
mod tests {
    use std::io::{self, Write};
    use std::sync::{Arc, Mutex};

    use tracing::subscriber::with_default;

    use super::*;

    #[derive(Clone, Default)]
    struct Buffer(Arc<Mutex<Vec<u8>>>);

    impl Write for Buffer {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().expect("free").extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// What an event looks like in each form.
    fn lines_of(event: &Event<'_>) -> [String; 2] {
        [Format::Text, Format::Json].map(|format| {
            let buffer = Buffer::default();
            let shared = buffer.clone();
            let builder = tracing_subscriber::fmt()
                .with_ansi(false)
                .with_writer(move || Redacting(shared.clone()));
            match format {
                Format::Text => with_default(builder.compact().finish(), || write(event)),
                Format::Json => with_default(builder.json().finish(), || write(event)),
            }
            let bytes = buffer.0.lock().expect("free").clone();
            String::from_utf8(bytes).expect("text")
        })
    }

    #[test]
    fn attack_81_texts_of_others_cannot_start_a_line_or_colour_it() {
        let event = Event::PoliciesBypassed {
            method: "GET",
            path: "/a\r\nERROR forged\x1b[31m",
            request_id: "r1",
        };

        for line in lines_of(&event) {
            assert_eq!(line.matches('\n').count(), 1, "{line}");
            assert!(!line.contains(['\r', '\x1b']), "{line}");
            assert!(line.contains("forged"), "{line}");
        }
    }

    #[test]
    fn attack_81_secrets_do_not_reach_the_log() {
        let event = Event::RequestFailed {
            error: "cannot reach postgres://app:hunter2@db/x with sb_secret_abc",
            request_id: "r1",
        };

        for line in lines_of(&event) {
            assert!(
                !line.contains("hunter2") && !line.contains("secret_abc"),
                "{line}"
            );
            assert!(line.contains("cannot reach"), "{line}");
        }
    }
}
