//! Passkeys: signing in without a password.
//!
//! A passkey is asked for with user verification, so that it is two factors in one: something
//! that the user has, unlocked by what the user knows or is. A sign-in by one counts as `aal2`
//! with the method `passkey`, and so does the session that registered one. Therefore a password
//! alone does not add or remove a passkey once there is one, or a verified factor (attack 20).

mod authentication;
mod management;
mod registration;

use postern_base::codes::auth as codes;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use time::Duration;
use uuid::Uuid;

use crate::mfa::passkey_refused as refused;
use crate::store::{CeremonyKind, PasskeyCeremony};
use crate::{AuthService, Context, Error, Result};

/// A ceremony that was begun, as the clients read it.
#[derive(Clone, Debug, Serialize)]
pub struct CeremonyOut {
    challenge_id: Uuid,
    options: Value,
    expires_at: i64,
}

impl AuthService {
    /// Refuses when passkeys are switched off.
    fn check_passkeys_on(&self) -> Result<()> {
        if self.settings.factors.passkeys.is_yes() {
            return Ok(());
        }
        Err(Error::new(
            &codes::PASSKEY_DISABLED,
            "Passkeys are disabled",
        ))
    }

    /// Keeps the state of a ceremony, and tells the client what to do.
    async fn keep_ceremony(
        &self,
        (kind, user): (CeremonyKind, Option<Uuid>),
        options: Value,
        state: &impl Serialize,
        context: &Context,
    ) -> Result<CeremonyOut> {
        let state = serde_json::to_vec(state)
            .map_err(|error| Error::internal("The ceremony could not be kept", error))?;
        let id = Uuid::new_v4();
        let ceremony = PasskeyCeremony {
            id,
            user_id: user,
            kind,
            sealed_state: self.vault.seal(&state_context(id), &state),
            created_at: context.now,
            expires_at: context.now + Duration::seconds(self.settings.factors.challenge_secs),
        };
        ceremony.store(&self.db).await?;
        Ok(CeremonyOut {
            challenge_id: id,
            options,
            expires_at: ceremony.expires_at.unix_timestamp(),
        })
    }

    /// Takes the state of a ceremony; whatever comes of it, it is used up.
    async fn take_ceremony<T: DeserializeOwned>(
        &self,
        (kind, user): (CeremonyKind, Option<Uuid>),
        id: Uuid,
        context: &Context,
    ) -> Result<T> {
        let taken = PasskeyCeremony::take(&self.db, id, kind, user).await?;
        let ceremony = taken.ok_or_else(|| {
            Error::new(&codes::WEBAUTHN_CHALLENGE_NOT_FOUND, "Challenge not found")
        })?;
        if ceremony.expires_at <= context.now {
            return Err(Error::new(
                &codes::WEBAUTHN_CHALLENGE_EXPIRED,
                "Challenge has expired",
            ));
        }
        let state = self
            .vault
            .open(&state_context(id), &ceremony.sealed_state)?;
        serde_json::from_slice(state.expose())
            .map_err(|error| Error::internal("A ceremony could not be read", error))
    }
}

fn state_context(ceremony: Uuid) -> String {
    format!("webauthn_challenges|sealed_state|{ceremony}")
}
