//! Why a request cannot become a statement, in the dialect's terms.

use postern_base::codes::Code;
use serde_json::Value;

/// A refusal with the dialect's code; `rest` renders it as the four-key JSON body.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{message}")]
pub struct Error {
    /// The registered code, which carries the HTTP status.
    pub code: &'static Code,
    /// What is wrong, in PostgREST's words where it has words.
    pub message: String,
    /// More about it; an array for ambiguous embeds.
    pub details: Option<Box<Value>>,
    /// The way out.
    pub hint: Option<String>,
}

impl Error {
    /// A refusal with a message alone.
    pub fn new(code: &'static Code, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            details: None,
            hint: None,
        }
    }

    /// Adds details.
    #[must_use]
    pub fn with_details(mut self, details: impl Into<Value>) -> Self {
        self.details = Some(Box::new(details.into()));
        self
    }

    /// Adds a hint.
    #[must_use]
    pub fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}
