//! Moves to a proved address or number, and what ends with them.

use postern_base::codes::auth as codes;
use postern_db::own::OwnTx;
use postern_mail::{Address, MailKind};
use time::Duration;
use uuid::Uuid;

use super::Change;
use super::confirm::note_provider;
use crate::identifier::{Identifier, Phone};
use crate::outbox::EmailLetter;
use crate::service::tell_time;
use crate::signup::is_taken;
use crate::store::{Code, Session, User};
use crate::{AuthService, Context, Error, Result};

/// By what an account moves to another address or number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mover {
    /// The proof of the new one.
    Proof,
    /// The word of whoever holds this session, where no proof is asked for.
    Session(Uuid),
}

impl Mover {
    /// The session that goes on.
    fn session(self) -> Option<Uuid> {
        match self {
            Self::Proof => None,
            Self::Session(id) => Some(id),
        }
    }
}

impl AuthService {
    /// Gives the user another address. Who leaves another one behind leaves all sessions behind
    /// but the mover's, and what was sent before is void: who held the old mailbox holds nothing
    /// any more (attack 14).
    pub(crate) async fn move_to_address(
        &self,
        tx: &OwnTx,
        user: &mut User,
        new: Address,
        mover: Mover,
        context: &Context,
    ) -> Result<Change> {
        let was_proved = user.email_confirmed_at.is_some();
        let former = user.email.replace(new.as_str().to_owned());
        user.email_confirmed_at = Some(context.now);
        user.email_change = None;
        user.email_change_confirm_status = 0;
        if let Some(former) = former.filter(|it| was_proved && it != new.as_str()) {
            let mut letter = self.letter(MailKind::EmailChanged, user, &former, context);
            (letter.email, letter.new_email) = (former, user.email.clone());
            self.mail_notice(tx, letter, context).await?;
        }
        user.is_email_unproved = mover != Mover::Proof;
        self.settle(tx, user, &Identifier::Email(new), mover, context)
            .await?;
        self.audit(tx, "user_email_changed", user, context).await?;
        leave_sessions(tx, user.id, was_proved, mover.session()).await
    }

    /// Gives the user another number; see [`Self::move_to_address`].
    pub(crate) async fn move_to_number(
        &self,
        tx: &OwnTx,
        user: &mut User,
        number: Phone,
        mover: Mover,
        context: &Context,
    ) -> Result<Change> {
        let was_proved = user.phone_confirmed_at.is_some();
        user.phone = Some(number.as_str().to_owned());
        user.phone_confirmed_at = Some(context.now);
        user.is_phone_unproved = mover != Mover::Proof;
        user.phone_change = None;
        if let Some(email) = user.email.clone() {
            let letter = EmailLetter {
                phone: Some(format!("+{}", number.as_str())),
                ..self.letter(MailKind::PhoneChanged, user, &email, context)
            };
            self.mail_notice(tx, letter, context).await?;
        }
        self.settle(tx, user, &Identifier::Phone(number), mover, context)
            .await?;
        self.audit(tx, "user_phone_changed", user, context).await?;
        leave_sessions(tx, user.id, was_proved, mover.session()).await
    }

    /// Stores a move: the identity goes along, an anonymous user has become somebody, and what
    /// was good before is so no longer.
    async fn settle(
        &self,
        tx: &OwnTx,
        user: &mut User,
        identifier: &Identifier,
        mover: Mover,
        context: &Context,
    ) -> Result<()> {
        // Tokens of this very second are the new ones.
        tell_time(tx, context.now - Duration::SECOND).await?;
        user.is_anonymous = false;
        note_provider(&mut user.app_metadata, identifier);
        match user.save(tx, context.now).await {
            Err(error) if is_taken(&error) => {
                return Err(match identifier {
                    Identifier::Email(_) => email_exists(),
                    Identifier::Phone(_) => phone_exists(),
                });
            }
            other => other?,
        }
        self.keep_own(tx, user, identifier, mover, context).await?;
        Code::void_all(tx, user.id).await?;
        User::void_flows(tx, user.id).await
    }
}

/// Ends the sessions of before, where there was an address or number to leave. Who only gains a
/// first one, as anonymous users do, stays signed in everywhere.
async fn leave_sessions(
    tx: &OwnTx,
    user: Uuid,
    was_proved: bool,
    own: Option<Uuid>,
) -> Result<Change> {
    let ended = if was_proved {
        Session::end_all(tx, user, own).await?
    } else {
        Vec::new()
    };
    Ok(Change {
        ended,
        is_half: false,
    })
}

/// Told to those alone who have proved that the address is theirs, or could see it anyway.
pub(crate) fn email_exists() -> Error {
    Error::new(
        &codes::EMAIL_EXISTS,
        "A user with this email address has already been registered",
    )
}

/// As [`email_exists`].
pub(crate) fn phone_exists() -> Error {
    Error::new(
        &codes::PHONE_EXISTS,
        "A user with this phone number has already been registered",
    )
}
