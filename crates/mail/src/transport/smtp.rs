//! A mail server, reached over pooled connections.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, Tls, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use lettre::transport::smtp::{AsyncSmtpTransportBuilder, PoolConfig};
use lettre::{AsyncSmtpTransport, AsyncTransport, Tokio1Executor};
use postern_base::Clock;
use tokio::sync::Semaphore;
use tokio::time::timeout;

use super::SendError;
use super::message::Letterhead;
use super::settings::{Security, SettingWarning, SettingsError, SmtpSettings};
use crate::Mail;

/// Most connections to the mail server at one time.
const CONNECTIONS_MAX: u32 = 8;
/// After this long without a mail a connection is closed; servers close them after minutes.
const IDLE_MAX: Duration = Duration::from_secs(45);

type Client = AsyncSmtpTransport<Tokio1Executor>;

/// A mail server.
pub struct Smtp {
    letterhead: Letterhead,
    builder: AsyncSmtpTransportBuilder,
    /// Made with the first mail, because its pool needs a running runtime.
    client: OnceLock<Client>,
    /// The library's pool bounds idle connections only; this bounds those in use.
    slots: Semaphore,
    timeout: Duration,
    clock: Arc<dyn Clock>,
    warnings: Vec<SettingWarning>,
}

impl Smtp {
    /// Checks the settings; nothing is connected yet.
    ///
    /// # Errors
    /// Fails for a setting without which no mail can be sent. What mail can do without is left
    /// out and told by [`Smtp::warnings`].
    pub fn new(settings: &SmtpSettings, clock: Arc<dyn Clock>) -> Result<Self, SettingsError> {
        settings.check()?;
        let mut warnings = Vec::new();
        let letterhead = Letterhead {
            from: settings.from.clone(),
            from_name: settings.sender_name(&mut warnings),
            headers: settings.checked_headers(&mut warnings),
        };
        Ok(Self {
            letterhead,
            builder: builder(settings)?,
            client: OnceLock::new(),
            slots: Semaphore::new(CONNECTIONS_MAX as usize),
            timeout: settings.timeout,
            clock,
            warnings,
        })
    }

    /// The settings that were left out.
    pub fn warnings(&self) -> &[SettingWarning] {
        &self.warnings
    }

    /// Connects and logs in without sending a mail.
    ///
    /// # Errors
    /// Returns what would keep a mail from being sent.
    pub async fn check(&self) -> Result<(), SendError> {
        self.in_time(async {
            match self.client().test_connection().await {
                Ok(true) => Ok(()),
                Ok(false) => Err(SendError::Unreachable {
                    why: "it answers, but not as a mail server".into(),
                }),
                Err(error) => Err(SendError::of_smtp(&error)),
            }
        })
        .await
    }

    pub(super) async fn send(&self, mail: &Mail) -> Result<(), SendError> {
        let message = self.letterhead.write(mail, self.clock.now_unix_secs())?;
        self.in_time(async {
            let sent = self.client().send(message).await;
            sent.map(drop).map_err(|error| SendError::of_smtp(&error))
        })
        .await
    }

    /// Waits for a free connection and for the work, both within the limit.
    async fn in_time(
        &self,
        work: impl Future<Output = Result<(), SendError>>,
    ) -> Result<(), SendError> {
        let with_slot = async {
            // The semaphore is never closed, and without a slot the work must not start.
            let _slot = self.slots.acquire().await.map_err(|_| SendError::Off)?;
            work.await
        };
        let late = SendError::TimedOut {
            seconds: self.timeout.as_secs(),
        };
        timeout(self.timeout, with_slot).await.unwrap_or(Err(late))
    }

    fn client(&self) -> &Client {
        self.client.get_or_init(|| self.builder.clone().build())
    }
}

fn builder(settings: &SmtpSettings) -> Result<AsyncSmtpTransportBuilder, SettingsError> {
    let pool = PoolConfig::new()
        .max_size(CONNECTIONS_MAX)
        .idle_timeout(IDLE_MAX);
    let mut builder = Client::builder_dangerous(&settings.host)
        .port(settings.port)
        .tls(tls(settings)?)
        .timeout(Some(settings.timeout))
        .hello_name(ClientId::Domain(settings.from.domain().to_owned()))
        .pool_config(pool);
    if let (Some(user), Some(password)) = (&settings.user, &settings.password) {
        let login = Credentials::new(user.clone(), password.expose().clone());
        builder = builder.credentials(login);
    }
    Ok(builder)
}

/// SECURITY: with `Starttls`, a server that does not offer it gets no mail (`Tls::Required`);
/// otherwise somebody on the way could strip the offer and read codes and passwords.
fn tls(settings: &SmtpSettings) -> Result<Tls, SettingsError> {
    let invalid = |error: &dyn std::fmt::Display| SettingsError::Authority(error.to_string());
    let parameters = || {
        let mut parameters = TlsParameters::builder(settings.host.clone());
        if let Some(pem) = &settings.authority_pem {
            let authority = Certificate::from_pem(pem.as_bytes()).map_err(|it| invalid(&it))?;
            parameters = parameters.add_root_certificate(authority);
        }
        parameters.build_rustls().map_err(|it| invalid(&it))
    };
    Ok(match settings.security {
        Security::None => Tls::None,
        Security::Starttls => Tls::Required(parameters()?),
        Security::Tls => Tls::Wrapper(parameters()?),
    })
}
