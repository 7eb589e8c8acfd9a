//! The addresses of what an operator looks at.

use std::fmt;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

/// An address of logs, advisors and settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Operate {
    Logs,
    LogTail,
    Log(String),
    AuditCheck,
    AuditExport,
    Advisors,
    AdvisorsRun,
    AdvisorsIgnore,
    AdvisorsHeed,
    Settings,
    SettingsDatabase,
    SettingsMail,
    SettingsAbout,
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
            Self::AuditCheck => out.write_str("/console/audit/check"),
            Self::AuditExport => out.write_str("/console/audit/export"),
            Self::Advisors => out.write_str("/console/advisors"),
            Self::AdvisorsRun => out.write_str("/console/advisors/run"),
            Self::AdvisorsIgnore => out.write_str("/console/advisors/ignore"),
            Self::AdvisorsHeed => out.write_str("/console/advisors/heed"),
            Self::Settings => out.write_str("/console/settings/general"),
            Self::SettingsDatabase => out.write_str("/console/settings/database"),
            Self::SettingsMail => out.write_str("/console/settings/mail"),
            Self::SettingsAbout => out.write_str("/console/settings/about"),
        }
    }
}
