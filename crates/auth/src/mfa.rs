//! Second factors: enrolling, being challenged, answering, removing.
//!
//! An answer lifts the session that it came with to `aal2`. What a factor guards, the factor
//! itself is part of: a user who has one enrols and removes others from lifted sessions only
//! (attack 20), and the level is read from the stored session, not from the token.

mod challenge;
mod enrol;
mod lift;
mod passkey;
mod phone;
mod recovery;
pub(crate) mod totp;
mod unenrol;
mod verify;
mod webauthn;

use postern_base::codes::auth as codes;
use postern_db::own::OwnTx;
use uuid::Uuid;

pub use challenge::ChallengeOut;
pub use enrol::{EnrolledOut, NewFactor};
pub use recovery::{RecoveryCodesOut, RecoveryStatusOut};
pub use verify::Answer;

pub(crate) use enrol::secret_context;
pub(crate) use passkey::{
    ask_for_any_passkey, claimed_by, keep_passkey, passkey_refused, verify_passkey,
};
pub(crate) use recovery::code as recovery_code;
pub(crate) use webauthn::{account_name, read, refuse, relying_party};

use crate::bearer::Caller;
use crate::store::{Aal, Factor, Passkey, Session, User};
use crate::{AuthService, Error, Result};

/// Longest name of a factor or passkey, in characters.
const NAME_CHARS_MAX: usize = 120;

/// A caller's user and session, both locked until the transaction ends.
///
/// The user is locked first: whatever ends sessions of a user holds the user's row, so that two
/// who end each other's do not wait for each other.
pub(crate) struct Locked {
    pub(crate) user: User,
    pub(crate) session: Session,
}

impl AuthService {
    /// Whether a user has a factor that counts, so that grave changes need a session that was
    /// lifted by one.
    pub(crate) async fn has_verified_factor(&self, user: &User) -> Result<bool> {
        Factor::any_verified(&self.db, user.id).await
    }

    pub(crate) async fn lock_caller(&self, tx: &OwnTx, caller: &Caller) -> Result<Locked> {
        let gone = || {
            let message = "Session from session_id claim in JWT does not exist";
            Error::new(&codes::SESSION_NOT_FOUND, message)
        };
        let user = User::lock(tx, caller.user.id).await?.ok_or_else(gone)?;
        let session = Session::lock(tx, caller.session.id)
            .await?
            .ok_or_else(gone)?;
        Ok(Locked { user, session })
    }

    /// Refuses a session of one factor, if the user has a second one to show.
    ///
    /// A passkey counts here as well: it signs in at `aal2`, so a password alone must not add one.
    pub(crate) async fn check_lifted(
        &self,
        tx: &OwnTx,
        locked: &Locked,
        message: &'static str,
    ) -> Result<()> {
        if locked.session.aal == Aal::Aal2 {
            return Ok(());
        }
        if has_second_factor(tx, locked.user.id).await? {
            return Err(Error::new(&codes::INSUFFICIENT_AAL, message).with_status(403));
        }
        Ok(())
    }
}

/// Whether a user whose row is locked has more to show than a password.
pub(crate) async fn has_second_factor(tx: &OwnTx, user: Uuid) -> Result<bool> {
    let factors = Factor::of_locked_user(tx, user).await?;
    Ok(factors.iter().any(|it| it.is_verified) || Passkey::count(tx, user).await? > 0)
}

/// Refuses users who have not proved anything yet: a factor would have no first one beside it.
pub(crate) fn check_not_anonymous(user: &User) -> Result<()> {
    if user.is_anonymous {
        let message = "Anonymous users cannot use factors or passkeys";
        return Err(Error::new(&codes::NO_AUTHORIZATION, message).with_status(403));
    }
    Ok(())
}

/// Reads what a user calls a factor or passkey.
pub(crate) fn friendly_name(given: Option<&str>) -> Result<Option<String>> {
    let name = given.map(str::trim).filter(|it| !it.is_empty());
    if name.is_some_and(|it| it.chars().count() > NAME_CHARS_MAX || it.contains(char::is_control)) {
        return Err(Error::invalid(
            "friendly_name must be at most 120 printable characters",
        ));
    }
    Ok(name.map(String::from))
}

fn factor_not_found() -> Error {
    Error::new(&codes::MFA_FACTOR_NOT_FOUND, "Factor not found")
}

/// Reads the id of a factor; one that is none names nothing either.
pub(crate) fn factor_id(text: &str) -> Result<Uuid> {
    text.parse().map_err(|_| factor_not_found())
}
