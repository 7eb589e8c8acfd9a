//! What a change of factors means for sessions: which end, and which drop back.

use postern_db::own;
use postern_db::own::{OwnTx, Row};
use uuid::Uuid;

use super::Session;
use crate::Result;

/// Ends those of a user's sessions that no second factor has lifted, but one.
pub async fn end_unlifted(tx: &OwnTx, user: Uuid, except: Uuid) -> Result<Vec<Uuid>> {
    let delete = own!(
        "delete from auth.sessions where user_id = $1 and id <> $2 \
         and coalesce(aal::text, 'aal1') = 'aal1' returning id"
    );
    let rows = tx.query(delete, &[&user, &except]).await?;
    Ok(rows.iter().map(|row: &Row| row.get(0)).collect())
}

/// Ends a user's sessions but `keep`, after a factor or passkey was removed. That one drops back
/// if what had lifted it is gone (attack 20), and forgets the method that it was shown by.
pub async fn drop_back(tx: &OwnTx, user: Uuid, keep: Uuid, method: &str) -> Result<Vec<Uuid>> {
    let ended = Session::end_all(tx, user, Some(keep)).await?;
    let update = own!(
        "update auth.sessions set aal = 'aal1', factor_id = null where id = $1 \
         and not exists (select 1 from auth.mfa_factors \
         where mfa_factors.id = sessions.factor_id and mfa_factors.status = 'verified') \
         and not exists (select 1 from auth.webauthn_credentials \
         where webauthn_credentials.id = sessions.factor_id)"
    );
    if tx.execute(update, &[&keep]).await? > 0 {
        // A sign-in by passkey stays what it was: there is no other method beside it.
        let forget = own!(
            "delete from auth.mfa_amr_claims where session_id = $1 \
             and authentication_method = $2 and $2 <> 'passkey'"
        );
        tx.execute(forget, &[&keep, &method]).await?;
    }
    Ok(ended)
}
