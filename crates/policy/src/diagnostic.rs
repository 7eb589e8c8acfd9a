//! What is wrong with a policy file: where, what, and the way out.

use std::fmt;
use std::ops::Range;

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
    /// The one obvious edit, where there is one.
    pub fix: Option<Fix>,
}

/// An edit of the file that a finding is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    /// The bytes that are replaced.
    pub span: Range<usize>,
    /// What stood there.
    pub old: String,
    /// What takes its place.
    pub new: String,
}

impl Fix {
    /// The text after the edit; none where something else stands there by now.
    pub fn apply(&self, text: &str) -> Option<String> {
        let found = text.get(self.span.clone()).filter(|it| *it == self.old)?;
        let mut edited = String::with_capacity(text.len() + self.new.len());
        edited.push_str(&text[..self.span.start]);
        edited.push_str(&self.new);
        edited.push_str(&text[self.span.start + found.len()..]);
        Some(edited)
    }
}

/// What to do about a finding, in words and perhaps as a name that was meant for another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Help {
    /// The words.
    pub(crate) text: String,
    /// The name that was written, and the one that was probably meant.
    pub(crate) swap: Option<(String, String)>,
}

impl Help {
    /// `did you mean`.
    pub(crate) fn meant(written: &str, meant: &str) -> Self {
        Self::write(format!("did you mean `{meant}`?"), written, meant)
    }

    /// A name that takes the place of another, with what to say about it.
    pub(crate) fn write(text: impl Into<String>, written: &str, meant: &str) -> Self {
        Self {
            text: text.into(),
            swap: Some((written.to_owned(), meant.to_owned())),
        }
    }
}

impl<T: Into<String>> From<T> for Help {
    fn from(text: T) -> Self {
        Self {
            text: text.into(),
            swap: None,
        }
    }
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
