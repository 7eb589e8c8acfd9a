//! Hooks that send mails and texts in the place of the house's own carrier.

use std::sync::Arc;

use postern_base::Clock;
use postern_mail::MailKind;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{HookCaller, HookPoint, Occasion};
use crate::outbox::{Carrier, Delivery, EmailLetter, Letter, TextLetter, Undeliverable};
use crate::store::{Identity, User};
use crate::wire::UserOut;
use crate::{AuthService, Error};

/// A carrier that asks hooks first.
struct HookCarrier {
    hooks: HookCaller,
    db: postern_db::own::OwnDb,
    clock: Arc<dyn Clock>,
    /// The address of the auth service, for links that a hook builds.
    own_url: String,
    inner: Arc<dyn Carrier>,
}

impl AuthService {
    /// Puts the hooks that send letters in front of a carrier.
    pub fn with_hooks(&self, inner: Arc<dyn Carrier>) -> Arc<dyn Carrier> {
        Arc::new(HookCarrier {
            hooks: self.hooks.clone(),
            db: self.db.clone(),
            clock: Arc::clone(&self.clock),
            own_url: self.own_url("").trim_end_matches('/').to_owned(),
            inner,
        })
    }
}

impl Carrier for HookCarrier {
    fn carry<'a>(&'a self, letter: &'a Letter) -> Delivery<'a> {
        Box::pin(async move {
            match letter {
                Letter::Email(mail) if self.hooks.has(HookPoint::SendEmail) => {
                    let payload = json!({
                        "user": self.user(mail.user_id).await?,
                        "email_data": self.email_data(mail),
                    });
                    self.send(HookPoint::SendEmail, payload).await
                }
                Letter::Text(text) if self.hooks.has(HookPoint::SendSms) => {
                    let payload = json!({
                        "user": self.user(text.user_id).await?,
                        "sms": sms(text),
                    });
                    self.send(HookPoint::SendSms, payload).await
                }
                letter => self.inner.carry(letter).await,
            }
        })
    }
}

impl HookCarrier {
    async fn send(&self, point: HookPoint, payload: Value) -> Result<(), Undeliverable> {
        let occasion = Occasion {
            ip_address: String::new(),
            now: crate::service::now(&*self.clock),
        };
        let sent = self.hooks.call(point, payload, &occasion).await;
        sent.map(drop).map_err(|error| undeliverable(&error))
    }

    /// The user of a letter, as the API answers; nobody where the account is gone.
    async fn user(&self, id: Option<Uuid>) -> Result<Value, Undeliverable> {
        let later = |error: Error| Undeliverable::Later(error.to_string());
        let Some(id) = id else {
            return Ok(Value::Null);
        };
        let user = User::find(&self.db, id).await.map_err(later)?;
        let Some(user) = user else {
            return Err(Undeliverable::Never("its user is gone".into()));
        };
        let identities = Identity::of_user(&self.db, id).await.map_err(later)?;
        Ok(json!(UserOut::new(&user, &identities, &[])))
    }

    fn email_data(&self, letter: &EmailLetter) -> Value {
        let text = |it: &Option<String>| it.clone().unwrap_or_default();
        json!({
            "to": letter.to,
            "token": text(&letter.code),
            "token_hash": text(&letter.token),
            "redirect_to": text(&letter.redirect_to),
            "email_action_type": action_type(&letter.kind),
            "site_url": self.own_url,
            // Supabase sends one call for both mails of a change of address; here each mail is a
            // call of its own, so that these stay empty.
            "token_new": "",
            "token_hash_new": "",
            "old_email": "",
            "old_phone": "",
            "provider": text(&letter.provider),
            "factor_type": text(&letter.factor),
        })
    }
}

fn sms(letter: &TextLetter) -> Value {
    json!({ "otp": letter.code, "phone": letter.to, "channel": letter.channel })
}

/// What Supabase calls a kind of mail.
fn action_type(kind: &str) -> &str {
    let Some(known) = MailKind::parse(kind) else {
        return kind;
    };
    match known {
        MailKind::ConfirmSignup => "signup",
        MailKind::Recovery => "recovery",
        MailKind::MagicLink | MailKind::Otp => "magiclink",
        MailKind::EmailChangeCurrent | MailKind::EmailChangeNew => "email_change",
        MailKind::Invite => "invite",
        MailKind::Reauthentication => "reauthentication",
        MailKind::PasswordChanged => "password_changed_notification",
        MailKind::EmailChanged => "email_changed_notification",
        MailKind::PhoneChanged => "phone_changed_notification",
        MailKind::IdentityLinked => "identity_linked_notification",
        MailKind::IdentityUnlinked => "identity_unlinked_notification",
        MailKind::MfaEnrolled => "mfa_factor_enrolled_notification",
        MailKind::MfaUnenrolled => "mfa_factor_unenrolled_notification",
        MailKind::PasskeyAdded => "passkey_added_notification",
    }
}

/// A refusal is final; whatever else went wrong may pass.
fn undeliverable(error: &Error) -> Undeliverable {
    let is_refusal = error.is(&postern_base::codes::auth::HOOK_REFUSED) && error.status() < 500;
    // Its message may quote what the hook said, which may hold the code.
    let reason = format!("the hook failed with {}", error.code());
    if is_refusal {
        Undeliverable::Never(reason)
    } else {
        Undeliverable::Later(reason)
    }
}
