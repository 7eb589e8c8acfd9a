//! Registering a passkey.

use postern_base::codes::auth as codes;
use postern_mail::MailKind;
use serde_json::{Value, json};
use uuid::Uuid;
use webauthn_rs::prelude::{CredentialID, PasskeyRegistration, RegisterPublicKeyCredential};

use super::{CeremonyOut, refused};
use crate::bearer::Caller;
use crate::mfa::{account_name, check_not_anonymous, refuse, relying_party};
use crate::store::{CeremonyKind, Passkey};
use crate::{AuthService, Context, Error, Result};

/// What a session of one factor is told.
const NOT_LIFTED: &str = "AAL2 required to register a passkey";

impl AuthService {
    /// Begins to register a passkey of the caller.
    ///
    /// # Errors
    /// When passkeys are off, the session must be lifted first, or there are too many.
    pub async fn begin_passkey_registration(
        &self,
        caller: &Caller,
        context: &Context,
    ) -> Result<CeremonyOut> {
        self.check_passkeys_on()?;
        check_not_anonymous(&caller.user)?;
        let tx = self.db.begin().await?;
        let locked = self.lock_caller(&tx, caller).await?;
        self.check_lifted(&tx, &locked, NOT_LIFTED).await?;
        drop(tx);

        let known = Passkey::of_user(&self.db, caller.user.id).await?;
        self.check_passkey_room(known.len())?;
        let known = known
            .into_iter()
            .map(|it| CredentialID::from(it.credential_id))
            .collect();
        let name = account_name(&caller.user);
        let (options, state) = relying_party(&self.settings)?
            .start_passkey_registration(caller.user.id, &name, &name, Some(known))
            .map_err(|error| Error::internal("The ceremony could not be begun", error))?;
        let mut options = json!(options)["publicKey"].take();
        // A passkey is found without a name being typed, so the authenticator must keep it.
        options["authenticatorSelection"]["residentKey"] = json!("required");
        options["authenticatorSelection"]["requireResidentKey"] = json!(true);
        let what = (CeremonyKind::Registration, Some(caller.user.id));
        self.keep_ceremony(what, options, &state, context).await
    }

    /// Registers a passkey of the caller.
    ///
    /// # Errors
    /// When the ceremony is unknown or late, or the credential is not what was asked for.
    pub async fn finish_passkey_registration(
        &self,
        caller: &Caller,
        challenge: Uuid,
        credential: Value,
        context: &Context,
    ) -> Result<Passkey> {
        self.check_passkeys_on()?;
        check_not_anonymous(&caller.user)?;
        let what = (CeremonyKind::Registration, Some(caller.user.id));
        let state: PasskeyRegistration = self.take_ceremony(what, challenge, context).await?;
        let made: RegisterPublicKeyCredential =
            serde_json::from_value(credential).map_err(|_| refused())?;
        let made = relying_party(&self.settings)?
            .finish_passkey_registration(&made, &state)
            .map_err(|error| refuse(&error, refused()))?;
        let passkey = Passkey {
            id: Uuid::new_v4(),
            user_id: caller.user.id,
            credential_id: made.cred_id().to_vec(),
            credential: serde_json::to_value(&made)
                .map_err(|error| Error::internal("The credential could not be kept", error))?,
            friendly_name: None,
            created_at: context.now,
            last_used_at: None,
        };
        self.keep_passkey(caller, &passkey, context).await?;
        Ok(passkey)
    }

    /// Stores a passkey, which changes the account: other sessions end, and this one, which has
    /// just shown the passkey, counts as lifted from its next token on.
    async fn keep_passkey(
        &self,
        caller: &Caller,
        passkey: &Passkey,
        context: &Context,
    ) -> Result<()> {
        let tx = self.db.begin().await?;
        let mut locked = self.lock_caller(&tx, caller).await?;
        self.check_lifted(&tx, &locked, NOT_LIFTED).await?;
        self.check_passkey_room(Passkey::count(&tx, passkey.user_id).await?)?;
        if !passkey.insert(&tx).await? {
            return Err(Error::new(
                &codes::WEBAUTHN_CREDENTIAL_EXISTS,
                "The passkey is registered already",
            ));
        }
        let ended = self
            .end_others(&tx, &locked.user, locked.session.id)
            .await?;
        locked
            .session
            .lift(&tx, Some(passkey.id), context.now)
            .await?;
        locked
            .session
            .note_method(&tx, "passkey", None, context.now)
            .await?;
        let what = (&locked.user, "passkey");
        self.notice(&tx, MailKind::PasskeyAdded, what, context)
            .await?;
        self.audit(&tx, "passkey_created", &locked.user, context)
            .await?;
        tx.commit().await?;
        self.revoke_here(&ended);
        self.outbox.wake();
        Ok(())
    }

    fn check_passkey_room(&self, count: usize) -> Result<()> {
        if count < self.settings.factors.per_user_max {
            return Ok(());
        }
        Err(Error::new(
            &codes::TOO_MANY_PASSKEYS,
            "Maximum number of passkeys reached, delete one to continue",
        ))
    }
}
