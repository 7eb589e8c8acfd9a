//! `auth.mfa_challenges`: a factor was asked for, and how often an answer was tried.

use std::net::IpAddr;

use postern_db::own;
use postern_db::own::{OwnDb, OwnTx, Row};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::Result;

/// How often one challenge may be answered.
pub const ATTEMPTS_MAX: i32 = 5;

/// A challenge.
#[derive(Clone, Debug)]
pub struct FactorChallenge {
    /// The id.
    pub id: Uuid,
    /// Which factor is asked for.
    pub factor_id: Uuid,
    /// When it was made.
    pub created_at: OffsetDateTime,
    /// How long it is good.
    pub expires_at: OffsetDateTime,
    /// Who asked for it.
    pub ip: IpAddr,
    /// The MAC of the code that was texted.
    pub code_mac: Option<String>,
    /// The sealed state of a WebAuthn ceremony.
    pub sealed_state: Option<String>,
}

/// What trying to answer a challenge comes to.
#[derive(Clone, Debug)]
pub enum Answered {
    /// The answer may be looked at.
    Live(Box<FactorChallenge>),
    /// It was answered, has expired, or was answered wrongly too often.
    Over,
    /// The factor has no such challenge.
    Unknown,
}

impl FactorChallenge {
    fn from_row(row: &Row) -> Self {
        Self {
            id: row.get("id"),
            factor_id: row.get("factor_id"),
            created_at: row.get("created_at"),
            expires_at: row.get("expires_at"),
            ip: row.get("ip_address"),
            code_mac: row.get("otp_code"),
            sealed_state: row.get("sealed_state"),
        }
    }

    /// Stores a challenge and forgets the factor's expired ones.
    pub async fn store(&self, tx: &OwnTx) -> Result<()> {
        let sweep = own!(
            "delete from auth.mfa_challenges where factor_id = $1 \
             and (expires_at is null or expires_at <= $2)"
        );
        tx.execute(sweep, &[&self.factor_id, &self.created_at])
            .await?;
        let insert = own!(
            "insert into auth.mfa_challenges (id, factor_id, created_at, expires_at, ip_address, \
             otp_code, sealed_state) values ($1, $2, $3, $4, $5, $6, $7)"
        );
        tx.execute(
            insert,
            &[
                &self.id,
                &self.factor_id,
                &self.created_at,
                &self.expires_at,
                &self.ip,
                &self.code_mac,
                &self.sealed_state,
            ],
        )
        .await?;
        let note = own!("update auth.mfa_factors set last_challenged_at = $2 where id = $1");
        tx.execute(note, &[&self.factor_id, &self.created_at])
            .await?;
        Ok(())
    }

    /// Counts an answer to a challenge of a factor, before it is looked at.
    pub async fn attempt(
        db: &OwnDb,
        factor: Uuid,
        id: Uuid,
        now: OffsetDateTime,
    ) -> Result<Answered> {
        let update = own!(
            "update auth.mfa_challenges set attempts = attempts + 1 where factor_id = $1 \
             and id = $2 and verified_at is null and expires_at > $3 and attempts < $4 returning *"
        );
        let row = db
            .query_opt(update, &[&factor, &id, &now, &ATTEMPTS_MAX])
            .await?;
        if let Some(row) = row {
            return Ok(Answered::Live(Box::new(Self::from_row(&row))));
        }
        let found = own!("select 1 from auth.mfa_challenges where factor_id = $1 and id = $2");
        let is_known = db.query_opt(found, &[&factor, &id]).await?.is_some();
        Ok(if is_known {
            Answered::Over
        } else {
            Answered::Unknown
        })
    }

    /// Uses the challenge up; of many at once exactly one gets `true`.
    pub async fn consume(&self, tx: &OwnTx, now: OffsetDateTime) -> Result<bool> {
        let update = own!(
            "update auth.mfa_challenges set verified_at = $2 where id = $1 and verified_at is null"
        );
        Ok(tx.execute(update, &[&self.id, &now]).await? == 1)
    }
}
