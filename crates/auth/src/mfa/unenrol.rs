//! Removing a factor.

use postern_base::codes::auth as codes;
use postern_mail::MailKind;
use uuid::Uuid;

use super::{check_not_anonymous, factor_not_found};
use crate::bearer::Caller;
use crate::store::{Aal, Code, Factor, User, assurance};
use crate::{AuthService, Context, Error, Result};

impl AuthService {
    /// Removes a factor of the caller. One that counts goes only from a lifted session, which
    /// then drops back to one factor; the user's other sessions end.
    ///
    /// # Errors
    /// When there is no such factor, or the session is not lifted.
    pub async fn unenrol_factor(
        &self,
        caller: &Caller,
        factor: Uuid,
        context: &Context,
    ) -> Result<()> {
        check_not_anonymous(&caller.user)?;
        let tx = self.db.begin().await?;
        let locked = self.lock_caller(&tx, caller).await?;
        let (user, session) = (locked.user, locked.session);
        let removed = Factor::delete(&tx, user.id, factor).await?;
        let removed = removed.ok_or_else(factor_not_found)?;
        let mut ended = Vec::new();
        if removed.is_verified {
            // What was done so far is undone when the transaction is dropped.
            if session.aal != Aal::Aal2 {
                let message = "AAL2 required to unenroll verified factor";
                return Err(Error::new(&codes::INSUFFICIENT_AAL, message).with_status(422));
            }
            Code::void_all(&tx, user.id).await?;
            User::void_flows(&tx, user.id).await?;
            let method = removed.kind.method();
            ended = assurance::drop_back(&tx, user.id, session.id, method).await?;
            let factor = removed.kind.as_str();
            self.notice(&tx, MailKind::MfaUnenrolled, (&user, factor), context)
                .await?;
        }
        self.audit(&tx, "factor_unenrolled", &user, context).await?;
        tx.commit().await?;
        self.revoke_here(&ended);
        self.outbox.wake();
        Ok(())
    }
}
