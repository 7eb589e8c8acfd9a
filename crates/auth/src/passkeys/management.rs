//! Listing, renaming and removing one's passkeys.

use postern_base::codes::auth as codes;
use uuid::Uuid;

use crate::bearer::Caller;
use crate::mfa::{check_not_anonymous, friendly_name};
use crate::store::{Code, Passkey, User, assurance};
use crate::{AuthService, Context, Error, Result};

impl AuthService {
    /// The caller's passkeys.
    ///
    /// # Errors
    /// When passkeys are off.
    pub async fn passkeys(&self, caller: &Caller) -> Result<Vec<Passkey>> {
        self.check_passkeys_on()?;
        check_not_anonymous(&caller.user)?;
        Passkey::of_user(&self.db, caller.user.id).await
    }

    /// Gives a passkey of the caller another name.
    ///
    /// # Errors
    /// When the caller has no such passkey, or the name is too long.
    pub async fn rename_passkey(
        &self,
        caller: &Caller,
        id: Uuid,
        name: &str,
        context: &Context,
    ) -> Result<Passkey> {
        self.check_passkeys_on()?;
        check_not_anonymous(&caller.user)?;
        let name = friendly_name(Some(name))?;
        let which = (caller.user.id, id);
        let renamed = Passkey::rename(&self.db, which, name.as_deref(), context.now).await?;
        renamed.ok_or_else(not_found)
    }

    /// Removes a passkey of the caller, from a lifted session only.
    ///
    /// # Errors
    /// When the caller has no such passkey, or the session is not lifted.
    pub async fn delete_passkey(&self, caller: &Caller, id: Uuid, context: &Context) -> Result<()> {
        self.check_passkeys_on()?;
        check_not_anonymous(&caller.user)?;
        let tx = self.db.begin().await?;
        let locked = self.lock_caller(&tx, caller).await?;
        let message = "AAL2 required to delete a passkey";
        self.check_lifted(&tx, &locked, message).await?;
        let (user, keep) = (locked.user.id, locked.session.id);
        let removed = Passkey::delete(&tx, user, id).await?;
        removed.ok_or_else(not_found)?;
        let ended = assurance::drop_back(&tx, user, keep, "passkey").await?;
        Code::void_all(&tx, user).await?;
        User::void_flows(&tx, user).await?;
        self.audit(&tx, "passkey_deleted", &locked.user, context)
            .await?;
        tx.commit().await?;
        self.revoke_here(&ended);
        Ok(())
    }
}

/// What is answered about a passkey that the caller does not have.
fn not_found() -> Error {
    Error::new(&codes::WEBAUTHN_CREDENTIAL_NOT_FOUND, "Passkey not found")
}
