//! `POST /resend`: the same letter once more, while what it is for is still open.

use uuid::Uuid;

use crate::dispatch::Dispatch;
use crate::flows::Challenge;
use crate::identifier::{Identifier, Phone, parse_email};
use crate::limits::Letters;
use crate::store::{Purpose, User};
use crate::verify::{CURRENT_DONE, NEW_DONE};
use crate::{AuthService, Context, Error, Result};

/// Which letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resent {
    /// The one that confirms a new account's address.
    Signup,
    /// Those that confirm a change of address.
    EmailChange,
    /// The text that confirms a new account's number.
    Sms,
    /// The text that confirms a change of number.
    PhoneChange,
}

impl Resent {
    /// Reads the type of a request.
    ///
    /// # Errors
    /// When there is no such letter.
    pub fn parse(text: &str) -> Result<Self> {
        match text {
            "signup" => Ok(Self::Signup),
            "email_change" => Ok(Self::EmailChange),
            "sms" => Ok(Self::Sms),
            "phone_change" => Ok(Self::PhoneChange),
            "" => Err(Error::invalid("Type provided requires a value")),
            _ => Err(Error::invalid(
                "Missing one of these types: signup, email_change, sms, phone_change",
            )),
        }
    }

    fn fits(self, identifier: &Identifier) -> bool {
        let by_mail = matches!(self, Self::Signup | Self::EmailChange);
        matches!(identifier, Identifier::Email(_)) == by_mail
    }
}

impl AuthService {
    /// Sends a letter again; the answer does not tell whether there was anything to send.
    ///
    /// # Errors
    /// When the type does not go with an address or number.
    pub async fn resend(
        &self,
        letter: Resent,
        identifier: &Identifier,
        challenge: Option<&Challenge>,
        context: &Context,
    ) -> Result<()> {
        self.check_enabled(identifier)?;
        if !letter.fits(identifier) {
            return Err(Error::invalid(
                "The type does not go with an email address or phone number",
            ));
        }
        let letters = match letter {
            Resent::Signup | Resent::Sms => Letters::Confirmation,
            Resent::EmailChange | Resent::PhoneChange => Letters::Change,
        };
        self.count_letter(letters, identifier, context).await?;
        let found = self.find_user(identifier).await?;
        let tx = self.db.begin().await?;
        let user = User::lock(&tx, found.map_or_else(Uuid::new_v4, |it| it.id)).await?;
        for (user, purpose, to) in self.letters_again(letter, user, identifier) {
            let what = Dispatch {
                challenge,
                ..Dispatch::new(purpose, purpose.mail_kind(), &to)
            };
            self.dispatch(&tx, user.as_ref(), &what, context).await?;
        }
        tx.commit().await?;
        self.outbox.wake();
        Ok(())
    }

    /// What goes where; as many letters for somebody as for nobody.
    fn letters_again(
        &self,
        letter: Resent,
        user: Option<User>,
        to: &Identifier,
    ) -> Vec<(Option<User>, Purpose, Identifier)> {
        match letter {
            Resent::Signup => {
                let user = user.filter(|it| it.email_confirmed_at.is_none());
                vec![(user, Purpose::Signup, to.clone())]
            }
            Resent::Sms => {
                let user = user.filter(|it| it.phone_confirmed_at.is_none());
                vec![(user, Purpose::Signup, to.clone())]
            }
            Resent::PhoneChange => {
                let number = user.as_ref().and_then(|it| it.phone_change.as_deref());
                let number = number.and_then(|it| Phone::parse(it).ok());
                let user = user.filter(|_| number.is_some());
                let to = number.map_or_else(|| to.clone(), Identifier::Phone);
                vec![(user, Purpose::PhoneChange, to)]
            }
            Resent::EmailChange => self.change_letters(user, to),
        }
    }

    fn change_letters(
        &self,
        user: Option<User>,
        current: &Identifier,
    ) -> Vec<(Option<User>, Purpose, Identifier)> {
        let new = user.as_ref().and_then(|it| it.email_change.as_deref());
        let new = new.and_then(|it| parse_email(it).ok());
        let done = user.as_ref().map_or(0, |it| it.email_change_confirm_status);
        let user = user.filter(|_| new.is_some());
        let to = new.map_or_else(|| current.clone(), Identifier::Email);
        let open = |half: i16| user.clone().filter(|_| done & half == 0);
        let mut letters = Vec::new();
        if self.settings.signup.double_email_change.is_yes() {
            let half = open(CURRENT_DONE).filter(|it| self.needs_both(it));
            letters.push((half, Purpose::EmailChangeCurrent, current.clone()));
        }
        letters.push((open(NEW_DONE), Purpose::EmailChangeNew, to));
        letters
    }
}
