//! `auth.mfa_recovery_codes`: codes on paper, kept as MACs, each good once.

use postern_db::own;
use postern_db::own::{OwnDb, OwnTx};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::Result;

/// How many codes a user has, and how many are left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecoveryCodes {
    /// Codes of the set.
    pub total: i64,
    /// Those that were not used.
    pub remaining: i64,
}

impl RecoveryCodes {
    /// Counts a user's codes.
    pub async fn of_user(db: &OwnDb, user: Uuid) -> Result<Self> {
        let found = own!(
            "select count(*), count(*) filter (where used_at is null) \
             from auth.mfa_recovery_codes where user_id = $1"
        );
        let row = db.query_opt(found, &[&user]).await?;
        Ok(row.map_or(
            Self {
                total: 0,
                remaining: 0,
            },
            |row| Self {
                total: row.get(0),
                remaining: row.get(1),
            },
        ))
    }

    /// Puts new codes in the place of all that a user has.
    pub async fn replace(
        tx: &OwnTx,
        user: Uuid,
        macs: &[Vec<u8>],
        now: OffsetDateTime,
    ) -> Result<()> {
        Self::delete(tx, user).await?;
        let insert = own!(
            "insert into auth.mfa_recovery_codes (id, user_id, code_mac, created_at) \
             select pg_catalog.gen_random_uuid(), $1::uuid, it.mac, $3::timestamptz \
             from pg_catalog.unnest($2::bytea[]) as it (mac)"
        );
        tx.execute(insert, &[&user, &macs, &now]).await?;
        Ok(())
    }

    /// Uses a code up, which may have been stored under any of these MACs; of many uses at once
    /// exactly one gets `true`.
    pub async fn consume(
        tx: &OwnTx,
        user: Uuid,
        macs: &[Vec<u8>],
        now: OffsetDateTime,
    ) -> Result<bool> {
        let update = own!(
            "update auth.mfa_recovery_codes set used_at = $3 \
             where user_id = $1 and code_mac = any($2) and used_at is null"
        );
        Ok(tx.execute(update, &[&user, &macs, &now]).await? > 0)
    }

    /// Removes all codes of a user.
    pub async fn delete(tx: &OwnTx, user: Uuid) -> Result<()> {
        let delete = own!("delete from auth.mfa_recovery_codes where user_id = $1");
        tx.execute(delete, &[&user]).await?;
        Ok(())
    }
}
