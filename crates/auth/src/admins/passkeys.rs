//! Passkeys of admins: making one, signing in with one, and proving presence with one.
//!
//! A passkey is asked for with user verification, so that it is two factors in one and signs in
//! alone. The relying party is the console's own address, as the request came in under it and the
//! console has checked; what a client says about it is not read.

mod using;

use postern_base::Secret;
use postern_base::codes::auth as codes;
use postern_db::own;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use url::Url;
use uuid::Uuid;
use webauthn_rs::prelude::{
    CredentialID, Passkey, PasskeyRegistration, RegisterPublicKeyCredential, Webauthn,
    WebauthnBuilder,
};

use super::challenge::Purpose;
use super::{AdminFactorKind, AdminSession, factors};
use crate::mfa::{friendly_name, keep_passkey, passkey_refused as refused, read, refuse};
use crate::{AuthService, Context, Error, Result};

/// A ceremony that was begun.
pub struct AdminCeremony {
    /// What the form carries that ends it.
    pub ticket: Secret<String>,
    /// What the browser is asked for.
    pub options: Value,
}

impl AuthService {
    /// Begins with a passkey.
    ///
    /// # Errors
    /// When the console is reached under an address that passkeys cannot be made for.
    pub async fn begin_admin_passkey(
        &self,
        session: &AdminSession,
        origin: &Url,
        context: &Context,
    ) -> Result<AdminCeremony> {
        let admin = &session.admin;
        let known = self.admin_factors(admin.id).await?;
        let known = known
            .iter()
            .filter(|it| it.kind == AdminFactorKind::Passkey);
        let known: Vec<CredentialID> = known
            .filter_map(|it| {
                it.credential
                    .as_ref()
                    .and_then(|it| read::<Passkey>(it).ok())
            })
            .map(|it| it.cred_id().clone())
            .collect();
        let (options, state) = party(origin)?
            .start_passkey_registration(admin.id, &admin.email, &admin.email, Some(known))
            .map_err(|error| Error::internal("The ceremony could not be begun", error))?;
        let mut options = json!(options)["publicKey"].take();
        // A passkey is found without an address being typed, so the authenticator must keep it.
        options["authenticatorSelection"]["residentKey"] = json!("required");
        options["authenticatorSelection"]["requireResidentKey"] = json!(true);
        let state = to_bytes(&state)?;
        let what = (Purpose::NewPasskey, Some(admin.id));
        let ticket = self.keep_admin_challenge(what, &state, context).await?;
        Ok(AdminCeremony { ticket, options })
    }

    /// Keeps a passkey that was made; other sessions end. Returns the recovery codes that come
    /// with the first factor.
    ///
    /// # Errors
    /// When the ceremony is unknown or late, or the credential is not what was asked for.
    pub async fn finish_admin_passkey(
        &self,
        session: &AdminSession,
        made: &MadePasskey<'_>,
        context: &Context,
    ) -> Result<Option<Vec<String>>> {
        let begun = self
            .take_admin_challenge(Purpose::NewPasskey, made.ticket, context)
            .await?;
        let admin = session.admin.id;
        if begun.admin != Some(admin) {
            return Err(refused());
        }
        let state: PasskeyRegistration = from_bytes(begun.state.expose())?;
        let credential: RegisterPublicKeyCredential =
            serde_json::from_str(made.credential).map_err(|_| refused())?;
        let passkey = party(made.origin)?
            .finish_passkey_registration(&credential, &state)
            .map_err(|error| refuse(&error, refused()))?;
        let name = friendly_name(Some(made.name))?.unwrap_or_else(|| "Passkey".into());
        let id = Uuid::new_v4();
        let tx = self.db.begin().await?;
        factors::lock(&tx, admin).await?;
        factors::check_room(&tx, admin).await?;
        let insert = own!(
            "insert into postern.admin_factors (id, admin_id, kind, name, credential_id, \
             credential, created_at, verified_at) values ($1, $2, 'passkey', $3, $4, $5, $6, $6) \
             on conflict (credential_id) do nothing"
        );
        let (credential_id, stored) = (passkey.cred_id().to_vec(), keep_passkey(&passkey)?);
        let stored = tx
            .execute(
                insert,
                &[&id, &admin, &name, &credential_id, &stored, &context.now],
            )
            .await?;
        if stored == 0 {
            let message = "The passkey is registered already";
            return Err(Error::new(&codes::WEBAUTHN_CREDENTIAL_EXISTS, message));
        }
        let what = (id, "passkey");
        let codes = self.note_new_factor(&tx, session, what, context).await?;
        tx.commit().await?;
        Ok(codes)
    }
}

/// What a browser sent back of a passkey that it made.
pub struct MadePasskey<'a> {
    /// The ceremony's ticket.
    pub ticket: &'a str,
    /// The credential as JSON.
    pub credential: &'a str,
    /// What its owner calls it.
    pub name: &'a str,
    /// Where the console was reached.
    pub origin: &'a Url,
}

/// The console as relying party, under the address that it is reached at.
fn party(origin: &Url) -> Result<Webauthn> {
    let useless = || {
        Error::invalid("Passkeys need a name: open the console under localhost or its own address")
    };
    let host = origin.domain().ok_or_else(useless)?;
    let builder = WebauthnBuilder::new(host, origin).map_err(|_| useless())?;
    builder
        .rp_name("Postern console")
        .build()
        .map_err(|_| useless())
}

fn to_bytes(state: &impl serde::Serialize) -> Result<Vec<u8>> {
    serde_json::to_vec(state)
        .map_err(|error| Error::internal("The ceremony could not be kept", error))
}

fn from_bytes<T: DeserializeOwned>(bytes: &[u8]) -> Result<T> {
    serde_json::from_slice(bytes)
        .map_err(|error| Error::internal("A ceremony could not be read", error))
}
