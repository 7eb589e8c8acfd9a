//! The service: what all flows share. The flows themselves are methods in modules of their own.

use std::sync::Arc;

use postern_base::{Clock, Random};
use postern_db::own::{OwnDb, OwnTx};
use postern_http::{Authenticator, RevocationList};
use postern_outbound::Outbound;
use postern_telemetry::Telemetry;
use postern_vault::Vault;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::hooks::HookCaller;
use crate::keys::Keys;
use crate::limits::Refused;
use crate::oauth::Remotes;
use crate::outbox::Outbox;
use crate::passwords::Passwords;
use crate::{Result, Settings};

/// What an [`AuthService`] is made of.
pub struct AuthParts {
    /// The tables of `auth` and `postern`.
    pub db: OwnDb,
    /// Who verifies tokens, here and in front of all other services.
    pub authenticator: Arc<Authenticator>,
    /// Seals secrets, and makes MACs of codes.
    pub vault: Arc<Vault>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub random: Arc<dyn Random>,
    /// The one HTTP client.
    pub outbound: Outbound,
    /// Logs and counters.
    pub telemetry: Telemetry,
    /// The keys that sign tokens.
    pub keys: Arc<Keys>,
    /// Letters and texts on their way.
    pub outbox: Outbox,
    /// The operator's choices.
    pub settings: Settings,
}

/// Users, their sessions and their proofs.
pub struct AuthService {
    pub(crate) db: OwnDb,
    pub(crate) authenticator: Arc<Authenticator>,
    pub(crate) vault: Arc<Vault>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) random: Arc<dyn Random>,
    pub(crate) outbound: Outbound,
    pub(crate) telemetry: Telemetry,
    pub(crate) keys: Arc<Keys>,
    pub(crate) outbox: Outbox,
    pub(crate) passwords: Passwords,
    pub(crate) remotes: Remotes,
    pub(crate) settings: Settings,
    pub(crate) hooks: HookCaller,
    pub(crate) refused: Refused,
}

impl AuthService {
    /// Makes the service.
    pub fn new(parts: AuthParts) -> Self {
        let password = &parts.settings.password;
        let random = Arc::clone(&parts.random);
        let hooks = parts.settings.hooks.clone();
        let hooks = HookCaller::new(parts.outbound.clone(), parts.db.clone(), hooks);
        Self {
            passwords: Passwords::new(password.params, random, password.slots),
            db: parts.db,
            authenticator: parts.authenticator,
            vault: parts.vault,
            clock: parts.clock,
            random: parts.random,
            outbound: parts.outbound,
            telemetry: parts.telemetry,
            keys: parts.keys,
            outbox: parts.outbox,
            remotes: Remotes::new(&parts.settings.providers),
            settings: parts.settings,
            hooks,
            refused: Refused::default(),
        }
    }

    /// The operator's choices.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Where logs and counters go.
    pub fn telemetry(&self) -> &Telemetry {
        &self.telemetry
    }

    /// The keys that sign tokens.
    pub fn keys(&self) -> &Keys {
        &self.keys
    }

    /// The time at which a request is answered.
    pub fn now(&self) -> OffsetDateTime {
        now(&*self.clock)
    }

    /// The address of one of the service's own pages or endpoints, from the configuration alone.
    pub fn own_url(&self, path: &str) -> String {
        format!("{}/auth/v1/{path}", self.settings.external_url)
    }

    pub(crate) fn revocations(&self) -> &RevocationList {
        self.authenticator.revocations()
    }

    /// Ends sessions here at once; other gateways hear of it from the database.
    pub(crate) fn revoke_here(&self, sessions: &[Uuid]) {
        for session in sessions {
            self.revocations().revoke_session(*session);
        }
    }
}

/// Tells triggers of this transaction the service's time.
pub(crate) async fn tell_time(tx: &OwnTx, now: OffsetDateTime) -> Result<()> {
    let set = postern_db::own!("select set_config('postern.now', $1, true)");
    tx.query(set, &[&now.unix_timestamp().to_string()]).await?;
    Ok(())
}

/// The clock's time as timestamps have it.
pub(crate) fn now(clock: &dyn Clock) -> OffsetDateTime {
    // A clock outside of the years that exist is the epoch's: whatever expires has expired.
    OffsetDateTime::from_unix_timestamp(clock.now_unix_secs()).unwrap_or(OffsetDateTime::UNIX_EPOCH)
}
