//! Lifting a session to `aal2`, and what that ends.

use postern_db::own::OwnTx;
use postern_mail::MailKind;
use uuid::Uuid;

use super::Locked;
use crate::session::Begun;
use crate::store::{Code, Factor, Session, User, assurance};
use crate::{AuthService, Context, Result};

impl AuthService {
    /// Lifts the session of a caller who has shown a factor.
    ///
    /// The refresh token moves on, so that the one from before is the parent of a lifted one and
    /// the session's own rules for late parents hold. Sessions that nobody lifted end. The first
    /// use of a factor is a change of the account: all other sessions end, and codes that were
    /// sent and exchanges that were under way before are void (attack 14).
    pub(super) async fn lift_by(
        &self,
        tx: &OwnTx,
        locked: Locked,
        factor: &Factor,
        context: &Context,
    ) -> Result<Begun> {
        let Locked { user, mut session } = locked;
        let ended = if factor.is_verified {
            assurance::end_unlifted(tx, user.id, session.id).await?
        } else {
            factor.note_verified(tx, context.now).await?;
            let now = context.now + time::Duration::seconds(1);
            Factor::delete_unverified(tx, user.id, now).await?;
            self.notice(
                tx,
                MailKind::MfaEnrolled,
                (&user, factor.kind.as_str()),
                context,
            )
            .await?;
            self.end_others(tx, &user, session.id).await?
        };
        session.lift(tx, Some(factor.id), context.now).await?;
        session
            .note_method(tx, factor.kind.method(), None, context.now)
            .await?;
        session.advance(tx, context).await?;
        self.audit(tx, "verification_attempted", &user, context)
            .await?;
        let methods = session.methods(tx).await?;
        Ok(Begun {
            session,
            user,
            methods,
            ended,
        })
    }

    /// What a new way of being sure means for the rest of the account.
    pub(crate) async fn end_others(
        &self,
        tx: &OwnTx,
        user: &User,
        keep: Uuid,
    ) -> Result<Vec<Uuid>> {
        Code::void_all(tx, user.id).await?;
        User::void_flows(tx, user.id).await?;
        Session::end_all(tx, user.id, Some(keep)).await
    }

    /// Tells a user who has an address of a change of factors.
    pub(crate) async fn notice(
        &self,
        tx: &OwnTx,
        kind: MailKind,
        (user, factor): (&User, &str),
        context: &Context,
    ) -> Result<()> {
        let Some(address) = user.email.as_deref() else {
            return Ok(());
        };
        let mut letter = self.letter(kind, user, address, context);
        letter.factor = Some(factor.into());
        self.mail_notice(tx, letter, context).await
    }
}
