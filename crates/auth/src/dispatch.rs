//! Sending a proof to whoever may be behind an address or number.
//!
//! SECURITY: strangers ask for codes of any address. Somebody and nobody are answered alike and
//! after the same statements: where no letter goes out, a decoy takes its place (attack 38).

use postern_db::own::OwnTx;
use postern_mail::MailKind;
use uuid::Uuid;

use crate::flows::Challenge;
use crate::identifier::Identifier;
use crate::outbox::Letter;
use crate::store::addresses::pass_time;
use crate::store::{Code, Purpose, User};
use crate::{AuthService, Context, Result};

/// A proof that somebody asks for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Dispatch<'a> {
    /// What it is for.
    pub(crate) purpose: Purpose,
    /// The letter that it comes in.
    pub(crate) kind: MailKind,
    /// Where it goes.
    pub(crate) to: &'a Identifier,
    /// The client's PKCE challenge.
    pub(crate) challenge: Option<&'a Challenge>,
    /// `sms` or `whatsapp`.
    pub(crate) channel: &'a str,
}

impl<'a> Dispatch<'a> {
    /// A dispatch without a challenge, by text message where it goes to a number.
    pub(crate) fn new(purpose: Purpose, kind: MailKind, to: &'a Identifier) -> Self {
        Self {
            purpose,
            kind,
            to,
            challenge: None,
            channel: "sms",
        }
    }
}

impl AuthService {
    /// Writes the letter to a user whose row is locked, or does as much for nobody.
    pub(crate) async fn dispatch(
        &self,
        tx: &OwnTx,
        user: Option<&User>,
        what: &Dispatch<'_>,
        context: &Context,
    ) -> Result<()> {
        let Some(user) = user else {
            return self.dispatch_nothing(tx, what, context).await;
        };
        User::note_sent(tx, user.id, what.purpose, context.now).await?;
        let flow = match what.challenge {
            Some(challenge) => {
                let method = what.purpose.method();
                let begun = self.begin_flow(tx, challenge, method, Some(user.id), context.now);
                Some(begun.await?)
            }
            None => None,
        };
        let (sent_to, at) = (what.to.as_str(), (flow, context.now));
        let proof = self
            .make_proof(tx, user.id, what.purpose, sent_to, at)
            .await?;
        match what.to {
            Identifier::Email(_) => self.mail_proof(tx, what.kind, user, &proof, context).await,
            Identifier::Phone(_) => {
                self.text_proof(tx, user, &proof, what.channel, context)
                    .await
            }
        }
    }

    /// Costs what a letter costs.
    async fn dispatch_nothing(
        &self,
        tx: &OwnTx,
        what: &Dispatch<'_>,
        context: &Context,
    ) -> Result<()> {
        let nobody = Uuid::new_v4();
        User::note_sent(tx, nobody, what.purpose, context.now).await?;
        pass_time(tx, usize::from(what.challenge.is_some())).await?;
        Code::void(tx, nobody, what.purpose).await?;
        self.outbox.write(tx, &Letter::Decoy, context.now).await
    }
}

impl Purpose {
    /// The method that a sign-in by such a proof is noted with.
    pub(crate) fn method(self) -> &'static str {
        match self {
            Self::Recovery => "recovery",
            Self::Invite => "invite",
            Self::EmailChangeCurrent | Self::EmailChangeNew => "email_change",
            _ => "otp",
        }
    }

    /// The letter that such a proof comes in, for the page behind its link.
    pub(crate) fn mail_kind(self) -> MailKind {
        match self {
            Self::Signup => MailKind::ConfirmSignup,
            Self::Invite => MailKind::Invite,
            Self::Recovery => MailKind::Recovery,
            Self::EmailChangeCurrent => MailKind::EmailChangeCurrent,
            Self::EmailChangeNew => MailKind::EmailChangeNew,
            Self::Reauthentication => MailKind::Reauthentication,
            Self::MagicLink | Self::Sms | Self::PhoneChange => MailKind::MagicLink,
        }
    }
}
