//! Answering a challenge.

use postern_base::codes::auth as codes;
use postern_db::own::OwnTx;
use serde_json::Value;
use uuid::Uuid;

use super::{Locked, check_not_anonymous, enrol, factor_not_found, totp};
use crate::bearer::Caller;
use crate::hooks::{HookPoint, TriedFactor};
use crate::limits::Tried;
use crate::session::TokenPair;
use crate::settings::Allowed;
use crate::store::{Answered, Factor, FactorChallenge, FactorKind};
use crate::{AuthService, Context, Error, Result};

/// An answer to a challenge.
#[derive(Clone, Debug)]
pub struct Answer {
    /// Which challenge.
    pub challenge: Uuid,
    /// The code that was typed.
    pub code: Option<String>,
    /// The ceremony's result.
    pub webauthn: Option<Value>,
}

/// What is written when an answer is accepted.
pub(super) enum Accepted {
    /// A step of time, which is used up.
    Step(i64),
    /// A texted code; the challenge is used up with it.
    Texted,
    /// What the table keeps of a WebAuthn credential from now on.
    Credential(Value),
}

impl AuthService {
    /// Answers a challenge, and lifts the caller's session.
    ///
    /// # Errors
    /// When the answer is wrong, late, or one too many.
    pub async fn verify_factor(
        &self,
        caller: &Caller,
        factor: Uuid,
        answer: Answer,
        context: &Context,
    ) -> Result<TokenPair> {
        check_not_anonymous(&caller.user)?;
        let factor = Factor::find(&self.db, caller.user.id, factor).await?;
        let factor = factor.ok_or_else(factor_not_found)?;
        self.check_verifiable(factor.kind)?;
        let challenge = self.try_challenge(&factor, &answer, context).await?;
        // Counted before the answer is looked at, whatever becomes of the challenge (attack 16).
        let tried = self.count_try(Tried::Factor, caller.user.id, context);
        let tried = tried.await?;
        let tx = self.db.begin().await?;
        let (locked, factor) = self.lock_factor(&tx, caller, factor.id).await?;
        let attempt = TriedFactor {
            user: locked.user.id,
            factor: factor.id,
            kind: factor.kind.as_str(),
        };
        let accepted = self
            .judge(&factor, &challenge, &answer, context)
            .inspect_err(|_| self.tell_wrong_factor(attempt, context))?;
        if !challenge.consume(&tx, context.now).await? {
            return Err(wrong(factor.kind));
        }
        match accepted {
            Accepted::Step(step) if !factor.use_step(&tx, step).await? => {
                return Err(wrong(factor.kind));
            }
            Accepted::Credential(credential) => factor.keep_credential(&tx, &credential).await?,
            Accepted::Step(_) | Accepted::Texted => {}
        }
        let (tx, locked, factor) = if self.hooks.has(HookPoint::MfaVerificationAttempt) {
            // Nobody waits for the row or a connection while the project is asked. The answer is
            // used up, whatever the project says.
            tx.commit().await?;
            self.check_verified_factor(attempt, context).await?;
            let tx = self.db.begin().await?;
            let (locked, factor) = self.lock_factor(&tx, caller, factor.id).await?;
            (tx, locked, factor)
        } else {
            (tx, locked, factor)
        };
        let begun = self.lift_by(&tx, locked, &factor, context).await?;
        tx.commit().await?;
        self.proved(tried, context).await?;
        self.outbox.wake();
        self.token_pair(begun, context).await
    }

    /// A caller's factor, read under the lock: others may have verified or removed it meanwhile.
    async fn lock_factor(
        &self,
        tx: &OwnTx,
        caller: &Caller,
        factor: Uuid,
    ) -> Result<(Locked, Factor)> {
        let locked = self.lock_caller(tx, caller).await?;
        let factors = Factor::of_locked_user(tx, locked.user.id).await?;
        let found = factors.into_iter().find(|it| it.id == factor);
        let factor = found.ok_or_else(factor_not_found)?;
        if !factor.is_verified {
            // Begun before another one was verified, by whoever knew the password then.
            let message = "AAL2 required to verify a new factor";
            self.check_lifted(tx, &locked, message).await?;
        }
        Ok((locked, factor))
    }

    async fn try_challenge(
        &self,
        factor: &Factor,
        answer: &Answer,
        context: &Context,
    ) -> Result<FactorChallenge> {
        let tried = FactorChallenge::attempt(&self.db, factor.id, answer.challenge, context.now);
        let challenge = match tried.await? {
            Answered::Live(challenge) => challenge,
            Answered::Over => {
                let message = "MFA challenge has expired or was used, verify against another \
                               challenge or create a new challenge.";
                return Err(Error::new(&codes::MFA_CHALLENGE_EXPIRED, message));
            }
            Answered::Unknown => {
                let message = "MFA factor with the provided challenge ID not found";
                return Err(Error::new(&codes::MFA_FACTOR_NOT_FOUND, message));
            }
        };
        let may_differ = self.settings.factors.other_address == Allowed::Yes;
        if !may_differ && challenge.ip != context.ip {
            return Err(Error::new(
                &codes::MFA_IP_ADDRESS_MISMATCH,
                "Challenge and verify IP addresses mismatch.",
            ));
        }
        Ok(*challenge)
    }

    fn judge(
        &self,
        factor: &Factor,
        challenge: &FactorChallenge,
        answer: &Answer,
        context: &Context,
    ) -> Result<Accepted> {
        let typed = answer.code.as_deref().unwrap_or_default();
        match factor.kind {
            FactorKind::Totp => {
                let sealed = factor.sealed_secret.as_deref().unwrap_or_default();
                let secret = self.vault.open(&enrol::secret_context(factor.id), sealed)?;
                totp::matching_step(secret.expose(), typed, context.now)
                    .map(Accepted::Step)
                    .ok_or_else(|| wrong(factor.kind))
            }
            FactorKind::Phone if self.is_phone_code(challenge, typed) => Ok(Accepted::Texted),
            FactorKind::WebAuthn => {
                let given = answer.webauthn.as_ref();
                self.end_ceremony(factor, challenge, given)
                    .map(Accepted::Credential)
            }
            FactorKind::Phone | FactorKind::RecoveryCode => Err(wrong(factor.kind)),
        }
    }
}

/// The one answer to whatever is wrong with an answer.
pub(super) fn wrong(kind: FactorKind) -> Error {
    let message = match kind {
        FactorKind::Totp => "Invalid TOTP code entered",
        FactorKind::Phone => "Invalid code entered",
        FactorKind::WebAuthn => "The credential could not be verified",
        FactorKind::RecoveryCode => "Invalid recovery code entered",
    };
    Error::new(&codes::MFA_VERIFICATION_FAILED, message)
}
