//! Beginning with a factor: it counts only once its owner has shown to have it.

use std::fmt::Display;

use postern_base::codes::auth as codes;
use postern_db::own::OwnTx;
use serde::Serialize;
use serde_json::{Value, json};
use time::Duration;
use uuid::Uuid;

use super::{Locked, check_not_anonymous, friendly_name, totp};
use crate::bearer::Caller;
use crate::settings::Allowed;
use crate::store::{Factor, FactorKind};
use crate::{AuthService, Context, Error, Phone, Result};

/// How long a factor may stay unverified before the next enrolment removes it.
const UNVERIFIED_MAX: Duration = Duration::hours(1);

/// What a client wants to enrol.
#[derive(Clone, Debug)]
pub struct NewFactor {
    /// The kind.
    pub kind: String,
    /// What the user calls it.
    pub friendly_name: Option<String>,
    /// Whose codes an app says they are.
    pub issuer: Option<String>,
    /// The number of a phone factor.
    pub phone: Option<String>,
}

/// A factor that was begun, as the clients read it.
#[derive(Clone, Debug, Serialize)]
pub struct EnrolledOut {
    id: Uuid,
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    friendly_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    phone: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    totp: Option<Value>,
}

impl AuthService {
    /// Begins with a factor.
    ///
    /// # Errors
    /// When the kind is off, the session must be lifted first, or there are too many.
    pub async fn enrol_factor(
        &self,
        caller: &Caller,
        new: NewFactor,
        context: &Context,
    ) -> Result<EnrolledOut> {
        check_not_anonymous(&caller.user)?;
        let kind = self.enrollable(&new.kind)?;
        let mut factor = Factor {
            id: Uuid::new_v4(),
            user_id: caller.user.id,
            kind,
            is_verified: false,
            friendly_name: friendly_name(new.friendly_name.as_deref())?,
            sealed_secret: None,
            phone: None,
            credential: None,
            created_at: context.now,
            updated_at: context.now,
            last_challenged_at: None,
        };
        let mut totp = None;
        match kind {
            FactorKind::Totp => totp = Some(self.new_secret(&mut factor, caller, &new)?),
            FactorKind::Phone => {
                let number = Phone::parse(new.phone.as_deref().unwrap_or_default())?;
                factor.phone = Some(number.as_str().to_owned());
            }
            FactorKind::WebAuthn | FactorKind::RecoveryCode => {}
        }
        let tx = self.db.begin().await?;
        let locked = self.lock_caller(&tx, caller).await?;
        let message = "AAL2 required to enroll a new factor";
        self.check_lifted(&tx, &locked, message).await?;
        self.check_room(&tx, &locked, &factor).await?;
        factor.insert(&tx).await?;
        self.audit(&tx, "factor_in_progress", &locked.user, context)
            .await?;
        tx.commit().await?;
        Ok(EnrolledOut {
            id: factor.id,
            kind: kind.as_str(),
            friendly_name: factor.friendly_name,
            phone: factor.phone,
            totp,
        })
    }

    fn enrollable(&self, kind: &str) -> Result<FactorKind> {
        let settings = &self.settings.factors;
        let off = |code, message| Err(Error::new(code, message));
        match FactorKind::parse(kind) {
            Some(FactorKind::Totp) if settings.totp == Allowed::No => off(
                &codes::MFA_TOTP_ENROLL_NOT_ENABLED,
                "MFA enroll is disabled for TOTP",
            ),
            Some(FactorKind::Phone) if settings.phone == Allowed::No => off(
                &codes::MFA_PHONE_ENROLL_NOT_ENABLED,
                "MFA enroll is disabled for Phone",
            ),
            Some(FactorKind::WebAuthn) if settings.webauthn == Allowed::No => off(
                &codes::MFA_WEBAUTHN_ENROLL_NOT_ENABLED,
                "MFA enroll is disabled for WebAuthn",
            ),
            None | Some(FactorKind::RecoveryCode) => Err(Error::invalid(
                "factor_type needs to be totp, phone, or webauthn",
            )),
            Some(kind) => Ok(kind),
        }
    }

    /// Draws a secret; its text leaves the service in this one answer only.
    fn new_secret(&self, factor: &mut Factor, caller: &Caller, new: &NewFactor) -> Result<Value> {
        let mut secret = [0; totp::SECRET_BYTES];
        self.random.fill(&mut secret);
        factor.sealed_secret = Some(self.vault.seal(&secret_context(factor.id), &secret));
        let issuer = new.issuer.as_deref().map(str::trim);
        let issuer = issuer.filter(|it| !it.is_empty() && it.chars().count() <= 100);
        let issuer = issuer.unwrap_or(&self.settings.site_name);
        let user = &caller.user;
        let account = user.email.as_deref().or(user.phone.as_deref());
        let uri = totp::uri(issuer, account.unwrap_or("account"), &secret);
        Ok(json!({
            "qr_code": totp::qr_svg(&uri)?,
            "secret": totp::spell(&secret),
            "uri": uri,
        }))
    }

    /// Makes room for a factor among those that the user has, or refuses it.
    pub(super) async fn check_room(&self, tx: &OwnTx, locked: &Locked, new: &Factor) -> Result<()> {
        let user = locked.user.id;
        Factor::delete_unverified(tx, user, new.created_at - UNVERIFIED_MAX).await?;
        let mut factors = Factor::of_locked_user(tx, user).await?;
        if new.phone.is_some() {
            let same = factors.iter().find(|it| it.phone == new.phone);
            match same.map(|it| (it.id, it.is_verified)) {
                Some((_, true)) => {
                    let message = "A verified phone factor already exists, unenroll the existing \
                                   factor to continue";
                    return Err(Error::new(&codes::MFA_VERIFIED_FACTOR_EXISTS, message));
                }
                Some((id, false)) => {
                    Factor::delete_row(tx, user, id).await?;
                    factors.retain(|it| it.id != id);
                }
                None => {}
            }
        }
        if factors.len() >= self.settings.factors.per_user_max {
            return Err(Error::new(
                &codes::TOO_MANY_ENROLLED_MFA_FACTORS,
                "Maximum number of factors reached, unenroll one to continue",
            ));
        }
        let is_same = |it: &Factor| it.friendly_name == new.friendly_name;
        if new.friendly_name.is_some() && factors.iter().any(is_same) {
            let name = new.friendly_name.as_deref().unwrap_or_default();
            let message =
                format!("A factor with the friendly name \"{name}\" for this user already exists");
            return Err(Error::new(&codes::MFA_FACTOR_NAME_CONFLICT, message));
        }
        Ok(())
    }
}

/// Where a secret is sealed for.
pub(crate) fn secret_context(factor: impl Display) -> String {
    format!("mfa_factors|secret|{factor}")
}
