//! What a change of factors means for sessions: which end, and which drop back.

use postern_db::own;
use postern_db::own::{OwnTx, Row};
use uuid::Uuid;

use super::{Factor, FactorKind, RecoveryCodes, Session};
use crate::Result;

/// A factor or passkey that was removed, and the sessions that ended with it. End them in this
/// process as well, once the removal is committed.
#[must_use = "sessions that ended must be revoked here, too"]
#[derive(Clone, Debug)]
pub struct Removed<T> {
    /// What was removed.
    pub what: T,
    /// The sessions that ended.
    pub ended: Vec<Uuid>,
}

/// Ends those of a user's sessions that no second factor has lifted, but one.
pub async fn end_unlifted(tx: &OwnTx, user: Uuid, except: Uuid) -> Result<Vec<Uuid>> {
    let delete = own!(
        "delete from auth.sessions where user_id = $1 and id <> $2 and aal = 'aal1' returning id"
    );
    let rows = tx.query(delete, &[&user, &except]).await?;
    Ok(rows.iter().map(|row: &Row| row.get(0)).collect())
}

impl Factor {
    /// Removes a factor of a user whose row is locked.
    ///
    /// A verified factor takes the user's sessions with it, but for `keep`, which drops back to
    /// one factor unless another one lifted it (attack 20). Recovery codes never stay alone.
    pub async fn delete(
        tx: &OwnTx,
        user: Uuid,
        id: Uuid,
        keep: Option<Uuid>,
    ) -> Result<Option<Removed<Self>>> {
        let Some(factor) = Self::delete_row(tx, user, id).await? else {
            return Ok(None);
        };
        let mut ended = Vec::new();
        if factor.kind == FactorKind::RecoveryCode {
            RecoveryCodes::delete(tx, user).await?;
        }
        if factor.is_verified {
            let left = Self::of_locked_user(tx, user).await?;
            let is_real = |it: &&Self| it.is_verified && it.kind != FactorKind::RecoveryCode;
            if left.iter().find(is_real).is_none() {
                Self::delete_all(tx, user).await?;
            }
            ended = drop_back(tx, user, keep, factor.kind.method()).await?;
        }
        Ok(Some(Removed {
            what: factor,
            ended,
        }))
    }
}

/// Ends a user's sessions but `keep`, and lets that one drop back if what lifted it is gone.
pub(super) async fn drop_back(
    tx: &OwnTx,
    user: Uuid,
    keep: Option<Uuid>,
    method: &str,
) -> Result<Vec<Uuid>> {
    let ended = Session::end_all(tx, user, keep).await?;
    let update = own!(
        "update auth.sessions set aal = 'aal1', factor_id = null where id = $1 \
         and not exists (select 1 from auth.mfa_factors \
         where mfa_factors.id = sessions.factor_id and mfa_factors.status = 'verified') \
         and not exists (select 1 from auth.webauthn_credentials \
         where webauthn_credentials.id = sessions.factor_id)"
    );
    if tx.execute(update, &[&keep]).await? > 0 {
        let forget = own!(
            "delete from auth.mfa_amr_claims where session_id = $1 and authentication_method = $2 \
             and $2 <> 'passkey'"
        );
        tx.execute(forget, &[&keep, &method]).await?;
    }
    Ok(ended)
}
