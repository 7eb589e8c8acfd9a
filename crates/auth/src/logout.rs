//! `POST /logout`: ends sessions; their access tokens are refused from the next call on.

use uuid::Uuid;

use crate::bearer::Caller;
use crate::store::{Session, User};
use crate::{AuthService, Context, Error, Result};

/// Which sessions end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// All of the user's.
    Global,
    /// This one.
    Local,
    /// All but this one.
    Others,
}

impl Scope {
    /// Reads the parameter; everything when it is absent.
    ///
    /// # Errors
    /// When it is none of the three.
    pub fn parse(text: Option<&str>) -> Result<Self> {
        match text {
            None | Some("" | "global") => Ok(Self::Global),
            Some("local") => Ok(Self::Local),
            Some("others") => Ok(Self::Others),
            Some(_) => Err(Error::invalid(
                "Unsupported logout scope: use global, local or others",
            )),
        }
    }
}

impl AuthService {
    /// Ends the caller's sessions.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn log_out(&self, caller: &Caller, scope: Scope, context: &Context) -> Result<()> {
        let tx = self.db.begin().await?;
        // The user first, as everywhere, so that two ends of sessions do not wait for each other.
        User::lock(&tx, caller.user.id).await?;
        let own: Uuid = caller.session.id;
        let ended = match scope {
            Scope::Global => Session::end_all(&tx, caller.user.id, None).await?,
            Scope::Local => Session::end(&tx, own).await?,
            Scope::Others => Session::end_all(&tx, caller.user.id, Some(own)).await?,
        };
        self.audit(&tx, "logout", &caller.user, context).await?;
        tx.commit().await?;
        self.revoke_here(&ended);
        Ok(())
    }
}
