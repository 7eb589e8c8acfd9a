//! What a reload did, for whoever watches: the log, or the terminal of `postern dev`.

use std::sync::Arc;
use std::time::Duration;

use postern_policy::{Diagnostic, Severity};
use postern_telemetry::{Event, Telemetry};

/// Something that a reload did.
#[derive(Clone, Debug)]
pub enum Notice {
    /// A new schema and bundle are served.
    Served {
        /// What made it reload.
        cause: &'static str,
        /// How many relations the schema has.
        relations: usize,
        /// The bundle's hash.
        bundle: String,
        /// How long it took.
        duration: Duration,
    },
    /// The author should look at these.
    Warned(Vec<Diagnostic>),
    /// Something about the database that the operator should look at.
    Advice(String),
    /// The policy files have errors; the last good ones stay.
    Refused(Vec<Diagnostic>),
    /// The schema changed and this file no longer fits; its table is closed.
    Closed {
        /// The policy file.
        file: String,
        /// Why it does not fit.
        diagnostics: Vec<Diagnostic>,
    },
    /// A migration was applied.
    Migrated(String),
    /// The migrations cannot be applied.
    MigrationFailed(String),
    /// Something failed and will be tried again.
    Failed {
        /// What was being done.
        task: &'static str,
        /// Why it failed.
        error: String,
    },
}

type Listener = Arc<dyn Fn(&Notice) + Send + Sync>;

/// Tells of notices: always to telemetry, and to a listener if there is one.
#[derive(Clone, Default)]
pub struct Reporter {
    telemetry: Telemetry,
    listener: Option<Listener>,
}

impl Reporter {
    /// A reporter that also tells `listener`.
    pub fn to(listener: impl Fn(&Notice) + Send + Sync + 'static) -> Self {
        Self {
            listener: Some(Arc::new(listener)),
            ..Self::default()
        }
    }

    pub(crate) fn with_telemetry(self, telemetry: Telemetry) -> Self {
        Self { telemetry, ..self }
    }

    pub(crate) fn tell(&self, notice: &Notice) {
        if let Some(listener) = &self.listener {
            listener(notice);
        }
        self.report(notice);
    }

    fn report(&self, notice: &Notice) {
        match notice {
            Notice::Served {
                relations,
                bundle,
                duration,
                ..
            } => self.telemetry.report(&Event::SnapshotServed {
                tables: *relations,
                bundle,
                duration: *duration,
            }),
            Notice::Warned(diagnostics) => self.report_all(diagnostics),
            Notice::Advice(text) => self.telemetry.report(&Event::Advice { text }),
            Notice::Refused(diagnostics) => {
                self.report_all(diagnostics);
                let errors = diagnostics
                    .iter()
                    .filter(|it| it.severity == Severity::Error)
                    .count();
                self.telemetry.report(&Event::PoliciesRefused { errors });
            }
            Notice::Closed { file, diagnostics } => {
                self.report_all(diagnostics);
                self.telemetry.report(&Event::TableClosed { file });
            }
            Notice::Migrated(name) => {
                self.telemetry.report(&Event::MigrationApplied { name });
            }
            Notice::MigrationFailed(error) => self.telemetry.report(&Event::TaskFailed {
                task: "migrate",
                error,
            }),
            Notice::Failed { task, error } => {
                self.telemetry.report(&Event::TaskFailed { task, error });
            }
        }
    }

    fn report_all(&self, diagnostics: &[Diagnostic]) {
        for diagnostic in diagnostics {
            self.telemetry.report(&Event::PolicyDiagnostic {
                text: &diagnostic.to_string(),
                is_error: diagnostic.severity == Severity::Error,
            });
        }
    }
}
