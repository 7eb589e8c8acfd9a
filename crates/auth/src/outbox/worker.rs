//! Empties the outbox: takes a letter, sends it, strikes it out.
//!
//! Taking is a lease: no transaction is open and no connection held while a mail server thinks.
//! Several gateways, and several carriers of each, take turns by `skip locked`. A letter that
//! cannot be sent is tried again after growing pauses, and given up when it would come too late to
//! be of use. A crash between sending and striking out sends twice, which is better than never.

use std::sync::Arc;

use postern_db::own;
use time::{Duration, OffsetDateTime};
use tokio::time::timeout;
use uuid::Uuid;

use super::{Delivery, Letter, Outbox, context_of};
use crate::Result;

/// How often the table is looked at when nobody says that something was written.
const POLL: std::time::Duration = std::time::Duration::from_secs(5);
/// How long one letter may take.
const SEND: std::time::Duration = std::time::Duration::from_secs(20);
/// How long a letter that was taken is nobody else's: longer than sending may take.
const LEASE: Duration = Duration::seconds(30);
/// Tries before a letter is given up; with the pauses between them some forty minutes.
const ATTEMPTS_MAX: i32 = 12;
/// The first and the longest pause between two tries, in seconds.
const PAUSE_SECS: (i64, i64) = (5, 300);

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
    /// Which try this is.
    attempts: i32,
}

impl Outbox {
    /// Delivers letters for ever; run it as a task of its own.
    pub async fn deliver(self, carrier: Arc<dyn Carrier>) {
        // One slow mail server delays the letters to all others less.
        tokio::join!(
            self.deliver_in_turn(&*carrier),
            self.deliver_in_turn(&*carrier),
            self.deliver_in_turn(&*carrier),
        );
    }

    async fn deliver_in_turn(&self, carrier: &dyn Carrier) {
        loop {
            match self.deliver_next(carrier).await {
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
        let Some(taken) = self.take().await? else {
            return Ok(false);
        };
        // There may be more: one of the others looks while this one is being sent.
        self.wake();
        let sent = match self.open(&taken) {
            // Whoever took it before did not live to tell.
            _ if taken.attempts > ATTEMPTS_MAX => {
                Err(Undeliverable::Never("tried too often".into()))
            }
            Some(Letter::Decoy) => Ok(()),
            Some(letter) => match timeout(SEND, carrier.carry(&letter)).await {
                Ok(sent) => sent,
                Err(_) => Err(Undeliverable::Later("it took too long".into())),
            },
            None => Err(Undeliverable::Never("it cannot be read".into())),
        };
        match sent {
            Ok(()) => self.strike_out(taken.id).await?,
            Err(error) => self.put_off(&taken, &error).await?,
        }
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

    async fn take(&self) -> Result<Option<Taken>> {
        let next = own!(
            "update postern.outbox set attempts = attempts + 1, next_at = $2 where id = \
             (select id from postern.outbox where failed_at is null and next_at <= $1 \
             order by next_at, id limit 1 for update skip locked) returning id, sealed, attempts"
        );
        let now = self.now();
        let row = self.0.db.query_opt(next, &[&now, &(now + LEASE)]).await?;
        Ok(row.map(|row| Taken {
            id: row.get(0),
            sealed: row.get(1),
            attempts: row.get(2),
        }))
    }

    async fn strike_out(&self, id: Uuid) -> Result<()> {
        let delete = own!("delete from postern.outbox where id = $1");
        self.0.db.query(delete, &[&id]).await?;
        Ok(())
    }

    async fn put_off(&self, taken: &Taken, error: &Undeliverable) -> Result<()> {
        let attempts = taken.attempts;
        let is_over = matches!(error, Undeliverable::Never(_)) || attempts >= ATTEMPTS_MAX;
        tracing::warn!(
            letter.id = %taken.id, attempts, is_over, %error, "a letter was not delivered"
        );
        if is_over {
            // What it says is a secret that nobody needs any more.
            let give_up =
                own!("update postern.outbox set failed_at = $2, sealed = '' where id = $1");
            self.0.db.query(give_up, &[&taken.id, &self.now()]).await?;
            return Ok(());
        }
        let next_at = self.now() + pause_after(attempts);
        let retry = own!("update postern.outbox set next_at = $2 where id = $1");
        self.0.db.query(retry, &[&taken.id, &next_at]).await?;
        Ok(())
    }

    fn now(&self) -> OffsetDateTime {
        crate::service::now(&*self.0.clock)
    }
}

fn pause_after(attempts: i32) -> Duration {
    let (first, longest) = PAUSE_SECS;
    let doublings = u32::try_from(attempts).unwrap_or(0).min(10);
    Duration::seconds((first << doublings).min(longest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tries_go_on_while_a_link_is_good_and_no_longer() {
        let pauses: Duration = (1..ATTEMPTS_MAX).map(pause_after).sum();

        assert!(pauses > Duration::minutes(30) && pauses < Duration::hours(1));
        assert_eq!(pause_after(1), Duration::seconds(10));
    }
}
