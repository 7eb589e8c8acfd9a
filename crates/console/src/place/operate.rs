//! The addresses of what an operator looks at.

use std::fmt;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

/// An address of logs, advisors and settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Operate {
    Logs,
    LogTail,
    Log(String),
}

impl fmt::Display for Operate {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Logs => out.write_str("/console/logs"),
            Self::LogTail => out.write_str("/console/logs/tail"),
            Self::Log(id) => {
                let id = utf8_percent_encode(id, NON_ALPHANUMERIC);
                write!(out, "/console/logs/{id}")
            }
        }
    }
}
