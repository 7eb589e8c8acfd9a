//! Why a request cannot become a statement, in the dialect's terms.

use postern_base::codes::{self, Code};
use postern_policy::Shortfall;
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
    /// What the caller's sign-in lacks, where that is the reason.
    pub shortfall: Option<Shortfall>,
}

impl Error {
    /// A refusal with a message alone.
    pub fn new(code: &'static Code, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            details: None,
            hint: None,
            shortfall: None,
        }
    }

    /// The refusal of a sign-in that is not sure or not recent enough.
    pub(crate) fn insufficient(shortfall: Shortfall) -> Self {
        Self {
            shortfall: Some(shortfall),
            ..Self::new(&codes::ASSURANCE, shortfall.to_string())
                .with_details(shortfall.details())
                .with_hint(shortfall.hint())
        }
    }

    /// The refusal, with `handling=strict`, of preferences that cannot be followed.
    pub fn unknown_preferences(unknown: &[String]) -> Self {
        let message = "Invalid preferences given with handling=strict";
        let details = format!("Invalid preferences: {}", unknown.join(", "));
        Self::new(&codes::HANDLING, message).with_details(details)
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
