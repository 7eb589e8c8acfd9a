//! Signing in with a passkey that says itself whose it is.

use serde_json::Value;
use uuid::Uuid;
use webauthn_rs::prelude::{DiscoverableAuthentication, PublicKeyCredential};

use super::{CeremonyOut, refused};
use crate::mfa::{ask_for_any_passkey, claimed_by, relying_party, verify_passkey};
use crate::session::{SignIn, TokenPair};
use crate::store::{Aal, CeremonyKind, Passkey, User};
use crate::{AuthService, Context, Result};

impl AuthService {
    /// Begins to sign in; names no account, so that nothing is told about any.
    ///
    /// # Errors
    /// When passkeys are off.
    pub async fn begin_passkey_sign_in(&self, context: &Context) -> Result<CeremonyOut> {
        self.check_passkeys_on()?;
        let (options, state) = ask_for_any_passkey(&relying_party(&self.settings)?)?;
        let what = (CeremonyKind::Authentication, None);
        self.keep_ceremony(what, options, &state, context).await
    }

    /// Signs in.
    ///
    /// # Errors
    /// When the ceremony is unknown or late, or the passkey is nobody's.
    pub async fn finish_passkey_sign_in(
        &self,
        challenge: Uuid,
        credential: Value,
        context: &Context,
    ) -> Result<TokenPair> {
        self.check_passkeys_on()?;
        let what = (CeremonyKind::Authentication, None);
        let state: DiscoverableAuthentication =
            self.take_ceremony(what, challenge, context).await?;
        let used: PublicKeyCredential =
            serde_json::from_value(credential).map_err(|_| refused())?;
        let party = relying_party(&self.settings)?;
        let (user, credential_id) = claimed_by(&party, &used)?;

        let tx = self.db.begin().await?;
        let user = User::lock(&tx, user).await?.ok_or_else(refused)?;
        let found = Passkey::lock(&tx, user.id, &credential_id).await?;
        let mut passkey = found.ok_or_else(refused)?;
        passkey.credential = verify_passkey(&party, (&used, state), &passkey.credential)?;
        passkey.note_use(&tx, context.now).await?;
        let how = SignIn {
            method: "passkey",
            provider: None,
            aal: Aal::Aal2,
        };
        let mut begun = self.begin_session(&tx, user, &how, context).await?;
        // Names what the session hangs on, so that it drops back without it.
        begun
            .session
            .lift(&tx, Some(passkey.id), context.now)
            .await?;
        self.audit(&tx, "login", &begun.user, context).await?;
        tx.commit().await?;
        self.token_pair(begun, context).await
    }
}
