//! The second step of signing in: a code of an authenticator app, or one on paper. A passkey is
//! both steps at once.

use postern_base::Secret;
use postern_db::own;
use uuid::Uuid;

use super::challenge::{Purpose, over};
use super::factors::{use_step, wrong};
use super::{Admin, AdminFactorKind, AdminSession};
use crate::limits::{Tried, Try};
use crate::{AuthService, Context, Limit, Result};

/// How far a sign-in has come.
pub enum AdminEntry {
    /// In: the session, and its cookie's value.
    In(AdminSession, Secret<String>),
    /// The password was right, and a factor is wanted.
    Second(SecondStep),
}

/// A sign-in that waits for its second factor.
pub struct SecondStep {
    /// What the next form carries; good once, for five minutes.
    pub ticket: Secret<String>,
    /// Whether a code of an authenticator app would do.
    pub takes_codes: bool,
    /// Whether a passkey would.
    pub takes_passkeys: bool,
}

impl AuthService {
    /// Lets an admin in whose password was right, or asks for what else there is.
    pub(super) async fn enter_admin(&self, admin: Admin, context: &Context) -> Result<AdminEntry> {
        let factors = self.admin_factors(admin.id).await?;
        if factors.is_empty() {
            let (session, token) = self.begin_admin_session(admin, context).await?;
            return Ok(AdminEntry::In(session, token));
        }
        let what = (Purpose::SecondFactor, Some(admin.id));
        let ticket = self.keep_admin_challenge(what, b"", context).await?;
        let has = |kind| factors.iter().any(|it| it.kind == kind);
        Ok(AdminEntry::Second(SecondStep {
            ticket,
            takes_codes: has(AdminFactorKind::Totp),
            takes_passkeys: has(AdminFactorKind::Passkey),
        }))
    }

    /// Takes the code that was asked for: six digits of an app, or a recovery code.
    ///
    /// SECURITY: counted before it is looked at, by the account and by the ticket, which is good
    /// for five tries; a step of time and a code on paper are good once (attacks 16 and 20).
    ///
    /// # Errors
    /// When it is wrong, was used, came too late, or was one too many.
    pub async fn finish_admin_sign_in(
        &self,
        ticket: &str,
        typed: &str,
        context: &Context,
    ) -> Result<(AdminSession, Secret<String>)> {
        self.count_request(Limit::SignIn, context).await?;
        let begun = self
            .try_admin_challenge(Purpose::SecondFactor, ticket, context)
            .await?;
        let id = begun.admin.ok_or_else(over)?;
        let counted = self.check_second_factor(id, typed, context).await?;
        // Of two who hold the ticket one comes in.
        self.take_admin_challenge(Purpose::SecondFactor, ticket, context)
            .await?;
        self.proved(counted, context).await?;
        let admin = self.find_welcome_admin(id).await?.ok_or_else(over)?;
        self.begin_admin_session(admin, context).await
    }

    /// Counts a code of an app or a recovery code and looks at it; the try is to be put back once
    /// nothing else is wrong.
    pub(super) async fn check_second_factor(
        &self,
        id: Uuid,
        typed: &str,
        context: &Context,
    ) -> Result<Try> {
        let counted = self.count_try(Tried::AdminFactor, id, context).await?;
        match self.is_second_factor(id, typed.trim(), context).await? {
            true => Ok(counted),
            false => Err(wrong()),
        }
    }

    async fn is_second_factor(&self, id: Uuid, typed: &str, context: &Context) -> Result<bool> {
        let tx = self.db.begin().await?;
        super::factors::lock(&tx, id).await?;
        let is_right = if typed.len() == 6 {
            let mut is_right = false;
            for factor in self.admin_factors(id).await? {
                let step = self.admin_totp_step(&factor, typed, context)?;
                if let Some(step) = step {
                    is_right |= use_step(&tx, factor.id, step, context.now).await?;
                }
            }
            is_right
        } else {
            self.use_admin_recovery(&tx, id, typed, context.now).await?
        };
        tx.commit().await?;
        Ok(is_right)
    }

    /// An admin who may come in.
    pub(super) async fn find_welcome_admin(&self, id: Uuid) -> Result<Option<Admin>> {
        let found = own!("select * from postern.admins where id = $1 and banned_at is null");
        let row = self.db.query_opt(found, &[&id]).await?;
        Ok(row.as_ref().map(Admin::from_row))
    }
}
