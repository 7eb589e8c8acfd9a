//! Opening connections: the address, TLS, and the task that drives each connection.
//!
//! SECURITY: outside of the loopback interface a connection is encrypted and the server's
//! certificate and name are verified, unless the address says `sslmode=disable`. The modes that a
//! man in the middle can talk down (`prefer`, `allow`) are refused.

mod options;
mod pipeline;
mod tls;

use std::future::poll_fn;
use std::time::Duration;

use postern_base::Secret;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::mpsc;
use tokio_postgres::config::{Host, SslMode, SslNegotiation};
use tokio_postgres::tls::{MakeTlsConnect, TlsConnect};
use tokio_postgres::{AsyncMessage, Client, Config, Connection, NoTls, Socket};
use tokio_postgres_rustls::MakeRustlsConnect;

pub(crate) use self::pipeline::{Companions, Pipeline};
use self::pipeline::{Pipelined, Plain};
use crate::{Error, error};

/// How long the server has for accepting a connection.
const CONNECT: Duration = Duration::from_secs(5);

/// A channel for the payloads of notifications.
pub(crate) type Notifications = mpsc::UnboundedSender<tokio_postgres::Notification>;

/// Where to connect to, and how.
#[derive(Clone)]
pub(crate) struct Target {
    config: Config,
    tls: Option<MakeRustlsConnect>,
}

/// Hides the password.
impl std::fmt::Debug for Target {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Target")
            .field("hosts", &self.config.get_hosts())
            .field("database", &self.config.get_dbname())
            .finish_non_exhaustive()
    }
}

impl Target {
    /// Understands an address such as `postgresql://user:password@host/database`.
    pub(crate) fn parse(url: &Secret<String>) -> Result<Self, Error> {
        let parsed = options::parse(url)?;
        let mut config = parsed.config;
        config.connect_timeout(CONNECT);
        let tls = match parsed.encryption {
            options::Encryption::Off => None,
            options::Encryption::Verified { roots } => Some(tls::connector(roots.as_deref())?),
        };
        Ok(Self { config, tls })
    }

    /// The login's name, where the address says one.
    pub(crate) fn user(&self) -> Option<&str> {
        self.config.get_user()
    }

    /// The settings and the TLS connector, for a pool that opens connections by itself.
    pub(crate) fn parts(&self) -> (Config, Option<MakeRustlsConnect>) {
        (self.config.clone(), self.tls.clone())
    }

    /// Connects, after `tune` had its say about the settings.
    pub(crate) async fn open(&self, tune: impl FnOnce(&mut Config)) -> Result<Client, Error> {
        self.open_listening(tune, None).await
    }

    /// Connects, and sends the notifications that arrive into `listener`.
    pub(crate) async fn open_listening(
        &self,
        tune: impl FnOnce(&mut Config),
        listener: Option<Notifications>,
    ) -> Result<Client, Error> {
        let mut config = self.config.clone();
        tune(&mut config);
        match &self.tls {
            None => {
                let opened = config.connect(NoTls).await;
                let (client, connection) = opened.map_err(|error| error::unreachable(&error))?;
                tokio::spawn(drive(connection, listener));
                Ok(client)
            }
            Some(tls) => {
                let opened = config.connect(tls.clone()).await;
                let (client, connection) = opened.map_err(|error| error::unreachable(&error))?;
                tokio::spawn(drive(connection, listener));
                Ok(client)
            }
        }
    }

    /// Connects, and returns what puts companions to statements; `None` where the connection
    /// takes none, because the address names a socket or a bare `hostaddr`.
    pub(crate) async fn open_pipelined(
        &self,
        tune: impl FnOnce(&mut Config),
    ) -> Result<(Client, Option<Pipeline>), Error> {
        let is_named = |host: &Host| matches!(host, Host::Tcp(_));
        let hosts = self.config.get_hosts();
        if hosts.is_empty() || !hosts.iter().all(is_named) {
            return Ok((self.open(tune).await?, None));
        }
        let mut config = self.config.clone();
        tune(&mut config);
        let pipeline = Pipeline::default();
        let client = match &self.tls {
            None => {
                config.ssl_mode(SslMode::Require);
                config.ssl_negotiation(SslNegotiation::Direct);
                connect(&config, Plain, &pipeline).await?
            }
            Some(tls) => connect(&config, tls.clone(), &pipeline).await?,
        };
        Ok((client, Some(pipeline)))
    }

    /// Asks the server to end what a connection is doing.
    pub(crate) async fn cancel(
        &self,
        token: tokio_postgres::CancelToken,
        pipeline: Option<&Pipeline>,
    ) {
        let asked = match (&self.tls, pipeline) {
            (None, None) => token.cancel_query(NoTls).await,
            (None, Some(_)) => token.cancel_query(Plain).await,
            (Some(tls), _) => token.cancel_query(tls.clone()).await,
        };
        if let Err(error) = asked {
            tracing::debug!(%error, "a statement could not be cancelled");
        }
    }
}

/// Connects with a stream that takes companions.
async fn connect<C>(config: &Config, connector: C, pipeline: &Pipeline) -> Result<Client, Error>
where
    C: MakeTlsConnect<Socket> + Clone + Send + 'static,
    C::Stream: Send + 'static,
    C::TlsConnect: Send,
    <C::TlsConnect as TlsConnect<Socket>>::Future: Send,
{
    let connector = Pipelined {
        connector,
        pipeline: pipeline.clone(),
    };
    let opened = config.connect(connector).await;
    let (client, connection) = opened.map_err(|error| error::unreachable(&error))?;
    tokio::spawn(drive(connection, None));
    Ok(client)
}

/// Moves a connection's messages until it closes; ends once its client is dropped and everything
/// that was sent has been answered.
async fn drive<S, T>(mut connection: Connection<S, T>, listener: Option<Notifications>)
where
    S: AsyncRead + AsyncWrite + Unpin,
    T: AsyncRead + AsyncWrite + Unpin,
{
    loop {
        match poll_fn(|context| connection.poll_message(context)).await {
            Some(Ok(AsyncMessage::Notification(notification))) => {
                if let Some(listener) = &listener {
                    let _ = listener.send(notification);
                }
            }
            Some(Ok(_)) => {}
            Some(Err(error)) => {
                tracing::debug!(%error, "a database connection ended");
                return;
            }
            None => return,
        }
    }
}
