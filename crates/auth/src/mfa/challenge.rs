//! Asking for a factor.

use postern_base::codes::auth as codes;
use serde::Serialize;
use serde_json::Value;
use time::Duration;
use uuid::Uuid;

use super::{check_not_anonymous, factor_not_found};
use crate::bearer::Caller;
use crate::settings::Allowed;
use crate::store::{Factor, FactorChallenge, FactorKind};
use crate::{AuthService, Context, Error, Result};

/// A challenge, as the clients read it.
#[derive(Clone, Debug, Serialize)]
pub struct ChallengeOut {
    id: Uuid,
    #[serde(rename = "type")]
    kind: &'static str,
    expires_at: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    webauthn: Option<Value>,
}

impl AuthService {
    /// Asks for a factor of the caller.
    ///
    /// # Errors
    /// When the caller has no such factor, its kind is off, or a text was sent just now.
    pub async fn challenge_factor(
        &self,
        caller: &Caller,
        factor: Uuid,
        channel: &str,
        context: &Context,
    ) -> Result<ChallengeOut> {
        check_not_anonymous(&caller.user)?;
        let factor = Factor::find(&self.db, caller.user.id, factor).await?;
        let factor = factor.ok_or_else(factor_not_found)?;
        self.check_verifiable(factor.kind)?;
        let id = Uuid::new_v4();
        let mut challenge = FactorChallenge {
            id,
            factor_id: factor.id,
            created_at: context.now,
            expires_at: context.now + Duration::seconds(self.settings.factors.challenge_secs),
            ip: context.ip,
            code_mac: None,
            sealed_state: None,
        };
        let mut webauthn = None;
        let mut code = None;
        match factor.kind {
            FactorKind::Totp => {}
            FactorKind::Phone => {
                code = Some(
                    self.new_phone_code(&factor, &mut challenge, context)
                        .await?,
                )
            }
            FactorKind::WebAuthn => {
                webauthn = Some(self.begin_ceremony(caller, &factor, &mut challenge)?);
            }
            // Recovery codes are not asked for; they are tried as they are.
            FactorKind::RecoveryCode => return Err(factor_not_found()),
        }
        let tx = self.db.begin().await?;
        challenge.store(&tx).await?;
        if let Some(code) = code {
            self.text_phone_code(&tx, &factor, code, channel, context)
                .await?;
        }
        self.audit(&tx, "challenge_created", &caller.user, context)
            .await?;
        tx.commit().await?;
        self.outbox.wake();
        Ok(ChallengeOut {
            id,
            kind: factor.kind.as_str(),
            expires_at: challenge.expires_at.unix_timestamp(),
            webauthn,
        })
    }

    /// Refuses factors of a kind that is switched off. Users who have one are not let in without
    /// it: what needs `aal2` stays closed to them.
    pub(super) fn check_verifiable(&self, kind: FactorKind) -> Result<()> {
        let settings = &self.settings.factors;
        let (allowed, code, message) = match kind {
            FactorKind::Totp => (
                settings.totp,
                &codes::MFA_TOTP_VERIFY_NOT_ENABLED,
                "MFA verification is disabled for TOTP",
            ),
            FactorKind::Phone => (
                settings.phone,
                &codes::MFA_PHONE_VERIFY_NOT_ENABLED,
                "MFA verification is disabled for Phone",
            ),
            FactorKind::WebAuthn => (
                settings.webauthn,
                &codes::MFA_WEBAUTHN_VERIFY_NOT_ENABLED,
                "MFA verification is disabled for WebAuthn",
            ),
            FactorKind::RecoveryCode => (
                settings.recovery_codes,
                &codes::MFA_RECOVERY_CODES_VERIFY_NOT_ENABLED,
                "MFA verification is disabled for recovery codes",
            ),
        };
        match allowed {
            Allowed::Yes => Ok(()),
            Allowed::No => Err(Error::new(code, message)),
        }
    }
}
