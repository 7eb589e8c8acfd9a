//! What happened to whom: entries of `auth.audit_log_entries`, written with what they tell of.
//!
//! An entry is written in the transaction of the deed, with a MAC of its own, so that nobody who
//! can only write to the database can add or edit one unseen. The [`Sealer`] numbers entries
//! afterwards and chains each to the one before it; [`verify`](AuditLog::verify) walks the chain
//! and finds entries that were edited, removed, moved or cut off.

mod chain;
mod entry;
mod list;
mod sealer;
mod verify;

use std::sync::Arc;

use postern_db::own::OwnTx;
use postern_vault::Vault;
use serde_json::{Map, Value};
use time::OffsetDateTime;

pub use chain::Mark;
pub use entry::Actor;
pub(crate) use entry::{Deed, Subject};
pub use list::{AuditOut, AuditQuery, AuditStretch};
pub use sealer::Sealer;
pub use verify::{AuditLog, Fault, Findings};

use crate::store::User;
use crate::{AuthService, Context, Result};

/// Notes what somebody at the machine's command line did; `traits` say what it was.
pub(crate) async fn note_command(
    tx: &OwnTx,
    vault: &Vault,
    action: &str,
    traits: impl IntoIterator<Item = (&'static str, Value)>,
    now: OffsetDateTime,
) -> Result<()> {
    let traits = traits.into_iter();
    let deed = Deed {
        action,
        actor: Actor::CommandLine,
        subject: None,
        traits: traits.map(|(name, it)| (name.to_owned(), it)).collect(),
    };
    deed.write(tx, vault, &Context::of_command_line(now)).await
}

impl AuthService {
    /// Notes what a user did about their own account.
    pub(crate) async fn audit(
        &self,
        tx: &OwnTx,
        action: &str,
        user: &User,
        context: &Context,
    ) -> Result<()> {
        let deed = Deed {
            action,
            actor: Actor::User {
                id: user.id,
                name: user.email.clone().or_else(|| user.phone.clone()),
            },
            subject: None,
            traits: Map::new(),
        };
        self.audit_deed(tx, deed, context).await
    }

    /// Notes what an admin, or the holder of the secret key, did to a user; `traits` say more,
    /// redacted.
    pub(crate) async fn audit_admin(
        &self,
        tx: &OwnTx,
        action: &str,
        user: &User,
        traits: Map<String, Value>,
        context: &Context,
    ) -> Result<()> {
        let deed = Deed {
            action,
            actor: context.admin.clone().unwrap_or(Actor::SecretKey),
            subject: Some(Subject::of(user)),
            traits,
        };
        self.audit_deed(tx, deed, context).await
    }

    /// Notes what an admin did beyond users, keys and admins, such as a change of the schema;
    /// `traits` say what it was about.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn note_admin(
        &self,
        action: &str,
        traits: Map<String, Value>,
        context: &Context,
    ) -> Result<()> {
        let tx = self.db.begin().await?;
        let deed = Deed {
            action,
            actor: context.admin.clone().unwrap_or(Actor::SecretKey),
            subject: None,
            traits,
        };
        self.audit_deed(&tx, deed, context).await?;
        Ok(tx.commit().await?)
    }

    /// Notes a deed.
    pub(crate) async fn audit_deed(
        &self,
        tx: &OwnTx,
        deed: Deed<'_>,
        context: &Context,
    ) -> Result<()> {
        deed.write(tx, &self.vault, context).await
    }

    /// The log, for those who verify it.
    pub fn audit_log(&self) -> AuditLog {
        AuditLog::new(self.db.clone(), Arc::clone(&self.vault))
    }

    /// What chains the entries; run it as a task of its own.
    pub fn sealer(&self) -> Sealer {
        Sealer::new(self.db.clone(), Arc::clone(&self.vault))
    }
}
