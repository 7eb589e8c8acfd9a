//! Passkeys that say themselves whose they are: what holds for users and for admins alike.

use postern_base::codes::auth as codes;
use serde_json::{Value, json};
use uuid::Uuid;
use webauthn_rs::prelude::{DiscoverableAuthentication, Passkey, PublicKeyCredential, Webauthn};

use super::{read, refuse};
use crate::{Error, Result};

/// Begins a ceremony that names no account, so that nothing is told about any: what the browser
/// is asked for, and what is remembered of it.
pub(crate) fn ask_for_any_passkey(party: &Webauthn) -> Result<(Value, DiscoverableAuthentication)> {
    let (options, state) = party
        .start_discoverable_authentication()
        .map_err(|error| Error::internal("The ceremony could not be begun", error))?;
    Ok((json!(options)["publicKey"].take(), state))
}

/// Whose a passkey says that it is, and the credential's id; neither is proved yet.
pub(crate) fn claimed_by(party: &Webauthn, used: &PublicKeyCredential) -> Result<(Uuid, Vec<u8>)> {
    let (account, credential) = party
        .identify_discoverable_authentication(used)
        .map_err(|error| refuse(&error, passkey_refused()))?;
    Ok((account, credential.to_vec()))
}

/// Verifies an answer against the stored credential; returns what is stored from now on.
///
/// SECURITY: a counter that went back refuses, because somebody has a copy of the key; and so
/// does an authenticator that did not verify its user, since the passkey stands for two factors.
pub(crate) fn verify_passkey(
    party: &Webauthn,
    (used, state): (&PublicKeyCredential, DiscoverableAuthentication),
    stored: &Value,
) -> Result<Value> {
    let mut key: Passkey = read(stored)?;
    let result = party
        .finish_discoverable_authentication_v2(used, state, &key)
        .map_err(|error| refuse(&error, passkey_refused()))?;
    if !result.user_verified() {
        return Err(passkey_refused());
    }
    key.update_credential(&result).ok_or_else(passkey_refused)?;
    keep_passkey(&key)
}

/// A credential as it is stored.
pub(crate) fn keep_passkey(key: &Passkey) -> Result<Value> {
    serde_json::to_value(key)
        .map_err(|error| Error::internal("The credential could not be kept", error))
}

/// The one answer to whatever is wrong with a credential: which ones exist is not told.
pub(crate) fn passkey_refused() -> Error {
    Error::new(
        &codes::WEBAUTHN_VERIFICATION_FAILED,
        "The passkey could not be verified",
    )
}
