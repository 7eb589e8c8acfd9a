//! What an admin has beside a password: authenticator apps, passkeys, codes on paper.
//!
//! SECURITY: a change of factors ends the admin's other sessions, because they may have begun
//! without what holds now. The routes ask for a fresh proof before any of this (attack 20).

mod recovery;
mod totp;

use postern_base::codes::auth as codes;
use postern_db::own;
use postern_db::own::{OwnTx, Row};
use serde_json::{Map, Value, json};
use time::OffsetDateTime;
use uuid::Uuid;

pub use totp::NewTotp;
pub(super) use totp::{use_step, wrong};

use super::AdminSession;
use crate::audit::Deed;
use crate::{AuthService, Context, Error, Result};

/// Most factors of one admin.
const FACTORS_MAX: usize = 10;

/// What a factor is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AdminFactorKind {
    /// An authenticator app.
    Totp,
    /// A passkey.
    Passkey,
}

/// A factor of an admin that counts.
#[derive(Clone, Debug)]
pub struct AdminFactor {
    /// The id.
    pub id: Uuid,
    /// What it is.
    pub kind: AdminFactorKind,
    /// What its owner calls it.
    pub name: String,
    /// Since when.
    pub created_at: OffsetDateTime,
    /// When it was used last.
    pub last_used_at: Option<OffsetDateTime>,
    pub(super) credential: Option<Value>,
    sealed_secret: Option<String>,
}

impl AdminFactor {
    pub(super) fn from_row(row: &Row) -> Self {
        Self {
            id: row.get("id"),
            kind: match row.get("kind") {
                "passkey" => AdminFactorKind::Passkey,
                _ => AdminFactorKind::Totp,
            },
            name: row.get("name"),
            created_at: row.get("created_at"),
            last_used_at: row.get("last_used_at"),
            credential: row.get("credential"),
            sealed_secret: row.get("sealed_secret"),
        }
    }
}

impl AuthService {
    /// The factors of an admin that count, the oldest first.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn admin_factors(&self, admin: Uuid) -> Result<Vec<AdminFactor>> {
        let found = own!(
            "select * from postern.admin_factors where admin_id = $1 \
             and verified_at is not null order by created_at, id"
        );
        let rows = self.db.query(found, &[&admin]).await?;
        Ok(rows.iter().map(AdminFactor::from_row).collect())
    }

    /// What every new factor means: recovery codes with the first one, other sessions end.
    pub(super) async fn note_new_factor(
        &self,
        tx: &OwnTx,
        session: &AdminSession,
        (id, kind): (Uuid, &str),
        context: &Context,
    ) -> Result<Option<Vec<String>>> {
        let any = own!("select 1 from postern.admin_recovery_codes where admin_id = $1 limit 1");
        let has_codes = tx.query_opt(any, &[&session.admin.id]).await?.is_some();
        let codes = match has_codes {
            true => None,
            false => Some(self.replace_admin_recovery(tx, session.admin.id).await?),
        };
        end_others(tx, session).await?;
        let deed = deed("admin_factor_added", session, (id, kind));
        self.audit_deed(tx, deed, context).await?;
        Ok(codes)
    }

    /// Takes a factor away; other sessions end, and with the last one go the recovery codes.
    ///
    /// # Errors
    /// When the admin has no such factor.
    pub async fn remove_admin_factor(
        &self,
        session: &AdminSession,
        id: Uuid,
        context: &Context,
    ) -> Result<()> {
        let admin = session.admin.id;
        let tx = self.db.begin().await?;
        lock(&tx, admin).await?;
        let delete = own!(
            "delete from postern.admin_factors where id = $1 and admin_id = $2 returning kind"
        );
        let row = tx.query_opt(delete, &[&id, &admin]).await?;
        let kind: String = row.ok_or_else(no_such_factor)?.get("kind");
        let codes = own!(
            "delete from postern.admin_recovery_codes where admin_id = $1 and not exists \
             (select 1 from postern.admin_factors f where f.admin_id = $1 \
             and f.verified_at is not null)"
        );
        tx.execute(codes, &[&admin]).await?;
        end_others(&tx, session).await?;
        let deed = deed("admin_factor_removed", session, (id, &kind));
        self.audit_deed(&tx, deed, context).await?;
        Ok(tx.commit().await?)
    }
}

/// One change of an admin's factors at a time.
pub(super) async fn lock(tx: &OwnTx, admin: Uuid) -> Result<()> {
    let lock = own!("select 1 from postern.admins where id = $1 for update");
    tx.query(lock, &[&admin]).await?;
    Ok(())
}

pub(super) async fn check_room(tx: &OwnTx, admin: Uuid) -> Result<()> {
    let all = own!("select count(*) from postern.admin_factors where admin_id = $1");
    let row = tx.query_opt(all, &[&admin]).await?;
    let count = row.map_or(0, |row| row.get::<_, i64>(0));
    if usize::try_from(count).unwrap_or(usize::MAX) >= FACTORS_MAX {
        return Err(Error::new(
            &codes::TOO_MANY_ENROLLED_MFA_FACTORS,
            "There are ten factors already: remove one to continue",
        ));
    }
    Ok(())
}

pub(super) async fn end_others(tx: &OwnTx, session: &AdminSession) -> Result<()> {
    let end = own!("delete from postern.admin_sessions where admin_id = $1 and id <> $2");
    tx.execute(end, &[&session.admin.id, &session.id]).await?;
    Ok(())
}

fn no_such_factor() -> Error {
    Error::new(&codes::MFA_FACTOR_NOT_FOUND, "There is no such factor")
}

pub(super) fn deed<'a>(
    action: &'a str,
    session: &AdminSession,
    (factor, kind): (Uuid, &str),
) -> Deed<'a> {
    Deed {
        action,
        actor: session.actor(),
        subject: None,
        traits: Map::from_iter([
            ("factor_id".into(), json!(factor)),
            ("factor_type".into(), json!(kind)),
        ]),
    }
}
