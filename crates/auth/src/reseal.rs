//! Sealing what is stored anew, after the master key was replaced.
//!
//! A new master key seals from then on, and the older ones go on opening what they sealed. What
//! lies in the tables for long is sealed anew here, so that an older key that was lost opens
//! nothing of it any more. What lives for minutes is left to expire. Keyed hashes cannot be made
//! anew: recovery codes and the audit log go on needing the key that they were hashed with.

use std::sync::Arc;

use postern_db::own;
use postern_db::own::{Own, OwnDb};
use postern_vault::Vault;

use crate::{Result, keys, mfa, outbox, session};

/// Values that are read at a time.
const BATCH: i64 = 200;
/// Before the first UUID that a row has.
const BEFORE_ALL: &str = "00000000-0000-0000-0000-000000000000";

/// What became of the values of one kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resealed {
    /// Which ones.
    pub what: &'static str,
    /// How many are sealed with the present key now, and were not before.
    pub renewed: u64,
    /// How many none of the keys opens; they stay as they are.
    pub unreadable: u64,
}

/// A column of sealed values.
struct Column {
    what: &'static str,
    /// Values that another key (`$1`) than the present one sealed, behind a row (`$2`).
    stale: Own,
    /// Puts the new value (`$3`) in the place of the old one (`$2`), unless that has changed.
    renew: Own,
    /// Where a row's value is sealed for.
    context: fn(&str) -> String,
    first: &'static str,
}

/// Seals what is stored with the present master key.
pub struct Resealer {
    db: OwnDb,
    vault: Arc<Vault>,
}

impl Resealer {
    /// Makes a resealer; the vault must know the older keys.
    pub fn new(db: OwnDb, vault: Arc<Vault>) -> Self {
        Self { db, vault }
    }

    /// Seals everything anew that another key has sealed. Servers may run meanwhile, if they know
    /// both keys; what they write at the same time is kept. It may be broken off and run again.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn run(&self) -> Result<Vec<Resealed>> {
        let mut all = Vec::new();
        for column in columns() {
            all.push(self.reseal(&column).await?);
        }
        Ok(all)
    }

    async fn reseal(&self, column: &Column) -> Result<Resealed> {
        let mut done = Resealed {
            what: column.what,
            renewed: 0,
            unreadable: 0,
        };
        let mut after = column.first.to_owned();
        loop {
            let present = self.vault.key_id();
            let rows = self
                .db
                .query(column.stale, &[&present, &after, &BATCH])
                .await?;
            let Some(last) = rows.last() else {
                return Ok(done);
            };
            after = last.get("id");
            for row in &rows {
                let (id, sealed): (String, String) = (row.get("id"), row.get("sealed"));
                let context = (column.context)(&id);
                let Ok(plain) = self.vault.open(&context, &sealed) else {
                    done.unreadable += 1;
                    continue;
                };
                let fresh = self.vault.seal(&context, plain.expose());
                done.renewed += self
                    .db
                    .execute(column.renew, &[&id, &sealed, &fresh])
                    .await?;
            }
        }
    }
}

/// Everything that lies sealed for longer than a sign-in takes.
fn columns() -> [Column; 4] {
    [
        Column {
            what: "signing keys",
            stale: own!(
                "select id, sealed_private as sealed from postern.signing_keys \
                 where split_part(sealed_private, '.', 2) <> $1 and id > $2 order by id limit $3"
            ),
            renew: own!(
                "update postern.signing_keys set sealed_private = $3 \
                 where id = $1 and sealed_private = $2"
            ),
            context: keys::context_of,
            first: "",
        },
        Column {
            what: "secrets of factors",
            stale: own!(
                "select id::text as id, secret as sealed from auth.mfa_factors \
                 where secret like 'pe1.%' and split_part(secret, '.', 2) <> $1 \
                 and id > $2::text::uuid order by mfa_factors.id limit $3"
            ),
            renew: own!(
                "update auth.mfa_factors set secret = $3 \
                 where id = $1::text::uuid and secret = $2"
            ),
            context: |id| mfa::secret_context(id),
            first: BEFORE_ALL,
        },
        Column {
            what: "keys of sessions",
            stale: own!(
                "select id::text as id, refresh_token_hmac_key as sealed from auth.sessions \
                 where refresh_token_hmac_key like 'pe1.%' \
                 and split_part(refresh_token_hmac_key, '.', 2) <> $1 \
                 and id > $2::text::uuid order by sessions.id limit $3"
            ),
            renew: own!(
                "update auth.sessions set refresh_token_hmac_key = $3 \
                 where id = $1::text::uuid and refresh_token_hmac_key = $2"
            ),
            context: |id| session::key_context(id),
            first: BEFORE_ALL,
        },
        Column {
            what: "waiting letters",
            stale: own!(
                "select id::text as id, sealed from postern.outbox \
                 where split_part(sealed, '.', 2) <> $1 \
                 and id > $2::text::uuid order by outbox.id limit $3"
            ),
            renew: own!(
                "update postern.outbox set sealed = $3 \
                 where id = $1::text::uuid and sealed = $2"
            ),
            context: |id| outbox::context_of(id),
            first: BEFORE_ALL,
        },
    ]
}
