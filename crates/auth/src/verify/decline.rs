//! "It was not me": the owner of an address declines a sign-up that somebody else began.
//!
//! SECURITY: whoever signs up chooses the password before the address is proved (attack 22). The
//! mail's reader is asked whose sign-up it was; who declines takes from the account what the
//! stranger put there. The account itself stays, unconfirmed and empty, since rows of the app may
//! point at it.

use crate::proofs::{expired, link_expired};
use crate::store::{Purpose, User};
use crate::{AuthService, Context, Kind, Result, Shown};

impl AuthService {
    /// Uses a sign-up's link up without confirming anything, and empties the account unless it
    /// was proved in another way meanwhile.
    ///
    /// # Errors
    /// `otp_expired` for whatever is wrong with the link, and for links of other kinds.
    pub async fn decline_link(&self, kind: Kind, token: &str, context: &Context) -> Result<()> {
        let token = token.to_owned();
        let code = self
            .find_shown(&Shown::Token { kind, token }, context)
            .await?;
        if code.purpose != Purpose::Signup {
            return Err(link_expired());
        }
        let tx = self.db.begin().await?;
        let user = User::lock(&tx, code.user_id).await?;
        let mut user = user.ok_or_else(expired)?;
        if !code.consume(&tx).await? {
            return Err(expired());
        }
        self.audit(&tx, "user_signup_declined", &user, context)
            .await?;
        let ended = if user.is_confirmed() {
            Vec::new()
        } else {
            self.adopt_unverified(&tx, &mut user, context).await?
        };
        tx.commit().await?;
        self.revoke_here(&ended);
        Ok(())
    }
}
