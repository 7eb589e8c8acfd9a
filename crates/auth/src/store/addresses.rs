//! What the flows around codes keep in `auth.users` and `postern.flows`, one statement each.

use postern_db::own;
use postern_db::own::OwnTx;
use time::OffsetDateTime;
use uuid::Uuid;

use super::{Purpose, User};
use crate::Result;

impl User {
    /// Notes when something was last sent to a user; for nobody it touches no row.
    pub async fn note_sent(
        tx: &OwnTx,
        user: Uuid,
        purpose: Purpose,
        now: OffsetDateTime,
    ) -> Result<()> {
        let update = own!(
            "update auth.users set updated_at = $3, \
             confirmation_sent_at = case when $2 in ('signup', 'invite', 'sms') then $3 \
             else confirmation_sent_at end, \
             recovery_sent_at = case when $2 in ('magiclink', 'recovery') then $3 \
             else recovery_sent_at end, \
             email_change_sent_at = case \
             when $2 in ('email_change_current', 'email_change_new') then $3 \
             else email_change_sent_at end, \
             phone_change_sent_at = case when $2 = 'phone_change' then $3 \
             else phone_change_sent_at end, \
             reauthentication_sent_at = case when $2 = 'reauthentication' then $3 \
             else reauthentication_sent_at end where id = $1"
        );
        tx.execute(update, &[&user, &purpose.as_str(), &now])
            .await?;
        Ok(())
    }

    /// Whether anybody has this number.
    pub async fn has_phone(tx: &OwnTx, phone: &str) -> Result<bool> {
        let found = own!("select 1 from auth.users where phone = $1");
        Ok(tx.query_opt(found, &[&phone]).await?.is_some())
    }

    /// Voids the PKCE exchanges of a user whose codes were issued: what was begun before a
    /// password or address changed must not end in a session afterwards.
    pub async fn void_flows(tx: &OwnTx, user: Uuid) -> Result<()> {
        let delete = own!("delete from postern.flows where user_id = $1 and code_mac is not null");
        tx.execute(delete, &[&user]).await?;
        Ok(())
    }
}

/// Whether a session still goes on.
pub(crate) async fn is_live(tx: &OwnTx, session: Uuid) -> Result<bool> {
    let found = own!("select 1 from auth.sessions where id = $1");
    Ok(tx.query_opt(found, &[&session]).await?.is_some())
}

/// Asks the database for nothing: stands where somebody who exists would cost a statement.
pub(crate) async fn pass_time(tx: &OwnTx, statements: usize) -> Result<()> {
    for _ in 0..statements {
        tx.query(own!("select 1"), &[]).await?;
    }
    Ok(())
}
