//! The auth service, put together from the configuration.

use std::net::SocketAddr;
use std::sync::Arc;

use postern_auth::keys::Keys;
use postern_auth::outbox::Outbox;
use postern_auth::{AuthParts, AuthService};
use postern_base::{Clock, Secret};
use postern_db::own::{OwnDb, OwnDbConfig};
use postern_http::Authenticator;
use postern_mail::{DevMailbox, Smtp, Templates, Transport};
use postern_outbound::Outbound;
use postern_telemetry::{Event, Telemetry};
use postern_vault::{MasterKey, SystemRandom, Vault};
use tokio::task::JoinHandle;

use super::StartError;
use crate::Config;
use crate::config::{MailConfig, People};

/// The running auth service.
pub(super) struct PeopleService {
    pub(super) service: Arc<AuthService>,
    /// What developers look at instead of a mailbox of their own.
    pub(super) dev_mailbox: Option<Arc<DevMailbox>>,
    /// Where letters go.
    pub(super) transport: Transport,
    pub(super) tasks: Vec<JoinHandle<()>>,
}

/// What the service shares with the rest of the server.
pub(super) struct Shared {
    pub(super) authenticator: Arc<Authenticator>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) telemetry: Telemetry,
}

/// Starts the auth service, unless it is switched off or has no master key.
pub(super) async fn start(
    config: &Config,
    shared: Shared,
) -> Result<Option<PeopleService>, StartError> {
    let people = &config.people;
    if !people.enabled.is_yes() {
        return Ok(None);
    }
    let Some(master_key) = &people.master_key else {
        shared.telemetry.report(&Event::AuthOff);
        return Ok(None);
    };
    let vault = Arc::new(vault(master_key, &people.older_master_keys)?);
    let db = database(config)?;
    let clock = Arc::clone(&shared.clock);
    let keys = Keys::new(
        db.clone(),
        Arc::clone(&vault),
        Arc::clone(&clock),
        people.algorithm,
    );
    let outbox = Outbox::new(db.clone(), Arc::clone(&vault), Arc::clone(&clock));
    let (transport, dev_mailbox) = transport(people, &clock)?;
    let templates = Templates::load(Some(&people.templates_dir))?;
    let service = Arc::new(AuthService::new(AuthParts {
        db,
        authenticator: shared.authenticator,
        vault,
        clock,
        random: Arc::new(SystemRandom),
        outbound: Outbound::new(people.outbound.clone()),
        telemetry: shared.telemetry,
        keys: Arc::new(keys),
        outbox: outbox.clone(),
        settings: people.settings.clone(),
    }));
    service.prepare().await.map_err(StartError::People)?;
    let carrier =
        service.with_hooks(service.post(templates, transport.clone(), service.text_sender()));
    let tasks = vec![
        tokio::spawn(Arc::clone(&service).watch()),
        tokio::spawn(service.sealer().run()),
        tokio::spawn(Arc::clone(&service).sweep_often()),
        tokio::spawn(outbox.deliver(carrier)),
    ];
    Ok(Some(PeopleService {
        service,
        dev_mailbox,
        transport,
        tasks,
    }))
}

/// Where letters go; nowhere without the service.
pub(super) fn way_of_letters(people: Option<&PeopleService>) -> Transport {
    people.map_or(Transport::Off, |it| it.transport.clone())
}

/// Fills in the port that was taken, where the configuration left it to the system.
pub(super) fn settle_address(config: &mut Config, address: SocketAddr) {
    let url = &mut config.people.settings.external_url;
    if let Some(host) = url.strip_suffix(":0") {
        *url = format!("{host}:{}", address.port());
    }
}

/// Opens the vault with its keys.
pub(crate) fn vault(
    current: &Secret<String>,
    older: &[Secret<String>],
) -> Result<Vault, StartError> {
    let older: Result<Vec<_>, _> = older.iter().map(MasterKey::parse).collect();
    let current = MasterKey::parse(current)?;
    Ok(Vault::with_older_keys(
        &current,
        &older?,
        Arc::new(SystemRandom),
    ))
}

fn database(config: &Config) -> Result<OwnDb, StartError> {
    let own = config.people.database_url.as_ref();
    let url = own.or(config.database.url.as_ref());
    let url = url.ok_or(StartError::NoDatabase)?;
    Ok(OwnDb::new(&OwnDbConfig {
        connections_max: config.people.database_connections,
        ..OwnDbConfig::new(url.clone())
    })?)
}

fn transport(
    people: &People,
    clock: &Arc<dyn Clock>,
) -> Result<(Transport, Option<Arc<DevMailbox>>), StartError> {
    Ok(match &people.mail {
        MailConfig::Off => (Transport::Off, None),
        MailConfig::Dev => {
            let mailbox = Arc::new(DevMailbox::new(Arc::clone(clock)));
            (Transport::DevMailbox(Arc::clone(&mailbox)), Some(mailbox))
        }
        MailConfig::Smtp(settings) => {
            let smtp = Smtp::new(settings, Arc::clone(clock))?;
            for warning in smtp.warnings() {
                tracing::warn!(%warning, "a mail setting was left out");
            }
            (Transport::Smtp(Arc::new(smtp)), None)
        }
    })
}
