//! Everything that the program can report.

use std::time::Duration;

/// Something that happened.
#[derive(Clone, Copy, Debug)]
pub enum Event<'a> {
    /// A request was answered.
    RequestFinished {
        /// The verb.
        method: &'a str,
        /// The answer's status.
        status: u16,
        /// How long it took.
        duration: Duration,
        /// The request's id.
        request_id: &'a str,
        /// Whether a panic was caught on the way.
        panicked: bool,
    },
    /// The secret key was used: policies did not apply.
    PoliciesBypassed {
        /// The verb.
        method: &'a str,
        /// The path, without the query.
        path: &'a str,
        /// The request's id.
        request_id: &'a str,
    },
    /// A caller's key or token was refused.
    CallerRefused {
        /// The registered code of the refusal.
        code: &'static str,
        /// The request's id.
        request_id: &'a str,
    },
    /// A request failed for a reason that its caller is not told.
    RequestFailed {
        /// What went wrong.
        error: &'a str,
        /// The request's id.
        request_id: &'a str,
    },
    /// The auth service is not served, because there is no master key.
    AuthOff,
    /// A setting that the database's login keeps for PostgREST.
    LoginSetting {
        /// The setting and what it means here.
        text: &'a str,
        /// Whether it has no effect.
        is_ignored: bool,
    },
    /// The server listens.
    Started {
        /// Where.
        address: &'a str,
        /// How many threads serve.
        workers: usize,
    },
    /// The server takes no new requests and finishes those in flight.
    Stopping,
    /// The server has ended.
    Stopped,
    /// A new catalogue snapshot and bundle are served.
    SnapshotServed {
        /// How many relations the snapshot has.
        tables: usize,
        /// The bundle's hash.
        bundle: &'a str,
        /// How long reading and checking took.
        duration: Duration,
    },
    /// Policy files were refused; the last good ones stay.
    PoliciesRefused {
        /// How many errors they have.
        errors: usize,
    },
    /// A finding in the policy files.
    PolicyDiagnostic {
        /// The finding as it is printed.
        text: &'a str,
        /// Whether it is an error.
        is_error: bool,
    },
    /// Something about the database that the operator should look at.
    Advice {
        /// What it is.
        text: &'a str,
    },
    /// A table's policy no longer fits the schema, so nobody but the secret key sees it.
    TableClosed {
        /// The policy file.
        file: &'a str,
    },
    /// A request was compared with what candidate policies make of it.
    ShadowCompared {
        /// What came of it.
        outcome: &'static str,
    },
    /// Candidate policies would have made a difference.
    ShadowDiffers {
        /// The verb.
        method: &'a str,
        /// The relation or function.
        table: &'a str,
        /// The caller's role.
        role: &'a str,
        /// What differs.
        kind: &'static str,
        /// How often it did.
        count: u64,
    },
    /// A migration was applied.
    MigrationApplied {
        /// Its file.
        name: &'a str,
    },
    /// A background task failed and will be tried again.
    TaskFailed {
        /// What was being done.
        task: &'static str,
        /// Why it failed.
        error: &'a str,
    },
}
