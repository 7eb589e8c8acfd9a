//! What is wrong with a policy file: where, what, and the way out.

use std::fmt;

/// A policy file as text; this crate never opens one itself.
#[derive(Clone, Debug)]
pub struct SourceFile {
    /// The path relative to the project, such as `policies/public.todos.toml`.
    pub path: String,
    /// Its whole text.
    pub text: String,
}

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    /// The bundle is refused.
    Error,
    /// The bundle loads; the author should look.
    Warning,
}

/// One finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// How bad it is.
    pub severity: Severity,
    /// A stable name such as `unknown-column`.
    pub code: &'static str,
    /// The file's path.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
    /// The offending text, on one line.
    pub text: String,
    /// What is wrong: lower-case, no full stop, names in backticks.
    pub message: String,
    /// What to do about it.
    pub help: String,
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let severity = match self.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        writeln!(formatter, "{severity}[{}]: {}", self.code, self.message)?;
        writeln!(
            formatter,
            "  --> {}:{}:{}",
            self.file, self.line, self.column
        )?;
        if !self.text.is_empty() {
            writeln!(formatter, "   |  {}", self.text)?;
        }
        write!(formatter, "   = help: {}", self.help)
    }
}
