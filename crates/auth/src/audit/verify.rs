//! Walks the chain and tells what somebody did to the audit log behind our back.
//!
//! What a chain in one database cannot show is that the log, its head and everything were set
//! back to an earlier state together: for that, a [`Mark`] is kept elsewhere and given here.

use std::sync::Arc;

use postern_db::own;
use postern_db::own::{OwnDb, Row};
use postern_vault::Vault;
use uuid::Uuid;

use super::chain::{Head, Mark, StoredEntry};
use crate::Result;

/// Entries that are read at once.
const BATCH: i64 = 1000;
/// Most faults that are told one by one.
const FAULTS_MAX: usize = 100;

/// One thing that is wrong with the log.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// It does not say what was written.
    #[error("entry {seq} ({id}) was edited")]
    Edited {
        /// Its number.
        seq: i64,
        /// Its id.
        id: Uuid,
    },
    /// It is genuine, and not where it was.
    #[error("entry {seq} ({id}) is not in its place: entries were reordered or its link edited")]
    Moved {
        /// Its number.
        seq: i64,
        /// Its id.
        id: Uuid,
    },
    /// They are gone from the middle.
    #[error("entries {first} to {last} were removed")]
    Removed {
        /// The first of them.
        first: i64,
        /// The last of them.
        last: i64,
    },
    /// They are gone from the end.
    #[error("the log was cut off: entries {first} to {last} are missing at its end")]
    Truncated {
        /// The first of them.
        first: i64,
        /// The last of them.
        last: i64,
    },
    /// They have numbers that we never gave.
    #[error("{count} entries stand behind the head of the chain")]
    BeyondHead {
        /// How many.
        count: i64,
    },
    /// There are sealed entries and no head.
    #[error("the head of the chain is missing")]
    HeadMissing,
    /// The head was not written by us.
    #[error("the head of the chain was changed")]
    HeadForged,
    /// It waits to be sealed and does not say what was written.
    #[error("entry {id}, not sealed yet, was edited or written by somebody else")]
    Forged {
        /// Its id.
        id: Uuid,
    },
    /// The chain does not lead through a mark that was noted before.
    #[error("the log was replaced: the chain does not lead through the mark at entry {seq}")]
    OffMark {
        /// The mark's number.
        seq: i64,
    },
}

/// What a verification found.
#[derive(Clone, Debug, Default)]
pub struct Findings {
    /// How many sealed entries were read.
    pub sealed: i64,
    /// How many wait to be sealed.
    pub waiting: i64,
    /// How many came from elsewhere, such as a service that ran on this database before.
    pub foreign: i64,
    /// Where the chain ends; keep it elsewhere, and give it to the next verification.
    pub head: Option<Mark>,
    /// What is wrong, the first of it.
    pub faults: Vec<Fault>,
    /// How much more is wrong.
    pub more: usize,
}

impl Findings {
    /// Whether nothing is wrong.
    pub fn is_sound(&self) -> bool {
        self.faults.is_empty()
    }

    fn tell(&mut self, fault: Fault) {
        if self.faults.len() < FAULTS_MAX {
            self.faults.push(fault);
        } else {
            self.more += 1;
        }
    }
}

/// The log, for those who verify it.
pub struct AuditLog {
    db: OwnDb,
    vault: Arc<Vault>,
}

impl AuditLog {
    /// Opens the log.
    pub fn new(db: OwnDb, vault: Arc<Vault>) -> Self {
        Self { db, vault }
    }

    /// Reads the whole log and tells what is wrong with it.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn verify(&self, known: Option<&Mark>) -> Result<Findings> {
        let mut findings = Findings::default();
        let head = Head::find(&self.db).await?;
        let end = match &head {
            None => i64::MAX,
            Some(head) => head.mark.seq,
        };
        let last = self.walk(end, known, &mut findings).await?;
        match head {
            None if findings.sealed > 0 => findings.tell(Fault::HeadMissing),
            None => {}
            Some(head) => self.compare(head, &last, &mut findings),
        }
        if let Some(mark) = known
            && mark.seq > last.seq
        {
            findings.tell(Fault::OffMark { seq: mark.seq });
        }
        self.look_beyond(&mut findings).await?;
        self.look_at_waiting(&mut findings).await?;
        Ok(findings)
    }

    /// Follows the chain to its end; returns the last link that is stored.
    async fn walk(&self, end: i64, known: Option<&Mark>, to: &mut Findings) -> Result<Mark> {
        let some = own!(
            "select id, seq, chain, mac, created_at, ip_address, payload::text as payload \
             from auth.audit_log_entries where seq > $1 and seq <= $2 order by seq limit $3"
        );
        let mut at = Mark::start();
        loop {
            let rows = self.db.query(some, &[&at.seq, &end, &BATCH]).await?;
            if rows.is_empty() {
                return Ok(at);
            }
            for row in &rows {
                at = self.step(&at, row, to);
                if known.is_some_and(|it| it.seq == at.seq && it.chain != at.chain) {
                    to.tell(Fault::OffMark { seq: at.seq });
                }
            }
        }
    }

    fn step(&self, at: &Mark, row: &Row, to: &mut Findings) -> Mark {
        let (id, seq): (Uuid, i64) = (row.get("id"), row.get("seq"));
        to.sealed += 1;
        if seq > at.seq + 1 {
            let (first, last) = (at.seq + 1, seq - 1);
            to.tell(Fault::Removed { first, last });
        }
        let chain: Vec<u8> = row.get::<_, Option<_>>("chain").unwrap_or_default();
        match StoredEntry::from_row(row) {
            Some(entry) if entry.is_as_written(&self.vault) => {
                // Behind a gap, the link before this one is unknown.
                if seq == at.seq + 1 && !at.leads_to(&self.vault, &entry, &chain) {
                    to.tell(Fault::Moved { seq, id });
                }
            }
            _ => to.tell(Fault::Edited { seq, id }),
        }
        Mark { seq, chain }
    }

    fn compare(&self, head: Head, last: &Mark, to: &mut Findings) {
        if !head.is_ours(&self.vault) {
            to.tell(Fault::HeadForged);
        }
        if last.seq < head.mark.seq {
            let (first, last) = (last.seq + 1, head.mark.seq);
            to.tell(Fault::Truncated { first, last });
        } else if last.chain != head.mark.chain {
            to.tell(Fault::HeadForged);
        }
        to.faults.dedup();
        to.head = Some(head.mark);
    }

    async fn look_beyond(&self, to: &mut Findings) -> Result<()> {
        // One statement, so that what is being sealed right now does not count.
        let beyond = own!(
            "select count(*) as count from auth.audit_log_entries \
             where seq > (select seq from postern.audit_head) or seq <= 0"
        );
        let row = self.db.query_opt(beyond, &[]).await?;
        let count = row.map_or(0, |row| row.get("count"));
        if count > 0 {
            to.tell(Fault::BeyondHead { count });
        }
        Ok(())
    }

    async fn look_at_waiting(&self, to: &mut Findings) -> Result<()> {
        let foreign = own!(
            "select count(*) as count from auth.audit_log_entries \
             where seq is null and mac is null"
        );
        let row = self.db.query_opt(foreign, &[]).await?;
        to.foreign = row.map_or(0, |row| row.get("count"));
        let waiting = own!(
            "select id, seq, chain, mac, created_at, ip_address, payload::text as payload \
             from auth.audit_log_entries where seq is null and mac is not null \
             order by created_at, id limit 10000"
        );
        for row in self.db.query(waiting, &[]).await? {
            to.waiting += 1;
            let entry = StoredEntry::from_row(&row);
            if !entry.is_some_and(|it| it.is_as_written(&self.vault)) {
                to.tell(Fault::Forged { id: row.get("id") });
            }
        }
        Ok(())
    }
}
