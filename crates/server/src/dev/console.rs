//! What `postern dev` says while it runs: one short line for what went well, the whole finding
//! for what did not.

use std::fmt::Write as _;

use postern_policy::Diagnostic;

use crate::reload::Notice;

/// Takes the lines of `postern dev`.
pub struct Console {
    write: Box<dyn Fn(&str) + Send + Sync>,
}

impl Console {
    /// A console that writes lines by this function.
    pub fn new(write: impl Fn(&str) + Send + Sync + 'static) -> Self {
        Self {
            write: Box::new(write),
        }
    }

    /// Says one line of progress.
    pub fn line(&self, text: &str) {
        (self.write)(&format!("· {text}"));
    }

    pub(super) fn notice(&self, notice: &Notice) {
        match notice {
            // The first one is followed by the banner, which says more.
            Notice::Served { cause: "start", .. } => {}
            Notice::Served {
                cause,
                relations,
                duration,
                ..
            } => self.line(&format!(
                "reloaded after a change of {cause}: {relations} relations, {} ms",
                duration.as_millis()
            )),
            Notice::Advice(text) => self.line(text),
            Notice::Warned(diagnostics) => (self.write)(&listed(diagnostics)),
            Notice::Refused(diagnostics) => {
                (self.write)(&listed(diagnostics));
                self.line("the policy files were refused; the last good ones stay in force");
            }
            Notice::Closed { file, diagnostics } => {
                (self.write)(&listed(diagnostics));
                self.line(&format!(
                    "{file} does not fit the schema any more; what it opens is closed until it does"
                ));
            }
            Notice::Migrated(name) => self.line(&format!("applied migration {name}")),
            Notice::MigrationFailed(error) => {
                self.line(&format!("a migration was not applied: {error}"));
            }
            Notice::Failed { task, error } => {
                self.line(&format!("{task} failed and is tried again: {error}"));
            }
        }
    }
}

fn listed(diagnostics: &[Diagnostic]) -> String {
    diagnostics.iter().fold(String::new(), |mut text, it| {
        // Writing to a string cannot fail.
        let _ = write!(text, "\n{it}\n");
        text
    })
}
