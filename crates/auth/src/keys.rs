//! The keys that sign access tokens, kept in the database so that all gateways share them.
//!
//! Rotation publishes before it signs: a new key stands by, is published by every gateway, and
//! signs only after the next rotation step; the one before it verifies on until its tokens have
//! expired. Private halves are sealed with the master key.

use std::sync::Arc;

use arc_swap::ArcSwapOption;
use postern_base::Clock;
use postern_db::own;
use postern_db::own::{OwnDb, OwnTx, Row};
use postern_http::signing::{Algorithm, KeyRing, KeyState, ProjectKey, SigningKey};
use postern_vault::Vault;
use serde_json::Value;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{Error, Result};

/// A key as the table keeps it.
#[derive(Clone, Debug)]
pub struct StoredKey {
    /// The `kid` of its tokens.
    pub id: String,
    /// What it signs with.
    pub algorithm: Algorithm,
    /// Where it is in its life.
    pub state: KeyState,
    /// The public half.
    pub public_jwk: Value,
    sealed_private: String,
    /// When it was made.
    pub created_at: OffsetDateTime,
    /// When it entered its state.
    pub changed_at: OffsetDateTime,
}

impl StoredKey {
    fn from_row(row: &Row) -> Option<Self> {
        Some(Self {
            id: row.get("id"),
            algorithm: Algorithm::parse(row.get("algorithm"))?,
            state: match row.get("state") {
                "standby" => KeyState::Standby,
                "current" => KeyState::InUse,
                "previous" => KeyState::Previous,
                _ => KeyState::Revoked,
            },
            public_jwk: row.get("public_jwk"),
            sealed_private: row.get("sealed_private"),
            created_at: row.get("created_at"),
            changed_at: row.get("changed_at"),
        })
    }

    /// The state as the table spells it.
    pub fn state_name(&self) -> &'static str {
        match self.state {
            KeyState::Standby => "standby",
            KeyState::InUse => "current",
            KeyState::Previous => "previous",
            KeyState::Revoked => "revoked",
        }
    }

    fn open(&self, vault: &Vault) -> Result<SigningKey> {
        let document = vault.open(&context_of(&self.id), &self.sealed_private)?;
        SigningKey::from_pkcs8(self.algorithm, self.id.clone(), &document)
            .map_err(|error| Error::internal("A signing key cannot be read", error))
    }

    fn published(&self) -> ProjectKey {
        ProjectKey {
            jwk: self.public_jwk.clone(),
            state: self.state,
        }
    }
}

/// Where a private half is sealed for.
pub(crate) fn context_of(id: &str) -> String {
    format!("signing_keys|sealed_private|{id}")
}

/// The keys in the database, and those of them in force here.
pub struct Keys {
    db: OwnDb,
    vault: Arc<Vault>,
    clock: Arc<dyn Clock>,
    algorithm: Algorithm,
    ring: ArcSwapOption<KeyRing>,
}

impl Keys {
    /// Makes the store; [`Self::load`] fills it.
    pub fn new(db: OwnDb, vault: Arc<Vault>, clock: Arc<dyn Clock>, algorithm: Algorithm) -> Self {
        Self {
            db,
            vault,
            clock,
            algorithm,
            ring: ArcSwapOption::empty(),
        }
    }

    /// The keys in force.
    ///
    /// # Errors
    /// When they were never loaded.
    pub fn ring(&self) -> Result<Arc<KeyRing>> {
        self.ring
            .load_full()
            .ok_or_else(|| Error::internal("The signing keys are not loaded", "no keys"))
    }

    /// Reads the keys, making the first two when there are none, and puts them in force.
    ///
    /// # Errors
    /// When the database cannot be reached, or the master key opens none of them.
    pub async fn load(&self) -> Result<Arc<KeyRing>> {
        let mut keys = self.list().await?;
        if !keys.iter().any(|it| it.state == KeyState::InUse) {
            self.make_first().await?;
            keys = self.list().await?;
        }
        let signer = keys.iter().find(|it| it.state == KeyState::InUse);
        let signer = signer.ok_or_else(|| Error::internal("No key signs tokens", "no key"))?;
        let others = keys.iter().filter(|it| it.id != signer.id);
        let ring = KeyRing::new(
            signer.open(&self.vault)?,
            others.map(StoredKey::published).collect(),
        );
        let ring = Arc::new(ring);
        self.ring.store(Some(Arc::clone(&ring)));
        Ok(ring)
    }

    /// All keys, the newest first.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn list(&self) -> Result<Vec<StoredKey>> {
        let all = own!("select * from postern.signing_keys order by created_at desc, id");
        let rows = self.db.query(all, &[]).await?;
        Ok(rows.iter().filter_map(StoredKey::from_row).collect())
    }

    /// Rotates: the standby key signs from now on, the one in use verifies on, a new one stands
    /// by. Returns the `kid` that signs now.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn rotate(&self) -> Result<String> {
        let tx = self.db.begin().await?;
        lock(&tx).await?;
        let now = self.now();
        let retire = own!(
            "update postern.signing_keys set state = 'previous', changed_at = $1 \
             where state = 'current'"
        );
        tx.execute(retire, &[&now]).await?;
        let promote = own!(
            "update postern.signing_keys set state = 'current', changed_at = $1 where id = \
             (select id from postern.signing_keys where state = 'standby' \
             order by created_at limit 1) returning id"
        );
        let promoted = tx.query_opt(promote, &[&now]).await?;
        let kid = match promoted {
            Some(row) => row.get(0),
            None => self.make(&tx, "current").await?,
        };
        self.make(&tx, "standby").await?;
        tx.commit().await?;
        self.load().await?;
        Ok(kid)
    }

    /// Revokes a key that signs no more: its tokens are refused at once.
    ///
    /// # Errors
    /// When there is no such key, or it is the one in use.
    pub async fn revoke(&self, kid: &str) -> Result<()> {
        let update = own!(
            "update postern.signing_keys set state = 'revoked', changed_at = $2 \
             where id = $1 and state in ('previous', 'standby') returning id"
        );
        let found = self.db.query_opt(update, &[&kid, &self.now()]).await?;
        if found.is_none() {
            return Err(Error::invalid(
                "No key of this id is on standby or previous; rotate before revoking the current one",
            ));
        }
        self.load().await?;
        Ok(())
    }

    async fn make_first(&self) -> Result<()> {
        let tx = self.db.begin().await?;
        lock(&tx).await?;
        let current = own!("select 1 from postern.signing_keys where state = 'current'");
        if tx.query_opt(current, &[]).await?.is_none() {
            self.make(&tx, "current").await?;
            self.make(&tx, "standby").await?;
        }
        Ok(tx.commit().await?)
    }

    async fn make(&self, tx: &OwnTx, state: &str) -> Result<String> {
        let kid = Uuid::new_v4().to_string();
        let failed = |error| Error::internal("A signing key could not be made", error);
        let key = SigningKey::generate(self.algorithm, kid.clone()).map_err(failed)?;
        let document = key.to_pkcs8().map_err(failed)?;
        let sealed = self.vault.seal(&context_of(&kid), document.expose());
        let insert = own!(
            "insert into postern.signing_keys (id, algorithm, state, public_jwk, sealed_private, \
             created_at, changed_at) values ($1, $2, $3, $4, $5, $6, $6)"
        );
        let algorithm = self.algorithm.name();
        let jwk = key.public_jwk();
        tx.execute(
            insert,
            &[&kid, &algorithm, &state, &jwk, &sealed, &self.now()],
        )
        .await?;
        Ok(kid)
    }

    fn now(&self) -> OffsetDateTime {
        crate::service::now(&*self.clock)
    }
}

/// Keeps two gateways from making or rotating keys at the same time.
async fn lock(tx: &OwnTx) -> Result<()> {
    let lock = own!("select pg_advisory_xact_lock(7236551489014)::text");
    tx.query(lock, &[]).await?;
    Ok(())
}

impl crate::AuthService {
    /// Rotates the keys for an admin, and notes who did it. Returns the `kid` that signs now.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn rotate_signing_keys(&self, context: &crate::Context) -> Result<String> {
        let kid = self.keys.rotate().await?;
        let actor = context.admin.clone();
        let deed = crate::audit::Deed {
            action: "signing_keys_rotated",
            actor: actor.unwrap_or(crate::audit::Actor::SecretKey),
            subject: None,
            traits: serde_json::Map::from_iter([("kid".into(), Value::from(kid.as_str()))]),
        };
        let tx = self.db.begin().await?;
        self.audit_deed(&tx, deed, context).await?;
        tx.commit().await?;
        Ok(kid)
    }
}
