//! Links for a user whom an admin helps: mailed to the user, or shown to be handed over.

use postern_mail::MailKind;
use serde_json::{Map, json};
use uuid::Uuid;

use super::user_not_found;
use crate::identifier::Identifier;
use crate::store::{Purpose, User};
use crate::{AuthService, Context, Error, Letters, Result};

/// What a link does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Helping {
    /// Lets somebody in who forgot the password.
    Recovery,
    /// Signs in.
    MagicLink,
    /// Confirms the address of an account that has not been confirmed yet.
    Confirmation,
}

/// What becomes of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Handing {
    /// It is mailed to the user's address.
    Mailed,
    /// It is shown to the admin. Whoever opens it is the user.
    Shown,
}

impl Helping {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Recovery, Self::MagicLink, Self::Confirmation];

    /// As forms and the audit log spell it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Recovery => "recovery",
            Self::MagicLink => "magiclink",
            Self::Confirmation => "signup",
        }
    }

    /// Reads it.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.as_str() == text)
    }

    /// Whether it is of use for a user.
    pub fn suits(self, user: &User) -> bool {
        let is_open = user.email.is_some() && user.deleted_at.is_none();
        is_open && (self == Self::Confirmation) == user.email_confirmed_at.is_none()
    }

    fn purpose(self) -> Purpose {
        match self {
            Self::Recovery => Purpose::Recovery,
            Self::MagicLink => Purpose::MagicLink,
            Self::Confirmation => Purpose::Signup,
        }
    }

    fn mail(self) -> MailKind {
        match self {
            Self::Recovery => MailKind::Recovery,
            Self::MagicLink => MailKind::MagicLink,
            Self::Confirmation => MailKind::ConfirmSignup,
        }
    }
}

impl AuthService {
    /// Makes a link for a user; returns it where it is to be shown.
    ///
    /// # Errors
    /// When there is no such user, the link would be of no use, or one was mailed just now.
    pub async fn help_user(
        &self,
        id: Uuid,
        (helping, handing): (Helping, Handing),
        context: &Context,
    ) -> Result<Option<String>> {
        let user = User::find(&self.db, id).await?.ok_or_else(user_not_found)?;
        let useless = || Error::invalid("This link is of no use for the user");
        let email = user.email.as_deref().filter(|_| helping.suits(&user));
        let email = email.ok_or_else(useless)?;
        if handing == Handing::Mailed {
            let to = Identifier::parse(Some(email), None)?;
            self.count_letter(Letters::SignIn, &to, context).await?;
        }
        let tx = self.db.begin().await?;
        let mut user = User::lock(&tx, id).await?.ok_or_else(user_not_found)?;
        let email = user.email.clone().filter(|_| helping.suits(&user));
        let email = email.ok_or_else(useless)?;
        match helping {
            Helping::Confirmation => user.confirmation_sent_at = Some(context.now),
            Helping::Recovery | Helping::MagicLink => user.recovery_sent_at = Some(context.now),
        }
        user.save(&tx, context.now).await?;
        let at = (None, context.now);
        let proof = self
            .make_proof(&tx, id, helping.purpose(), &email, at)
            .await?;
        let action = match handing {
            Handing::Mailed => {
                self.mail_proof(&tx, helping.mail(), &user, &proof, context)
                    .await?;
                "link_sent"
            }
            Handing::Shown => "link_generated",
        };
        let traits = Map::from_iter([("type".into(), json!(helping.as_str()))]);
        self.audit_admin(&tx, action, &user, traits, context)
            .await?;
        tx.commit().await?;
        self.outbox.wake();
        let redirect_to = self.redirect_target(None);
        let is_shown = handing == Handing::Shown;
        Ok(is_shown.then(|| self.proof_link(&proof, &redirect_to)))
    }
}
