//! Codes on paper: each stands in once for a factor of an admin.

use postern_db::own;
use postern_db::own::OwnTx;
use time::OffsetDateTime;
use uuid::Uuid;

use super::{deed, lock};
use crate::admins::AdminSession;
use crate::mfa::recovery_code;
use crate::{AuthService, Context, Error, Result};

/// Codes of a set.
const RECOVERY_CODES: usize = 10;
/// What recovery codes are made into MACs for.
const RECOVERY: &str = "admin-recovery-code";

impl AuthService {
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

    pub(super) async fn replace_admin_recovery(
        &self,
        tx: &OwnTx,
        admin: Uuid,
    ) -> Result<Vec<String>> {
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
    pub(in crate::admins) async fn use_admin_recovery(
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
}
