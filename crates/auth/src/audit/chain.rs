//! The chain: each link is a MAC over the link before it and the entry, the head is signed.

use postern_db::own;
use postern_db::own::{OwnDb, OwnTx, Row};
use postern_vault::{MAC_BYTES, Vault};
use time::OffsetDateTime;
use uuid::Uuid;

use super::entry::canonical;
use crate::Result;

/// What the MACs of the log are for.
pub(super) const ENTRY: &str = "audit entry";
const CHAIN: &str = "audit";
const HEAD: &str = "audit head";

/// A place in the chain: the number of an entry and its link. Written down elsewhere, it proves
/// later that nothing up to there was changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    /// The entry's number; the first is 1.
    pub seq: i64,
    /// The entry's link.
    pub chain: Vec<u8>,
}

impl Mark {
    /// Where the chain begins.
    pub(super) fn start() -> Self {
        Self {
            seq: 0,
            chain: vec![0; MAC_BYTES],
        }
    }

    /// The link of the entry after this one.
    pub(super) fn next(&self, vault: &Vault, entry: &StoredEntry) -> Self {
        Self {
            seq: self.seq + 1,
            chain: vault.mac(CHAIN, &self.link(entry)).to_vec(),
        }
    }

    /// Whether a stored link of the entry after this one is right, under any master key.
    pub(super) fn leads_to(&self, vault: &Vault, entry: &StoredEntry, chain: &[u8]) -> bool {
        vault.mac_matches(CHAIN, &self.link(entry), chain)
    }

    fn link(&self, entry: &StoredEntry) -> Vec<u8> {
        let mut bytes = self.chain.clone();
        bytes.extend((self.seq + 1).to_be_bytes());
        bytes.extend(&entry.mac);
        bytes.extend(entry.canonical());
        bytes
    }

    /// What the head row proves itself with.
    pub(super) fn signature(&self, vault: &Vault) -> Vec<u8> {
        vault.mac(HEAD, &self.bytes()).to_vec()
    }

    fn bytes(&self) -> Vec<u8> {
        let mut bytes = self.seq.to_be_bytes().to_vec();
        bytes.extend(&self.chain);
        bytes
    }

    /// Reads `12:0a1b…`, as it is printed.
    pub fn parse(text: &str) -> Option<Self> {
        let (seq, digits) = text.trim().split_once(':')?;
        let seq = seq.parse().ok().filter(|it| *it > 0)?;
        if digits.len() != MAC_BYTES * 2 || !digits.is_ascii() {
            return None;
        }
        let pairs = (0..MAC_BYTES).map(|at| &digits[at * 2..at * 2 + 2]);
        let chain: Result<Vec<u8>, _> = pairs.map(|it| u8::from_str_radix(it, 16)).collect();
        Some(Self {
            seq,
            chain: chain.ok()?,
        })
    }
}

impl std::fmt::Display for Mark {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}:", self.seq)?;
        for byte in &self.chain {
            write!(formatter, "{byte:02x}")?;
        }
        Ok(())
    }
}

/// The head as it is stored.
pub(super) struct Head {
    pub(super) mark: Mark,
    signature: Vec<u8>,
}

impl Head {
    /// Reads the head.
    pub(super) async fn find(db: &OwnDb) -> Result<Option<Self>> {
        let found = own!("select seq, chain, mac from postern.audit_head");
        Ok(db.query_opt(found, &[]).await?.as_ref().map(Self::from_row))
    }

    /// The same inside the sealer's transaction.
    pub(super) async fn find_in(tx: &OwnTx) -> Result<Option<Self>> {
        let found = own!("select seq, chain, mac from postern.audit_head");
        Ok(tx.query_opt(found, &[]).await?.as_ref().map(Self::from_row))
    }

    fn from_row(row: &Row) -> Self {
        Self {
            mark: Mark {
                seq: row.get("seq"),
                chain: row.get("chain"),
            },
            signature: row.get("mac"),
        }
    }

    /// Whether we wrote it.
    pub(super) fn is_ours(&self, vault: &Vault) -> bool {
        vault.mac_matches(HEAD, &self.mark.bytes(), &self.signature)
    }
}

/// An entry as it is stored.
pub(super) struct StoredEntry {
    pub(super) id: Uuid,
    mac: Vec<u8>,
    created_at: OffsetDateTime,
    address: String,
    payload: String,
}

impl StoredEntry {
    /// Reads a row with `payload` as text; none when a column that we fill is empty.
    pub(super) fn from_row(row: &Row) -> Option<Self> {
        Some(Self {
            id: row.get("id"),
            mac: row.get::<_, Option<Vec<u8>>>("mac")?,
            created_at: row.get::<_, Option<OffsetDateTime>>("created_at")?,
            address: row.get("ip_address"),
            payload: row.get::<_, Option<String>>("payload")?,
        })
    }

    fn canonical(&self) -> Vec<u8> {
        canonical(self.id, self.created_at, &self.address, &self.payload)
    }

    /// Whether it still says what was written.
    pub(super) fn is_as_written(&self, vault: &Vault) -> bool {
        vault.mac_matches(ENTRY, &self.canonical(), &self.mac)
    }
}

#[cfg(test)]
mod tests {
    use super::Mark;

    #[test]
    fn a_mark_survives_its_text() {
        let mark = Mark {
            seq: 12,
            chain: (0..32).collect(),
        };

        assert_eq!(Mark::parse(&mark.to_string()), Some(mark));
        for text in ["", "12", "0:00", "x:00", "12:zz", "-1:00"] {
            assert_eq!(Mark::parse(text), None, "{text}");
        }
    }
}
