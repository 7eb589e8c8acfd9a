//! Recovery codes: the way back in for somebody who lost every factor.
//!
//! Ten codes of eighty random bits each, shown once and kept as MACs. A code that is used is
//! gone; new codes replace all old ones.

pub(crate) mod code;

use postern_base::codes::auth as codes;
use postern_db::own::OwnTx;
use postern_mail::MailKind;
use serde::Serialize;
use time::OffsetDateTime;
use uuid::Uuid;

pub(super) use code::base32;

use super::verify::wrong;
use super::{Locked, check_not_anonymous, factor_not_found, friendly_name};
use crate::bearer::Caller;
use crate::limits::Tried;
use crate::session::TokenPair;
use crate::settings::Allowed;
use crate::store::{Aal, Factor, FactorKind, RecoveryCodes};
use crate::{AuthService, Context, Error, Result};

/// Codes of a set.
const CODES: usize = 10;
/// What the set is called unless the user calls it otherwise.
const NAME: &str = "Recovery codes";

/// How many codes are left, as the clients read it.
#[derive(Clone, Debug, Serialize)]
pub struct RecoveryStatusOut {
    id: Uuid,
    #[serde(rename = "type")]
    kind: &'static str,
    total: i64,
    remaining: i64,
}

/// New codes, as the clients read them, once.
#[derive(Clone, Serialize)]
pub struct RecoveryCodesOut {
    id: Uuid,
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    friendly_name: Option<String>,
    total: usize,
    codes: Vec<String>,
}

/// Says nothing of the codes.
impl std::fmt::Debug for RecoveryCodesOut {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("RecoveryCodesOut")
    }
}

impl AuthService {
    /// How many recovery codes the caller has.
    ///
    /// # Errors
    /// When there are none.
    pub async fn recovery_status(&self, caller: &Caller) -> Result<RecoveryStatusOut> {
        check_not_anonymous(&caller.user)?;
        let factors = Factor::of_user(&self.db, caller.user.id).await?;
        let factor = recovery_of(&factors).ok_or_else(factor_not_found)?;
        let counts = RecoveryCodes::of_user(&self.db, caller.user.id).await?;
        Ok(RecoveryStatusOut {
            id: factor.id,
            kind: factor.kind.as_str(),
            total: counts.total,
            remaining: counts.remaining,
        })
    }

    /// Makes the caller's first set of recovery codes.
    ///
    /// # Errors
    /// When the session is not lifted, no other factor counts, or there is a set already.
    pub async fn generate_recovery_codes(
        &self,
        caller: &Caller,
        name: Option<&str>,
        context: &Context,
    ) -> Result<RecoveryCodesOut> {
        self.check_recovery_on(caller)?;
        let factor = Factor {
            id: Uuid::new_v4(),
            user_id: caller.user.id,
            kind: FactorKind::RecoveryCode,
            is_verified: true,
            friendly_name: friendly_name(name)?.or_else(|| Some(NAME.into())),
            sealed_secret: None,
            phone: None,
            credential: None,
            created_at: context.now,
            updated_at: context.now,
            last_challenged_at: None,
        };
        let tx = self.db.begin().await?;
        let locked = self.lock_caller(&tx, caller).await?;
        check_aal2(&locked)?;
        let factors = Factor::of_locked_user(&tx, locked.user.id).await?;
        if recovery_of(&factors).is_some() {
            return Err(Error::new(
                &codes::MFA_VERIFIED_FACTOR_EXISTS,
                "Recovery codes already exist, regenerate them instead",
            ));
        }
        if !factors.iter().any(|it| it.is_verified) {
            return Err(Error::new(
                &codes::MFA_RECOVERY_CODES_SOLE_FACTOR,
                "Recovery codes cannot be the only factor",
            ));
        }
        self.check_room(&tx, &locked, &factor).await?;
        factor.insert(&tx).await?;
        let made = self.replace_codes(&tx, &factor, context.now).await?;
        self.notice(
            &tx,
            MailKind::MfaEnrolled,
            (&locked.user, factor.kind.as_str()),
            context,
        )
        .await?;
        self.audit(&tx, "generate_recovery_codes", &locked.user, context)
            .await?;
        tx.commit().await?;
        self.outbox.wake();
        Ok(made)
    }

    /// Puts new codes in the place of the caller's old ones.
    ///
    /// # Errors
    /// When the session is not lifted, or there are none.
    pub async fn regenerate_recovery_codes(
        &self,
        caller: &Caller,
        context: &Context,
    ) -> Result<RecoveryCodesOut> {
        self.check_recovery_on(caller)?;
        let tx = self.db.begin().await?;
        let locked = self.lock_caller(&tx, caller).await?;
        check_aal2(&locked)?;
        let factors = Factor::of_locked_user(&tx, locked.user.id).await?;
        let factor = recovery_of(&factors).ok_or_else(factor_not_found)?;
        let made = self.replace_codes(&tx, factor, context.now).await?;
        self.audit(&tx, "generate_recovery_codes", &locked.user, context)
            .await?;
        tx.commit().await?;
        Ok(made)
    }

    /// Uses a recovery code up, and lifts the caller's session.
    ///
    /// # Errors
    /// When it is none of the caller's, was used, or too many were tried.
    pub async fn verify_recovery_code(
        &self,
        caller: &Caller,
        typed: &str,
        context: &Context,
    ) -> Result<TokenPair> {
        check_not_anonymous(&caller.user)?;
        self.check_verifiable(FactorKind::RecoveryCode)?;
        let tried = self.count_try(Tried::RecoveryCode, caller.user.id, context);
        let tried = tried.await.map_err(locked_out)?;
        let refused = || wrong(FactorKind::RecoveryCode);
        let tx = self.db.begin().await?;
        let locked = self.lock_caller(&tx, caller).await?;
        let user = locked.user.id;
        let factors = Factor::of_locked_user(&tx, user).await?;
        let factor = recovery_of(&factors).ok_or_else(refused)?;
        let message = code::message(user, &code::canonical(typed));
        let macs = self.vault.macs("recovery_code", &message);
        let macs: Vec<_> = macs.iter().map(|it| it.to_vec()).collect();
        if !RecoveryCodes::consume(&tx, user, &macs, context.now).await? {
            return Err(refused());
        }
        let begun = self.lift_by(&tx, locked, factor, context).await?;
        tx.commit().await?;
        self.proved(tried, context).await?;
        self.token_pair(begun, context).await
    }

    /// Removes the caller's recovery codes; returns what they hung on.
    ///
    /// # Errors
    /// When the session is not lifted, or there are none.
    pub async fn unenrol_recovery_codes(&self, caller: &Caller, context: &Context) -> Result<Uuid> {
        let factors = Factor::of_user(&self.db, caller.user.id).await?;
        let factor = recovery_of(&factors).ok_or_else(factor_not_found)?;
        self.unenrol_factor(caller, factor.id, context).await?;
        Ok(factor.id)
    }

    fn check_recovery_on(&self, caller: &Caller) -> Result<()> {
        check_not_anonymous(&caller.user)?;
        if self.settings.factors.recovery_codes == Allowed::No {
            return Err(Error::new(
                &codes::MFA_RECOVERY_CODES_ENROLL_NOT_ENABLED,
                "MFA enroll is disabled for recovery codes",
            ));
        }
        Ok(())
    }

    async fn replace_codes(
        &self,
        tx: &OwnTx,
        factor: &Factor,
        now: OffsetDateTime,
    ) -> Result<RecoveryCodesOut> {
        let made: Vec<String> = (0..CODES).map(|_| code::new(&*self.random)).collect();
        let mac = |code: &String| {
            let message = code::message(factor.user_id, code);
            self.vault.mac("recovery_code", &message).to_vec()
        };
        let macs: Vec<_> = made.iter().map(mac).collect();
        RecoveryCodes::replace(tx, factor.user_id, &macs, now).await?;
        Ok(RecoveryCodesOut {
            id: factor.id,
            kind: factor.kind.as_str(),
            friendly_name: factor.friendly_name.clone(),
            total: made.len(),
            codes: made,
        })
    }
}

fn check_aal2(locked: &Locked) -> Result<()> {
    if locked.session.aal == Aal::Aal2 {
        return Ok(());
    }
    let message = "AAL2 required to manage recovery codes";
    Err(Error::new(&codes::INSUFFICIENT_AAL, message).with_status(403))
}

/// Too many tries have a code of their own here.
fn locked_out(error: Error) -> Error {
    if !error.is(&codes::OVER_REQUEST_RATE_LIMIT) {
        return error;
    }
    let locked = Error::new(
        &codes::MFA_RECOVERY_CODES_LOCKED,
        error.message().to_owned(),
    );
    match error.retry_after_secs() {
        Some(secs) => locked.retry_after(secs),
        None => locked,
    }
}

fn recovery_of(factors: &[Factor]) -> Option<&Factor> {
    factors
        .iter()
        .find(|it| it.kind == FactorKind::RecoveryCode)
}
