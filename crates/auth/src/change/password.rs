//! A new password, and who may set one.

use postern_base::codes::auth as codes;
use postern_db::own::OwnTx;
use postern_mail::MailKind;
use postern_password::Verdict;
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use super::{Changes, identifier_of};
use crate::bearer::Caller;
use crate::limits::Tried;
use crate::store::{Code, Holder, Purpose, Session, User};
use crate::{AuthService, Context, Error, Result};

/// How old a sign-in may be that counts as a proof of presence.
const FRESH: Duration = Duration::hours(24);
/// How long after a recovery the forgotten password is not asked for.
const RECOVERING: Duration = Duration::hours(1);

/// A password that may be set.
pub(super) struct NewPassword {
    hash: String,
    /// The nonce that allows it, to be used up with it.
    nonce: Option<Code>,
}

impl AuthService {
    /// Does everything about a new password that takes long, before the user's row is locked.
    pub(super) async fn new_password(
        &self,
        caller: &Caller,
        changes: &Changes,
        context: &Context,
    ) -> Result<Option<NewPassword>> {
        let Some(password) = &changes.password else {
            return Ok(None);
        };
        let user = &caller.user;
        let identifier = identifier_of(user);
        let Some(identifier) = identifier.filter(|_| !user.is_anonymous) else {
            let message = "Updating password of an anonymous user without an email or phone is \
                           not allowed";
            return Err(Error::invalid(message).with_status(422));
        };
        self.check_new_password(password, identifier.as_str())
            .await?;
        let nonce = self.check_presence(caller, changes, context).await?;
        let stored = user.encrypted_password.as_deref();
        if stored.is_some() {
            let is_known = self.check_current(caller, changes, context).await?;
            let is_same = match &changes.current_password {
                Some(current) if is_known => current.expose() == password.expose(),
                _ => matches!(
                    self.passwords.verify(password, stored).await?,
                    Verdict::Match { .. }
                ),
            };
            if is_same {
                return Err(Error::new(
                    &codes::SAME_PASSWORD,
                    "New password should be different from the old password.",
                ));
            }
        }
        let hash = self.passwords.hash(password).await?;
        Ok(Some(NewPassword { hash, nonce }))
    }

    /// Where that is asked for: a sign-in of the last day, or the nonce that was sent.
    async fn check_presence(
        &self,
        caller: &Caller,
        changes: &Changes,
        context: &Context,
    ) -> Result<Option<Code>> {
        let is_asked = self.settings.password.reauthentication.is_yes();
        if !is_asked || context.now - caller.session.created_at < FRESH {
            return Ok(None);
        }
        let Some(nonce) = &changes.nonce else {
            return Err(Error::new(
                &codes::REAUTHENTICATION_NEEDED,
                "Password update requires reauthentication",
            ));
        };
        let purposes = &[Purpose::Reauthentication];
        let holder = Holder::User(caller.user.id);
        let found = self.find_typed(holder, purposes, nonce, context.now).await;
        found.map(Some).map_err(|error| {
            if error.is(&codes::OTP_EXPIRED) {
                nonce_not_valid()
            } else {
                error
            }
        })
    }

    /// The present password, where it is asked for or given; says whether it was shown.
    async fn check_current(
        &self,
        caller: &Caller,
        changes: &Changes,
        context: &Context,
    ) -> Result<bool> {
        let Some(current) = &changes.current_password else {
            let is_asked = self.settings.password.current_password.is_yes();
            if is_asked && !is_recovering(caller, context.now) {
                return Err(Error::new(
                    &codes::CURRENT_PASSWORD_REQUIRED,
                    "Current password required when setting new password.",
                ));
            }
            return Ok(false);
        };
        let counted = self
            .count_try(Tried::Password, caller.user.id, context)
            .await?;
        let stored = caller.user.encrypted_password.as_deref();
        match self.passwords.verify(current, stored).await? {
            Verdict::Match { .. } => {
                self.proved(counted, context).await?;
                Ok(true)
            }
            Verdict::Mismatch => Err(Error::new(
                &codes::CURRENT_PASSWORD_INVALID,
                "Current password is not valid.",
            )),
        }
    }

    /// Sets the password in a transaction that holds the user's row. Other sessions end, and
    /// whatever was sent or begun before is void (attack 14); returns the sessions.
    pub(super) async fn set_password(
        &self,
        tx: &OwnTx,
        user: &mut User,
        password: NewPassword,
        caller: &Caller,
        context: &Context,
    ) -> Result<Vec<Uuid>> {
        if user.encrypted_password != caller.user.encrypted_password {
            return Err(Error::new(
                &codes::CONFLICT,
                "The password was changed at the same time",
            ));
        }
        if let Some(nonce) = &password.nonce
            && !nonce.consume(tx).await?
        {
            return Err(nonce_not_valid());
        }
        user.encrypted_password = Some(password.hash);
        user.email_change = None;
        user.email_change_confirm_status = 0;
        user.phone_change = None;
        Code::void_all(tx, user.id).await?;
        User::void_flows(tx, user.id).await?;
        if let Some(email) = user.email.clone() {
            let letter = self.letter(MailKind::PasswordChanged, user, &email, context);
            self.mail_notice(tx, letter, context).await?;
        }
        self.audit(tx, "user_updated_password", user, context)
            .await?;
        Session::end_all(tx, user.id, Some(caller.session.id)).await
    }
}

/// Whether the session began with a recovery not long ago: who is in one has forgotten the
/// password that would be asked for.
fn is_recovering(caller: &Caller, now: OffsetDateTime) -> bool {
    let methods = caller.claims.as_value().get("amr");
    let methods = methods.and_then(|it| it.as_array());
    let since = (now - RECOVERING).unix_timestamp();
    methods.into_iter().flatten().any(|it| {
        let at = it.get("timestamp").and_then(|it| it.as_i64());
        it.get("method").is_some_and(|it| it == "recovery") && at.is_some_and(|at| at >= since)
    })
}

fn nonce_not_valid() -> Error {
    Error::new(
        &codes::REAUTHENTICATION_NOT_VALID,
        "Nonce has expired or is invalid",
    )
}
