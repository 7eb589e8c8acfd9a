//! Something that an admin has begun and may end once, soon: a sign-in whose password was right,
//! a passkey's ceremony. Whoever began it holds a ticket; its row is known by the ticket's MAC.

use postern_base::{Random, Secret};
use postern_db::own;
use postern_db::own::Row;
use time::Duration;
use uuid::Uuid;

use crate::{AuthService, Context, Error, Result};

/// How long it may take.
const LIFE: Duration = Duration::minutes(5);
/// Random bytes of a ticket.
const TICKET_BYTES: usize = 32;
/// Longest ticket that is looked up, in bytes.
const TICKET_BYTES_MAX: usize = 128;
/// How many codes may be typed with one ticket.
const ATTEMPTS_MAX: i32 = 5;
/// What tickets are made into MACs for.
const TICKET: &str = "admin-ticket";

/// What was begun.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    /// A sign-in that waits for its second factor.
    SecondFactor,
    /// The making of a passkey.
    NewPasskey,
    /// A sign-in with a passkey.
    PasskeySignIn,
    /// A proof of presence with a passkey.
    PasskeyProof,
}

impl Purpose {
    fn as_str(self) -> &'static str {
        match self {
            Self::SecondFactor => "second-factor",
            Self::NewPasskey => "new-passkey",
            Self::PasskeySignIn => "passkey-sign-in",
            Self::PasskeyProof => "passkey-proof",
        }
    }
}

/// What was found of it.
pub(super) struct Begun {
    pub(super) admin: Option<Uuid>,
    pub(super) state: Secret<Vec<u8>>,
}

impl AuthService {
    /// Keeps it; returns the ticket.
    pub(super) async fn keep_admin_challenge(
        &self,
        (purpose, admin): (Purpose, Option<Uuid>),
        state: &[u8],
        context: &Context,
    ) -> Result<Secret<String>> {
        let ticket = postern_vault::token::<TICKET_BYTES>(&*self.random as &dyn Random);
        let mac = self.vault.mac(TICKET, ticket.as_bytes()).to_vec();
        let sealed = self.vault.seal(&state_context(purpose), state);
        let insert = own!(
            "insert into postern.admin_challenges (mac, admin_id, purpose, sealed_state, \
             created_at, expires_at) values ($1, $2, $3, $4, $5, $6)"
        );
        let expires_at = context.now + LIFE;
        self.db
            .execute(
                insert,
                &[
                    &mac,
                    &admin,
                    &purpose.as_str(),
                    &sealed,
                    &context.now,
                    &expires_at,
                ],
            )
            .await?;
        Ok(Secret::new(ticket))
    }

    /// Takes it away: of many at once exactly one gets it.
    pub(super) async fn take_admin_challenge(
        &self,
        purpose: Purpose,
        ticket: &str,
        context: &Context,
    ) -> Result<Begun> {
        let take = own!(
            "delete from postern.admin_challenges where mac = any($1) and purpose = $2 \
             and expires_at > $3 returning admin_id, sealed_state"
        );
        let macs = self.ticket_macs(ticket)?;
        let row = self
            .db
            .query_opt(take, &[&macs, &purpose.as_str(), &context.now])
            .await?;
        self.read_admin_challenge(purpose, row.as_ref())
    }

    /// Counts an attempt at it, before the attempt is looked at.
    pub(super) async fn try_admin_challenge(
        &self,
        purpose: Purpose,
        ticket: &str,
        context: &Context,
    ) -> Result<Begun> {
        let attempt = own!(
            "update postern.admin_challenges set attempts = attempts + 1 where mac = any($1) \
             and purpose = $2 and expires_at > $3 and attempts < $4 \
             returning admin_id, sealed_state"
        );
        let macs = self.ticket_macs(ticket)?;
        let row = self
            .db
            .query_opt(
                attempt,
                &[&macs, &purpose.as_str(), &context.now, &ATTEMPTS_MAX],
            )
            .await?;
        self.read_admin_challenge(purpose, row.as_ref())
    }

    /// Removes what was never ended.
    pub(crate) async fn sweep_admin_challenges(&self, now: time::OffsetDateTime) -> Result<()> {
        let over = own!("delete from postern.admin_challenges where expires_at < $1");
        self.db.execute(over, &[&now]).await?;
        Ok(())
    }

    fn ticket_macs(&self, ticket: &str) -> Result<Vec<Vec<u8>>> {
        if ticket.is_empty() || ticket.len() > TICKET_BYTES_MAX {
            return Err(over());
        }
        let macs = self.vault.macs(TICKET, ticket.as_bytes());
        Ok(macs.iter().map(|it| it.to_vec()).collect())
    }

    fn read_admin_challenge(&self, purpose: Purpose, row: Option<&Row>) -> Result<Begun> {
        let row = row.ok_or_else(over)?;
        let sealed: Option<String> = row.get("sealed_state");
        let sealed = sealed.ok_or_else(over)?;
        Ok(Begun {
            admin: row.get("admin_id"),
            state: self.vault.open(&state_context(purpose), &sealed)?,
        })
    }
}

/// The one answer to a ticket that is none, late, used or tried too often.
pub(super) fn over() -> Error {
    Error::invalid("That took too long, or was tried too often: begin again")
}

fn state_context(purpose: Purpose) -> String {
    format!("admin_challenges|sealed_state|{}", purpose.as_str())
}
