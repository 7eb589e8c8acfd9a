//! Numbers and chains entries after they were committed.
//!
//! Flows only insert, so that none waits for another one's link. Several gateways take turns by
//! an advisory lock. What a deed says is protected from its first moment by the entry's MAC; that
//! an entry is there at all is proved from the moment it is sealed, a second or two later.

use std::sync::Arc;
use std::time::Duration;

use postern_db::own;
use postern_db::own::{OwnDb, OwnTx};
use postern_vault::Vault;

use super::chain::{Head, Mark, StoredEntry};
use crate::{Error, Result};

/// How long to wait when there is nothing to do.
const PAUSE: Duration = Duration::from_secs(1);
/// How long to wait when the chain cannot be continued.
const PAUSE_AFTER_FAILURE: Duration = Duration::from_secs(30);
/// Most entries of one transaction.
const BATCH: i64 = 500;

/// Continues the chain.
#[derive(Clone)]
pub struct Sealer {
    db: OwnDb,
    vault: Arc<Vault>,
}

impl Sealer {
    /// Makes a sealer.
    pub fn new(db: OwnDb, vault: Arc<Vault>) -> Self {
        Self { db, vault }
    }

    /// Seals for ever; run it as a task of its own.
    pub async fn run(self) {
        loop {
            match self.seal_batch().await {
                Ok(sealed) if sealed == BATCH as usize => {}
                Ok(_) => tokio::time::sleep(PAUSE).await,
                Err(error) => {
                    let inner = error.inner().map(ToString::to_string);
                    tracing::error!(%error, inner, "the audit log could not be sealed");
                    tokio::time::sleep(PAUSE_AFTER_FAILURE).await;
                }
            }
        }
    }

    /// Seals what waits, up to a bound; returns how many entries that were.
    ///
    /// # Errors
    /// When the database cannot be reached, or the head of the chain is not the one we wrote:
    /// going on from it would make somebody's change look right.
    pub async fn seal_batch(&self) -> Result<usize> {
        let tx = self.db.begin().await?;
        let lock = own!("select pg_try_advisory_xact_lock(7236551489015) as is_ours");
        let locked = tx.query_opt(lock, &[]).await?;
        if !locked.is_some_and(|row| row.get("is_ours")) {
            return Ok(0);
        }
        let waiting = own!(
            "select id, mac, created_at, ip_address, payload::text as payload \
             from auth.audit_log_entries where seq is null and mac is not null \
             order by created_at, id limit $1"
        );
        let rows = tx.query(waiting, &[&BATCH]).await?;
        if rows.is_empty() {
            return Ok(0);
        }
        let mut mark = self.head(&tx).await?;
        let (mut ids, mut seqs, mut chains) = (Vec::new(), Vec::new(), Vec::new());
        for entry in rows.iter().filter_map(StoredEntry::from_row) {
            mark = mark.next(&self.vault, &entry);
            ids.push(entry.id);
            seqs.push(mark.seq);
            chains.push(mark.chain.clone());
        }
        let seal = own!(
            "update auth.audit_log_entries as e set seq = s.seq, chain = s.chain \
             from unnest($1::uuid[], $2::bigint[], $3::bytea[]) as s (id, seq, chain) \
             where e.id = s.id and e.seq is null"
        );
        let touched = tx.execute(seal, &[&ids, &seqs, &chains]).await?;
        if touched != ids.len() as u64 {
            return Err(Error::internal(
                "The audit log changed while it was sealed",
                "rows are missing",
            ));
        }
        self.store_head(&tx, &mark).await?;
        tx.commit().await?;
        Ok(ids.len())
    }

    /// Where the chain goes on.
    async fn head(&self, tx: &OwnTx) -> Result<Mark> {
        let broken = |why: &'static str| {
            let message = "The chain of the audit log is broken; run `postern audit verify`";
            Error::internal(message, why)
        };
        match Head::find_in(tx).await? {
            Some(head) if head.is_ours(&self.vault) => Ok(head.mark),
            Some(_) => Err(broken("the head was changed")),
            None => {
                let any =
                    own!("select 1 from auth.audit_log_entries where seq is not null limit 1");
                match tx.query_opt(any, &[]).await? {
                    None => Ok(Mark::start()),
                    Some(_) => Err(broken("the head is missing")),
                }
            }
        }
    }

    async fn store_head(&self, tx: &OwnTx, mark: &Mark) -> Result<()> {
        let upsert = own!(
            "insert into postern.audit_head (one, seq, chain, mac) values (true, $1, $2, $3) \
             on conflict (one) do update set seq = excluded.seq, chain = excluded.chain, \
             mac = excluded.mac"
        );
        let signature = mark.signature(&self.vault);
        tx.execute(upsert, &[&mark.seq, &mark.chain, &signature])
            .await?;
        Ok(())
    }
}
