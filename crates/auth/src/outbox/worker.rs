//! Empties the outbox: takes a letter, sends it, strikes it out.
//!
//! Several gateways take turns by `skip locked`. A letter that cannot be sent is tried again after
//! growing pauses, and given up when it would come too late to be of use. A crash between sending
//! and striking out sends twice, which is better than never.

use std::sync::Arc;

use postern_db::own;
use postern_db::own::OwnTx;
use time::{Duration, OffsetDateTime};
use tokio::time::timeout;
use uuid::Uuid;

use super::{Delivery, Letter, Outbox, context_of};
use crate::Result;

/// How often the table is looked at when nobody says that something was written.
const POLL: std::time::Duration = std::time::Duration::from_secs(5);
/// How long one letter may take.
const SEND: std::time::Duration = std::time::Duration::from_secs(30);
/// Tries before a letter is given up.
const ATTEMPTS_MAX: i32 = 5;

/// Why a letter was not delivered.
#[derive(Debug, thiserror::Error)]
pub enum Undeliverable {
    /// Worth another try.
    #[error("not delivered yet: {0}")]
    Later(String),
    /// No other try will help.
    #[error("undeliverable: {0}")]
    Never(String),
}

/// Who carries letters: SMTP, an SMS vendor, a hook.
pub trait Carrier: Send + Sync {
    /// Delivers a letter.
    fn carry<'a>(&'a self, letter: &'a Letter) -> Delivery<'a>;
}

/// A letter as the worker takes it.
struct Taken {
    id: Uuid,
    sealed: String,
    attempts: i32,
}

impl Outbox {
    /// Delivers letters for ever; run it as a task of its own.
    pub async fn deliver(self, carrier: Arc<dyn Carrier>) {
        loop {
            match self.deliver_next(&*carrier).await {
                Ok(true) => {}
                Ok(false) => {
                    // Either end of the wait means the same: look again.
                    let _ = timeout(POLL, self.0.written.notified()).await;
                }
                Err(error) => {
                    tracing::warn!(%error, "the outbox could not be read");
                    tokio::time::sleep(POLL).await;
                }
            }
        }
    }

    /// Takes one letter; says whether there was one.
    async fn deliver_next(&self, carrier: &dyn Carrier) -> Result<bool> {
        let now = crate::service::now(&*self.0.clock);
        let tx = self.0.db.begin().await?;
        let Some(taken) = take(&tx, now).await? else {
            return Ok(false);
        };
        let sent = match self.open(&taken) {
            Some(Letter::Decoy) => Ok(()),
            Some(letter) => match timeout(SEND, carrier.carry(&letter)).await {
                Ok(sent) => sent,
                Err(_) => Err(Undeliverable::Later("it took too long".into())),
            },
            None => Err(Undeliverable::Never("it cannot be read".into())),
        };
        match sent {
            Ok(()) => strike_out(&tx, taken.id).await?,
            Err(error) => put_off(&tx, &taken, &error, now).await?,
        }
        tx.commit().await?;
        Ok(true)
    }

    fn open(&self, taken: &Taken) -> Option<Letter> {
        let opened = self
            .0
            .vault
            .open(&context_of(taken.id), &taken.sealed)
            .ok()?;
        serde_json::from_slice(opened.expose()).ok()
    }
}

async fn take(tx: &OwnTx, now: OffsetDateTime) -> Result<Option<Taken>> {
    let next = own!(
        "select id, sealed, attempts from postern.outbox \
         where failed_at is null and next_at <= $1 order by next_at limit 1 \
         for update skip locked"
    );
    let row = tx.query_opt(next, &[&now]).await?;
    Ok(row.map(|row| Taken {
        id: row.get(0),
        sealed: row.get(1),
        attempts: row.get(2),
    }))
}

async fn strike_out(tx: &OwnTx, id: Uuid) -> Result<()> {
    let delete = own!("delete from postern.outbox where id = $1");
    tx.execute(delete, &[&id]).await?;
    Ok(())
}

async fn put_off(
    tx: &OwnTx,
    taken: &Taken,
    error: &Undeliverable,
    now: OffsetDateTime,
) -> Result<()> {
    let attempts = taken.attempts + 1;
    let is_over = matches!(error, Undeliverable::Never(_)) || attempts >= ATTEMPTS_MAX;
    tracing::warn!(letter.id = %taken.id, attempts, is_over, %error, "a letter was not delivered");
    if is_over {
        // What it says is a secret that nobody needs any more.
        let give_up = own!(
            "update postern.outbox set failed_at = $2, attempts = $3, sealed = '' where id = $1"
        );
        tx.execute(give_up, &[&taken.id, &now, &attempts]).await?;
        return Ok(());
    }
    let next_at = now + Duration::seconds(5 << attempts);
    let retry = own!("update postern.outbox set next_at = $2, attempts = $3 where id = $1");
    tx.execute(retry, &[&taken.id, &next_at, &attempts]).await?;
    Ok(())
}
