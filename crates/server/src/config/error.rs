//! What is wrong with the configuration: where, what, and the way out; many at once.

use std::fmt;

use super::Origin;

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// The file is no TOML.
    #[error("{place}: {message}")]
    Syntax {
        /// Where.
        place: Origin,
        /// What the parser says.
        message: String,
    },
    /// A key, section or variable that does not exist.
    #[error("{place}: unknown {what} `{name}`{}", did_you_mean(.nearest.as_deref()))]
    Unknown {
        /// Where.
        place: Origin,
        /// `key`, `section` or `environment variable`.
        what: &'static str,
        /// The name as written.
        name: String,
        /// The name that was probably meant.
        nearest: Option<String>,
    },
    /// A value of the wrong type or out of bounds.
    #[error("{place}: `{key}` is {expected}, not {found}")]
    WrongType {
        /// Where.
        place: Origin,
        /// The key's path.
        key: String,
        /// What may stand there.
        expected: String,
        /// What stands there.
        found: String,
    },
    /// A value that does not hold together with the rest.
    #[error("{place}: `{key}` {reason}")]
    Invalid {
        /// Where.
        place: Origin,
        /// The key's path.
        key: String,
        /// What is wrong with it.
        reason: String,
    },
}

/// Everything that is wrong with the configuration.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Problems(pub Vec<Problem>);

impl Problems {
    /// The problems as an error, if there are any.
    pub(super) fn into_result(self) -> Result<(), Self> {
        if self.0.is_empty() { Ok(()) } else { Err(self) }
    }
}

impl std::error::Error for Problems {}

impl fmt::Display for Problems {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("the configuration is not valid")?;
        for problem in &self.0 {
            write!(formatter, "\n  {problem}")?;
        }
        Ok(())
    }
}

fn did_you_mean(nearest: Option<&str>) -> String {
    nearest.map_or_else(String::new, |name| format!("; did you mean `{name}`?"))
}
