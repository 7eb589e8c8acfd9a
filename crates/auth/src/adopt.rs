//! An account that nobody has proved, and the person who proves to be its owner.
//!
//! SECURITY: anybody can sign up with somebody else's address and wait (attack 22). Whatever was
//! put into an account before its address was proved is a stranger's: the first proof empties the
//! account before it lets its owner in. That a setting confirms all addresses is no proof: such an
//! account is entered, and still waits for its owner.

use postern_db::own;
use postern_db::own::OwnTx;
use serde_json::Map;
use time::Duration;
use uuid::Uuid;

use crate::service::tell_time;
use crate::store::{Code, Session, User};
use crate::{AuthService, Context, Result};

impl AuthService {
    /// Empties an account that has proved nothing yet: password, identities, sessions, factors,
    /// passkeys, codes and flows. What was said about the user goes as well, unless somebody has
    /// used the account. Nothing happens to an account that has proved its address or number.
    ///
    /// The row must be locked. The caller saves it, confirmed, with its new identity, and passes
    /// what is returned, the sessions that ended, to [`Self::revoke_here`] after the commit.
    ///
    /// # Errors
    /// When the database refuses.
    pub(crate) async fn adopt_unverified(
        &self,
        tx: &OwnTx,
        user: &mut User,
        context: &Context,
    ) -> Result<Vec<Uuid>> {
        if user.has_proved_email() || user.has_proved_phone() {
            return Ok(Vec::new());
        }
        if !user.is_confirmed() {
            user.user_metadata = Map::new();
        }
        // Tokens of this very second are the owner's own: only earlier ones are out of date.
        tell_time(tx, context.now - Duration::SECOND).await?;
        let ended = Session::end_all(tx, user.id, None).await?;
        Code::void_all(tx, user.id).await?;
        forget_ways_in(tx, user.id).await?;
        user.encrypted_password = None;
        user.email_change = None;
        user.email_change_confirm_status = 0;
        user.phone_change = None;
        // An unproved number is the stranger's as well.
        if user.email.is_some() {
            user.phone = None;
            user.phone_confirmed_at = None;
        }
        (user.is_email_unproved, user.is_phone_unproved) = (false, false);
        user.app_metadata.remove("provider");
        user.app_metadata.remove("providers");
        user.save(tx, context.now).await?;
        self.audit(tx, "user_adopted", user, context).await?;
        Ok(ended)
    }
}

/// Removes identities, second factors, passkeys and exchanges under way.
async fn forget_ways_in(tx: &OwnTx, user: Uuid) -> Result<()> {
    for statement in [
        own!("delete from auth.identities where user_id = $1"),
        own!("delete from auth.mfa_factors where user_id = $1"),
        own!("delete from auth.mfa_recovery_codes where user_id = $1"),
        own!("delete from auth.webauthn_credentials where user_id = $1"),
        own!("delete from auth.webauthn_challenges where user_id = $1"),
        // One whose code is not issued yet waits for the proof that is being given.
        own!("delete from postern.flows where user_id = $1 and code_mac is not null"),
    ] {
        tx.execute(statement, &[&user]).await?;
    }
    Ok(())
}
