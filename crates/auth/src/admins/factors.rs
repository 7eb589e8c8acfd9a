//! What an admin has beside a password: authenticator apps, passkeys, codes on paper.
//!
//! SECURITY: a change of factors ends the admin's other sessions, because they may have begun
//! without what holds now. The routes ask for a fresh proof before any of this (attack 20).

use postern_base::codes::auth as codes;
use postern_db::own;
use postern_db::own::{OwnTx, Row};
use serde_json::{Map, Value, json};
use time::OffsetDateTime;
use uuid::Uuid;

use super::AdminSession;
use crate::audit::Deed;
use crate::limits::Tried;
use crate::mfa::{friendly_name, recovery_code, totp};
use crate::{AuthService, Context, Error, Result};

/// Most factors of one admin.
const FACTORS_MAX: usize = 10;
/// Codes of a set.
const RECOVERY_CODES: usize = 10;
/// What recovery codes are made into MACs for.
const RECOVERY: &str = "admin-recovery-code";

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

/// An authenticator app that was begun with; its secret leaves the service in this answer only.
pub struct NewTotp {
    /// The factor.
    pub id: Uuid,
    /// The secret as people type it.
    pub secret: String,
    /// The same as a picture.
    pub qr_svg: String,
}

/// Says nothing of the secret.
impl std::fmt::Debug for NewTotp {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("NewTotp")
    }
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

    /// How many recovery codes an admin has left.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn admin_recovery_left(&self, admin: Uuid) -> Result<i64> {
        let left = own!(
            "select count(*) from postern.admin_recovery_codes \
             where admin_id = $1 and used_at is null"
        );
        let row = self.db.query_opt(left, &[&admin]).await?;
        Ok(row.map_or(0, |row| row.get(0)))
    }

    /// Begins with an authenticator app; it counts once a code of it was typed.
    ///
    /// # Errors
    /// When there are too many factors.
    pub async fn begin_admin_totp(
        &self,
        session: &AdminSession,
        name: &str,
        context: &Context,
    ) -> Result<NewTotp> {
        let admin = session.admin.id;
        let name = friendly_name(Some(name))?.unwrap_or_else(|| "Authenticator app".into());
        let id = Uuid::new_v4();
        let mut secret = [0; totp::SECRET_BYTES];
        self.random.fill(&mut secret);
        let sealed = self.vault.seal(&secret_context(id), &secret);
        let tx = self.db.begin().await?;
        lock(&tx, admin).await?;
        let forget =
            own!("delete from postern.admin_factors where admin_id = $1 and verified_at is null");
        tx.execute(forget, &[&admin]).await?;
        check_room(&tx, admin).await?;
        let insert = own!(
            "insert into postern.admin_factors (id, admin_id, kind, name, sealed_secret, \
             created_at) values ($1, $2, 'totp', $3, $4, $5)"
        );
        tx.execute(insert, &[&id, &admin, &name, &sealed, &context.now])
            .await?;
        tx.commit().await?;
        let uri = totp::uri("Postern console", &session.admin.email, &secret);
        Ok(NewTotp {
            id,
            secret: totp::spell(&secret),
            qr_svg: totp::qr_svg(&uri)?,
        })
    }

    /// The same picture and secret once more, for whoever mistyped the first code.
    ///
    /// # Errors
    /// When nothing was begun.
    pub async fn begun_admin_totp(&self, session: &AdminSession, id: Uuid) -> Result<NewTotp> {
        let found = own!(
            "select sealed_secret from postern.admin_factors where id = $1 and admin_id = $2 \
             and kind = 'totp' and verified_at is null"
        );
        let row = self.db.query_opt(found, &[&id, &session.admin.id]).await?;
        let sealed: Option<String> = row.and_then(|row| row.get(0));
        let sealed = sealed.ok_or_else(no_such_factor)?;
        let secret = self.vault.open(&secret_context(id), &sealed)?;
        let uri = totp::uri("Postern console", &session.admin.email, secret.expose());
        Ok(NewTotp {
            id,
            secret: totp::spell(secret.expose()),
            qr_svg: totp::qr_svg(&uri)?,
        })
    }

    /// Lets an authenticator app count whose code was typed; other sessions end. Returns the
    /// recovery codes that come with the first factor.
    ///
    /// # Errors
    /// When the code is wrong, or there were too many tries.
    pub async fn confirm_admin_totp(
        &self,
        session: &AdminSession,
        (id, typed): (Uuid, &str),
        context: &Context,
    ) -> Result<Option<Vec<String>>> {
        let admin = session.admin.id;
        let counted = self.count_try(Tried::AdminFactor, admin, context).await?;
        let tx = self.db.begin().await?;
        lock(&tx, admin).await?;
        let found = own!(
            "select * from postern.admin_factors where id = $1 and admin_id = $2 \
             and kind = 'totp' and verified_at is null for update"
        );
        let row = tx.query_opt(found, &[&id, &admin]).await?;
        let factor = row.as_ref().map(AdminFactor::from_row);
        let factor = factor.ok_or_else(no_such_factor)?;
        let step = self
            .admin_totp_step(&factor, typed, context)?
            .ok_or_else(wrong)?;
        let verify = own!(
            "update postern.admin_factors set verified_at = $2, last_used_at = $2, \
             last_used_step = $3 where id = $1"
        );
        tx.execute(verify, &[&id, &context.now, &step]).await?;
        let codes = self
            .note_new_factor(&tx, session, (id, "totp"), context)
            .await?;
        tx.commit().await?;
        self.proved(counted, context).await?;
        Ok(codes)
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

    /// Puts new recovery codes in the place of all old ones.
    ///
    /// # Errors
    /// When there is no factor that they could stand in for.
    pub async fn renew_admin_recovery(
        &self,
        session: &AdminSession,
        context: &Context,
    ) -> Result<Vec<String>> {
        if self.admin_factors(session.admin.id).await?.is_empty() {
            return Err(Error::invalid(
                "Recovery codes stand in for a factor: add one first",
            ));
        }
        let tx = self.db.begin().await?;
        lock(&tx, session.admin.id).await?;
        let codes = self.replace_admin_recovery(&tx, session.admin.id).await?;
        let deed = deed(
            "admin_recovery_codes_made",
            session,
            (session.admin.id, "codes"),
        );
        self.audit_deed(&tx, deed, context).await?;
        tx.commit().await?;
        Ok(codes)
    }

    async fn replace_admin_recovery(&self, tx: &OwnTx, admin: Uuid) -> Result<Vec<String>> {
        let made: Vec<String> = (0..RECOVERY_CODES)
            .map(|_| recovery_code::new(&*self.random))
            .collect();
        let mac = |code: &String| {
            let message = recovery_code::message(admin, code);
            self.vault.mac(RECOVERY, &message).to_vec()
        };
        let macs: Vec<Vec<u8>> = made.iter().map(mac).collect();
        let delete = own!("delete from postern.admin_recovery_codes where admin_id = $1");
        tx.execute(delete, &[&admin]).await?;
        let insert = own!(
            "insert into postern.admin_recovery_codes (admin_id, code_mac) \
             select $1::uuid, it.mac from pg_catalog.unnest($2::bytea[]) as it (mac)"
        );
        tx.execute(insert, &[&admin, &macs]).await?;
        Ok(made)
    }

    /// Uses a recovery code up; of many uses at once exactly one gets `true`.
    pub(super) async fn use_admin_recovery(
        &self,
        tx: &OwnTx,
        admin: Uuid,
        typed: &str,
        now: OffsetDateTime,
    ) -> Result<bool> {
        let message = recovery_code::message(admin, &recovery_code::canonical(typed));
        let macs = self.vault.macs(RECOVERY, &message);
        let macs: Vec<Vec<u8>> = macs.iter().map(|it| it.to_vec()).collect();
        let update = own!(
            "update postern.admin_recovery_codes set used_at = $3 \
             where admin_id = $1 and code_mac = any($2) and used_at is null"
        );
        Ok(tx.execute(update, &[&admin, &macs, &now]).await? > 0)
    }

    /// The step of time whose code was typed.
    pub(super) fn admin_totp_step(
        &self,
        factor: &AdminFactor,
        typed: &str,
        context: &Context,
    ) -> Result<Option<i64>> {
        let Some(sealed) = &factor.sealed_secret else {
            return Ok(None);
        };
        let secret = self.vault.open(&secret_context(factor.id), sealed)?;
        Ok(totp::matching_step(secret.expose(), typed, context.now))
    }
}

/// Uses a step up: a code that was seen once is good no more.
pub(super) async fn use_step(
    tx: &OwnTx,
    factor: Uuid,
    step: i64,
    now: OffsetDateTime,
) -> Result<bool> {
    let update = own!(
        "update postern.admin_factors set last_used_step = $2, last_used_at = $3 where id = $1 \
         and (last_used_step is null or last_used_step < $2)"
    );
    Ok(tx.execute(update, &[&factor, &step, &now]).await? == 1)
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

/// The one answer to whatever is wrong with a factor.
pub(super) fn wrong() -> Error {
    Error::new(
        &codes::MFA_VERIFICATION_FAILED,
        "This code is wrong, or was used already",
    )
}

fn no_such_factor() -> Error {
    Error::new(&codes::MFA_FACTOR_NOT_FOUND, "There is no such factor")
}

fn secret_context(factor: Uuid) -> String {
    format!("admin_factors|sealed_secret|{factor}")
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
