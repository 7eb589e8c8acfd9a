//! What the program can report: events, logs, metrics, redaction.
