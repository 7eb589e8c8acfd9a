//! WebAuthn: the relying party that the settings describe, and ceremonies of factors.
//!
//! The state of a ceremony is sealed and kept with its challenge, never with the client. Whose
//! page a ceremony may run on is the settings' choice alone; what a client says about the relying
//! party is not read.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use url::Url;
use webauthn_rs::prelude::{
    PublicKeyCredential, RegisterPublicKeyCredential, SecurityKey, SecurityKeyAuthentication,
    SecurityKeyRegistration, Webauthn, WebauthnBuilder, WebauthnError,
};

use super::verify::wrong;
use crate::bearer::Caller;
use crate::settings::Settings;
use crate::store::{Factor, FactorChallenge, FactorKind, User};
use crate::{AuthService, Error, Result};

/// A ceremony of a factor that was begun.
#[derive(Serialize, Deserialize)]
enum Ceremony {
    Create(SecurityKeyRegistration),
    Request(SecurityKeyAuthentication),
}

/// What a client sends back.
#[derive(Deserialize)]
struct Response {
    credential_response: Value,
}

/// Makes the relying party of the settings.
pub(crate) fn relying_party(settings: &Settings) -> Result<Webauthn> {
    let refused = |error: WebauthnError| {
        Error::internal("The relying party's id does not fit its origins", error)
    };
    let parse = |text: &String| {
        let message = "An origin of the relying party is no address";
        Url::parse(text).map_err(|error| Error::internal(message, error))
    };
    let factors = &settings.factors;
    let origins = match factors.rp_origins.as_slice() {
        [] => vec![parse(&settings.site_url)?],
        given => given.iter().map(parse).collect::<Result<_>>()?,
    };
    let first = origins
        .first()
        .ok_or_else(|| Error::internal("The relying party has no origin", "rp_origins is empty"))?;
    let id = factors.rp_id.as_deref().or(first.host_str());
    let name = factors.rp_name.as_deref().unwrap_or(&settings.site_name);
    let builder = WebauthnBuilder::new(id.unwrap_or_default(), first).map_err(refused)?;
    let builder = origins
        .iter()
        .skip(1)
        .fold(builder, WebauthnBuilder::append_allowed_origin);
    builder.rp_name(name).build().map_err(refused)
}

/// How a user is named in the dialogue of an authenticator.
pub(crate) fn account_name(user: &User) -> String {
    let name = user.email.as_deref().or(user.phone.as_deref());
    name.map_or_else(|| user.id.to_string(), String::from)
}

impl AuthService {
    /// Begins the ceremony of a challenge: the making of a credential, or its use.
    pub(super) fn begin_ceremony(
        &self,
        caller: &Caller,
        factor: &Factor,
        challenge: &mut FactorChallenge,
    ) -> Result<Value> {
        let party = relying_party(&self.settings)?;
        let failed = |error| Error::internal("The ceremony could not be begun", error);
        let (kind, options, state) = match &factor.credential {
            None => {
                let name = account_name(&caller.user);
                // The id is the factor's: a factor is no account to be found by a passkey.
                let (options, state) = party
                    .start_securitykey_registration(factor.id, &name, &name, None, None, None)
                    .map_err(failed)?;
                ("create", json!(options), Ceremony::Create(state))
            }
            Some(stored) => {
                let key: SecurityKey = read(stored)?;
                let (options, state) = party
                    .start_securitykey_authentication(&[key])
                    .map_err(failed)?;
                ("request", json!(options), Ceremony::Request(state))
            }
        };
        let state = serde_json::to_vec(&state)
            .map_err(|error| Error::internal("The ceremony could not be kept", error))?;
        challenge.sealed_state = Some(self.vault.seal(&state_context(challenge), &state));
        let mut options = json!({ "publicKey": options["publicKey"] });
        forget_protection(&mut options);
        Ok(json!({ "type": kind, "credential_options": options }))
    }

    /// Ends the ceremony of a challenge; returns what is kept of the credential from now on.
    pub(super) fn end_ceremony(
        &self,
        factor: &Factor,
        challenge: &FactorChallenge,
        given: Option<&Value>,
    ) -> Result<Value> {
        let refused = || wrong(FactorKind::WebAuthn);
        let sealed = challenge.sealed_state.as_deref().ok_or_else(refused)?;
        let state = self.vault.open(&state_context(challenge), sealed)?;
        let state = serde_json::from_slice(state.expose())
            .map_err(|error| Error::internal("A ceremony could not be read", error))?;
        let given = given.cloned().unwrap_or_default();
        let given = Response::deserialize(given).map_err(|_| refused())?;
        let party = relying_party(&self.settings)?;
        let key = match (state, &factor.credential) {
            (Ceremony::Create(state), None) => {
                let made: RegisterPublicKeyCredential =
                    serde_json::from_value(given.credential_response).map_err(|_| refused())?;
                party
                    .finish_securitykey_registration(&made, &state)
                    .map_err(|error| refuse(&error, refused()))?
            }
            (Ceremony::Request(state), Some(stored)) => {
                let used: PublicKeyCredential =
                    serde_json::from_value(given.credential_response).map_err(|_| refused())?;
                // A counter that went back refuses here: somebody has a copy of the key.
                let result = party
                    .finish_securitykey_authentication(&used, &state)
                    .map_err(|error| refuse(&error, refused()))?;
                let mut key: SecurityKey = read(stored)?;
                // The state holds the credential as it was at the challenge; what is stored may
                // have been used since.
                let is_copy = result.counter() > 0 && !is_newer(stored, result.counter());
                key.update_credential(&result).ok_or_else(refused)?;
                if is_copy {
                    return Err(refused());
                }
                key
            }
            _ => return Err(refused()),
        };
        serde_json::to_value(&key)
            .map_err(|error| Error::internal("The credential could not be kept", error))
    }
}

/// Takes the wish for a protected credential out of a factor's options.
///
/// COMPAT(supabase-js 2): its `mfa.webauthn.register` asks for a credential that verifies the user
/// only where that is easy, and Chromium refuses such a wish beside that one.
fn forget_protection(options: &mut Value) {
    if let Some(Value::Object(wishes)) = options.pointer_mut("/publicKey/extensions") {
        wishes.remove("credentialProtectionPolicy");
        wishes.remove("enforceCredentialProtectionPolicy");
    }
}

/// Whether a counter is beyond the one of a stored credential.
fn is_newer(stored: &Value, counter: u32) -> bool {
    let stored = stored.pointer("/cred/counter").and_then(Value::as_u64);
    stored.is_none_or(|stored| u64::from(counter) > stored)
}

/// Tells the log why a ceremony was refused, and the client that it was.
pub(crate) fn refuse(error: &WebauthnError, refusal: Error) -> Error {
    tracing::warn!(error = %error, "a WebAuthn ceremony was refused");
    refusal
}

/// Reads what was stored of a credential.
pub(crate) fn read<T: DeserializeOwned>(stored: &Value) -> Result<T> {
    serde_json::from_value(stored.clone())
        .map_err(|error| Error::internal("A stored credential could not be read", error))
}

fn state_context(challenge: &FactorChallenge) -> String {
    format!("mfa_challenges|sealed_state|{}", challenge.id)
}
