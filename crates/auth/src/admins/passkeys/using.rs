//! What an admin's passkey opens: the console, and what reaches far in it.
//!
//! SECURITY: the passkey has verified its user, so that it stands for password and factor
//! together, in both places.

use postern_base::Secret;
use postern_db::own;
use serde_json::Value;
use url::Url;
use uuid::Uuid;
use webauthn_rs::prelude::{DiscoverableAuthentication, PublicKeyCredential};

use super::{AdminCeremony, from_bytes, party, to_bytes};
use crate::admins::AdminSession;
use crate::admins::challenge::{Begun, Purpose};
use crate::mfa::{ask_for_any_passkey, claimed_by, passkey_refused as refused, verify_passkey};
use crate::{AuthService, Context, Limit, Result};

impl AuthService {
    /// Begins to sign in; names no account, so that nothing is told about any.
    ///
    /// # Errors
    /// When there were too many tries, or passkeys cannot be used under this address.
    pub async fn begin_admin_passkey_sign_in(
        &self,
        origin: &Url,
        context: &Context,
    ) -> Result<AdminCeremony> {
        let what = (Purpose::PasskeySignIn, None);
        self.ask_for_admin_passkey(what, origin, context).await
    }

    /// Signs in with a passkey.
    ///
    /// # Errors
    /// When the ceremony is unknown or late, or the passkey is nobody's.
    pub async fn finish_admin_passkey_sign_in(
        &self,
        (ticket, credential): (&str, &str),
        origin: &Url,
        context: &Context,
    ) -> Result<(AdminSession, Secret<String>)> {
        self.count_request(Limit::SignIn, context).await?;
        let begun = self
            .take_admin_challenge(Purpose::PasskeySignIn, ticket, context)
            .await?;
        let admin = self
            .use_admin_passkey(&begun, credential, origin, context)
            .await?;
        let admin = self.find_welcome_admin(admin).await?;
        self.begin_admin_session(admin.ok_or_else(refused)?, context)
            .await
    }

    /// Begins to prove once more who holds a session.
    ///
    /// # Errors
    /// When there were too many tries, or passkeys cannot be used under this address.
    pub async fn begin_admin_passkey_proof(
        &self,
        session: &AdminSession,
        origin: &Url,
        context: &Context,
    ) -> Result<AdminCeremony> {
        let what = (Purpose::PasskeyProof, Some(session.admin.id));
        self.ask_for_admin_passkey(what, origin, context).await
    }

    /// Takes a passkey instead of password and code, before something dangerous.
    ///
    /// # Errors
    /// When the ceremony is unknown or late, or the passkey is not of the session's admin.
    pub async fn finish_admin_passkey_proof(
        &self,
        session: &AdminSession,
        (ticket, credential): (&str, &str),
        origin: &Url,
        context: &Context,
    ) -> Result<()> {
        self.count_request(Limit::SignIn, context).await?;
        let begun = self
            .take_admin_challenge(Purpose::PasskeyProof, ticket, context)
            .await?;
        // Neither another admin's ceremony nor another admin's passkey.
        let holder = Some(session.admin.id);
        if begun.admin != holder {
            return Err(refused());
        }
        let admin = self
            .use_admin_passkey(&begun, credential, origin, context)
            .await?;
        if Some(admin) != holder {
            return Err(refused());
        }
        self.note_admin_proof(session, "passkey", context).await
    }

    async fn ask_for_admin_passkey(
        &self,
        what: (Purpose, Option<Uuid>),
        origin: &Url,
        context: &Context,
    ) -> Result<AdminCeremony> {
        self.count_request(Limit::SignIn, context).await?;
        let (options, state) = ask_for_any_passkey(&party(origin)?)?;
        let state = to_bytes(&state)?;
        let ticket = self.keep_admin_challenge(what, &state, context).await?;
        Ok(AdminCeremony { ticket, options })
    }

    /// Verifies what a browser answered; returns whose passkey it was.
    async fn use_admin_passkey(
        &self,
        begun: &Begun,
        credential: &str,
        origin: &Url,
        context: &Context,
    ) -> Result<Uuid> {
        let state: DiscoverableAuthentication = from_bytes(begun.state.expose())?;
        let used: PublicKeyCredential = serde_json::from_str(credential).map_err(|_| refused())?;
        let party = party(origin)?;
        let (admin, credential_id) = claimed_by(&party, &used)?;
        let tx = self.db.begin().await?;
        let found = own!(
            "select id, credential from postern.admin_factors where admin_id = $1 \
             and credential_id = $2 and kind = 'passkey' for update"
        );
        let row = tx.query_opt(found, &[&admin, &credential_id]).await?;
        let row = row.ok_or_else(refused)?;
        let (id, stored): (Uuid, Value) = (row.get("id"), row.get("credential"));
        let stored = verify_passkey(&party, (&used, state), &stored)?;
        let note = own!(
            "update postern.admin_factors set credential = $2, last_used_at = $3 where id = $1"
        );
        tx.execute(note, &[&id, &stored, &context.now]).await?;
        tx.commit().await?;
        Ok(admin)
    }
}
