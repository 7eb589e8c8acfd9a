//! Starting the log as the configuration says.

use postern_server::config::{Log, LogFormat};
use postern_telemetry::Format;

/// Who tells people what happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Voice {
    /// The console of `postern dev`; the log says only what the console does not.
    Console,
    /// The log.
    Log,
}

/// Starts the log.
pub(crate) fn start(log: &Log, voice: Voice) {
    let format = match log.format {
        LogFormat::Text => Format::Text,
        LogFormat::Json => Format::Json,
    };
    match voice {
        Voice::Log => postern_telemetry::init_logging(format, &log.level),
        Voice::Console => postern_telemetry::init_quiet_logging(format, &log.level),
    }
}
