//! What an operator asks the server about itself.

use std::path::Path;

use futures_util::future::LocalBoxFuture;
use postern_console::operate::{Operating, Pool, Post, Section, Setting};
use postern_mail::{Address, Mail, Security, SmtpSettings};
use postern_telemetry::redact;

use super::Stage;
use crate::config::key::{KEYS, SECTIONS};
use crate::config::{MailConfig, Origin};

impl Operating for Stage {
    fn look_again(&self) -> LocalBoxFuture<'_, ()> {
        Box::pin(async move { *self.findings.lock().await = None })
    }

    fn settings(&self) -> Vec<Section> {
        let settings = |section: &str| {
            let keys = KEYS.iter().filter(|key| key.section == section);
            keys.map(|key| {
                let setting = self.config.setting(key);
                Setting {
                    key: key.path(),
                    variable: key.variable(),
                    meaning: key.meaning,
                    // Addresses may hold a password, whatever the table of keys thinks of them.
                    value: setting.value.shown().map(|it| redact(&it).into_owned()),
                    is_secret: key.is_secret(),
                    origin: origin(&setting.origin, &self.config.folder),
                    is_default: setting.origin == Origin::Default,
                }
            })
            .collect()
        };
        let section = |(name, about): &(&'static str, &'static str)| Section {
            name,
            about,
            settings: settings(name),
        };
        SECTIONS.iter().map(section).collect()
    }

    fn pool(&self) -> Pool {
        let database = &self.config.database;
        Pool {
            lanes: vec![
                ("read", database.read_connections),
                ("write", database.write_connections),
                ("session", database.session_connections),
                ("auth", self.config.people.database_connections),
            ],
            timeouts: vec![
                ("anon", database.statement_timeout_anon_ms),
                ("user", database.statement_timeout_user_ms),
                ("service", database.statement_timeout_service_ms),
            ],
        }
    }

    fn post(&self) -> Post {
        let facts = match &self.config.people.mail {
            MailConfig::Smtp(settings) => smtp(settings),
            MailConfig::Dev | MailConfig::Off => Vec::new(),
        };
        Post {
            transport: self.transport.name(),
            is_on: self.transport.is_on(),
            facts,
        }
    }

    fn send_letter<'a>(
        &'a self,
        to: &'a str,
        subject: &'a str,
        text: &'a str,
    ) -> LocalBoxFuture<'a, Result<(), String>> {
        Box::pin(async move {
            let to = Address::parse(to).map_err(|error| error.to_string())?;
            let mail = Mail {
                to,
                subject: subject.to_owned(),
                text: text.to_owned(),
                html: format!("<p>{text}</p>"),
                headers: Vec::new(),
                kind: None,
                code: None,
                link: None,
            };
            let sent = self.transport.send(&mail).await;
            sent.map_err(|error| redact(&error.to_string()).into_owned())
        })
    }

    fn version(&self) -> &'static str {
        env!("CARGO_PKG_VERSION")
    }

    fn uptime_secs(&self) -> u64 {
        self.started.elapsed().as_secs()
    }
}

/// Where a value came from; the file by its name within the project.
fn origin(origin: &Origin, folder: &Path) -> String {
    let Origin::File { path, line } = origin else {
        return origin.to_string();
    };
    let within = Path::new(path).strip_prefix(folder);
    within.map_or_else(
        |_| origin.to_string(),
        |it| format!("{}:{line}", it.display()),
    )
}

/// The mail server and what it is told; of the password only whether there is one.
fn smtp(settings: &SmtpSettings) -> Vec<(&'static str, String)> {
    let sender = settings.from.to_string();
    let encryption = match settings.security {
        Security::Starttls => "STARTTLS",
        Security::Tls => "TLS",
        Security::None => "none",
    };
    let password = match settings.password {
        Some(_) => "set",
        None => "not set",
    };
    vec![
        ("server", format!("{}:{}", settings.host, settings.port)),
        ("encryption", encryption.to_owned()),
        (
            "user",
            settings.user.clone().unwrap_or_else(|| "–".to_owned()),
        ),
        ("password", password.to_owned()),
        (
            "sender",
            match &settings.from_name {
                Some(name) => format!("{name} <{sender}>"),
                None => sender,
            },
        ),
    ]
}
