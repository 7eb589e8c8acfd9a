//! Authenticator apps of admins.

use postern_base::codes::auth as codes;
use postern_db::own;
use postern_db::own::OwnTx;
use time::OffsetDateTime;
use uuid::Uuid;

use super::{AdminFactor, check_room, lock, no_such_factor};
use crate::admins::AdminSession;
use crate::limits::Tried;
use crate::mfa::{friendly_name, totp};
use crate::{AuthService, Context, Error, Result};

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

impl AuthService {
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

    /// The step of time whose code was typed.
    pub(in crate::admins) fn admin_totp_step(
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
pub(in crate::admins) async fn use_step(
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

/// The one answer to whatever is wrong with a factor.
pub(in crate::admins) fn wrong() -> Error {
    Error::new(
        &codes::MFA_VERIFICATION_FAILED,
        "This code is wrong, or was used already",
    )
}

fn secret_context(factor: Uuid) -> String {
    format!("admin_factors|sealed_secret|{factor}")
}
